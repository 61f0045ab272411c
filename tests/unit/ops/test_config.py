"""The configuration: what is known is read, what isn't is told by name, secrets stay secret."""

from datetime import date
from pathlib import Path

import pytest

from ops.addresses import is_http_url, parse_address
from ops.config import find_config, load_config
from ops.errors import ConfigError, ExitCode
from ops.identities import choose_providers
from signing.algorithms import SignatureAlgorithm
from signing.providers import GostChoice, KeyKind

PLAIN = """
[gateway]
code = "KONT00001"
name = "ИС «Контингент»"

[signing]
keys = [{ key = "pki/gateway.key", certificate = "pki/gateway.pem" }]
"""


def write(folder: Path, text: str, secrets: str | None = None) -> Path:
    path = folder / "kontingent.toml"
    path.write_text(text, "utf-8")
    if secrets is not None:
        (folder / "secrets.toml").write_text(secrets, "utf-8")
    return path


def test_plain_configuration_has_defaults(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, PLAIN), {})
    assert config.gateway.bind == "127.0.0.1:8080"
    assert config.exchange.date_window_s == 300
    assert config.trust.anchors == ()
    assert config.signing.gost is GostChoice.AUTO
    assert config.signing.allow_insecure_signing is False
    assert config.database_url == f"sqlite:///{tmp_path.resolve()}/kontingent.db"
    assert config.path("pki/gateway.key") == tmp_path.resolve() / "pki/gateway.key"


def test_region_has_days_off_and_policies_of_its_own(tmp_path: Path) -> None:
    region = '[region]\nholidays = ["2026-06-15", "05-25"]\npolicies = ["school.toml"]\n'
    config = load_config(write(tmp_path, PLAIN + region), {})
    calendar = config.calendar
    assert not calendar.is_working_day(date(2026, 6, 15))
    assert calendar.is_working_day(date(2027, 6, 15))
    assert not any(calendar.is_working_day(date(year, 5, 25)) for year in (2026, 2027))
    assert config.region.policies == ("school.toml",)


@pytest.mark.parametrize("choice", GostChoice)
def test_provider_of_gost(tmp_path: Path, choice: GostChoice) -> None:
    text = PLAIN + f'gost = "{choice}"\nallow_insecure_signing = true\n'
    config = load_config(write(tmp_path, text), {})
    assert config.signing.gost is choice
    assert config.signing.allow_insecure_signing is True


def test_provider_of_gost_is_the_configured_one(tmp_path: Path) -> None:
    chosen = [
        choose_providers(load_config(write(tmp_path, PLAIN + f"{lines}\n"), {}))
        for lines in (
            'gost = "none"',
            'gost = "portable"',
            'gost = "portable"\nallow_insecure_signing = true',
        )
    ]
    gost = SignatureAlgorithm.GOST_2012_256
    assert [one.supports(gost) for one in chosen] == [False, True, True]
    assert [one.makes(KeyKind.GOST_2012_256) for one in chosen] == [False, False, True]


