"""Shares."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from convo_sqlalchemy.columns import OPTIONS, Id, json_text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if sa.inspect(op.get_bind()).has_table("convo_shares"):  # MySQL keeps tables of an upgrade that was cut off
        return
    op.create_table(
        "convo_shares",
        sa.Column("id", Id, primary_key=True),
        sa.Column("thread_id", Id, sa.ForeignKey("convo_threads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", Id(32), nullable=False),
        sa.Column("revoked_at", Id(32)),
        sa.Column("body", json_text(), nullable=False),
        sa.Column("state", json_text()),
        sa.Index("convo_shares_by_thread", "thread_id", "created_at"),
        **OPTIONS,
    )


def downgrade() -> None:
    op.drop_table("convo_shares")
