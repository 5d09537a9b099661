"""Splitting: a long text as pieces that each fit into a message, cut where a reader would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from convo.bridge.markdown import Code, Line, Table, blocks

__all__ = ["Piece", "split"]


@dataclass(frozen=True, slots=True)
class Piece:
    """What fits into one message; with a `suffix` it is a block that is too long for any, for a file of that kind."""

    text: str
    suffix: str | None = None


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[Piece]:
    """Markdown in pieces that measure at most `limit`.

    Cuts are made between blocks, else between lines, sentences or words. A fence or a table is never cut: one that is
    too long becomes a piece of its own, with its content for a file. What is joined is the text, but for blank lines at
    the cuts.
    """
    if measure(text) <= limit:
        return [Piece(text)] if text.strip() else []
    pieces: list[Piece] = []
    held = ""
    for block in _blocks(text):
        joined = f"{held}\n{block.source}" if held else block.source
        if measure(joined) <= limit:
            held = joined
            continue
        if held.strip():
            pieces.append(Piece(held.strip("\n")))
        held = ""
        if measure(block.source) <= limit:
            held = block.source
        elif not isinstance(block, Line):
            pieces.append(_file(block))
        else:
            *whole, held = _cut(block.source, limit, measure)
            pieces.extend(Piece(one) for one in whole)
    if held.strip():
        pieces.append(Piece(held.strip("\n")))
    return pieces


def _file(block: Code | Table) -> Piece:
    if isinstance(block, Table):
        return Piece(block.source, "md")
    return Piece("\n".join(block.lines) + "\n", _SUFFIXES.get(block.language.lower(), "txt"))


def _blocks(text: str) -> Iterator[Code | Table | Line]:
    """Fences and tables whole, the rest by paragraphs; each of these with the blank lines after it."""
    held: list[str] = []
    for block in blocks(text):
        if held and (isinstance(block, Code | Table) or (not held[-1].strip() and block.source.strip())):
            yield Line("\n".join(held))
            held = []
        if isinstance(block, Code | Table):
            yield block
        else:
            held.append(block.source)
    if held:
        yield Line("\n".join(held))


def _cut(text: str, limit: int, measure: Callable[[str], int]) -> Iterator[str]:
    """A paragraph in pieces: after a line, a sentence or a word, or anywhere if it has none."""
    while measure(text) > limit:
        end = _longest(text, limit, measure)
        head = text[:end]
        cut = max(head.rfind("\n") + 1, 0)
        if cut < end // 2:
            sentences = list(re.finditer(r"[.!?…。！？]\s+|[。！？]", head))
            cut = sentences[-1].end() if sentences and sentences[-1].end() >= end // 2 else 0
        if cut == 0:
            cut = head.rfind(" ") + 1
        if cut <= 0:
            cut = _whole_character(text, end)
        yield text[:cut].rstrip()
        text = text[cut:].lstrip("\n")
    yield text


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    """How many characters fit: one at least."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def _whole_character(text: str, end: int) -> int:
    """An end that does not tear a character from the marks that belong to it."""
    joining = ("\u200d", "\ufe0f")
    at = end
    while 1 < at < len(text) and (text[at] in joining or text[at - 1] == "\u200d" or "\u0300" <= text[at] <= "\u036f"):
        at -= 1
    return at if at > 1 else end


_SUFFIXES = {
    "bash": "sh",
    "c": "c",
    "c++": "cpp",
    "cpp": "cpp",
    "css": "css",
    "csv": "csv",
    "go": "go",
    "html": "html",
    "java": "java",
    "javascript": "js",
    "js": "js",
    "json": "json",
    "markdown": "md",
    "md": "md",
    "py": "py",
    "python": "py",
    "rust": "rs",
    "sh": "sh",
    "shell": "sh",
    "sql": "sql",
    "toml": "toml",
    "ts": "ts",
    "typescript": "ts",
    "xml": "xml",
    "yaml": "yaml",
    "yml": "yaml",
}