def test_revocation_is_off_until_it_is_asked_for(tmp_path: Path) -> None:
    trust = load_config(write(tmp_path, PLAIN), {}).trust
    assert (trust.crls, trust.crl_folder, trust.require_revocation) == ((), None, False)
    lines = '[trust]\ncrls = ["a.crl"]\ncrl_folder = "crl"\nrequire_revocation = true\n'
    trust = load_config(write(tmp_path, PLAIN + lines), {}).trust
    assert (trust.crls, trust.crl_folder, trust.require_revocation) == (("a.crl",), "crl", True)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("unknown_table", PLAIN + "[surprise]\n", "unknown key 'surprise'"),
        ("unknown_key", PLAIN + "[exchange]\nwindow = 3\n", "unknown key 'window'"),
        (
            "unknown_key_in_list",
            PLAIN + '[[agencies]]\ncode = "A"\nname = "A"\ncertificates = []\nwho = 1\n',
            "agencies[0]: unknown key 'who'",
        ),
        ("missing_table", '[gateway]\ncode = "A"\nname = "B"\n', "'signing' is missing"),
        ("text_for_number", PLAIN + '[exchange]\ndate_window_s = "5"\n', "int is expected"),
        ("bool_for_number", PLAIN + "[exchange]\ndate_window_s = true\n", "int is expected"),
        ("number_for_list", PLAIN + "[trust]\nanchors = 5\n", "a list is expected"),
        ("list_for_text", PLAIN + '[trust]\ncrl_folder = ["a"]\n', "str is expected"),
        ("text_for_bool", PLAIN + '[trust]\nrequire_revocation = "no"\n', "bool is expected"),
        ("zero_window", PLAIN + "[exchange]\ndate_window_s = 0\n", "a number from 1"),
        (
            "no_keys",
            PLAIN.split("[signing]", maxsplit=1)[0] + "[signing]\nkeys = []\n",
            "at least one key",
        ),
        ("odd_bind", PLAIN.replace("[signing]", 'bind = "8080"\n[signing]'), "HOST:PORT"),
        ("odd_gost", PLAIN + 'gost = "Engine"\n', "signing.gost: 'Engine' (known: auto, engine"),
        ("bool_for_gost", PLAIN + "gost = false\n", "signing.gost: False (known: auto"),
        ("list_for_gost", PLAIN + "gost = []\n", "signing.gost: [] (known: auto"),
        ("text_for_bool", PLAIN + 'allow_insecure_signing = "no"\n', "bool is expected"),
        ("odd_holiday", PLAIN + '[region]\nholidays = ["2026-02-30"]\n', "no day"),
        ("written_holiday", PLAIN + '[region]\nholidays = ["25.05"]\n', "no day"),
        ("odd_zone", PLAIN.replace("[signing]", 'timezone = "Mars"\n[signing]'), "unknown zone"),
        (
            "odd_right",
            PLAIN + '[[agencies]]\ncode = "A"\nname = "A"\ncertificates = []\nrights = ["all"]\n',
            "not service:Operation",
        ),
        (
            "agency_twice",
            PLAIN + 2 * '[[agencies]]\ncode = "A"\nname = "A"\ncertificates = []\n',
            "comes twice",
        ),
        *(
            (f"{name}_{number}", PLAIN + f"[exchange]\n{name} = {number}\n", "a number from 1 to")
            for name, number in (
                ("date_window_s", 86_401),
                ("max_message_bytes", 0),
                ("max_message_bytes", 10**18),
            )
        ),
        *(
            (
                f"{name}_{number}",
                PLAIN.replace("[signing]", f"{name} = {number}\n[signing]"),
                "a number from 1 to",
            )
            for name, number in (("workers", 65), ("workers", -1), ("threads", 257))
        ),
        *(
            (
                f"{name}_{number}",
                PLAIN + f'[[sources]]\nname = "a"\nkind = "b"\nurl = "c"\n{name} = {number}\n',
                "a number from 1 to",
            )
            for name, number in (
                ("timeout_s", 0),
                ("timeout_s", 10_000_000_000_000_000),
                ("page_size", 1001),
            )
        ),
        *(
            (
                f"public_url_{url}",
                PLAIN.replace("[signing]", f'public_url = "{url}"\n[signing]'),
                "not an http(s) address",
            )
            for url in (
                "",
                "kontingent.example",
                "ftp://h/",
                "http://",
                "http://[::1",
                "http://h:x",
            )
        ),
        ("blank_code", PLAIN.replace("KONT00001", " "), "gateway.code: it is empty"),
        ("blank_name", PLAIN.replace("ИС «Контингент»", ""), "gateway.name: it is empty"),
        ("no_algorithms", PLAIN + "algorithms = []\n", "at least one algorithm"),
        (
            "odd_service",
            PLAIN + '[[agencies]]\ncode = "A"\nname = "A"\ncertificates = []\n'
            'rights = ["student:FindStudent"]\n',
            "no such service",
        ),
        ("nul", PLAIN.replace("gateway.key", "a\\u0000b"), "control character"),
        ("many_digits", PLAIN + f"[exchange]\ndate_window_s = {'9' * 5000}\n", "kontingent.toml"),
        ("deep", PLAIN + f"a = {'[' * 20_000}\n", "nested too deeply"),
        ("not_toml", PLAIN + "=\n", "kontingent.toml"),
    ],
)
def test_broken_configuration_is_told_by_name(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(write(tmp_path, text), {})
    assert told in error.value.detail, name
    assert error.value.exit_code is ExitCode.USAGE


def test_rights_of_services_to_come_are_valid(tmp_path: Path) -> None:
    rights = 'rights = ["students:FindStudent", "enrollment:*", "transfers:*"]\n'
    agency = '[[agencies]]\ncode = "A"\nname = "A"\ncertificates = []\n'
    config = load_config(write(tmp_path, PLAIN + agency + rights), {})
    assert len(config.agencies[0].rights) == 3


def test_file_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kontingent.toml").symlink_to("/dev/zero")
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "kontingent.toml", {})
    assert "over 1048576 bytes" in error.value.detail


