"""A new installation: whole or not at all, and nothing that is there is touched."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.config import load_config
from ops.demo import initialise
from ops.errors import ExitCode, OpsError
from signing.providers import load_providers
from store.errors import StoreError


def make(folder: Path, *, database_url: str | None = None) -> None:
    initialise(
        folder,
        demo=False,
        database_url=database_url,
        providers=load_providers(),
        clock=lambda: datetime(2026, 11, 2, tzinfo=UTC),
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_secrets_keys_and_register_are_their_owners_alone(tmp_path: Path) -> None:
    make(tmp_path)
    for name in ("secrets.toml", "kontingent.db", "pki/gateway.key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert load_config(tmp_path / "kontingent.toml", {}).gateway.code == "KONT00001"


@pytest.mark.parametrize(
    "kept",
    ["kontingent.toml", "secrets.toml", "kontingent.db", "kontingent.db-wal", "pki/gateway.key"],
)
def test_no_file_that_is_there_is_touched(tmp_path: Path, kept: str) -> None:
    path = tmp_path / kept
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"of years of work")
    before = contents(tmp_path)
    with pytest.raises(OpsError) as error:
        make(tmp_path)
    assert (error.value.code, error.value.exit_code) == ("init.exists", ExitCode.USAGE)
    assert contents(tmp_path) == before


def test_failed_one_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        make(tmp_path, database_url="oracle://host/name")
    assert contents(tmp_path) == {}
    make(tmp_path)


def test_named_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    make(tmp_path, database_url="sqlite:///own.db")
    for path in tmp_path.glob("own.db*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (tmp_path / "own.db").exists()


def test_named_sqlite_file_goes_with_a_failed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise StoreError("store.failed", "told")

    monkeypatch.setattr("ops.demo.upgrade", fail)
    with pytest.raises(StoreError):
        make(tmp_path, database_url="sqlite:///own.db")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    "url",
    [
        *("", " ", "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+pysqlite:///:memory:"),
        *("sqlite:///x.db?mode=memory", "postgresql://u:p@h:notaport/db"),
    ],
)
def test_database_that_can_keep_nothing_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(StoreError) as error:
        make(tmp_path, database_url=url)
    assert error.value.code == "store.url"
    assert contents(tmp_path) == {}


def test_relative_database_is_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    folder = tmp_path / "made"
    make(folder, database_url="sqlite:///own.db")
    assert (folder / "own.db").exists()
    url = load_config(folder / "kontingent.toml", {}).database_url
    assert url == f"sqlite:///{folder.resolve()}/own.db"
    assert contents(elsewhere) == {}
