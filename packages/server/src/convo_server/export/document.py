"""A thread as one HTML file: without scripts, without network, for the screen in light and dark, and for paper.

What is in it comes from anybody. Every text is escaped, Markdown is turned into HTML that has none of its author's
tags, and the file forbids itself all scripts and requests, should something be missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from convo.language import Language
from convo.protocol import Element, Step
from convo.state import is_message

from convo_server.export.facts import address_of, details_of, duration_of, ending_of, json_of, time_of
from convo_server.export.prose import Prose, pre
from convo_server.export.transcript import Transcript, Turn

__all__ = ["HtmlDocument", "Picture"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


class Picture:
    """The place of an image. Whoever writes the file reads its content, if it is not too large, and says `shown`."""

    def __init__(self, element: Element, line: str) -> None:
        self.element = element
        self._line = line

    def shown(self, data_url: str | None) -> str:
        """The image, or without its content what is known of it."""
        if data_url is None:
            return f'<ul class="files"><li>{self._line}</li></ul>\n'
        image = f'<img src="{escape(data_url)}" alt="{escape(self.element.name)}">'
        return f'<figure class="picture">{image}<figcaption>{self._line}</figcaption></figure>\n'


class HtmlDocument:
    """Writes a transcript. `app` speaks where no author is named; `base` is where the app is, if that is known."""

    def __init__(
        self, transcript: Transcript, *, app: str, base: str | None, exported_at: str, language: Language
    ) -> None:
        self._transcript = transcript
        self._app = app
        self._base = base
        self._exported_at = exported_at
        self._language = language
        self._prose = Prose(base)

    def pieces(self) -> Iterator[str | Picture]:
        thread = self._transcript.thread
        say = self._language.text
        title = escape(thread.name or say("chats.unnamed", "Untitled"))
        style = (files("convo_server.export") / "document.css").read_text("utf-8")
        exported = escape(say("document.exported", "exported {moment}"))
        exported = exported.replace("{moment}", self._time(self._exported_at))
        facts = [escape(self._app), self._time(thread.created_at), exported]
        yield (
            f'<!doctype html>\n<html lang="{self._language.tag}" dir="{self._language.direction}">\n'
            '<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
            '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
            f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
            f'<header><h1 dir="auto">{title}</h1><p>{" · ".join(filter(None, facts))}</p></header>\n<main>\n'
        )
        for turn in self._transcript.turns:
            yield '<article class="turn">\n'
            yield from self._turn(turn)
            yield "</article>\n"
        yield from self._files(None)
        yield "</main>\n</body>\n</html>\n"

    def _turn(self, turn: Turn) -> Iterator[str | Picture]:
        if turn.user is not None:
            user = turn.user
            head = self._head(self._language.text("document.you", "You"), user)
            yield f'<section class="user">\n{head}'
            yield from self._files(user.id)
            command = f'<b class="command">{escape(user.command)}</b> ' if user.command else ""
            if command or user.output:
                yield f'<div class="said" dir="auto">{command}{escape(user.output)}</div>\n'
            yield "</section>\n"
        for step in turn.items:
            yield from self._answer(step) if is_message(step) else self._steps(step.id, step)
        if (ending := ending_of(turn.run, self._language)) is not None:
            yield f'<p class="ending">{escape(ending)}</p>\n'

    def _head(self, name: str, step: Step) -> str:
        return f"<h2>{escape(name)} {self._time(step.created_at)}</h2>\n"

    def _answer(self, step: Step) -> Iterator[str | Picture]:
        yield f'<section class="answer">\n{self._head(step.author or self._app, step)}'
        yield from self._steps(step.id)
        if step.is_error:
            yield f'<p class="error" dir="auto">{escape(step.output)}</p>\n'
        elif step.language is not None:
            yield pre(*json_of(step.output, step.language))
        elif step.output:
            yield f'<div class="prose" dir="auto">\n{self._prose.html(step.output)}</div>\n'
        yield from self._files(step.id)
        yield "</section>\n"

    def _steps(self, above_id: str, root: Step | None = None) -> Iterator[str | Picture]:
        """The steps below one, each within its parent, and all of them within `root`, if that is shown itself."""
        if root is not None:
            yield from self._step(root)
        opened = 0
        for depth, step in self._transcript.steps_below(above_id):
            yield "</details>\n" * (opened - depth)
            yield from self._step(step)
            opened = depth + 1
        yield "</details>\n" * (opened + (root is not None))

    def _step(self, step: Step) -> Iterator[str | Picture]:
        """All of a step but its end, as others may stand in it."""
        kind = "" if step.type == "undefined" else step.type
        say = self._language.text
        failed = say("document.failed", "failed") if step.is_error else ""
        facts = " · ".join(filter(None, [kind, duration_of(step, self._language), failed]))
        yield f'<details class="{"step is-bad" if step.is_error else "step"}"{" open" if step.default_open else ""}>\n'
        name = escape(step.name or say("document.step", "Step"))
        yield f"<summary><b>{name}</b> <small>{escape(facts)}</small></summary>\n"
        if step.show_input and step.input:
            yield f"<p>{escape(say('steps.input', 'Input'))}</p>\n"
            yield pre(step.input, step.show_input if isinstance(step.show_input, str) else None)
        if step.output:
            is_prose = step.type == "llm" and step.language is None and not step.is_error
            label = say("steps.error", "Error") if step.is_error else say("steps.output", "Output")
            yield f"<p>{escape(label)}</p>\n"
            yield self._prose.html(step.output) if is_prose else pre(*json_of(step.output, step.language))
        yield from self._files(step.id)

    def _files(self, step_id: str | None) -> Iterator[str | Picture]:
        elements = self._transcript.elements_of(step_id)
        others = [element for element in elements if element.type != "image"]
        for element in elements:
            if element.type == "image":
                yield Picture(element, self._file(element))
        if others:
            yield f'<ul class="files">{"".join(f"<li>{self._file(element)}</li>" for element in others)}</ul>\n'

    def _file(self, element: Element) -> str:
        name, address = escape(element.name or element.type), address_of(element, self._base)
        if address is not None:
            name = f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{name}</a>'
        return f"{name} <small>{escape(' · '.join(details_of(element, self._language)))}</small>"

    def _time(self, value: str | None) -> str:
        shown = time_of(value, self._language)
        return f'<time datetime="{escape(value or "")}">{escape(shown)}</time>' if shown else ""
