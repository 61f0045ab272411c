"""Wrong usage and broken input of the command: one line, the right exit code, no traceback."""

import errno
import json
import os
import shutil
import stat
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.problems import Problem
from registry.sources import Refusal
from store.engine import create_engine_for
from store.unit_of_work import UnitOfWork
from tests.postgres import PostgresServer
from tests.support import commands
from tests.support.commands import Finished, call
from tests.support.installation import Installation
from tests.support.messages import Caller

SIGNED = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "signed"


def check_one_line(finished: Finished, exit_code: int, code: str = "") -> None:
    """Check that a command ended with one line of ours, and wrote nothing else."""
    assert finished.exit_code == exit_code, finished.errors
    assert finished.output == b""
    assert finished.errors.startswith(f"error: {code}"), finished.errors
    assert finished.errors.count("\n") == 1


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Work in an empty folder, with no configuration in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if "KONTINGENT" in name]:
        monkeypatch.delenv(name)


_ID = "8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11"
NEEDS_CONFIG = (
    ("serve",),
    ("message", "sample", "FindStudent"),
    ("log", "list"),
    ("log", "show", "00"),
    ("db", "upgrade"),
    ("sync", "run", "gorod"),
    ("application", "list"),
    ("application", "rank", "--organisation", _ID, "--year", "2026", "--parallel", "1"),
    ("application", "move", _ID, "offer"),
    ("transfer", "show", _ID),
    ("gaps",),
    ("sync", "report"),
    ("student", "find", "--snils", "11223344595"),
    ("student", "health", "--snils", "11223344595"),
)


@pytest.mark.parametrize("arguments", NEEDS_CONFIG, ids=" ".join)
def test_no_configuration(arguments: tuple[str, ...]) -> None:
    check_one_line(call(*arguments), 2, "config.missing")
    check_one_line(call("--config", "absent.toml", *arguments), 2, "config.missing")


def test_no_configuration_as_a_process(tmp_path: Path) -> None:
    check_one_line(commands.run("log", "list", folder=tmp_path), 2, "config.missing")


