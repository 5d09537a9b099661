"""The statements whose words differ between databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from convo_sqlalchemy.schema import entries, threads, users

__all__ = ["FAVOURITES", "HEAD", "LIST", "READ", "WEIGHT", "claim", "put_entries", "put_user"]


def claim(dialect: str) -> sa.Insert:
    """Count a thread's epoch on, or begin with 1. Takes `id` and `process`."""
    row = {"id": sa.bindparam("id"), "process": sa.bindparam("process"), "epoch": 1}
    changed = {"epoch": threads.c.epoch + 1, "process": sa.bindparam("process")}
    if dialect in ("mysql", "mariadb"):
        return mysql.insert(threads).values(row).on_duplicate_key_update(changed)
    if dialect == "postgresql":
        return postgresql.insert(threads).values(row).on_conflict_do_update(index_elements=["id"], set_=changed)
    return sqlite.insert(threads).values(row).on_conflict_do_update(index_elements=["id"], set_=changed)


def put_entries(dialect: str) -> sa.Insert:
    """Insert entries or replace what is in them; a replaced entry keeps its position."""
    return _put(dialect, entries, key=["thread_id", "collection", "id"], replaced=["body", "favourite", "words"])


def put_user(dialect: str) -> sa.Insert:
    """Insert a user, or replace the body of the one with this identifier."""
    return _put(dialect, users, key=["identifier"], replaced=["body"])


def _put(dialect: str, table: sa.Table, *, key: list[str], replaced: list[str]) -> sa.Insert:
    if dialect in ("mysql", "mariadb"):
        insert = mysql.insert(table)
        return insert.on_duplicate_key_update({name: insert.inserted[name] for name in replaced})
    if dialect == "postgresql":
        upsert = postgresql.insert(table)
        return upsert.on_conflict_do_update(index_elements=key, set_={name: upsert.excluded[name] for name in replaced})
    put = sqlite.insert(table)
    return put.on_conflict_do_update(index_elements=key, set_={name: put.excluded[name] for name in replaced})


def _null(column: sa.Column[Any], name: str) -> sa.Label[Any]:
    return sa.type_coerce(sa.null(), column.type).label(name)


# A thread in one statement, so that it is seen as one transaction left it: first the thread's row, then its entries.
READ = (
    sa.select(
        sa.literal_column("0", sa.BigInteger).label("position"),
        threads.c.owner_id.label("label"),
        threads.c.info.label("info"),
        threads.c.fields.label("body"),
        threads.c.changed_at.label("changed_at"),
    )
    .where(threads.c.id == sa.bindparam("id"), threads.c.info.is_not(None))
    .union_all(
        sa.select(
            entries.c.position.label("position"),
            sa.type_coerce(entries.c.collection, threads.c.owner_id.type).label("label"),
            _null(threads.c.info, "info"),
            entries.c.body.label("body"),
            _null(threads.c.changed_at, "changed_at"),
        ).where(entries.c.thread_id == sa.bindparam("id")),
    )
    .order_by("position")
)

# Whether a thread is stored otherwise than before. What is said in it moves `changed_at`; its name and what is shown of
# it stand in its row; and a step or a run that ends, which does neither, gets longer by the time it did.
HEAD = sa.select(threads.c.changed_at, threads.c.info, threads.c.fields).where(
    threads.c.id == sa.bindparam("id"), threads.c.info.is_not(None)
)
WEIGHT = sa.select(sa.func.count(), sa.func.max(entries.c.position), sa.func.sum(sa.func.length(entries.c.body))).where(
    entries.c.thread_id == sa.bindparam("id")
)

LIST = (
    sa.select(threads.c.id, threads.c.changed_at, threads.c.info)
    .where(threads.c.info.is_not(None))
    .order_by(threads.c.changed_at.desc(), threads.c.id.desc())
)

FAVOURITES = (
    sa.select(entries.c.position, entries.c.thread_id, entries.c.favourite, entries.c.body)
    .join(threads, threads.c.id == entries.c.thread_id)
    .where(threads.c.owner_id == sa.bindparam("owner_id"), entries.c.favourite.is_not(None))
    .order_by(entries.c.favourite.desc(), entries.c.position.desc())
)
