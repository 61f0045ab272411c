"""The command line's way of one exchange, and its verdicts."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import commands
from tests.support.fixtures import AGENCIES
from tests.support.installation import Installation
from tests.support.messages import CODES
from tests.support.second_opinion import verify_with_openssl, verify_with_xmlsec
from tests.support.server import Server

GOST_SIGNATURE = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34102012-gostr34112012-256"
GOST_DIGEST = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-256"
RSA_SIGNATURE = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
RSA_DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
ALGORITHMS = {
    "agency-gost": (GOST_SIGNATURE, GOST_DIGEST),
    "agency-rsa": (RSA_SIGNATURE, RSA_DIGEST),
}


def sign(installation: Installation, name: str, agency: str | None = None) -> bytes:
    """A sample of the agency, signed with the key `name`, all by the command."""
    sample = installation.command("message", "sample", "FindStudent", "--agency", agency or name)
    assert sample.exit_code == 0, sample.errors
    pair = ("--key", installation.pki(f"{name}.key"), "--cert", installation.pki(f"{name}.pem"))
    signed = installation.command("message", "sign", "-", *pair, stdin=sample.output)
    assert signed.exit_code == 0, signed.errors
    return signed.output


@pytest.mark.parametrize("name", AGENCIES)
def test_whole_way_as_processes(server: Server, name: str, tmp_path: Path) -> None:
    installation = server.installation
    configured = {"KONTINGENT_CONFIG": str(installation.config_path)}
    sample = commands.run(
        *("message", "sample", "FindStudent", "--agency", CODES[name]), environ=configured
    )
    assert sample.exit_code == 0, sample.errors
    (tmp_path / "request.xml").write_bytes(sample.output)
    pair = ("--key", installation.pki(f"{name}.key"), "--cert", installation.pki(f"{name}.pem"))
    signed = commands.run("message", "sign", "request.xml", *pair, "-o", "s.xml", folder=tmp_path)
    assert (signed.exit_code, signed.output) == (0, b""), signed.errors
    checked = commands.run(
        *("message", "verify", "s.xml", "--json"), folder=tmp_path, environ=configured
    )
    assert checked.exit_code == 0
    (row,) = checked.rows
    assert set(row) == {
        *("file", "index", "signed", "algorithm", "digest", "subject", "verdict", "reason")
    }
    assert (row["file"], row["index"], row["signed"]) == ("s.xml", 0, ["Body"])
    assert (row["algorithm"], row["digest"]) == ALGORITHMS[name]
    assert (row["verdict"], row["reason"].partition(":")[0]) == ("valid", "signature.valid")
    url = f"{server.address.url}/smev2/students"
    sent = commands.run(
        "message", "send", "s.xml", "--url", url, folder=tmp_path, environ=configured
    )
    assert sent.exit_code == 0, sent.errors
    assert "RESULT" in sent.text
    assert "Алёхина-Королёва" in sent.text


def test_without_the_engine(installation: Installation, tmp_path: Path) -> None:
    """OpenSSL looks for engines where there are none: verifying goes on, signing is refused."""
    (tmp_path / "s.xml").write_bytes(sign(installation, "agency-gost"))
    bare = {"OPENSSL_ENGINES": str(tmp_path)}
    configured = {"KONTINGENT_CONFIG": str(installation.config_path), **bare}
    checked = commands.run(
        "message", "verify", "s.xml", "--json", folder=tmp_path, environ=configured
    )
    assert checked.exit_code == 0, checked.errors
    assert [row["verdict"] for row in checked.rows] == ["valid"]
    (tmp_path / "s.xml").write_bytes(
        (tmp_path / "s.xml").read_bytes().replace(b"112-233-445", b"112-233-446")
    )
    broken = commands.run(
        "message", "verify", "s.xml", "--json", folder=tmp_path, environ=configured
    )
    assert broken.exit_code == 1
    assert [row["verdict"] for row in broken.rows] == ["invalid"]
    pair = ("--key", installation.pki("agency-gost.key"))
    pair += ("--cert", installation.pki("agency-gost.pem"))
    for command in (
        ("message", "sign", "s.xml", *pair),
        ("init", "--demo", "--dir", tmp_path / "demo"),
    ):
        refused = commands.run(*command, folder=tmp_path, environ=bare)
        assert refused.exit_code == 3
        assert "provider.gost_unavailable" in refused.errors
        assert "libengine-gost-openssl" in refused.errors


@pytest.mark.parametrize("name", AGENCIES)
def test_other_implementations_verify_what_we_sign(
    installation: Installation, name: str, tmp_path: Path
) -> None:
    signed = sign(installation, name)
    if name == "agency-gost":
        verify_with_openssl(signed, installation.pki("ca.pem"), tmp_path)
    else:
        verify_with_xmlsec(signed, installation.pki("ca.pem"))


@pytest.mark.parametrize("name", AGENCIES)
def test_reply_is_told_for_scripts(server: Server, name: str) -> None:
    url = f"{server.address.url}/smev2/students"
    signed = sign(server.installation, name)
    sent = server.installation.command("message", "send", "-", "--url", url, "--json", stdin=signed)
    assert sent.exit_code == 0
    (row,) = sent.rows
    assert (row["status"], row["signature"], row["fault"]) == ("RESULT", "valid", None)
    assert row["content"]["Student"]["FirstName"] == "Ульяна"


@pytest.mark.parametrize("name", AGENCIES)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_any_change_of_the_body_is_invalid(installation: Installation, name: str, data) -> None:
    good = _cached(installation, name)
    begin, end = good.index(b"<smev:Message>"), good.index(b"</soapenv:Body>")
    at = data.draw(st.integers(begin, end - 1))
    other = data.draw(st.integers(0x21, 0x7E).filter(lambda byte: byte != good[at]))
    broken = good[:at] + bytes([other]) + good[at + 1 :]
    checked = installation.command("message", "verify", "-", "--json", stdin=broken)
    assert checked.exit_code == 1
    (row,) = checked.rows
    assert row["verdict"] == "invalid"


_SIGNED: dict[tuple[Path, str], bytes] = {}


def _cached(installation: Installation, name: str) -> bytes:
    key = (installation.folder, name)
    if key not in _SIGNED:
        _SIGNED[key] = sign(installation, name)
    return _SIGNED[key]


@pytest.mark.parametrize("name", ["stranger-gost", "stranger-rsa"])
def test_stranger_is_untrusted(installation: Installation, name: str) -> None:
    signed = sign(installation, name, "DEMO00002")
    checked = installation.command("message", "verify", "-", "--json", stdin=signed)
    (row,) = checked.rows
    assert (checked.exit_code, row["verdict"]) == (1, "untrusted")
    assert row["reason"].startswith("certificate.untrusted")
    for option in (["--no-trust"], ["--trust", installation.pki("stranger-ca.pem")]):
        checked = installation.command("message", "verify", "-", "--json", *option, stdin=signed)
        assert (checked.exit_code, checked.rows[0]["verdict"]) == (0, "valid")


def test_changed_message_of_a_stranger_is_not_called_untrusted(installation: Installation) -> None:
    broken = sign(installation, "stranger-rsa", "DEMO00002").replace(b"112-233", b"112-234")
    checked = installation.command("message", "verify", "-", "--json", stdin=broken)
    assert (checked.exit_code, checked.rows[0]["verdict"]) == (1, "invalid")


@pytest.mark.parametrize("name", ["expired-gost", "expired-rsa"])
def test_expired_certificate_is_judged_at_the_time_asked_for(
    installation: Installation, name: str
) -> None:
    signed = sign(installation, name, "DEMO00002")
    verify = ("message", "verify", "-", "--json")
    now = installation.command(*verify, stdin=signed)
    assert (now.exit_code, now.rows[0]["verdict"]) == (1, "untrusted")
    assert now.rows[0]["reason"].startswith("certificate.expired")
    earlier = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    then = installation.command(*verify, "--at", earlier, stdin=signed)
    assert (then.exit_code, then.rows[0]["verdict"]) == (0, "valid")


@pytest.mark.parametrize("name", ["revoked-gost", "branch-revoked-rsa"])
def test_revoked_certificate_is_judged_at_the_time_asked_for(
    installation: Installation, name: str
) -> None:
    signed = sign(installation, name, "DEMO00002")
    verify = ("message", "verify", "-", "--json")
    now = installation.command(*verify, stdin=signed)
    assert (now.exit_code, now.rows[0]["verdict"]) == (1, "untrusted")
    assert now.rows[0]["reason"].startswith("certificate.revoked")
    earlier = (datetime.now(UTC) - timedelta(hours=5)).isoformat()
    then = installation.command(*verify, "--at", earlier, stdin=signed)
    assert (then.exit_code, then.rows[0]["verdict"]) == (0, "valid")


def test_several_files_are_told_one_by_one(installation: Installation, tmp_path: Path) -> None:
    good, plain = tmp_path / "good.xml", tmp_path / "plain.xml"
    good.write_bytes(sign(installation, "agency-gost"))
    plain.write_bytes(b"<a/>")
    checked = installation.command("message", "verify", plain, good, "--json")
    assert checked.exit_code == 1
    assert [row["file"] for row in checked.rows] == [str(plain), str(good)]
    assert [row["verdict"] for row in checked.rows] == ["invalid", "valid"]
    assert checked.rows[0]["reason"].startswith("signature.missing")


def test_signing_twice_is_refused(installation: Installation) -> None:
    signed = sign(installation, "agency-rsa")
    pair = [
        f"--{o}={installation.pki(f'agency-rsa.{e}')}" for o, e in (("key", "key"), ("cert", "pem"))
    ]
    again = installation.command("message", "sign", "-", *pair, stdin=signed)
    assert (again.exit_code, again.output) == (1, b"")
    assert again.errors.startswith("error: signature.duplicate")


def test_fault_makes_send_fail(server: Server) -> None:
    signed = sign(server.installation, "stranger-rsa", "DEMO00002")
    url = f"{server.address.url}/smev2/students"
    sent = server.installation.command("message", "send", "-", "--url", url, "--json", stdin=signed)
    (row,) = sent.rows
    assert (sent.exit_code, row["fault"], row["signature"]) == (1, "certificate.untrusted", "valid")
    assert re.search(r"[А-Яа-я]", row["text"])
    shown = server.installation.command("log", "show", row["message_id"], "--json")
    assert [each["kind"] for each in shown.rows] == ["received", "decided"]


def test_unsigned_sample_is_a_fault(server: Server) -> None:
    sample = server.installation.command("message", "sample", "FindStudent")
    url = f"{server.address.url}/smev2/students"
    sent = server.installation.command(
        "message", "send", "-", "--url", url, "--json", stdin=sample.output
    )
    assert (sent.exit_code, sent.rows[0]["fault"]) == (1, "SMEV-100008")


def test_nobody_there_is_unavailable(installation: Installation) -> None:
    signed = sign(installation, "agency-rsa")
    url = "http://127.0.0.1:9/smev2/students"
    sent = installation.command("message", "send", "-", "--url", url, stdin=signed)
    assert (sent.exit_code, sent.output) == (3, b"")
    assert sent.errors.startswith("error: peer.unavailable")
    assert sent.errors.count("\n") == 1


@pytest.mark.parametrize("name", AGENCIES)
def test_signs_with_a_pkcs12_file(
    installation: Installation, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "agency.pfx"
    made = subprocess.run(
        ["openssl", "pkcs12", "-export", "-engine", "gost", "-passout", "pass:word", "-out", store,
         "-inkey", installation.pki(f"{name}.key"), "-in", installation.pki(f"{name}.pem")],
        capture_output=True,
        check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    sample = installation.command("message", "sample", "FindStudent", "--agency", name)
    arguments = ("message", "sign", "-", "--key", store, "--password-env", "STORE_PASSWORD")
    monkeypatch.setenv("STORE_PASSWORD", "word")
    signed = installation.command(*arguments, stdin=sample.output)
    assert signed.exit_code == 0, signed.errors
    assert installation.command("message", "verify", "-", stdin=signed.output).exit_code == 0
    monkeypatch.setenv("STORE_PASSWORD", "no")
    refused = installation.command(*arguments, stdin=sample.output)
    assert refused.exit_code != 0
    assert "provider.key_password" in refused.errors
    bare = ("message", "sign", "-", "--key", installation.pki(f"{name}.key"))
    refused = installation.command(*bare, stdin=sample.output)
    assert refused.exit_code == 2
    assert "certificate" in refused.errors
