"""The keys of what is encrypted at rest, as they are written down."""

import stat
import tomllib
from pathlib import Path

import pytest

from ops.data_keys import add_key, make_key, make_vault, split_keys
from ops.errors import ConfigError
from store.vault import Purpose


def keys_in(path: Path) -> list[str]:
    keys: list[str] = tomllib.loads(path.read_text("utf-8"))["store"]["keys"]
    return keys


def test_a_new_key_makes_a_vault() -> None:
    key = make_key("k-1.a_b")
    assert key.startswith("k-1.a_b:")
    vault = make_vault([key])
    assert vault.names == ("k-1.a_b",)
    sealed = vault.seal(Purpose.SNILS, b"text", context=b"c")
    assert make_vault([make_key("x"), key]).open(Purpose.SNILS, sealed, context=b"c") == b"text"
    assert make_key("k1") != make_key("k1")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "ключ", "a" * 41, "a\n"])
def test_a_name_is_of_few_characters(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_key(name)
    assert caught.value.code == "config.data_keys"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: [],
        lambda key: [key, key],
        lambda key: [key, f"other:{key.partition(':')[2]}"],
        lambda key: [key[:-2]],
        lambda key: [f"{key}AAAA"],
        lambda key: [key.partition(":")[2]],
        lambda key: ["k1:" + "!" * 43],
        lambda key: ["k1:ключ"],
    ],
)
def test_what_is_no_set_of_keys_is_refused_without_repeating_it(spoil: object) -> None:
    key = make_key("k1")
    with pytest.raises(ConfigError) as caught:
        make_vault(spoil(key))  # type: ignore[operator]
    assert caught.value.code == "config.data_keys"
    assert key.partition(":")[2][:8] not in str(caught.value)


def test_a_key_goes_before_or_after_the_others(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text('[signing]\nkey_password = "п\\"w"\n', "utf-8")
    one, two, three = (make_key(name) for name in ("k1", "k2", "k3"))
    add_key(path, one)
    add_key(path, two)
    add_key(path, three, last=True)
    assert keys_in(path) == [two, one, three]
    assert tomllib.loads(path.read_text("utf-8"))["signing"] == {"key_password": 'п"w'}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["secrets.toml"]


def test_a_name_that_is_taken_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "secrets.toml"
    add_key(path, make_key("k1"))
    before = path.read_bytes()
    with pytest.raises(ConfigError) as caught:
        add_key(path, make_key("k1"), last=True)
    assert caught.value.code == "config.data_keys"
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["store = 1", "[store]\nkeys = [", "[store]\nkeys = 'k1:x'"])
def test_what_is_no_file_of_secrets_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError):
        add_key(path, make_key("k1"))
    assert path.read_text("utf-8") == text


def test_keys_of_the_environment_are_apart_by_spaces_or_commas() -> None:
    assert split_keys(" a:1, b:2\n c:3 ") == ("a:1", "b:2", "c:3")
    assert split_keys("  ") == ()
