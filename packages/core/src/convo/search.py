"""Searching texts: what a word is, when it matches, and the part of a text worth showing. The same in all data layers.

A word matches every word it begins, whatever the case and the accents: `resum` finds `Résumés`. Scripts that put no
spaces between words (Chinese, Japanese, Thai, Lao, Khmer, Burmese) are searched character by character: there, what is
searched for is found wherever it stands.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Excerpt", "Term", "excerpt", "tokens", "wanted"]

Term = tuple[str, ...]
"""Tokens that stand side by side in a text; the last one may go on there."""

SEARCHED_CHARACTERS = 100_000  # of one text: what comes after is not found
WANTED_TERMS = 16  # of one search: those after them do not count
TOKEN_CHARACTERS = 64
SNIPPET_CHARACTERS = 160
_BEFORE = 40  # characters of a snippet that stand before its first mark

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
# Signs that belong to the letter before them, and are no letters to Python: accents, points, vowels.
_SIGNS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0963\u0966-\u0dff\u0f71-\u0fbc"
)
_WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![_{_UNSPACED}])[\w{_SIGNS}])+")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A part of a text, on one line, and the ranges of it that matched."""

    snippet: str
    marks: list[tuple[int, int]]


def tokens(text: str) -> Iterator[str]:
    """What a text is found by, in order: its words without case and accents, or single characters of such scripts."""
    for word in _words(text[:SEARCHED_CHARACTERS]):
        if _IS_UNSPACED.match(word):
            yield from word
        else:
            yield word[:TOKEN_CHARACTERS]


def wanted(text: str) -> list[Term]:
    """What to look for when somebody searches for `text`: every term has to be there. Any text will do."""
    terms: dict[Term, None] = {}
    for word in _words(text[:SEARCHED_CHARACTERS]):
        terms[tuple(word[:TOKEN_CHARACTERS]) if _IS_UNSPACED.match(word) else (word[:TOKEN_CHARACTERS],)] = None
        if len(terms) == WANTED_TERMS:
            break
    return list(terms)


def excerpt(text: str, terms: list[Term]) -> Excerpt | None:
    """The part of `text` that holds most of the terms; `None` unless all of them are somewhere in it."""
    line = " ".join(text[:SEARCHED_CHARACTERS].split())
    found = list(_find(line, terms))
    if not terms or len({term for *_, term in found}) < len(terms):
        return None
    begin = _best(found)
    end = min(len(line), begin + SNIPPET_CHARACTERS)
    before, after = "…" * (begin > 0), "…" * (end < len(line))
    shift = len(before) - begin
    marks = sorted({(start + shift, stop + shift) for start, stop, _ in found if begin <= start and stop <= end})
    return Excerpt(before + line[begin:end] + after, _apart(marks))


def _words(text: str) -> Iterator[str]:
    if text.isascii():
        yield from _ASCII_WORD.findall(text.lower())
    else:
        yield from _WORD.findall(_fold(text))


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", plain)


def _find(line: str, terms: list[Term]) -> Iterator[tuple[int, int, Term]]:
    """Where in the line which term is."""
    joined = [(term, "".join(term)) for term in terms]
    for match in _WORD.finditer(line):
        start, stop = match.span()
        word = _fold(match.group())
        is_aligned = len(word) == stop - start
        for term, looked_for in joined:
            at = word.find(looked_for) if _IS_UNSPACED.match(word) else 0 if word.startswith(looked_for) else -1
            if at >= 0:
                yield (start + at, start + at + len(looked_for), term) if is_aligned else (start, stop, term)


def _best(found: list[tuple[int, int, Term]]) -> int:
    """Where to begin, so that as many terms as can be are in the snippet."""
    best, most = 0, 0
    for i, (start, _, _) in enumerate(found[:200]):
        begin = max(0, start - _BEFORE)
        inside = len({term for _, stop, term in found[i : i + 50] if stop <= begin + SNIPPET_CHARACTERS})
        if inside > most:
            best, most = begin, inside
    return best


def _apart(marks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Ranges in order, those that overlap as one."""
    merged: list[tuple[int, int]] = []
    for start, stop in marks:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return merged
