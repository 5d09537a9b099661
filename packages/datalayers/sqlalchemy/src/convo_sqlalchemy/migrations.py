"""The schema's revisions: which one a database has, and getting it to another. Who starts together takes turns.

The functions are work for `Database.write`: a transaction of its own, which on SQLite is the one that writes.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from convo.datalayer import Migrations
from convo.errors import MisconfiguredError
from sqlalchemy.engine import URL

from convo_sqlalchemy._version import __version__
from convo_sqlalchemy.database import open_database
from convo_sqlalchemy.errors import translated
from convo_sqlalchemy.schema import facts

__all__ = ["REVISIONS", "VERSION_TABLE", "DatabaseMigrations", "downgrade", "prepare", "upgrade"]

T = TypeVar("T")

REVISIONS = ("0001", "0002", "0003", "0004")
"""Oldest first, as the files in `revisions/versions`."""

VERSION_TABLE = "convo_revision"
_LOCK = 0x636F6E766F  # "convo"


def prepare(connection: sa.Connection, *, migrates: bool) -> None:
    """Get a database ready for this version. Raises `MisconfiguredError` when that may not or cannot be done."""
    with _turn(connection):
        before = _current(connection)
        if before != REVISIONS[-1]:
            if not migrates:
                has = f"has the schema {before}" if before else "has no tables yet"
                raise MisconfiguredError(
                    f"The history {has}, and this version needs {REVISIONS[-1]}; run `convo db upgrade`, or let the "
                    "app do that when it starts with `migrate = true` under `[data]`."
                )
            _migrate(connection, REVISIONS[-1])
        secret = sa.select(facts.c.value).where(facts.c.name == "secret")
        if connection.execute(secret).scalar() is None:
            connection.execute(sa.insert(facts), {"name": "secret", "value": secrets.token_hex(32)})


def upgrade(connection: sa.Connection, to: str = REVISIONS[-1]) -> None:
    """Get a database to a later revision, or to the first one."""
    with _turn(connection):
        before = _current(connection)
        if before is None or REVISIONS.index(before) < REVISIONS.index(to):
            _migrate(connection, to)


def downgrade(connection: sa.Connection, to: str) -> None:
    """Get a database back to an earlier revision; what only a later one knows is lost."""
    with _turn(connection):
        before = _current(connection)
        earlier = REVISIONS[: REVISIONS.index(before)] if before else ()
        if to not in earlier:
            names = ", ".join(f"`{name}`" for name in earlier) or "none"
            raise MisconfiguredError(f"`{to}` is no earlier revision than {before or 'no tables'}; those are: {names}.")
        _migrate(connection, to)


class DatabaseMigrations(Migrations):
    """The revisions of the database at `url`, which is connected to for each call."""

    revisions = REVISIONS

    def __init__(self, url: URL) -> None:
        self._url = url

    async def current(self) -> str | None:
        return await self._do(_current)

    async def upgrade(self) -> None:
        await self._do(lambda connection: prepare(connection, migrates=True))

    async def downgrade(self, to: str) -> None:
        await self._do(lambda connection: downgrade(connection, to))

    async def _do(self, work: Callable[[sa.Connection], T]) -> T:
        database = open_database(self._url)
        try:
            with translated(self._url):
                return await database.write(work)
        finally:
            await database.close()


def _current(connection: sa.Connection) -> str | None:
    inspector = sa.inspect(connection)
    revision: str | None = None
    if inspector.has_table(VERSION_TABLE):
        revision = connection.execute(sa.select(sa.column("version_num")).select_from(sa.table(VERSION_TABLE))).scalar()
    elif inspector.has_table(facts.name):  # from before there were revisions
        revision = REVISIONS[0]
    if revision is not None and revision not in REVISIONS:
        raise MisconfiguredError(
            f"The history has the schema {revision}, and convo-sqlalchemy {__version__} knows {REVISIONS[-1]} at most; "
            "install the version that made it, or point `[data] url` at another database."
        )
    return revision


def _migrate(connection: sa.Connection, to: str) -> None:
    from alembic import command  # takes a while, and most starts need none of it
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("revisions")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    before = _current(connection)
    if before is not None and not sa.inspect(connection).has_table(VERSION_TABLE):
        command.stamp(config, before)
    is_back = before is not None and REVISIONS.index(to) < REVISIONS.index(before)
    (command.downgrade if is_back else command.upgrade)(config, to)


@contextmanager
def _turn(connection: sa.Connection) -> Iterator[None]:
    """While this process alone may make tables."""
    dialect = connection.dialect.name
    if dialect == "sqlite":  # which has one writer: who writes is alone
        yield
    elif dialect == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield
    else:  # MySQL commits at each CREATE TABLE, so its lock is the connection's and not the transaction's
        lock = f"convo.{connection.engine.url.database}"[:64]
        if not connection.execute(sa.select(sa.func.get_lock(lock, 60))).scalar():
            raise sa.exc.TimeoutError("another process has been making the tables for a minute")
        try:
            yield
        except BaseException:
            connection.exec_driver_sql("ROLLBACK")
            raise
        else:
            connection.exec_driver_sql("COMMIT")
        finally:
            connection.execute(sa.select(sa.func.release_lock(lock)))
