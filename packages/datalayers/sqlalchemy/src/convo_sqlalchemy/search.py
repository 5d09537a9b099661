"""Search: the statements that find titles and messages, and what is stored for them to find."""

from __future__ import annotations

import sqlalchemy as sa
from convo.search import Term, tokens

from convo_sqlalchemy.schema import entries, threads

__all__ = ["find_messages", "find_titles", "words"]

CANDIDATES = 1000  # matches that are looked at: nobody pages on to the end of more


def words(text: str) -> str | None:
    """The words of a text as they are stored, each with a space before it; `None` when there are none."""
    return "".join(f" {token}" for token in tokens(text)) or None


def find_titles(owner_id: str, terms: list[Term]) -> sa.Select[str]:
    """The threads of an owner whose title matches, the latest first. They are few and titles short: looked through."""
    return (
        sa.select(threads.c.id)
        .where(threads.c.owner_id == owner_id, threads.c.info.is_not(None), *_match(threads.c.words, terms))
        .order_by(threads.c.changed_at.desc())
        .limit(CANDIDATES)
    )


def find_messages(owner_id: str, terms: list[Term]) -> sa.Select[str, int]:
    """The messages that match in threads of an owner, as (thread, position), the best first."""
    return (
        sa.select(entries.c.thread_id, entries.c.position)
        .join(threads, threads.c.id == entries.c.thread_id)
        .where(threads.c.owner_id == owner_id, *_match(entries.c.words, terms))
        .order_by(entries.c.position.desc())
        .limit(CANDIDATES)
    )


def _match(column: sa.Column[str], terms: list[Term]) -> list[sa.ColumnElement[bool]]:
    return [column.contains("".join(f" {token}" for token in term)) for term in terms]
