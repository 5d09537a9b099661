"""Formulas: TeX in Markdown, and as MathML, which browsers set without a script."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

__all__ = ["add_formulas", "mathml"]

INLINE_LENGTH = 1_000
BLOCK_LENGTH = 10_000

_TAGS = re.compile(
    "math|mrow|mi|mn|mo|ms|mtext|mspace|mfrac|msqrt|mroot|mstyle|mpadded|mphantom|menclose|msub|msup|msubsup|munder"
    "|mover|munderover|mmultiscripts|mtable|mtr|mtd"
)
_ATTRIBUTES = re.compile(
    "display|displaystyle|scriptlevel|mathvariant|mathsize|accent|stretchy|fence|form|separator|lspace|rspace|minsize"
    "|maxsize|movablelimits|linethickness|width|height|depth|voffset|notation|columnalign|columnspacing|columnlines"
    "|rowspacing|rowlines|linebreak|symmetric|largeop"
)
_WITHOUT_NUMBERS = {"aligned": "align*", "align": "align*", "gathered": "gather*", "gather": "gather*"}
_ENVIRONMENT = re.compile(r"\\(begin|end)\{(" + "|".join(_WITHOUT_NUMBERS) + r")\}")
_WORDS = re.compile(r"[^\W\d_]{3,}[\s,.;:!?]+[^\W\d_]{2,}")
_TERMS = re.compile(r"[\\^_={}+<>|*/]")
_PAIRS = (("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$"))


def mathml(tex: str, *, is_block: bool) -> str | None:
    """`tex` as a `math` element; `None` for what the converter does not know or gets wrong.

    What it makes is read again: only elements and attributes of MathML that draw are let through, as it hands on what
    stands in `\\text` as markup.
    """
    wanted = _ENVIRONMENT.sub(lambda match: f"\\{match[1]}{{{_WITHOUT_NUMBERS[match[2]]}}}", tex)
    try:
        root = convert_to_element(wanted, display="block" if is_block else "inline")
        return ElementTree.tostring(root, encoding="unicode") if _clean(root) else None
    except Exception:  # foreign code, and whatever somebody typed: it is shown as it was written then
        return None


def _clean(root: ElementTree.Element) -> bool:
    """Make it safe to show. `False` where something is in it that was not understood."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        if _TAGS.fullmatch(element.tag) is None:
            return False
        for name in list(element.attrib):
            if _ATTRIBUTES.fullmatch(name) is None:
                del element.attrib[name]
        text = element.text = html.unescape(element.text or "")
        if element.tag != "mtext" and (text.startswith("\\") or text == "&"):
            return False
    return True


def add_formulas(parser: MarkdownIt) -> None:
    """Make `parser` know `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]`, as the page does: what looks like a price is none."""
    parser.inline.ruler.before("escape", "formula", _inline)
    parser.block.ruler.before("fence", "formula", _block, {"alt": ["paragraph", "blockquote", "list"]})


def _inline(state: StateInline, silent: bool) -> bool:
    text, start = state.src, state.pos
    if text[start] not in "$\\":
        return False
    pair = next((pair for pair in _PAIRS if text.startswith(pair[0], start)), None)
    if pair is None:
        return False
    opening, closing = pair
    end = _end(text, start + len(opening), closing, min(len(text), start + INLINE_LENGTH))
    if end < 0 or (opening == "$" and not _is_math(text, start, end)):
        return False
    tex = text[start + len(opening) : end].strip()
    if not tex or "`" in tex or (opening.startswith("\\") and _is_prose(tex)):
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content = tex
        token.markup = text[start : end + len(closing)]
        token.block = opening in ("$$", "\\[")
    state.pos = end + len(closing)
    return True


def _block(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    if state.is_code_block(start_line):
        return False
    start = state.bMarks[start_line] + state.tShift[start_line]
    opening = state.src[start : start + 2]
    if opening not in ("$$", "\\["):
        return False
    closing = "$$" if opening == "$$" else "\\]"
    line = start_line
    while line < end_line and (line == start_line or not state.isEmpty(line)):
        begin = start + 2 if line == start_line else state.bMarks[line]
        found = state.src.find(closing, begin, state.eMarks[line])
        if found >= 0:
            break
        line += 1
    else:
        return False
    after = state.src[found + 2 : state.eMarks[line]].strip()
    tex = state.getLines(start_line, line + 1, state.blkIndent, False).strip()[2:]
    tex = tex[: tex.rfind(closing)].strip()
    if after not in ("", ".", ",", ";", ":") or not tex or len(tex) > BLOCK_LENGTH or "`" in tex:
        return False
    if opening == "\\[" and _is_prose(tex):
        return False
    if not silent:
        token = state.push("formula_block", "math", 0)
        token.content = tex
        token.markup = f"{opening}\n{tex}\n{closing}"
        token.info = after
        token.block = True
        token.map = [start_line, line + 1]
    state.line = line + 1
    return True


def _end(text: str, at: int, closing: str, limit: int) -> int:
    """Where the formula that began before `at` ends; -1 when it does not."""
    while (at := text.find(closing, at, limit)) >= 0:
        slashes = len(text[:at]) - len(text[:at].rstrip("\\")) if text[at - 1] == "\\" else 0
        if slashes % 2 == 0:
            return at
        at += 1
    return -1


def _is_math(text: str, start: int, end: int) -> bool:
    """Whether what stands between single dollars is no price and no name of a variable."""
    before, after, tex = text[start - 1 : start], text[end + 1 : end + 2], text[start + 1 : end]
    if (before and (before.isalnum() or before in "$\\")) or not tex or tex[0].isspace() or "\n" in tex:
        return False
    if tex[-1].isspace() or tex[-1] in "/:,-(" or (after and (after.isdigit() or after == "$")):
        return False
    is_price = tex[0].isdigit() and re.search("[A-Za-z]{2}", tex) is not None and not re.search(r"[\\^_={}]", tex)
    return not (is_price or _is_prose(tex))


def _is_prose(tex: str) -> bool:
    return _TERMS.search(tex) is None and _WORDS.search(tex) is not None
