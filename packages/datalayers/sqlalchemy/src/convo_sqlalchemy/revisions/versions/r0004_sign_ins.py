"""Who is signed in, and which user an identity is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from convo_sqlalchemy.columns import OPTIONS, Id, json_text

revision = "0004"
down_revision = "0003"

INDEXES = {"convo_identities_by_user": "convo_identities", "convo_sign_ins_by_user": "convo_sign_ins"}


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    if not inspector.has_table("convo_identities"):  # else an upgrade was cut off: MySQL keeps what it had done
        op.create_table(
            "convo_identities",
            sa.Column("provider", Id(64), primary_key=True),
            sa.Column("subject", Id, primary_key=True),
            sa.Column("user_id", Id, sa.ForeignKey("convo_users.id", ondelete="CASCADE"), nullable=False),
            **OPTIONS,
        )
    if not inspector.has_table("convo_sign_ins"):
        op.create_table(
            "convo_sign_ins",
            sa.Column("id", Id, primary_key=True),
            sa.Column("user_id", Id, sa.ForeignKey("convo_users.id", ondelete="CASCADE"), nullable=False),
            sa.Column("digest", Id(64), nullable=False),
            sa.Column("seen_at", Id(32), nullable=False),
            sa.Column("expires_at", Id(32)),
            sa.Column("body", json_text(), nullable=False),
            **OPTIONS,
        )
    for name, table in INDEXES.items():
        if name not in {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}:
            op.create_index(name, table, ["user_id"])


def downgrade() -> None:
    op.drop_table("convo_sign_ins")
    op.drop_table("convo_identities")
