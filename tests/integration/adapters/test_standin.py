"""The stand-in as a stranger meets it: the contract it serves, its manners, its command line."""

import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path

import pytest
import zeep
from requests import Session
from requests.auth import HTTPBasicAuth

from adapters.schools.gorod import GorodAdapter
from fixtures.errors import FixtureError
from fixtures.region import Region
from fixtures.standins import gorod
from fixtures.standins.gorod import DEFAULT_PASSWORD, DEFAULT_USER, GorodStandIn
from tests.integration.adapters.conftest import PUPILS, settings_for

ROOT = Path(__file__).parents[3]


def test_any_zeep_client_can_be_made_from_the_served_contract(standin: GorodStandIn) -> None:
    with Session() as session:
        session.auth = HTTPBasicAuth(DEFAULT_USER, DEFAULT_PASSWORD)
        client = zeep.Client(f"{standin.url}?wsdl", transport=zeep.Transport(session=session))
        page = client.service.GetPupils(PageSize=5)
        assert page.Total == PUPILS
        assert [each.SourceId for each in page.Items.Pupil] == [f"u{n:08d}" for n in range(1, 6)]
        assert client.service.GetSystemInfo().ContractVersion == "1.0"
        standin.fail_next("fault")
        with pytest.raises(zeep.exceptions.Fault):
            client.service.GetPupils(PageSize=5)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 404),
        ("/export", "GET", 405),
        ("/export?wsdl", "GET", 200),
        ("/export?xsd", "GET", 200),
        ("/export", "PUT", 405),
    ],
)
def test_what_is_not_a_request(standin: GorodStandIn, path: str, method: str, status: int) -> None:
    url = standin.url.removesuffix("/export") + path
    request = urllib.request.Request(url, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            assert answer.status == status
    except urllib.error.HTTPError as error:
        with error:
            assert error.code == status


@pytest.mark.parametrize("header", [None, "Basic", "Basic !!!", "Bearer x", "Basic Og=="])
def test_a_stranger_gets_401(standin: GorodStandIn, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    request = urllib.request.Request(standin.url, data=b"<a/>", headers=headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as error:
        assert error.code == 401
        assert error.headers["WWW-Authenticate"].startswith("Basic")


def test_a_request_that_is_none_gets_a_fault(standin: GorodStandIn) -> None:
    credentials = b64encode(f"{DEFAULT_USER}:{DEFAULT_PASSWORD}".encode()).decode()
    for body in (b"not XML", b"x" * 70_000):
        request = urllib.request.Request(
            standin.url, data=body, headers={"Authorization": f"Basic {credentials}"}
        )
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        with caught.value as error:
            assert error.code == 500
            assert b"request.invalid" in error.read()


def test_a_port_that_is_taken_is_told(standin: GorodStandIn) -> None:
    port = int(standin.url.removesuffix("/export").rpartition(":")[2])
    with pytest.raises(FixtureError) as caught:
        GorodStandIn(Region(1, 1, 1), port=port)
    assert caught.value.code == "standin.bind"
    assert gorod.main(["--bind", f"127.0.0.1:{port}", "--pupils", "1"]) == 2


@pytest.mark.parametrize("arguments", [["--bind", "nowhere"], ["--schools", "0"]])
def test_a_command_line_that_makes_no_sense(arguments: list[str]) -> None:
    assert gorod.main(arguments) == 2


def test_the_command_serves_a_region_that_fails_as_asked() -> None:
    command = [sys.executable, "-m", "fixtures.standins.gorod", "--bind", "127.0.0.1:0"]
    sizes = ["--schools", "2", "--pupils", "120", "--password", "x", "--fail", "http500"]
    with subprocess.Popen(
        [*command, *sizes, "--fail-after", "2"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip().removesuffix("?wsdl")
            adapter = GorodAdapter(settings_for(url, password="x"))
            pages = adapter.pupils()
            assert len(next(pages).records) + len(next(pages).records) == 100
            with pytest.raises(Exception, match=r"source\.http_error"):
                next(pages)
        finally:
            process.terminate()
