"""Prose: Markdown as HTML that is safe to show, and needs no script and no network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from urllib.parse import urljoin

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from convo_server.export.formula import add_formulas, mathml

__all__ = ["Prose", "pre"]

LONGEST = 100_000
"""More characters are shown as they are: to read them as Markdown would take seconds."""

_LINK = re.compile(r"(https?://|mailto:)", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|avif);base64,[A-Za-z0-9+/=]+")
_ITEM = ["paragraph_open", "inline"]
_TASK = re.compile(r"\[([ xX])\]\s")


class Prose:
    """Turns Markdown into HTML. `base` is where the app is, for addresses below it; without it those are no links."""

    def __init__(self, base: str | None = None) -> None:
        self._base = base
        parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
        parser.validateLink = self._is_safe  # type: ignore[method-assign]  # what the library offers for it
        parser.normalizeLink = self._address  # type: ignore[method-assign]
        add_formulas(parser)
        for name, rule in _RULES.items():
            parser.add_render_rule(name, rule)
        self._parser = parser

    def html(self, text: str) -> str:
        """`text` as blocks of HTML."""
        if len(text) > LONGEST:
            return pre(text)
        tokens = self._parser.parse(text)
        for at, token in enumerate(tokens):
            if token.type in ("heading_open", "heading_close"):
                token.tag = f"h{min(6, int(token.tag[1:]) + 2)}"  # below the title and the names of who speaks
            elif token.type == "list_item_open" and [one.type for one in tokens[at + 1 : at + 3]] == _ITEM:
                _tick(tokens[at + 2])
        return str(self._parser.renderer.render(tokens, self._parser.options, {}))

    def _is_safe(self, url: str) -> bool:
        """Whether it may be a link or an image; else it stays text."""
        return _LINK.match(url) is not None or _IMAGE.fullmatch(url) is not None

    def _address(self, url: str) -> str:
        if self._base is not None and not _SCHEME.match(url.strip()):
            url = urljoin(self._base, url.lstrip("/"))
        return normalizeLink(url)


def _tick(token: Token) -> None:
    """Show the box of a task in a list."""
    first = token.children[0] if token.children else None
    task = _TASK.match(first.content) if first is not None and first.type == "text" else None
    if first is not None and task is not None:
        first.content = f"{'☐' if task[1] == ' ' else '☑'} {first.content[task.end() :]}"


def pre(text: str, language: str | None = None) -> str:
    """Code, or a text as it is."""
    label = "" if not language else f'<figcaption translate="no">{escape(language)}</figcaption>'
    return f'<figure class="code">{label}<pre tabindex="0"><code translate="no">{escape(text)}</code></pre></figure>\n'


def _fence(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    return pre(token.content.removesuffix("\n"), (token.info.split() or [""])[0][:40])


def _image(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    # An image from elsewhere would tell its host who reads the file, and when: it is a link.
    token = tokens[at]
    url = str(token.attrs.get("src", ""))
    words = renderer.renderInlineAsText(token.children or [], options, env)
    if _IMAGE.fullmatch(url):
        return f'<img src="{url}" alt="{escape(words)}">'
    return f'<a href="{escape(url)}" {_AWAY}>{escape(words or url)}</a>'


def _link_open(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return f'<a href="{escape(str(tokens[at].attrs.get("href", "")))}" {_AWAY}>'


def _formula(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    drawn = mathml(token.content, is_block=token.block)
    shown = f'<code class="tex" translate="no">{escape(token.markup)}</code>' if drawn is None else drawn
    if token.type == "formula":
        return shown
    return f'<div class="formula" tabindex="0">{shown}{escape(token.info)}</div>\n'


def _table_open(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return '<div class="table" tabindex="0"><table>\n'


def _table_close(renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return "</table></div>\n"


_AWAY = 'rel="noopener noreferrer nofollow"'
_RULES = {
    "code_block": _fence,
    "fence": _fence,
    "formula": _formula,
    "formula_block": _formula,
    "image": _image,
    "link_open": _link_open,
    "table_close": _table_close,
    "table_open": _table_open,
}
