"""The tables as they are now. How a database gets from one version of them to the next is in `revisions`.

Seven tables, prefixed so that they can share a database with others:

- `convo_threads`: one row a thread: who owns it, who writes it (`epoch`, `process`), when it changed, and what of its
  state is not an entry. A row whose `info` is NULL was claimed and not stored yet.
- `convo_entries`: one row for each run, step, element, action, ask, call and delivery. One table for all, because they
  are always written together (one statement for whatever a turn touched) and read together (one statement, in order).
  `position` numbers them in the order they were first stored.
- `convo_users`: one row for each user who signed in.
- `convo_shares`: one row for each link to a thread, with the `state` of a snapshot; a revoked one has none.
- `convo_identities`: which user it is whom a provider knows as a subject.
- `convo_sign_ins`: one row for each browser, embedded chat or token with which a user is signed in.
- `convo_facts`: what there is one of: the secret.

and `convo_revision`, which is Alembic's.

Bodies are JSON in a text column, not a JSON type: what is read is byte for byte what was stored, and U+0000, which
PostgreSQL can hold neither in `text` nor in `jsonb`, stays the escape that JSON makes of it. What lists and searches
look for stands in columns beside the body, and is written with it: `pinned`, `favourite` (when a favourite message was
created) and `words` (see `convo.search`: of a thread its title's, of a message its text's).

The words of messages are in an index besides: on SQLite the FTS5 table `convo_words`, which triggers keep right; on
PostgreSQL a GIN index of a `tsvector`; on MySQL a FULLTEXT index.
"""

from __future__ import annotations

import sqlalchemy as sa

from convo_sqlalchemy.columns import ID_LENGTH, OPTIONS, Id, json_text, searchable

__all__ = ["entries", "facts", "identities", "is_possible_id", "metadata", "shares", "sign_ins", "threads", "users"]

metadata = sa.MetaData()

facts = sa.Table(
    "convo_facts",
    metadata,
    sa.Column("name", Id, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    **OPTIONS,
)

threads = sa.Table(
    "convo_threads",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("owner_id", Id),
    sa.Column("changed_at", sa.BigInteger),  # microseconds since 1970
    sa.Column("info", json_text()),  # a `ThreadInfo`
    sa.Column("fields", json_text()),  # the rest of a `State` without its entries
    sa.Column("pinned", sa.Boolean(create_constraint=False), nullable=False, server_default=sa.false()),
    sa.Column("words", json_text()),
    sa.Index("convo_threads_by_owner", "owner_id", "changed_at", "id"),
    **OPTIONS,
)

entries = sa.Table(
    "convo_entries",
    metadata,
    sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("thread_id", Id, sa.ForeignKey("convo_threads.id", ondelete="CASCADE"), nullable=False),
    sa.Column("collection", Id(16), nullable=False),
    sa.Column("id", Id, nullable=False),
    sa.Column("body", json_text(), nullable=False),
    sa.Column("favourite", Id(32)),
    sa.Column("words", searchable()),
    sa.UniqueConstraint("thread_id", "collection", "id", name="convo_entries_key"),
    **OPTIONS,
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
    sa.Column("id", Id, primary_key=True),
    sa.Column("identifier", Id, nullable=False, unique=True),
    sa.Column("created_at", sa.String(32), nullable=False),
    sa.Column("body", json_text(), nullable=False),
    **OPTIONS,
)

identities = sa.Table(
    "convo_identities",
    metadata,
    sa.Column("provider", Id(64), primary_key=True),
    sa.Column("subject", Id, primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("convo_users.id", ondelete="CASCADE"), nullable=False),
    sa.Index("convo_identities_by_user", "user_id"),
    **OPTIONS,
)

sign_ins = sa.Table(
    "convo_sign_ins",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("user_id", Id, sa.ForeignKey("convo_users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("digest", Id(64), nullable=False),
    sa.Column("seen_at", Id(32), nullable=False),
    sa.Column("expires_at", Id(32)),  # a time of the wire's, which sort as text
    sa.Column("body", json_text(), nullable=False),  # a `SignIn`
    sa.Index("convo_sign_ins_by_user", "user_id"),
    **OPTIONS,
)


shares = sa.Table(
    "convo_shares",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("thread_id", Id, sa.ForeignKey("convo_threads.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", Id(32), nullable=False),
    sa.Column("revoked_at", Id(32)),
    sa.Column("body", json_text(), nullable=False),  # what else a `Share` says
    sa.Column("state", json_text()),
    sa.Index("convo_shares_by_thread", "thread_id", "created_at"),
    **OPTIONS,
)


def is_possible_id(text: str) -> bool:
    """Whether something can be stored under this id. Ids to look up come from clients, so they may be anything."""
    try:
        return 0 < len(text) <= ID_LENGTH and "\0" not in text and bool(text.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
