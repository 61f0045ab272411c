"""What errors of databases become."""

import sqlite3

import psycopg2
import pytest
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from store.errors import MissingDatabase, StoreError, to_store_error, translated_errors


class DriverError(Exception):
    """An error as psycopg2 raises them, with its SQLSTATE."""

    def __init__(self, pgcode: str | None) -> None:
        super().__init__("Key (snils)=(11223344595) already exists")
        self.pgcode = pgcode


def sqlite_error(code: int, name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("told")
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error


_COULD_NOT_CONNECT = "OperationalError: could not connect"


@pytest.mark.parametrize(
    ("error", "code", "retryable"),
    [
        (PoolTimeoutError("no connection"), "store.unavailable", True),
        (OperationalError("q", {}, DriverError("57P01")), "store.unavailable", True),
        (OperationalError("q", {}, DriverError("53100")), "store.unavailable", True),
        (DBAPIError("q", {}, DriverError("40P01")), "store.unavailable", True),
        (DBAPIError("q", {}, DriverError("55P03")), "store.unavailable", True),
        (
            DBAPIError("q", {}, DriverError(None), connection_invalidated=True),
            "store.unavailable",
            True,
        ),
        (IntegrityError("q", {}, DriverError("23505")), "store.conflict", False),
        (ProgrammingError("q", {}, DriverError("42P01")), "store.failed", False),
        (OperationalError("q", {}, sqlite_error(5, "SQLITE_BUSY")), "store.unavailable", True),
        (OperationalError("q", {}, sqlite_error(13, "SQLITE_FULL")), "store.unavailable", True),
        (
            OperationalError("q", {}, sqlite_error(266, "SQLITE_IOERR_READ")),
            "store.unavailable",
            True,
        ),
        (OperationalError("q", {}, sqlite_error(1, "SQLITE_ERROR")), "store.failed", False),
        (SQLAlchemyError("other"), "store.failed", False),
    ],
)
def test_codes(error: SQLAlchemyError, code: str, retryable: bool) -> None:
    made = to_store_error(error)
    assert (made.code, made.retryable) == (code, retryable)
    assert "11223344595" not in str(made)


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (PoolTimeoutError("no connection"), "TimeoutError: no free connection"),
        (OperationalError("q", {}, psycopg2.OperationalError("told")), _COULD_NOT_CONNECT),
        (
            DBAPIError("q", {}, psycopg2.InterfaceError("told"), connection_invalidated=True),
            "InterfaceError: the connection was lost",
        ),
        (
            DBAPIError("q", {}, DriverError("57P01"), connection_invalidated=True),
            "DriverError 57P01: the connection was lost",
        ),
        (OperationalError("q", {}, DriverError("53100")), "DriverError 53100"),
        (
            OperationalError("q", {}, sqlite_error(5, "SQLITE_BUSY")),
            "OperationalError SQLITE_BUSY",
        ),
        (
            OperationalError("q", {}, sqlite_error(14, "SQLITE_CANTOPEN")),
            "OperationalError SQLITE_CANTOPEN: could not connect",
        ),
    ],
)
def test_what_is_unavailable_is_named(error: SQLAlchemyError, detail: str) -> None:
    made = to_store_error(error)
    assert (made.code, made.detail) == ("store.unavailable", detail)


_SERVER = 'connection to server at "10.0.0.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("told", "detail"),
    [
        ('FATAL:  database "geheim" does not exist', "there is no such database"),
        ('ВАЖНО:  база данных "geheim" не существует', "there is no such database"),
        ('FATAL:  role "geheim" does not exist', "there is no such role, or it may not log in"),
        (
            'FATAL:  password authentication failed for user "geheim"',
            "the password is missing or wrong",
        ),
        (
            'ВАЖНО:  пользователь "geheim" не прошёл проверку подлинности (по паролю)',
            "the password is missing or wrong",
        ),
        ("fe_sendauth: no password supplied", "the password is missing or wrong"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.2", user "geheim"',
            "the server does not let us in",
        ),
        ('invalid sslmode value: "geheim"', "an option of the URL is wrong"),
    ],
)
def test_a_server_that_lets_nobody_in_is_told_from_an_outage(told: str, detail: str) -> None:
    made = to_store_error(OperationalError("q", {}, psycopg2.OperationalError(_SERVER + told)))
    assert (made.code, made.detail, made.retryable) == ("store.refused", detail, True)
    assert "geheim" not in str(made)


@pytest.mark.parametrize(
    "told",
    [
        "Connection refused",
        "FATAL:  the database system is starting up",
        "FATAL:  sorry, too many clients already",
        'could not translate host name "h" to address: Name or service not known',
        "timeout expired",
    ],
)
def test_an_outage_is_one(told: str) -> None:
    made = to_store_error(OperationalError("q", {}, psycopg2.OperationalError(_SERVER + told)))
    assert (made.code, made.retryable) == ("store.unavailable", True)


def test_a_missing_database_has_a_code_of_its_own() -> None:
    made = to_store_error(OperationalError("q", {}, MissingDatabase()))
    assert (made.code, made.retryable) == ("store.missing", True)


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), translated_errors():
        raise ZeroDivisionError


def test_what_the_driver_said_is_not_chained() -> None:
    with pytest.raises(StoreError) as caught, translated_errors():
        raise IntegrityError("q", {}, DriverError("23505"))
    assert caught.value.__suppress_context__
