"""Markdown, read: a text's blocks, for platforms that show some of them in another way. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["Block", "Code", "Heading", "Item", "Line", "Quote", "Rule", "Table", "aligned", "blocks", "outside_code"]

_FENCE = re.compile(r"(?P<lead> *(?:(?:[-*+]|\d{1,9}[.)]) +)?)(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_LANGUAGE = re.compile(r"[\w+#.-]+")
_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}")
_QUOTE = re.compile(r" *((?:>[ \t]?)+)(.*)")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,9}[.)])[ \t]+(?:\[([ xX])\][ \t]+)?(.*)")
_SPAN = re.compile(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)")
_PIPE = re.compile(r"(?<!\\)\|")
_DELIMITER = re.compile(r":?-+:?")


@dataclass(frozen=True, slots=True)
class Code:
    """A fence of ``` or ~~~ with what is in it, as far as the fence is indented without its indentation."""

    source: str
    lines: tuple[str, ...]
    language: str = ""
    """The first word after the fence, `""` for none."""
    lead: str = ""
    """What stands before the fence in its line: spaces, or the mark of a list's item."""
    is_open: bool = False
    """Whether it ends with the text, and no fence closes it: more may be to come."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells by rows, of which the first is its head; a row may have fewer cells than others, or more."""

    source: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6. Its text may be empty."""

    source: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""

    source: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A line that is quoted, `depth` times."""

    source: str
    depth: int
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """The first line of a list's item."""

    source: str
    indent: str
    mark: str
    """`-`, `*` or `+`; a number and `.` or `)` in a list that is counted."""
    text: str
    is_done: bool | None = None
    """Whether a task is done; `None` for an item that is no task."""

    @property
    def is_counted(self) -> bool:
        """Whether it has a number."""
        return self.mark[0].isdigit()


@dataclass(frozen=True, slots=True)
class Line:
    """Any other line, an empty one too."""

    source: str


Block = Code | Table | Heading | Rule | Quote | Item | Line
"""What a text is made of. `source` is what was written, without the line break after it."""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a Markdown text in their order; what stands within a line is left as it is written.

    Their sources, joined by line breaks, are the text. Fences are as long as they say, so that code may hold shorter
    ones, and may be indented as far as the list that they are in. A table has a line like `|---|---|` below its head;
    `\\|` in a cell is a pipe.
    """
    lines = text.split("\n")
    at, room = 0, 0
    while at < len(lines):
        block = _code(lines, at, room) or _table(lines, at) or _line(lines[at])
        yield block
        if isinstance(block, Item):
            room = len(block.indent) + len(block.mark) + 1
        elif isinstance(block, Code) and block.lead.strip():
            room = len(block.lead)
        elif lines[at][:1].strip():
            room = 0
        at += block.source.count("\n") + 1


def _code(lines: Sequence[str], start: int, room: int) -> Code | None:
    mark = _FENCE.fullmatch(lines[start])
    if mark is None or _indent(mark["lead"]) > room + 3:
        return None
    lead, fence, info = mark["lead"], mark["fence"], mark["info"]
    if fence[0] == "`" and "`" in info:
        return None  # code within a line, between three of them
    end = next((at for at in range(start + 1, len(lines)) if _closes(lines[at], fence, len(lead) + 3)), None)
    held = lines[start + 1 : end]
    if end is None and held and not held[-1]:
        held = held[:-1]
    language = _LANGUAGE.match(info.strip())
    return Code(
        source="\n".join(lines[start:] if end is None else lines[start : end + 1]),
        lines=tuple(line[min(len(lead), _indent(line)) :] for line in held),
        language=language[0] if language is not None else "",
        lead=lead,
        is_open=end is None,
    )


def _closes(line: str, fence: str, most: int) -> bool:
    bare = line.strip()
    return bare.startswith(fence) and not bare.strip(fence[0]) and _indent(line) <= most


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _table(lines: Sequence[str], start: int) -> Table | None:
    if not _is_row(lines[start]) or start + 1 == len(lines) or not _is_delimiter(lines[start + 1]):
        return None
    end = start + 2
    while end < len(lines) and _is_row(lines[end]):
        end += 1
    rows = tuple(_cells(line) for at, line in enumerate(lines[start:end]) if at != 1)
    return Table("\n".join(lines[start:end]), rows)


def _is_row(line: str) -> bool:
    return "|" in line and isinstance(_line(line), Line) and _FENCE.fullmatch(line) is None


def _is_delimiter(line: str) -> bool:
    return "|" in line and all(_DELIMITER.fullmatch(cell) for cell in _cells(line))


def _cells(line: str) -> tuple[str, ...]:
    cells = _PIPE.split(line.strip())
    if len(cells) > 1 and not cells[0]:
        cells = cells[1:]
    if len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return tuple(cell.strip().replace("\\|", "|") for cell in cells)


def _line(line: str) -> Block:
    bare = line.rstrip()
    if _RULE.fullmatch(bare):
        return Rule(line)
    if (heading := _HEADING.fullmatch(bare)) is not None:
        return Heading(line, len(heading[1]), _unclosed(heading[2] or ""))
    if (quote := _QUOTE.fullmatch(line)) is not None:
        return Quote(line, quote[1].count(">"), quote[2])
    if (item := _ITEM.fullmatch(line)) is not None:
        return Item(line, item[1], item[2], item[4], None if item[3] is None else item[3] != " ")
    return Line(line)


def _unclosed(heading: str) -> str:
    """A heading's text without the signs that may close it, which stand apart: `C#` is not closed."""
    text = heading.rstrip("#")
    return text.strip() if not text or text[-1].isspace() else heading.strip()


def aligned(rows: Sequence[Sequence[str]], rule: str = "─") -> list[str]:
    """A table's rows as lines of text in columns, for letters of one width; below the first a line of `rule`, if any.

    Wide characters, as those of Chinese and most emoji, count as two.
    """
    columns = range(max(map(len, rows), default=0))
    widths = [max(_width(row[column]) for row in rows if column < len(row)) for column in columns]
    lines = [
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    return [*lines[:1], *(["  ".join(rule * width for width in widths)] if rule and lines else []), *lines[1:]]


def outside_code(line: str, change: Callable[[str], str]) -> str:
    """A line of which all but the code within it, between one or more `, is changed."""
    pieces, at = [], 0
    for code in _SPAN.finditer(line):
        pieces += [change(line[at : code.start()]), code[0]]
        at = code.end()
    return "".join([*pieces, change(line[at:])])


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.category(character) in ("Mn", "Me", "Cf")
        else 2
        if unicodedata.east_asian_width(character) in "WF"
        else 1
        for character in text
    )
