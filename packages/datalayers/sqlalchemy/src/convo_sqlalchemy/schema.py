"""The tables, and getting them into a database that has none.

Four tables, prefixed so that they can share a database with others:

- `convo_threads`: one row a thread: who owns it, who writes it (`epoch`, `process`), when it changed, and what of its
  state is not an entry. A row whose `info` is NULL was claimed and not stored yet.
- `convo_entries`: one row for each run, step, element, action, ask, call and delivery. One table for all, because they
  are always written together (one statement for whatever a turn touched) and read together (one statement, in order).
  `position` numbers them in the order they were first stored.
- `convo_users`: one row for each user who signed in.
- `convo_facts`: what there is one of: the schema's version and the secret.

Bodies are JSON in a text column, not a JSON type: what is read is byte for byte what was stored, and U+0000, which
PostgreSQL can hold neither in `text` nor in `jsonb`, stays the escape that JSON makes of it. What lists and searches
look for stands in columns beside the body, and is written with it: `pinned`, `favourite` (when a favourite message was
created) and `words` (see `convo.search`: of a thread its title's, of a message its text's).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from convo.errors import MisconfiguredError
from sqlalchemy.dialects import mysql

__all__ = ["SCHEMA_VERSION", "entries", "facts", "is_possible_id", "metadata", "prepare", "threads", "users"]

SCHEMA_VERSION = 2

_ID_LENGTH = 255  # characters
_LOCK = 0x636F6E766F  # "convo"


class _Id(sa.types.TypeDecorator[str]):
    """An id, compared character for character everywhere: MySQL's own strings ignore case or trailing spaces."""

    impl = sa.String
    cache_ok = True

    def __init__(self, length: int = _ID_LENGTH) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(mysql.VARBINARY(self.length * 4))
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.String(self.length, collation="C"))
        return dialect.type_descriptor(sa.String(self.length))

    def bind_processor(self, dialect: sa.Dialect) -> None:
        """None: also MySQL gets text, which it stores as the connection's UTF-8 (aiomysql cannot escape bytes)."""

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> str | None:
        return value.decode() if isinstance(value, bytes) else value


def _json() -> sa.types.TypeEngine[str]:
    return sa.Text().with_variant(mysql.LONGTEXT(charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
}

metadata = sa.MetaData()

facts = sa.Table(
    "convo_facts",
    metadata,
    sa.Column("name", _Id, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    **_OPTIONS,
)

threads = sa.Table(
    "convo_threads",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("owner_id", _Id),
    sa.Column("changed_at", sa.BigInteger),  # microseconds since 1970
    sa.Column("info", _json()),  # a `ThreadInfo`
    sa.Column("fields", _json()),  # the rest of a `State` without its entries
    sa.Column("pinned", sa.Boolean(create_constraint=False), nullable=False, server_default=sa.false()),
    sa.Column("words", _json()),
    sa.Index("convo_threads_by_owner", "owner_id", "changed_at", "id"),
    **_OPTIONS,
)

entries = sa.Table(
    "convo_entries",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("thread_id", _Id, sa.ForeignKey("convo_threads.id", ondelete="CASCADE"), nullable=False),
    sa.Column("collection", _Id(16), nullable=False),
    sa.Column("id", _Id, nullable=False),
    sa.Column("body", _json(), nullable=False),
    sa.Column("favourite", _Id(32)),
    sa.Column("words", _json()),
    sa.UniqueConstraint("thread_id", "collection", "id", name="convo_entries_key"),
    **_OPTIONS,
)

# Of the few that are one, where an index can hold those alone.
sa.Index(
    "convo_entries_favourites",
    entries.c.thread_id,
    entries.c.favourite,
    sqlite_where=entries.c.favourite.is_not(None),
    postgresql_where=entries.c.favourite.is_not(None),
)

users = sa.Table(
    "convo_users",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("identifier", _Id, nullable=False, unique=True),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("body", _json(), nullable=False),
    **_OPTIONS,
)


def is_possible_id(text: str) -> bool:
    """Whether something can be stored under this id. Ids to look up come from clients, so they may be anything."""
    try:
        return 0 < len(text) <= _ID_LENGTH and "\0" not in text and bool(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False


def prepare(connection: sa.Connection) -> None:
    """Make the tables if there are none, and check their version. Processes that start together take turns.

    In a transaction of its own, which on SQLite is the one that writes.
    """
    with _turn(connection):
        _prepare(connection)


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


def _prepare(connection: sa.Connection) -> None:
    if not sa.inspect(connection).has_table(facts.name):
        metadata.create_all(connection)
    stored: dict[str, str] = {row.name: row.value for row in connection.execute(sa.select(facts.c.name, facts.c.value))}
    fresh = {"schema": str(SCHEMA_VERSION), "secret": secrets.token_hex(32)}
    missing = [{"name": name, "value": value} for name, value in fresh.items() if name not in stored]
    if missing:
        connection.execute(sa.insert(facts), missing)
    if (version := stored.get("schema", str(SCHEMA_VERSION))) != str(SCHEMA_VERSION):
        raise MisconfiguredError(
            f"The history has the schema version {version}, and this convo-sqlalchemy knows version {SCHEMA_VERSION}; "
            "install the convo-sqlalchemy that made it, or point `[data] url` at another database."
        )
