"""Search, favourites, pinned threads and users."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op
from convo_sqlalchemy.columns import OPTIONS, Id, json_text, searchable
from convo_sqlalchemy.search import spaced, words

revision = "0002"
down_revision = "0001"

BATCH = 500
MESSAGES = ("user_message", "assistant_message", "system_message")

FTS5 = """CREATE VIRTUAL TABLE convo_words USING fts5(
    words, content='convo_entries', content_rowid='position',
    tokenize="unicode61 remove_diacritics 0 categories 'L* N* Co M*'")"""
TRIGGERS = {
    "convo_words_put": """AFTER INSERT ON convo_entries WHEN new.words IS NOT NULL BEGIN
        INSERT INTO convo_words (rowid, words) VALUES (new.position, new.words); END""",
    "convo_words_gone": """AFTER DELETE ON convo_entries WHEN old.words IS NOT NULL BEGIN
        INSERT INTO convo_words (convo_words, rowid, words) VALUES ('delete', old.position, old.words); END""",
    "convo_words_changed": """AFTER UPDATE OF words ON convo_entries WHEN new.words IS NOT old.words BEGIN
        INSERT INTO convo_words (convo_words, rowid, words)
            SELECT 'delete', old.position, old.words WHERE old.words IS NOT NULL;
        INSERT INTO convo_words (rowid, words) SELECT new.position, new.words WHERE new.words IS NOT NULL; END""",
}


def upgrade() -> None:
    connection = op.get_bind()
    _add(connection, "convo_threads", sa.Column("pinned", sa.Boolean, nullable=False, server_default=sa.false()))
    _add(connection, "convo_threads", sa.Column("words", json_text()))
    _add(connection, "convo_entries", sa.Column("favourite", Id(32)))
    _add(connection, "convo_entries", sa.Column("words", searchable()))
    if not sa.inspect(connection).has_table("convo_users"):
        op.create_table(
            "convo_users",
            sa.Column("id", Id, primary_key=True),
            sa.Column("identifier", Id, nullable=False, unique=True),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("body", json_text(), nullable=False),
            **OPTIONS,
        )
    _fill_threads(connection)
    _fill_entries(connection)
    _index(connection)
    op.execute("DELETE FROM convo_facts WHERE name = 'schema'")


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP TABLE convo_words")
    else:
        op.drop_index("convo_entries_words", "convo_entries")
    if dialect in (
        "mysql",
        "mariadb",
    ):  # the foreign key needs an index that begins with its column: that of the key does
        op.drop_index("convo_entries_favourites", "convo_entries")
    else:
        op.drop_index("convo_entries_favourites", "convo_entries")
    op.drop_table("convo_users")
    for table, column in (
        ("convo_threads", "pinned"),
        ("convo_threads", "words"),
        ("convo_entries", "favourite"),
        ("convo_entries", "words"),
    ):
        op.drop_column(table, column)


def _add(connection: sa.Connection, table: str, column: sa.Column[Any]) -> None:
    """Add a column, unless an upgrade that was cut off did: MySQL keeps what it had done."""
    if column.name not in {known["name"] for known in sa.inspect(connection).get_columns(table)}:
        op.add_column(table, column)


def _index(connection: sa.Connection) -> None:
    dialect = connection.dialect.name
    has = {index["name"] for index in sa.inspect(connection).get_indexes("convo_entries")}
    if "convo_entries_favourites" not in has:
        few = sa.text("favourite IS NOT NULL")
        op.create_index(
            "convo_entries_favourites",
            "convo_entries",
            ["thread_id", "favourite"],
            sqlite_where=few,
            postgresql_where=few,
        )
    if dialect == "sqlite":
        op.execute(FTS5)
        for name, what in TRIGGERS.items():
            op.execute(f"CREATE TRIGGER {name} {what}")
        op.execute(
            "INSERT INTO convo_words (rowid, words) SELECT position, words FROM convo_entries WHERE words NOT NULL"
        )
    elif "convo_entries_words" not in has:
        if dialect == "postgresql":
            op.create_index("convo_entries_words", "convo_entries", ["words"], postgresql_using="gin")
        else:
            op.execute("CREATE FULLTEXT INDEX convo_entries_words ON convo_entries (words)")


def _fill_threads(connection: sa.Connection) -> None:
    table = sa.table(
        "convo_threads",
        sa.column("id", Id()),
        sa.column("info", json_text()),
        sa.column("pinned", sa.Boolean),
        sa.column("words", json_text()),
    )
    put = sa.update(table).where(table.c.id == sa.bindparam("b_id"))
    put = put.values(pinned=sa.bindparam("b_pinned"), words=sa.bindparam("b_words"))
    known = sa.select(table.c.id, table.c.info).where(table.c.info.is_not(None)).order_by(table.c.id)
    for rows in _batches(connection, known, table.c.id):
        values = []
        for row in rows:
            info = _decoded(row.info)
            title = info.get("name")
            is_pinned = info.get("pinned") is True
            values.append(
                {"b_id": row.id, "b_pinned": is_pinned, "b_words": spaced(title) if isinstance(title, str) else None}
            )
        connection.execute(put, values)


def _fill_entries(connection: sa.Connection) -> None:
    table = sa.table(
        "convo_entries",
        sa.column("position", sa.BigInteger),
        sa.column("collection", Id(16)),
        sa.column("body", json_text()),
        sa.column("favourite", Id(32)),
        sa.column("words", searchable()),
    )
    put = sa.update(table).where(table.c.position == sa.bindparam("b_position"))
    put = put.values(favourite=sa.bindparam("b_favourite"), words=sa.bindparam("b_words"))
    known = sa.select(table.c.position, table.c.body).where(table.c.collection == "steps").order_by(table.c.position)
    for rows in _batches(connection, known, table.c.position):
        values = []
        for row in rows:
            step = _decoded(row.body)
            text = step.get("output") if step.get("type") in MESSAGES else None
            found = words(connection.dialect.name, text) if isinstance(text, str) else None
            favourite = str(step.get("createdAt") or "")[:32] if step.get("favourite") is True else None
            if found is not None or favourite is not None:
                values.append({"b_position": row.position, "b_favourite": favourite, "b_words": found})
        if values:
            connection.execute(put, values)


def _batches(connection: sa.Connection, known: sa.Select[Any], key: sa.ColumnClause[Any]) -> Iterator[Sequence[Any]]:
    page = known.limit(BATCH)
    while rows := connection.execute(page).all():
        yield rows
        page = known.where(key > rows[-1][0]).limit(BATCH)


def _decoded(text: str) -> dict[str, Any]:
    """An object of JSON; one that cannot be read has nothing to be found by."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}