@pytest.mark.parametrize(
    "arguments",
    [
        ("pki", "demo", "--out", "made"),
        ("message", "verify", "x.xml"),
        ("message", "verify", "x.xml", "--no-trust"),
        ("message", "sign", "x.xml", "--key", "x.xml", "--cert", "x.xml"),
        ("message", "send", "x.xml", "--url", "http://127.0.0.1:9/"),
    ],
    ids=" ".join,
)
def test_configuration_that_was_named_and_is_missing(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Also where none is needed: who names a file believes that it is used."""
    (tmp_path / "x.xml").write_bytes(b"<a/>")
    check_one_line(call("--config", "absent.toml", *arguments), 2, "config.missing")
    assert call("--config", "absent.toml", *arguments, "--help").exit_code == 0


def test_configuration_that_the_environment_names_and_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.xml").write_bytes(b"<a/>")
    monkeypatch.setenv("KONTINGENT_CONFIG", "absent.toml")
    check_one_line(call("message", "verify", "x.xml"), 2, "config.missing")


def test_init_makes_what_is_named_and_missing(tmp_path: Path) -> None:
    path = tmp_path / "made" / "kontingent.toml"
    assert call("--config", path, "init", "--dir", path.parent).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("message",),
        ("message", "nonsense"),
        ("message", "sign"),
        ("message", "sign", "x"),
        ("message", "verify"),
        ("message", "send", "x"),
        ("message", "transform"),
        ("--nonsense",),
        ("serve", "--workers", "0"),
        ("serve", "--workers", "many"),
        ("log", "list", "--limit", "-1"),
        ("log", "list", "--status", "DONE"),
        *(
            ("message", "send", "x", "--url", "http://h/", "--timeout", time)
            for time in ("inf", "-inf", "nan", "1e300", "0", "3601")
        ),
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    finished = call(*arguments)
    assert (finished.exit_code, b"Traceback" in finished.output) == (2, False)
    assert "Usage: " in finished.errors + finished.text


GROUPS = (
    (),
    ("message",),
    ("log",),
    ("db",),
    ("pki",),
    ("sync",),
    ("application",),
    ("transfer",),
)
COMMANDS = (
    ("init",),
    ("serve",),
    ("pki", "demo"),
    ("db", "upgrade"),
    ("message", "sample"),
    ("message", "sign"),
    ("message", "verify"),
    ("message", "send"),
    ("message", "transform"),
    ("log", "list"),
    ("log", "show"),
    ("sync", "run"),
    *(("application", each) for each in ("list", "show", "move", "rank", "explain")),
    ("transfer", "list"),
    ("transfer", "show"),
    ("gaps",),
    ("sync", "report"),
)


@pytest.mark.parametrize("arguments", [*GROUPS, *COMMANDS], ids=" ".join)
def test_every_command_has_help(arguments: tuple[str, ...]) -> None:
    finished = call(*arguments, "--help")
    assert (finished.exit_code, finished.errors) == (0, "")
    assert "Example: kontingent" in finished.text


BROKEN_CONFIGS = {
    "not TOML": "[gateway",
    "empty": "",
    "unknown key": "{good}\n[gateway.more]\na = 1\n",
    "unknown table": "{good}\n[nonsense]\n",
    "wrong type": '{good}\n[[sources]]\nname = 1\nkind = "gorod"\nurl = "x"\n',
    "not UTF-8": "\udcff",
}


@pytest.mark.parametrize("name", BROKEN_CONFIGS)
def test_broken_configuration(installation: Installation, tmp_path: Path, name: str) -> None:
    good = installation.config_path.read_text("utf-8")
    text = BROKEN_CONFIGS[name].replace("{good}", good)
    path = tmp_path / "kontingent.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    check_one_line(call("--config", path, "log", "list"), 2, "config.invalid")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1"'),
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1:99999"'),
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1:8080"\nbnd = 1'),
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1:8080"\nworkers = 0'),
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1:8080"\nworkers = true'),
        ("[exchange]", '[exchange]\ndate_window_s = "long"'),
        ("[exchange]", "[exchange]\ndate_window_s = -1"),
        ('bind = "127.0.0.1:8080"', 'bind = "127.0.0.1:8080"\ntimezone = "Mars/Olympus"'),
        ('"students:*"', '"students"'),
        ('code = "DEMO00002"', 'code = "DEMO00001"'),
        ("pki/agency-rsa.pem", "pki/agency-gost.pem"),
        ("pki/agency-rsa.pem", "pki/absent.pem"),
        ("pki/gateway.key", "pki/absent.key"),
        ("pki/ca.pem", "pki/absent.pem"),
    ],
)
def test_configuration_that_cannot_work_is_told_by_serve(
    installation: Installation, tmp_path: Path, old: str, new: str
) -> None:
    text = installation.config_path.read_text("utf-8")
    assert old in text
    path = tmp_path / "kontingent.toml"
    path.write_text(text.replace(old, new), "utf-8")
    for name in ("pki", "kontingent.db"):
        (tmp_path / name).symlink_to(installation.folder / name)
    check_one_line(call("--config", path, "serve", "--bind", "127.0.0.1:0"), 2, "config.")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("gateway.key", "provider.key_unreadable"),
        ("gateway.pem", "certificate.malformed"),
        ("ca.pem", "certificate.malformed"),
        ("agency-rsa.pem", "certificate.malformed"),
        ("smev.pem", "certificate.malformed"),
    ],
)
def test_file_that_holds_no_key_or_certificate_is_named_by_serve(
    installation: Installation, tmp_path: Path, name: str, code: str
) -> None:
    folder = tmp_path / "made"
    shutil.copytree(installation.folder, folder)
    (folder / "pki" / name).write_bytes(b"garbage")
    finished = call("--config", folder / "kontingent.toml", "serve", "--bind", "127.0.0.1:0")
    check_one_line(finished, 2, code)
    assert f"pki/{name}" in finished.errors


def test_address_in_use(installation: Installation, server) -> None:
    finished = installation.command("serve", "--bind", f"127.0.0.1:{server.address.port}")
    check_one_line(finished, 3, "serve.address")


def test_init_twice_keeps_what_is_there(installation: Installation) -> None:
    def state() -> dict[Path, tuple[float, int]]:
        files = [path for path in installation.folder.rglob("*.pem") if path.is_file()]
        files += [*installation.folder.rglob("*.toml"), *installation.folder.rglob("*.key")]
        return {path: (path.stat().st_mtime, path.stat().st_size) for path in files}

    before = state()
    for more in ([], ["--demo"]):
        check_one_line(call("init", "--dir", installation.folder, *more), 2, "init.exists")
    assert state() == before


def test_init_makes_what_its_contract_says(installation: Installation) -> None:
    secrets = installation.folder / "secrets.toml"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    for name in ("gateway", "agency-gost", "agency-rsa", "stranger-rsa"):
        assert stat.S_IMODE(installation.pki(f"{name}.key").stat().st_mode) == 0o600
        assert b"BEGIN CERTIFICATE" in installation.pki(f"{name}.pem").read_bytes()
    config = tomllib.loads(installation.config_path.read_text("utf-8"))
    assert config["gateway"]["code"] == "KONT00001"
    passwords = [each["password"] for each in tomllib.loads(secrets.read_text())["sources"]]
    assert not any(word in installation.config_path.read_text("utf-8") for word in passwords)


def test_init_without_demo(tmp_path: Path) -> None:
    made = call("init", "--dir", tmp_path / "plain")
    assert made.exit_code == 0, made.errors
    assert sorted(path.name for path in (tmp_path / "plain").iterdir())[:2] == [
        "kontingent.db",
        "kontingent.toml",
    ]
    listed = call("--config", tmp_path / "plain" / "kontingent.toml", "log", "list", "--json")
    assert (listed.exit_code, listed.output) == (0, b"")


@pytest.mark.parametrize(
    ("url", "exit_code"),
    [
        ("nonsense", 2),
        ("mysql://user:geheim@host/db", 2),
        ("sqlite://", 2),
        ("", 2),
        ("sqlite:///:memory:", 2),
        ("postgresql://user:geheim@host:notaport/db", 2),
        ("postgresql://user:geheim@127.0.0.1:9/db", 3),
    ],
)
def test_database_that_cannot_be_used(tmp_path: Path, url: str, exit_code: int) -> None:
    finished = call("init", "--dir", tmp_path / "made", "--database", url)
    assert finished.errors.count("\n") == 1, finished.errors
    assert "geheim" not in finished.errors
    assert finished.exit_code == exit_code
    assert not (tmp_path / "made" / "kontingent.toml").exists()


def test_server_without_the_database_is_no_outage(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    url = postgres_server.url("nonsense")
    finished = call("init", "--dir", tmp_path / "made", "--database", url)
    check_one_line(finished, 2, "store.refused: there is no such database")
    assert list((tmp_path / "made").rglob("*.*")) == []


@pytest.mark.parametrize("where", ["environment", "file", "secrets"])
def test_database_url_that_cannot_be_read(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    url = "postgresql://user:geheim@host:notaport/db"
    text = installation.config_path.read_text("utf-8")
    if where == "environment":
        monkeypatch.setenv("KONTINGENT_DATABASE_URL", url)
    elif where == "file":
        text = text.replace("sqlite:///kontingent.db", url)
    else:
        (tmp_path / "secrets.toml").write_text(f'[store]\ndatabase = "{url}"\n', "utf-8")
    path = tmp_path / "kontingent.toml"
    path.write_text(text, "utf-8")
    for command in (("log", "list"), ("db", "upgrade")):
        finished = call("--config", path, *command)
        check_one_line(finished, 2, "store.url")
        assert "geheim" not in finished.errors


def key_pair(installation: Installation) -> tuple[str | Path, ...]:
    """The options of `message sign` for an agency."""
    key, certificate = (installation.pki(f"agency-rsa.{end}") for end in ("key", "pem"))
    return ("--key", key, "--cert", certificate)


# Messages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Nonsense", "findstudent", "{urn:x}FindStudent", "", "../x"])
def test_sample_of_an_unknown_operation(installation: Installation, name: str) -> None:
    check_one_line(installation.command("message", "sample", name), 2, "operation.unknown")


def test_sample_for_an_unknown_agency(installation: Installation) -> None:
    finished = installation.command("message", "sample", "FindStudent", "--agency", "NOBODY")
    check_one_line(finished, 2, "config.agency_unknown")


@pytest.mark.parametrize("path", ["absent.xml", "."])
def test_files_that_cannot_be_read(installation: Installation, path: str) -> None:
    pair = (
        "--key",
        installation.pki("agency-rsa.key"),
        "--cert",
        installation.pki("agency-rsa.pem"),
    )
    for arguments in (
        ("message", "verify", path, "--no-trust"),
        ("message", "sign", path, *pair),
        ("message", "send", path, "--url", "http://127.0.0.1:9/"),
    ):
        check_one_line(call(*arguments), 2, "file.unreadable")


def test_keys_that_cannot_be_used(installation: Installation, tmp_path: Path) -> None:
    garbage, key = tmp_path / "garbage.pem", installation.pki("agency-rsa.key")
    garbage.write_bytes(b"-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    certificate = installation.pki("agency-rsa.pem")
    truncated = tmp_path / "truncated.pem"
    truncated.write_bytes(certificate.read_bytes()[:400])
    sample = installation.command("message", "sample", "FindStudent").output
    gost_key, gost = (installation.pki(f"agency-gost.{end}") for end in ("key", "pem"))
    mismatch, unreadable = "provider.key_mismatch", "provider.key_unreadable"
    malformed = "certificate.malformed"
    for pair, code, blamed in (
        ((garbage, certificate), unreadable, garbage),
        ((certificate, certificate), unreadable, certificate),
        ((key, garbage), malformed, garbage),
        ((key, truncated), malformed, truncated),
        ((key, key), malformed, key),
        ((gost_key, certificate), mismatch, gost_key),
        ((installation.pki("smev.key"), certificate), mismatch, installation.pki("smev.key")),
        ((key, gost), mismatch, key),
        ((installation.pki("gateway-rsa.key"), certificate), mismatch, "gateway-rsa.key"),
    ):
        finished = call("message", "sign", "-", "--key", pair[0], "--cert", pair[1], stdin=sample)
        check_one_line(finished, 2, code)
        assert str(blamed) in finished.errors
    absent = call("message", "sign", "-", "--key", "no.key", "--cert", certificate, stdin=sample)
    check_one_line(absent, 2)


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"<a/>", b"<a>", b"\xff\xfe", b"<!DOCTYPE a><a/>"]
)
def test_signing_what_is_no_envelope(installation: Installation, data: bytes) -> None:
    pair = (
        "--key",
        installation.pki("agency-rsa.key"),
        "--cert",
        installation.pki("agency-rsa.pem"),
    )
    check_one_line(call("message", "sign", "-", *pair, stdin=data), 1)


@pytest.mark.parametrize("time", ["yesterday", "2026-13-01", "1", "2026-01-01T00:00:00+99:00"])
def test_time_that_is_none(time: str) -> None:
    check_one_line(call("message", "verify", "-", "--no-trust", "--at", time), 2, "time.malformed")


def test_verifying_needs_somebody_to_trust(rsa: Caller) -> None:
    check_one_line(call("message", "verify", "-", stdin=rsa.ask()), 2, "config.")
    check_one_line(call("message", "verify", "-", "--trust", "absent.pem", stdin=rsa.ask()), 2)


def test_trust_that_holds_no_certificate(tmp_path: Path, rsa: Caller) -> None:
    for data in (
        b"",
        b"garbage",
        b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n",
    ):
        (tmp_path / "trust.pem").write_bytes(data)
        finished = call("message", "verify", "-", "--trust", "trust.pem", stdin=rsa.ask())
        check_one_line(finished, 2, "certificate.malformed: trust.pem: ")


@pytest.mark.parametrize(
    "data", [b"", b"garbage", b"<a/>", b"<a", b"\xff\xfe<\x00a\x00", b"<!DOCTYPE a><a/>", b"\x00"]
)
def test_verifying_what_is_no_message(data: bytes) -> None:
    finished = call("message", "verify", "-", "--no-trust", "--json", stdin=data)
    assert (finished.exit_code, finished.errors) == (1, "")
    (row,) = finished.rows
    assert row["verdict"] == "invalid"
    assert row["file"] == "-"


def _in_tags(text: str) -> bytes:
    return f"<a>{text}</a>".encode("utf-8", "replace")


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.binary(max_size=200)
    | st.text(max_size=100).map(lambda t: f"<a>{t}</a>".encode("utf-8", "replace"))
)
def test_verifying_anything_never_fails(data: bytes) -> None:
    finished = call("message", "verify", "-", "--no-trust", "--json", stdin=data)
    assert finished.exit_code == 1
    assert all(row["verdict"] == "invalid" for row in finished.rows)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_verifying_a_damaged_message_never_fails(rsa: Caller, data: st.DataObject) -> None:
    good = rsa.ask()
    # Two signed messages are not of one length, and what is drawn must not depend on it.
    at = data.draw(st.integers(0, 1_000_000)) % len(good)
    gone = data.draw(st.integers(0, 50))
    new = data.draw(st.binary(max_size=20))
    damaged = good[:at] + new + good[at + gone :]
    finished = call("message", "verify", "-", "--no-trust", "--json", stdin=damaged)
    assert finished.exit_code in (0, 1)
    assert (finished.exit_code == 0) is all(row["verdict"] == "valid" for row in finished.rows)


@pytest.mark.skipif(not SIGNED.is_dir(), reason="../shared is not there")
def test_verdicts_on_messages_of_others_are_honest() -> None:
    manifest = json.loads((SIGNED / "manifest.json").read_text("utf-8"))
    files = [SIGNED / each["file"] for each in manifest]
    finished = call("message", "verify", *files, "--no-trust", "--json")
    assert (finished.exit_code, finished.errors) == (0, "")
    told: dict[str, list[dict[str, object]]] = {}
    for row in finished.rows:
        told.setdefault(Path(str(row["file"])).name, []).append(row)
    for each in manifest:
        rows = told[each["file"]]
        assert len(rows) == len(each["signatures"]), each["file"]
        for row, expected in zip(rows, each["signatures"], strict=True):
            assert row["signed"] == expected["signed"]
            assert (row["algorithm"], row["digest"]) == (expected["alg"], expected["digest"])
            assert row["verdict"] == "valid", row


@pytest.mark.parametrize(
    "url",
    [
        *("", "h", "ftp://h/", "http://", "http://[::1", "http://h:abc/", "http://h:99999/"),
        *("http://[nonsense]/", f"http://{'a' * 70}.example/", "http://.example/"),
    ],
)
def test_addresses_that_are_none(tmp_path: Path, url: str) -> None:
    (tmp_path / "x.xml").write_bytes(b"<a/>")
    finished = call("message", "send", "x.xml", "--no-trust", "--url", url)
    check_one_line(finished, 2, "url.malformed")


def test_standard_input_that_is_closed(installation: Installation) -> None:
    pair = [str(each) for each in key_pair(installation)]
    for arguments in (["verify", "-", "--no-trust"], ["sign", "-", *pair]):
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" <&-', "sh", commands.PROGRAM, "message", *arguments],
            capture_output=True,
            env=commands.clean_environ(),
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, b""), done.stderr
        assert done.stderr.decode() == "error: file.unreadable: -: standard input is closed\n"


def test_files_without_an_end(installation: Installation, tmp_path: Path) -> None:
    large = tmp_path / "large.xml"
    with large.open("wb") as file:
        file.truncate(3 * 2**30)
    key, certificate = key_pair(installation)[1::2]
    for path in ("/dev/zero", large):
        finished = call("message", "verify", path, "--no-trust", "--json")
        assert (finished.exit_code, finished.errors) == (1, "")
        assert [row["reason"] for row in finished.rows] == ["xml.too_large"]
        check_one_line(call("message", "sign", path, *key_pair(installation)), 1, "xml.too_large")
        for pair in (("--key", path, "--cert", certificate), ("--key", key, "--cert", path)):
            check_one_line(call("message", "sign", "-", *pair), 2, "config.invalid")
        sent = call("message", "send", path, "--no-trust", "--url", "http://127.0.0.1:9/")
        check_one_line(sent, 2, "file.too_large")
        check_one_line(call("message", "verify", "-", "--trust", path), 2, "config.invalid")


ENCODINGS = {
    "koi8-r": {"PYTHONIOENCODING": "koi8-r"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "POSIX": {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
    "C.UTF-8": {"LC_ALL": "C.UTF-8"},
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_screens_of_any_encoding(
    installation: Installation, tmp_path: Path, rsa: Caller, name: str
) -> None:
    environ = {**ENCODINGS[name], "KONTINGENT_CONFIG": str(installation.config_path)}
    (tmp_path / "ёж.xml").write_bytes(rsa.ask())

    def run(*arguments: str) -> Finished:
        finished = commands.run(*arguments, folder=tmp_path, environ=environ)
        assert (finished.exit_code, finished.errors) == (0, "")
        return finished

    run("message", "verify", "ёж.xml")
    for language in ("en", "ru"):
        run("--lang", language, "log", "list")
        run("--lang", language, "--help")
    (row,) = run("message", "verify", "ёж.xml", "--json").rows
    # Where nobody knows the encoding of names, bytes of theirs come back as they went in.
    assert row["file"].encode("utf-8", "surrogateescape").decode() == "ёж.xml"
    assert "Демография" in row["subject"]
    assert run("log", "list", "--json").rows is not None
    refused = commands.run("message", "verify", "нет.xml", folder=tmp_path, environ=environ)
    assert (refused.exit_code, refused.errors.count("\n")) == (2, 1)


@pytest.mark.parametrize("name", ENCODINGS)
def test_names_of_files_that_are_not_utf8(tmp_path: Path, name: str) -> None:
    path = os.fsencode(tmp_path) + b"/bad\xff.xml"
    Path(os.fsdecode(path)).write_bytes(b"<a/>")
    for arguments, exit_code in (
        (["message", "verify", path, "--no-trust"], 1),
        (["message", "verify", path, "--no-trust", "--json"], 1),
        (["message", "verify", path + b"x", "--no-trust"], 2),
        (["message", "send", path + b"x", "--url", "http://h/"], 2),
        (["--config", path + b"x", "log", "list"], 2),
        (["nonsense\x1b[31m" + os.fsdecode(path)], 2),
    ):
        finished = commands.run(*arguments, folder=tmp_path, environ=ENCODINGS[name])
        told = finished.text + finished.errors
        assert finished.exit_code == exit_code, told
        assert "Traceback" not in told
        assert "bad\\udcff.xml" in told
        assert "\x1b" not in told


@pytest.mark.parametrize(
    "module", ["click", "ops.commands.context", "ops.commands.log", "sqlalchemy"]
)
def test_interrupt_while_the_program_loads(installation: Installation, module: str) -> None:
    program = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from ops.entry import main\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--config", installation.config_path, "log", "list"],
        capture_output=True,
        env=commands.clean_environ(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"interrupted\n")


# The journal -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message_id", ["nonsense", "00000000-0000-0000-0000-000000000000", "%", "' OR 1=1 --", ""]
)
def test_message_that_is_not_there(installation: Installation, message_id: str) -> None:
    check_one_line(installation.command("log", "show", message_id), 1, "message.not_found")


def test_an_empty_journal_and_a_filter_that_matches_nothing(
    installation: Installation, tmp_path: Path
) -> None:
    assert call("init", "--dir", tmp_path).exit_code == 0
    filters = (["--status", "fault"], ["--operation", "Nonsense"], ["--sender", "NOBODY"])
    for language, empty, unmatched in (
        ("en", "The journal is empty.", "No message matches."),
        ("ru", "Журнал пуст.", "Подходящих сообщений нет."),
    ):
        listing = ("--lang", language, "log", "list")
        assert call(*listing).text == f"{empty}\n"
        for more in filters:
            assert call(*listing, *more).text == f"{unmatched}\n"
    assert call("log", "list", "--status", "Fault", "--json").rows == []


SOURCE = '[[sources]]\nname = "east"\nkind = "gorod"\nurl = "{url}"\n'


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://h/", "http://u@h/", "http://[::1"])
def test_source_that_is_misconfigured(installation: Installation, tmp_path: Path, url: str) -> None:
    path = tmp_path / "kontingent.toml"
    text = installation.config_path.read_text("utf-8") + SOURCE.replace("{url}", url)
    path.write_text(text, "utf-8")
    (tmp_path / "kontingent.db").symlink_to(installation.folder / "kontingent.db")
    check_one_line(call("--config", path, "sync", "run", "east"), 2, "source.misconfigured")


def test_refused_records_are_listed(installation: Installation) -> None:
    listing = ("--config", installation.config_path, "--lang", "ru", "sync", "report")
    finished = call(*listing)
    assert (finished.exit_code, finished.text) == (0, "Отклонённых записей нет.\n")
    assert (call(*listing, "--json").exit_code, call(*listing, "--json").output) == (0, b"")
    check_one_line(call(*listing, "nobody"), 2, "config.source_unknown")
    problem = Problem("snils.checksum", "snils", "Контрольное число СНИЛС не сходится")
    engine = create_engine_for(f"sqlite:///{installation.folder / 'kontingent.db'}")
    at = datetime(2026, 9, 1, tzinfo=UTC)

    def keep(refused: list[Refusal], accepted: list[str]) -> None:
        with UnitOfWork(engine) as work:
            work.refusals.keep("east", "pupils", refused, accepted=accepted, at=at)
            work.commit()

    keep([Refusal("p-1", (problem,))], [])
    finished = call(*listing)
    assert (finished.exit_code, finished.text) == (1, "обучающиеся p-1: snils.checksum (snils)\n")
    finished = call(*listing, "--json")
    assert (finished.exit_code, finished.rows) == (
        1,
        [
            {
                "source": "east",
                "refused_at": at.isoformat(),
                "entity": "pupils",
                "source_id": "p-1",
                "problems": [
                    {"code": "snils.checksum", "field": "snils", "message": problem.message_ru}
                ],
            }
        ],
    )
    keep([], ["p-1"])
    engine.dispose()
    assert call(*listing).exit_code == 0


def test_folder_that_may_not_be_read(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    for name in ("stat", "open", "exists", "read_bytes", "mkdir"):
        monkeypatch.setattr(Path, name, refuse)
    pair = ("--key", "closed/x.key", "--cert", "closed/x.pem")
    for arguments in (
        ("--config", "closed/x.toml", "log", "list"),
        ("--config", "closed/x.toml", "message", "verify", "x.xml"),
        ("log", "list"),
        ("message", "verify", "closed/x.xml", "--no-trust"),
        ("message", "verify", "closed/x.xml", "--trust", "closed/ca.pem"),
        ("message", "sign", "closed/x.xml", *pair),
        ("init", "--dir", "closed/x"),
        ("pki", "demo", "--out", "closed/x"),
    ):
        check_one_line(call(*arguments), 2)


def test_unmasking_needs_a_reason(installation: Installation) -> None:
    for more in ([], ["--reason", " "]):
        finished = installation.command("log", "show", "00", "--unmask", *more)
        check_one_line(finished, 2, "reason.missing")


def test_database_of_another_version(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "kontingent.toml"
    path.write_bytes(installation.config_path.read_bytes())
    (tmp_path / "pki").symlink_to(installation.folder / "pki")
    (tmp_path / "kontingent.db").touch()
    check_one_line(call("--config", path, "log", "list"), 2, "store.outdated")
    for told in ("The database was made.", "The database is up to date."):
        upgraded = call("--config", path, "db", "upgrade")
        assert (upgraded.exit_code, upgraded.text) == (0, f"{told}\n"), upgraded.errors
    assert call("--config", path, "log", "list").exit_code == 0


@pytest.mark.parametrize("command", [("log", "list"), ("db", "upgrade"), ("serve",)])
def test_missing_database_is_not_made_by_asking(
    installation: Installation, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """A wrong path, or a volume that isn't mounted, must not become an empty register."""
    path = tmp_path / "kontingent.toml"
    path.write_bytes(installation.config_path.read_bytes())
    (tmp_path / "pki").symlink_to(installation.folder / "pki")
    check_one_line(call("--config", path, *command), 3, "store.missing")
    assert not (tmp_path / "kontingent.db").exists()


def test_database_that_is_none(installation: Installation, tmp_path: Path) -> None:
    path = tmp_path / "kontingent.toml"
    path.write_bytes(installation.config_path.read_bytes())
    (tmp_path / "kontingent.db").write_bytes(b"this is not a database, " * 100)
    check_one_line(call("--config", path, "log", "list"), 3, "store.")
