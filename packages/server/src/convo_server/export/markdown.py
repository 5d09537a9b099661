"""A thread as Markdown: what was said stands in it as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from convo.language import Language
from convo.protocol import Element, Step
from convo.state import is_message

from convo_server.export.facts import address_of, details_of, duration_of, ending_of, json_of, time_of
from convo_server.export.transcript import Transcript, Turn

__all__ = ["MarkdownDocument"]

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|])")


class MarkdownDocument:
    """Writes a transcript. `app` speaks where no author is named; `base` is where the app is, if that is known."""

    def __init__(
        self, transcript: Transcript, *, app: str, base: str | None, exported_at: str, language: Language
    ) -> None:
        self._transcript = transcript
        self._app = app
        self._base = base
        self._exported_at = exported_at
        self._language = language

    def pieces(self) -> Iterator[str]:
        thread = self._transcript.thread
        say = self._language.text
        now = time_of(self._exported_at, self._language)
        exported = say("document.exported", "exported {moment}", moment=now)
        facts = [self._app, time_of(thread.created_at, self._language), exported]
        title = thread.name or say("chats.unnamed", "Untitled")
        yield f"# {_plain(title)}\n\n*{_plain(' · '.join(filter(None, facts)))}*\n"
        for turn in self._transcript.turns:
            yield from self._turn(turn)
        yield self._files(None)

    def _turn(self, turn: Turn) -> Iterator[str]:
        if turn.user is not None:
            yield self._head(self._language.text("document.you", "You"), turn.user)
            if turn.user.command:
                yield f"\n**/{_plain(turn.user.command)}**\n"
            yield f"\n{_closed(_lines_kept(turn.user.output))}\n" + self._files(turn.user.id)
        for step in turn.items:
            if not is_message(step):
                yield self._step(step)
                yield from self._steps(step, 1)
                continue
            yield self._head(step.author or self._app, step)
            yield from self._steps(step, 0)
            yield f"\n{self._answer(step)}\n" + self._files(step.id)
        if (ending := ending_of(turn.run, self._language)) is not None:
            yield f"\n> **{_plain(ending)}**\n"

    def _answer(self, step: Step) -> str:
        if step.is_error:
            return _quoted(f"**{self._language.text('steps.error', 'Error')}:** {step.output}")
        if step.language is not None:
            return _fenced(*json_of(step.output, step.language))
        return _closed(step.output)

    def _head(self, name: str, step: Step) -> str:
        at = time_of(step.created_at, self._language)
        return f"\n## {_plain(name)}\n" + (f"\n*{at}*\n" if at else "")

    def _steps(self, above: Step, least: int) -> Iterator[str]:
        for depth, step in self._transcript.steps_below(above.id):
            yield self._step(step, least + depth)

    def _step(self, step: Step, depth: int = 0) -> str:
        kind = "" if step.type == "undefined" else step.type
        say = self._language.text
        failed = say("document.failed", "failed") if step.is_error else ""
        facts = ", ".join(filter(None, [kind, duration_of(step, self._language), failed]))
        parts = [f"**{_plain(step.name or say('document.step', 'Step'))}**" + (f" ({facts})" if facts else "") + "\n"]
        if step.show_input and step.input:
            language = step.show_input if isinstance(step.show_input, str) else ""
            parts.append(f"{say('steps.input', 'Input')}:\n\n{_fenced(step.input, language)}\n")
        if step.output:
            is_prose = step.type == "llm" and step.language is None and not step.is_error
            shown = _closed(step.output) if is_prose else _fenced(*json_of(step.output, step.language))
            label = say("steps.error", "Error") if step.is_error else say("steps.output", "Output")
            parts.append(f"{label}:\n\n{shown}\n")
        if files := self._files(step.id).strip("\n"):
            parts.append(files + "\n")
        return "\n" + _quoted("\n".join(parts), "> " * (depth + 1))

    def _files(self, step_id: str | None) -> str:
        elements = self._transcript.elements_of(step_id)
        return "" if not elements else "\n" + "".join(f"- {self._file(element)}\n" for element in elements)

    def _file(self, element: Element) -> str:
        name, address = _plain(element.name or element.type), address_of(element, self._base)
        linked = name if address is None else f"[{name}](<{address}>)"
        return f"{linked} ({', '.join(details_of(element, self._language))})"


def _plain(text: str) -> str:
    """`text` on one line, where Markdown makes nothing of it."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _lines_kept(text: str) -> str:
    """What a user typed, whose line ends count."""
    return re.sub(r"(?<=[^\s])[ \t]*\n(?=[^\n])", "  \n", text)


def _closed(text: str) -> str:
    """Markdown whose last code block ends with it, so that what follows is none."""
    opened: str | None = None
    for line in text.splitlines():
        match = _FENCE.match(line)
        if match is None:
            continue
        if opened is None:
            if match[1][0] == "~" or "`" not in match[2]:
                opened = match[1]
        elif match[1].startswith(opened) and not match[2].strip():
            opened = None
    return text if opened is None else f"{text}\n{opened}"


def _fenced(text: str, language: str | None) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    label = re.sub(r"[^\w+#.-]", "", language or "")
    return f"{fence}{label}\n{text}\n{fence}"


def _quoted(text: str, mark: str = "> ") -> str:
    return "".join(f"{mark}{line}".rstrip() + "\n" for line in text.rstrip("\n").split("\n"))
