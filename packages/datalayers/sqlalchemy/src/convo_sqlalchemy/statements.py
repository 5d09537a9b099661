"""The statements whose words differ between databases."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from convo_sqlalchemy.schema import entries, threads

__all__ = ["LIST", "READ", "claim", "put_entries"]


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
    """Insert entries or replace their bodies; a replaced entry keeps its position."""
    key = ["thread_id", "collection", "id"]
    if dialect in ("mysql", "mariadb"):
        insert = mysql.insert(entries)
        return insert.on_duplicate_key_update({"body": insert.inserted.body})
    if dialect == "postgresql":
        upsert = postgresql.insert(entries)
        return upsert.on_conflict_do_update(index_elements=key, set_={"body": upsert.excluded.body})
    put = sqlite.insert(entries)
    return put.on_conflict_do_update(index_elements=key, set_={"body": put.excluded.body})


def _null(column: sa.Column[Any], name: str) -> sa.Label[Any]:
    return sa.type_coerce(sa.null(), column.type).label(name)


# A thread in one statement, so that it is seen as one transaction left it: first the thread's row, then its entries.
READ = (
    sa.select(
        sa.literal_column("0", sa.BigInteger).label("position"),
        threads.c.owner_id.label("label"),
        threads.c.info.label("info"),
        threads.c.fields.label("body"),
    )
    .where(threads.c.id == sa.bindparam("id"), threads.c.info.is_not(None))
    .union_all(
        sa.select(
            entries.c.position.label("position"),
            sa.type_coerce(entries.c.collection, threads.c.owner_id.type).label("label"),
            _null(threads.c.info, "info"),
            entries.c.body.label("body"),
        ).where(entries.c.thread_id == sa.bindparam("id")),
    )
    .order_by("position")
)

LIST = (
    sa.select(threads.c.id, threads.c.changed_at, threads.c.info)
    .where(threads.c.owner_id == sa.bindparam("owner_id"), threads.c.info.is_not(None))
    .order_by(threads.c.changed_at.desc(), threads.c.id.desc())
)