@pytest.mark.parametrize("text", ["http://h", "https://h:8443/path", "http://[::1]:80/"])
def test_addresses_of_http(text: str) -> None:
    assert is_http_url(text)
    assert not is_http_url(f"{text}\n")


def test_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load_config(tmp_path / "kontingent.toml", {})
    assert error.value.code == "config.missing"
    assert "kontingent init" in error.value.detail


SOURCE = '[[sources]]\nname = "east-1"\nkind = "gorod"\nurl = "http://127.0.0.1:1/"\n'
SECRETS = (
    '[store]\ndatabase = "postgresql://u:p@h/d"\n[[sources]]\nname = "east-1"\npassword = "x"\n'
)


def test_secrets_come_from_their_file(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, PLAIN + SOURCE, SECRETS), {})
    assert config.database_url == "postgresql://u:p@h/d"
    assert config.secrets.source_passwords == {"east-1": "x"}


def test_environment_wins_over_the_file_of_secrets(tmp_path: Path) -> None:
    environ = {
        "KONTINGENT_DATABASE_URL": "postgresql://e",
        "KONTINGENT_SOURCE_EAST_1_PASSWORD": "y",
        "KONTINGENT_KEY_PASSWORD": "z",
    }
    config = load_config(write(tmp_path, PLAIN + SOURCE, SECRETS), environ)
    assert config.database_url == "postgresql://e"
    assert config.secrets.source_passwords == {"east-1": "y"}
    assert config.secrets.key_password == "z"


def test_secrets_show_in_no_representation_and_no_error(tmp_path: Path) -> None:
    path = write(tmp_path, PLAIN + SOURCE, SECRETS.replace('"x"', '"s3cret"'))
    assert "s3cret" not in repr(load_config(path, {}))
    write(tmp_path, PLAIN + SOURCE, SECRETS + 's3cret = "\n')
    with pytest.raises(ConfigError) as error:
        load_config(path, {})
    assert "s3cret" not in str(error.value)


def test_option_wins_over_environment_over_folder() -> None:
    environ = {"KONTINGENT_CONFIG": "env.toml"}
    assert find_config(Path("option.toml"), environ) == Path("option.toml")
    assert find_config(None, environ) == Path("env.toml")
    assert find_config(None, {}) == Path("kontingent.toml")


@pytest.mark.parametrize("text", ["", "localhost", ":80", "a:b", "a:70000", "a:80:90"])
def test_broken_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_address(text)


def test_address_of_either_family() -> None:
    assert parse_address("127.0.0.1:0") == ("127.0.0.1", 0)
    assert parse_address("[::1]:8080") == ("::1", 8080)
