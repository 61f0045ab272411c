"""The keys that protect what the register holds, as configuration writes them.

`secrets.toml` has them under `[store]` as `keys`; the environment's KONTINGENT_DATA_KEYS, the same
separated by spaces or commas, wins over it. The first key seals; the others open what was sealed
before.
"""

import base64
import binascii
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

import tomli_w

from ops.errors import ConfigError
from store.errors import StoreError
from store.vault import KEY_BYTES, DataKey, Vault

DATA_KEYS_ENV = "KONTINGENT_DATA_KEYS"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,40}")


def make_key(name: str) -> str:
    """Return a new key as the configuration takes it. Raises ConfigError `config.data_keys`."""
    if not _NAME.fullmatch(name):
        raise ConfigError("a key's name is of letters, digits, . _ -", code="config.data_keys")
    secret = base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip("=")
    return f"{name}:{secret}"


def make_vault(keys: Sequence[str]) -> Vault:
    """Return the vault of configured keys. Raises ConfigError `config.data_keys`, without them."""
    try:
        return Vault([_parse(key) for key in keys])
    except (StoreError, ValueError, binascii.Error):
        raise ConfigError(
            "a data key is name:secret, the secret 32 bytes in base64, and no two are one",
            code="config.data_keys",
        ) from None


def missing_keys() -> ConfigError:
    """Return the error for a register that is to be opened without keys."""
    return ConfigError(
        "no data keys; 'kontingent db new-key --write' makes one, and it is to be kept: what"
        " the register holds can't be read without it",
        code="config.data_keys",
    )


def add_key(path: Path, key: str, *, last: bool = False) -> None:
    """Put a key into `secrets.toml` before those that are there, or after them.

    The file is replaced whole, mode 0600. Raises ConfigError `config.data_keys` when there is a key
    of this name, or the file is none; OSError.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
        keys = document.setdefault("store", {}).setdefault("keys", [])
        if not isinstance(keys, list):
            raise TypeError
        taken = {each.partition(":")[0] for each in keys}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ConfigError(f"{path}: not a file of secrets", code="config.data_keys") from None
    if key.partition(":")[0] in taken:
        raise ConfigError(f"{path}: there is a key of this name", code="config.data_keys")
    keys.insert(len(keys) if last else 0, key)
    _replace(path, tomli_w.dumps(document).encode())


def _replace(path: Path, data: bytes) -> None:
    """Put a file in the place of another, whole or not at all, also when the power fails."""
    # A name of its own: what a run that was killed left behind must not stop the next.
    descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def split_keys(text: str) -> tuple[str, ...]:
    """Return the keys in a variable of the environment."""
    return tuple(re.split(r"[\s,]+", text.strip())) if text.strip() else ()


def _parse(key: str) -> DataKey:
    name, _, secret = key.partition(":")
    if not _NAME.fullmatch(name):
        raise ValueError
    padded = secret + "=" * (-len(secret) % 4)
    return DataKey(name, base64.b64decode(padded, altchars=b"-_", validate=True))
