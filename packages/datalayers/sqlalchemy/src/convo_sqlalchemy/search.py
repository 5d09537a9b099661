"""Search: the statements that find titles and messages, and what is stored for them to find."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from convo.search import Term, tokens
from sqlalchemy.dialects import mysql, postgresql

from convo_sqlalchemy.schema import entries, threads

__all__ = ["BEFORE_LATEST", "CANDIDATES", "find_latest", "find_messages", "find_titles", "spaced", "words"]

CANDIDATES = 1000  # the latest messages that match are looked at: nobody pages on to the end of more
LATEST = 10_000  # entries, of all threads: words that come often are looked for there
_POSITIONS = 16383  # PostgreSQL counts no further


def spaced(text: str) -> str | None:
    """The words of a text, each with a space before it; `None` when there are none."""
    return "".join(f" {token}" for token in tokens(text)) or None


def words(dialect: str, text: str) -> str | None:
    """The words of a message as the database's full-text search takes them; `None` when there are none."""
    if dialect == "postgresql":
        # As a finished `tsvector`: PostgreSQL's own parser sees words where no other database does.
        return " ".join(f"'{token}':{min(n, _POSITIONS)}" for n, token in enumerate(tokens(text), 1)) or None
    if dialect in ("mysql", "mariadb"):
        # It leaves out words of one or two letters, and a few English ones: with this tail, none is one of them.
        # And it is slow with words that come often, so a text has each once; signs that are a word each stay in order.
        kept: dict[str | int, str] = {}
        for number, token in enumerate(tokens(text)):
            kept.setdefault(number if len(token) == 1 else token, token)
        return " ".join(f"{token}__" for token in kept.values()) or None
    return spaced(text)


def find_titles(owner_id: str, terms: list[Term]) -> sa.Select[str]:
    """The threads of an owner whose title matches, the latest first. They are few and titles short: looked through."""
    match = [threads.c.words.contains("".join(f" {token}" for token in term)) for term in terms]
    return (
        sa.select(threads.c.id)
        .where(threads.c.owner_id == owner_id, threads.c.info.is_not(None), *match)
        .order_by(threads.c.changed_at.desc())
        .limit(CANDIDATES)
    )


def find_messages(dialect: str, owner_id: str, terms: list[Term]) -> sa.Select[Any]:
    """The latest messages that match in threads of an owner, as `thread_id`, `position` and `rank` (high is good)."""
    if dialect == "sqlite":
        return _find_sqlite(owner_id, terms)
    if dialect == "postgresql":
        return _find_postgresql(owner_id, terms)
    return _find_mysql(owner_id, terms)


# The position before the latest entries; none where they are all there are. A statement of its own: a planner that
# does not know its number reads the whole table.
BEFORE_LATEST = sa.select(entries.c.position).order_by(entries.c.position.desc()).limit(1).offset(LATEST)


def find_latest(dialect: str, owner_id: str, terms: list[Term], after: int) -> sa.Select[Any]:
    """As `find_messages`, without the index, among the entries after the position `after`."""
    match: list[sa.ColumnElement[bool]]
    rank: sa.ColumnElement[Any]
    if dialect == "postgresql":
        query = _tsquery(terms)
        match, rank = [entries.c.words.op("@@")(query)], sa.func.ts_rank(entries.c.words, query)
    else:
        text = sa.cast(sa.func.concat(" ", entries.c.words), sa.LargeBinary)  # compared byte by byte, which is faster
        match = [sa.func.instr(text, f" {_side(term)}") > 0 for term in terms]
        rank = sa.literal(0)  # each text has a word once, and this one says little about any of them
    found = sa.select(entries.c.thread_id, entries.c.position, rank.label("rank"))
    if dialect != "postgresql":  # else it may go through the threads of the owner, and all that is in them
        found = found.prefix_with("STRAIGHT_JOIN")
    return (
        found.join(threads, threads.c.id == entries.c.thread_id)
        .where(entries.c.position > after, *match, threads.c.owner_id == owner_id)
        .order_by(entries.c.position.desc())
        .limit(CANDIDATES)
    )


def _find_sqlite(owner_id: str, terms: list[Term]) -> sa.Select[Any]:
    index = sa.table("convo_words", sa.column("rowid", sa.Integer), sa.column("rank", sa.Float))
    query = " ".join(f'"{" ".join(term)}"*' for term in terms)
    # FTS5 gives matches in the order of their ids when asked to, so that the last ones are found without the others.
    return (
        sa.select(entries.c.thread_id, entries.c.position, (-index.c.rank).label("rank"))
        .select_from(index)
        .join(entries, entries.c.position == index.c.rowid)
        .join(threads, threads.c.id == entries.c.thread_id)
        .where(sa.literal_column("convo_words").op("MATCH")(query), threads.c.owner_id == owner_id)
        .order_by(index.c.rowid.desc())
        .limit(CANDIDATES)
    )


def _find_postgresql(owner_id: str, terms: list[Term]) -> sa.Select[Any]:
    query = _tsquery(terms)
    found = sa.select(entries.c.thread_id, entries.c.position).where(entries.c.words.op("@@")(query)).cte("found")
    # Else the index may be asked once for each thread, when the planner has seen few of them.
    found = found.prefix_with("MATERIALIZED", dialect="postgresql")
    latest = (
        sa.select(found.c.position)
        .join(threads, threads.c.id == found.c.thread_id)
        .where(threads.c.owner_id == owner_id)
        .order_by(found.c.position.desc())
        .limit(CANDIDATES)
        .subquery()
    )
    rank = sa.func.ts_rank(entries.c.words, query).label("rank")
    return sa.select(entries.c.thread_id, entries.c.position, rank).join(
        latest, latest.c.position == entries.c.position
    )


def _find_mysql(owner_id: str, terms: list[Term]) -> sa.Select[Any]:
    sides = [f"+{_side(term)}*" if len(term) == 1 else f'+"{_side(term)}"' for term in terms]
    match = mysql.match(entries.c.words, against=" ".join(sides)).in_boolean_mode()
    return (
        sa.select(entries.c.thread_id, entries.c.position, match.label("rank"))
        .join(threads, threads.c.id == entries.c.thread_id)
        .where(match, threads.c.owner_id == owner_id)
        .order_by(entries.c.position.desc())
        .limit(CANDIDATES)
    )


def _tsquery(terms: list[Term]) -> sa.ColumnElement[Any]:
    sides = ["(" + " <-> ".join(f"'{token}'" for token in term) + ":*)" for term in terms]
    return sa.cast(sa.literal(" & ".join(sides), sa.Text), postgresql.TSQUERY)


def _side(term: Term) -> str:
    """A term as it stands in the words of MySQL; one of a single token may go on."""
    return term[0] if len(term) == 1 else " ".join(f"{token}__" for token in term)
