"""Database URLs as people have them, made into what SQLAlchemy needs."""

from __future__ import annotations

from convo.errors import MisconfiguredError
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

__all__ = ["database_url", "is_in_memory", "package"]

_DRIVERS = {
    "sqlite": ("pysqlite",),
    "postgresql": ("asyncpg",),
    "mysql": ("aiomysql", "asyncmy"),
    "mariadb": ("aiomysql", "asyncmy"),
}
"""The drivers of each database, async where it is a server; a URL without one gets the first."""

_ALIASES = {"postgres": "postgresql"}


def database_url(url: str) -> URL:
    """The URL with a driver of ours. Raises `MisconfiguredError` for what no history can be kept in."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        # The URL itself is not shown: it may hold a password.
        raise MisconfiguredError(
            "`[data] url` is not a database URL; write one like `sqlite:///history.db` or "
            "`postgresql://user:password@host/database`."
        ) from error
    database, _, driver = parsed.drivername.partition("+")
    database = _ALIASES.get(database, database)
    drivers = _DRIVERS.get(database)
    if drivers is None:
        raise MisconfiguredError(
            f"`{database}` is not a database convo-sqlalchemy knows; those are {_names(_DRIVERS)}."
        )
    if driver == "aiosqlite":
        driver = ""
    if driver and driver not in drivers:
        raise MisconfiguredError(
            f"The driver `{driver}` cannot be used here; leave it out of the URL: `{database}://…`."
        )
    parsed = parsed.set(drivername=f"{database}+{driver or drivers[0]}")
    if parsed.get_driver_name() == "asyncpg" and "sslmode" in parsed.query:  # libpq's word for it
        mode = parsed.query["sslmode"]
        parsed = parsed.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    if database in ("mysql", "mariadb"):
        if not parsed.database:
            raise MisconfiguredError(f"`[data] url` names no database; end it with one: `{database}://…/name`.")
        parsed = parsed.update_query_dict({"charset": "utf8mb4"})
    return parsed


def package(url: URL) -> str:
    """What to `pip install` for the URL's driver."""
    database, driver = url.get_backend_name(), url.get_driver_name()
    if driver != _DRIVERS[database][0]:
        return driver
    return f"convo-sqlalchemy[{'mysql' if database == 'mariadb' else database}]"


def is_in_memory(url: URL) -> bool:
    """Whether the database is gone with its connection."""
    return url.get_backend_name() == "sqlite" and (
        url.database in (None, "", ":memory:") or ":memory:" in str(url.database) or url.query.get("mode") == "memory"
    )


def _names(names: dict[str, tuple[str, ...]]) -> str:
    return ", ".join(f"`{name}`" for name in names)
