"""The command line on SMEV 3, on files of several messages, and on what does not hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_message_commands import AGENCIES, sign
from tests.support.installation import Installation
from tests.unit.signing import samples_smev3

VERIFY = ("message", "verify", "-", "--json")


def sign_smev3(installation: Installation, name: str, message: bytes, *options: str) -> bytes:
    pair = ("--key", installation.pki(f"{name}.key"), "--cert", installation.pki(f"{name}.pem"))
    signed = installation.command("message", "sign", "-", *pair, *options, stdin=message)
    assert signed.exit_code == 0, signed.errors
    return signed.output


@pytest.mark.parametrize("name", AGENCIES)
@pytest.mark.parametrize("sample", samples_smev3.SAMPLES)
def test_every_operation_of_smev_3(installation: Installation, name: str, sample: str) -> None:
    version = samples_smev3.SAMPLES[sample].versions[0]
    signed = sign_smev3(installation, name, samples_smev3.unsigned(sample, version))
    checked = installation.command(*VERIFY, stdin=signed)
    assert checked.exit_code == 0, checked.text
    (row,) = checked.rows
    assert row["verdict"] == "valid"
    assert row["signed"] == [samples_smev3.SAMPLES[sample].signed[-1]]


@pytest.mark.parametrize("name", AGENCIES)
def test_person_signs_before_the_caller(installation: Installation, name: str) -> None:
    message = samples_smev3.unsigned("send_request_personal")
    message = sign_smev3(installation, name, message, "--personal")
    message = sign_smev3(installation, name, message)
    checked = installation.command(*VERIFY, "--explain", stdin=message)
    assert checked.exit_code == 0, checked.text
    assert [row["signed"] for row in checked.rows] == [["Query"], ["SenderProvidedRequestData"]]
    broken = message.replace(b"ORIGINAL", b"changed!")
    checked = installation.command(*VERIFY, "--explain", stdin=broken)
    assert checked.exit_code == 1
    causes = [row["explanation"]["cause"] for row in checked.rows]
    assert causes == ["content_changed", "content_changed"]


@pytest.mark.parametrize(
    ("message", "options", "code"),
    [
        (samples_smev3.unsigned("ack"), ("--personal",), "signature.missing"),
        (samples_smev3.unsigned("ack").replace(b"AckReq", b"NoReq"), (), "signature.missing"),
        (samples_smev3.unsigned("send_request", content="<a/>"), (), "transform.no_namespace"),
        (b"<a/>", ("--personal",), "soap.structure"),
    ],
)
def test_what_cannot_be_signed(
    installation: Installation, message: bytes, options: tuple[str, ...], code: str
) -> None:
    pair = (
        "--key",
        installation.pki("agency-rsa.key"),
        "--cert",
        installation.pki("agency-rsa.pem"),
    )
    done = installation.command("message", "sign", "-", *pair, *options, stdin=message)
    assert (done.exit_code, done.output) == (1, b"")
    assert done.errors.startswith(f"error: {code}")


@pytest.mark.parametrize("name", AGENCIES)
def test_explanation_for_scripts(installation: Installation, name: str) -> None:
    good = sign(installation, name)
    (row,) = installation.command(*VERIFY, "--explain", stdin=good).rows
    explanation = row["explanation"]
    assert set(explanation) == {"cause", "sentence", "value_holds", "signed_info", "references"}
    assert (explanation["cause"], explanation["value_holds"]) == ("none", True)
    assert explanation["signed_info"]["canonical"].startswith("<ds:SignedInfo ")
    (reference,) = explanation["references"]
    assert reference["matches"]
    assert reference["canonical"].startswith("<soapenv:Body ")
    broken = good.replace(b"112-233", b"112-234")
    checked = installation.command(*VERIFY, "--explain", stdin=broken)
    assert checked.exit_code == 1
    (row,) = checked.rows
    assert row["explanation"]["cause"] == "content_changed"
    assert row["explanation"]["references"][0]["found"] != reference["found"]
    # Without the option the rows have no more than before.
    assert "explanation" not in installation.command(*VERIFY, stdin=broken).rows[0]


def test_explanation_for_people(installation: Installation) -> None:
    broken = sign(installation, "agency-gost").replace(b"112-233", b"112-234")
    shown = installation.command("message", "verify", "-", "--explain", stdin=broken)
    assert shown.exit_code == 1
    assert "content_changed" in shown.text
    assert "SignedInfo" in shown.text
    assert "112-234" in shown.text


def test_signature_of_a_stranger_is_explained(installation: Installation) -> None:
    signed = sign(installation, "stranger-gost", "DEMO00002")
    (row,) = installation.command(*VERIFY, "--explain", stdin=signed).rows
    assert (row["verdict"], row["explanation"]["cause"]) == ("untrusted", "not_trusted")


def test_several_messages_in_a_file(installation: Installation, tmp_path: Path) -> None:
    good = sign(installation, "agency-rsa")
    ack = sign_smev3(installation, "agency-gost", samples_smev3.unsigned("ack"))
    file = tmp_path / "several.xml"
    file.write_bytes(good + b"\n" + ack)
    checked = installation.command("message", "verify", file, "--json")
    assert checked.exit_code == 0
    assert [(row["index"], row["signed"]) for row in checked.rows] == [
        (0, ["Body"]),
        (1, ["AckTargetMessage"]),
    ]
    for more, code in (
        (b"<a/>", "signature.missing"),
        (b"<a><b>", "xml.malformed"),
        (b"<!DOCTYPE a><a/>", "xml.doctype"),
    ):
        file.write_bytes(good + more)
        checked = installation.command("message", "verify", file, "--json")
        assert checked.exit_code == 1
        assert [row["verdict"] for row in checked.rows] == ["valid", "invalid"]
        assert checked.rows[1]["reason"].startswith(code)


@pytest.mark.parametrize(
    ("before", "after"), [(b"<smev:Message>", b"!smev:Message>"), (b"</smev:Message>", b"</b></c>")]
)
def test_broken_message_is_told_once(
    installation: Installation, before: bytes, after: bytes
) -> None:
    broken = sign(installation, "agency-rsa")
    assert before in broken
    checked = installation.command(*VERIFY, stdin=broken.replace(before, after))
    assert checked.exit_code == 1
    (row,) = checked.rows
    assert (row["verdict"], row["reason"]) == ("invalid", "xml.malformed")


def test_too_many_messages_in_a_file(installation: Installation) -> None:
    checked = installation.command(*VERIFY, stdin=b"<a/>" * 101)
    assert checked.exit_code == 1
    assert [row["reason"] for row in checked.rows] == ["file.too_many"]


@pytest.mark.parametrize("name", AGENCIES)
def test_message_in_a_multipart_file(installation: Installation, name: str) -> None:
    signed = sign_smev3(installation, name, samples_smev3.unsigned("send_request"))
    data = (
        b'Content-Type: multipart/related; type="text/xml"; boundary="b"\r\n\r\n--b\r\n'
        b"Content-Type: application/xop+xml\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        + signed
        + b"\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n\0\xff<a>\r\n--b--\r\n"
    )
    checked = installation.command(*VERIFY, stdin=data)
    assert (checked.exit_code, checked.rows[0]["verdict"]) == (0, "valid")
    checked = installation.command(*VERIFY, stdin=data.replace(b"ORIGINAL", b"changed!"))
    assert (checked.exit_code, checked.rows[0]["verdict"]) == (1, "invalid")
    cut = installation.command(*VERIFY, stdin=data.replace(b"--b--", b""))
    assert (cut.exit_code, cut.rows[0]["reason"]) == (1, "file.multipart")


def test_every_row_is_a_line_of_json(installation: Installation) -> None:
    checked = installation.command(*VERIFY, "--explain", stdin=b"\xff\xfe <a" * 3)
    assert checked.exit_code == 1
    for line in checked.text.splitlines():
        assert json.loads(line)["verdict"] == "invalid"
