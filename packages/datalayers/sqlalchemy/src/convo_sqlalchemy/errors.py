"""A database's errors in convo's words: what never works until a setting changes, and what may work in a moment."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from convo.errors import DataLayerError, MisconfiguredError, UnavailableError
from sqlalchemy import exc
from sqlalchemy.engine import URL

__all__ = ["is_collision", "translated"]

_MISCONFIGURED_STATES = ("28", "3D", "3F", "42")  # PostgreSQL: password, database, schema, privilege or table
_UNAVAILABLE_STATES = ("08", "25006", "40", "53", "55P03", "57", "58")  # connection, standby, deadlock, full, shutdown
_MISCONFIGURED_NUMBERS = (1044, 1045, 1049, 1142, 1146, 1227, 1698)  # MySQL: password, database, privilege or table
_COLLISION_STATES = ("40001", "40P01")  # PostgreSQL: serialization, deadlock
_COLLISION_NUMBERS = (1205, 1213)  # MySQL: waited for a lock too long, deadlock
# SQLite
_MISCONFIGURED_TEXTS = ("unable to open database file", "readonly database", "not a database", "no such table")


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Raise a `DataLayerError` for whatever SQLAlchemy, a driver or the network raises inside."""
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, OSError, TimeoutError, msgspec.DecodeError) as error:
        raise _translate(error, url) from error
    except Exception as error:
        # Drivers raise their own errors while connecting; those that carry no code are mistakes of ours.
        if _state(error) is None and not _is_unknown_option(error):
            raise
        raise _translate(error, url) from error


def is_collision(error: exc.DBAPIError) -> bool:
    """Whether the database broke a transaction off that may well succeed when it is done again at once."""
    cause = error.orig
    return cause is not None and (_state(cause) in _COLLISION_STATES or _number(cause) in _COLLISION_NUMBERS)


def _translate(error: Exception, url: URL) -> DataLayerError:
    cause = error.orig if isinstance(error, exc.DBAPIError) and error.orig is not None else error
    text = " ".join(str(cause).split()) or type(cause).__name__
    where = url.set(query={}).render_as_string(hide_password=True)  # options may hold secrets, too
    if isinstance(cause, msgspec.DecodeError):
        return DataLayerError(f"What is stored cannot be read; perhaps a later version of convo wrote it: {text}")
    if _is_misconfigured(cause, text):
        return MisconfiguredError(f"The history cannot be opened; check `[data] url` (`{where}`): {text}")
    if _is_unavailable(error, cause):
        return UnavailableError(f"The history (`{where}`) does not answer: {text}")
    return DataLayerError(f"The history (`{where}`) refused: {text}")


def _is_misconfigured(cause: BaseException, text: str) -> bool:
    return (
        (_state(cause) or "").startswith(_MISCONFIGURED_STATES)
        or _number(cause) in _MISCONFIGURED_NUMBERS
        or any(known in text for known in _MISCONFIGURED_TEXTS)
        or _is_unknown_option(cause)
    )


def _is_unavailable(error: Exception, cause: BaseException) -> bool:
    if isinstance(error, OSError | TimeoutError | exc.TimeoutError | exc.OperationalError | exc.InterfaceError):
        return True
    if isinstance(error, exc.DBAPIError) and error.connection_invalidated:
        return True
    return (_state(cause) or "").startswith(_UNAVAILABLE_STATES)


def _state(error: BaseException) -> str | None:
    state = getattr(error, "sqlstate", None)
    return state if isinstance(state, str) else None


def _number(error: BaseException) -> int | None:
    return error.args[0] if error.args and isinstance(error.args[0], int) else None


def _is_unknown_option(error: BaseException) -> bool:
    """What follows `?` in the URL are the driver's keyword arguments."""
    return isinstance(error, TypeError) and "unexpected keyword argument" in str(error)
