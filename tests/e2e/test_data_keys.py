"""An operator changes the key of what is encrypted, by the commands that the manual names."""

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.support import commands
from tests.support.installation import Installation


@pytest.fixture
def own(installation: Installation, tmp_path: Path) -> Installation:
    """A copy of the installation, keys and database included."""
    folder = tmp_path / "own"
    shutil.copytree(installation.folder, folder)
    return Installation(folder, installation.providers)


def keys_of(installation: Installation) -> list[str]:
    text = (installation.folder / "secrets.toml").read_text("utf-8")
    keys: list[str] = tomllib.loads(text)["store"]["keys"]
    return keys


def set_keys(installation: Installation, keys: list[str]) -> None:
    path = installation.folder / "secrets.toml"
    listed = ", ".join(f'"{key}"' for key in keys)
    lines = path.read_text("utf-8").split("[store]")
    rest = lines[1][lines[1].find("\n[") :] if "\n[" in lines[1] else ""
    path.write_text(f"{lines[0]}[store]\nkeys = [{listed}]\n{rest}", "utf-8")


def test_a_key_is_added_made_first_and_the_old_one_removed(own: Installation) -> None:
    (old,) = keys_of(own)
    assert own.command("db", "new-key", "--name", "k2", "--write", "--last").exit_code == 0
    first, second = keys_of(own)
    assert first == old
    before = own.command("db", "rotate-keys", "--json")
    assert before.rows[-1]["resealed"] == {}
    assert before.rows[-1]["unneeded"] == ["k2"]
    set_keys(own, [second, first])
    done = own.command("db", "rotate-keys", "--json")
    assert done.exit_code == 0, done.errors
    assert done.rows[-1]["complete"]
    assert done.rows[-1]["key"] == "k2"
    assert done.rows[-1]["unneeded"] == ["k1"]
    assert done.rows[-1]["resealed"]["persons"] >= 2
    set_keys(own, [second])
    again = own.command("db", "rotate-keys")
    assert again.exit_code == 0
    assert "one key" in again.text
    assert own.config.vault is not None


def test_a_key_that_was_removed_too_early_is_told(own: Installation) -> None:
    (old,) = keys_of(own)
    own.command("db", "new-key", "--name", "k2", "--write")
    set_keys(own, keys_of(own)[:1])
    done = own.command("db", "rotate-keys")
    assert done.exit_code == 1
    assert "not at hand" in done.text
    assert "Keep every key" in done.text
    assert old.partition(":")[2] not in done.text + done.errors


def test_a_key_of_a_taken_name_is_refused(own: Installation) -> None:
    done = own.command("db", "new-key", "--name", "k1", "--write")
    assert done.exit_code == 2
    assert "of this name" in done.errors
    assert len(keys_of(own)) == 1


def test_a_key_is_only_shown_unless_it_is_to_be_written(own: Installation) -> None:
    done = own.command("db", "new-key", "--name", "k7")
    assert done.text.startswith("k7:")
    assert len(keys_of(own)) == 1
    assert own.command("db", "new-key", "--name", "k7", "--last").exit_code == 2


def test_what_the_environment_says_is_not_written_past(own: Installation) -> None:
    done = commands.run(
        "--config",
        own.config_path,
        "db",
        "new-key",
        "--name",
        "k2",
        "--write",
        environ={"KONTINGENT_DATA_KEYS": keys_of(own)[0]},
    )
    assert done.exit_code == 2
    assert "KONTINGENT_DATA_KEYS" in done.errors
    assert len(keys_of(own)) == 1
