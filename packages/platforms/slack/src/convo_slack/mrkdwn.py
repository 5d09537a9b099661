"""Markdown as Slack's older markup, `mrkdwn`, for where its `markdown` blocks cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import assert_never

from convo.bridge import Block, Code, Heading, Item, Line, Quote, Rule, Table, aligned, blocks

__all__ = ["escaped", "mrkdwn"]

_INLINE = re.compile(
    r"(?P<code>`+)(?P<coded>.+?)(?P=code)"
    r"|!?\[(?P<label>[^\[\]\n]*)\]\((?P<url>(?:https?://|mailto:)[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)(?:\s+\"[^\"]*\")?\)"
    r"|<(?P<auto>https?://[^\s<>|]+)>"
    r"|(?P<strong>\*\*|__)(?=\S)(?P<bold>.+?)(?<=\S)(?P=strong)"
    r"|~~(?=\S)(?P<struck>.+?)(?<=\S)~~"
    r"|(?<![\w*])\*(?=[^\s*])(?P<slanted>[^*\n]+?)(?<=\S)\*(?![\w*])"
)


def escaped(text: str) -> str:
    """A text in which Slack finds no markup of its own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(markdown: str, limit: int) -> list[str]:
    """Markdown as `mrkdwn`, in pieces of at most `limit` characters; a fence that is cut is closed and opened again.

    Tables become aligned text in a fence. Only links to the web and to mail stay links, and nothing else is markup of
    Slack's, so that it can ping nobody.
    """
    return list(_pieces((line for block in blocks(markdown) for line in _written(block)), limit))


def _written(block: Block) -> Iterator[str]:
    match block:
        case Code():
            if block.lead.strip():
                yield block.lead
            yield from _fenced(block.lines)
        case Table():
            yield from _fenced(aligned(block.rows, rule=""))
        case Rule():
            yield "———"
        case Heading():
            yield f"*{_inline(block.text).replace('*', '')}*" if block.text else ""
        case Quote():
            yield f"> {_inline(block.text)}"
        case Item():
            sign = "•" if block.is_done is None else "☑" if block.is_done else "☐"
            number = block.mark if block.is_counted else ""
            mark = number if block.is_counted and block.is_done is None else f"{number} {sign}".lstrip()
            yield f"{block.indent}{mark} {_inline(block.text)}"
        case Line():
            yield _inline(block.source)
        case _:
            assert_never(block)


def _fenced(lines: Iterable[str]) -> Iterator[str]:
    """Lines as code, in which no fence ends it."""
    yield "```"
    yield from (re.sub("``(?=`)", "``\u2060", escaped(line)) for line in lines)
    yield "```"


def _inline(text: str) -> str:
    shown, end = [], 0
    for match in _INLINE.finditer(text):
        shown += [escaped(text[end : match.start()]), _span(match)]
        end = match.end()
    return "".join([*shown, escaped(text[end:])])


def _span(match: re.Match[str]) -> str:
    if match["code"]:
        return f"`{escaped(match['coded'].strip()).replace('`', 'ˋ')}`"
    if match["url"]:
        label = re.sub(r"[|<>]", " ", match["label"]).strip()
        url = escaped(match["url"]).replace("|", "%7C")
        return f"<{url}|{escaped(label)}>" if label else f"<{url}>"
    if match["auto"]:
        return f"<{escaped(match['auto'])}>"
    if match["bold"]:
        return f"*{_inline(match['bold'])}*"
    if match["struck"]:
        return f"~{_inline(match['struck'])}~"
    return f"_{_inline(match['slanted'])}_"


def _pieces(lines: Iterator[str], limit: int) -> Iterator[str]:
    held: list[str] = []
    size, is_fenced = 0, False
    room = limit - 8  # for a fence that is closed and opened again
    for line in (piece for whole in lines for piece in _chopped(whole, room)):
        if held and size + len(line) + 1 > room:
            yield "\n".join([*held, "```"] if is_fenced else held)
            held = ["```"] if is_fenced else []
            size = 4 * len(held)
        is_fenced ^= line == "```"
        held.append(line)
        size += len(line) + 1
    if any(line.strip() for line in held):
        yield "\n".join(held)


def _chopped(line: str, limit: int) -> Iterator[str]:
    while len(line) > limit:
        cut = line.rfind(" ", limit // 2, limit) + 1 or limit
        if (entity := line.rfind("&", cut - 5, cut)) >= 0 and ";" not in line[entity:cut]:
            cut = entity
        yield line[:cut]
        line = line[cut:]
    yield line
