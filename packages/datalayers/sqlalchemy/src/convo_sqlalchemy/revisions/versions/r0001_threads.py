"""Threads and what is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from convo_sqlalchemy.columns import OPTIONS, Id, json_text

revision = "0001"
down_revision = None


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("convo_entries"):  # MySQL keeps tables of an upgrade that was cut off
        return
    op.create_table(
        "convo_facts",
        sa.Column("name", Id, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        if_not_exists=True,
        **OPTIONS,
    )
    op.create_table(
        "convo_threads",
        sa.Column("id", Id, primary_key=True),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("owner_id", Id),
        sa.Column("changed_at", sa.BigInteger),
        sa.Column("info", json_text()),
        sa.Column("fields", json_text()),
        sa.Index("convo_threads_by_owner", "owner_id", "changed_at", "id"),
        if_not_exists=True,
        **OPTIONS,
    )
    op.create_table(
        "convo_entries",
        sa.Column(
            "position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("thread_id", Id, sa.ForeignKey("convo_threads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("collection", Id(16), nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("body", json_text(), nullable=False),
        sa.UniqueConstraint("thread_id", "collection", "id", name="convo_entries_key"),
        **OPTIONS,
    )
