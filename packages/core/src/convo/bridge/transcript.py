"""The transcript: which parts a platform shows of a thread. Pure: from the fold alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from convo.bridge.part import Attachment, Button, Part, Question, Task
from convo.bridge.split import Piece, split
from convo.protocol import Ask, Element, RunInfo, Step
from convo.state import ThreadState, is_message

__all__ = ["Transcript"]

_LINKED = frozenset({"custom", "dataframe", "plotly"})
"""Elements that the web app shows better, or that only it can show."""

_FILES = {"dataframe": ("csv", "text/csv"), "plotly": ("html", "text/html")}
"""What becomes a file of another kind than it is kept as: its suffix and type."""

_RESERVE = 64
"""Characters that are kept for what becomes of a question."""

_ENDS = {"stopped": "Stopped.", "interrupted": "Interrupted: the app was restarted."}


@dataclass(frozen=True, slots=True)
class Transcript:
    """Makes parts for one platform. `link` gives the address of a thread in the web app, where that is known."""

    platform: str
    limit: int
    measure: Callable[[str], int] = len
    file_limit: int | None = None
    has_forms: bool = False
    draws_figures: bool = True
    can_rate: bool = True
    link: Callable[[str], str | None] = lambda _: None

    # --- Which steps ---

    def is_said_here(self, step: Step) -> bool:
        """Whether a message came from this platform, where it stands already."""
        return (step.command_id or "").startswith(f"{self.platform}:")

    def parts(self, state: ThreadState, step_id: str) -> list[Part]:
        """The parts of a step, in their order: none of one that is no message, or has nothing to show yet."""
        entry = state.steps.get(step_id)
        if entry is None or not is_message(entry.facts):
            return []
        step = entry.step
        if step.type == "user_message" and self.is_said_here(step):
            return list(self._verdict_on(step, state))
        parts = [*self._texts(step, state), *self._shown_elements(step, state)]
        return self._with_buttons(step, state, parts)

    def loose(self, state: ThreadState) -> Iterator[Part]:
        """Parts that belong to no message: task lists, and failures of runs that say nothing."""
        for element in state.elements.values():
            if element.for_id is None and element.type == "tasklist":
                yield _task_list(element)
        for run in state.runs.values():
            if (note := self._note(run)) is not None and run.trigger not in state.steps and not _said(run, state):
                yield Part(key=f"run:{run.id}", text=note, kind="note", is_error=run.status == "failed")

    def concerns(self, run_id: str, state: ThreadState) -> Iterator[str]:
        """The steps that look otherwise when the run has changed."""
        run = state.runs.get(run_id)
        if run is None:
            return
        if (said := _said(run, state)) is not None:
            yield said
        if run.trigger in state.steps:
            yield run.trigger

    # --- Texts ---

    def _texts(self, step: Step, state: ThreadState) -> Iterator[Part]:
        run = state.runs.get(step.run_id or "")
        text = step.output
        if step.language and text:
            text = f"```{step.language}\n{text}\n```"
        is_open = step.end is None
        if run is not None and not is_open and _said(run, state) == step.id and (note := self._note(run)) is not None:
            text = f"{text}\n\n_{note}_" if text.strip() else f"_{note}_"
        kind: Any = "said" if step.type == "user_message" else "answer"
        for number, piece in enumerate(split(text, self.limit - _RESERVE, self.measure)):
            yield self._part(step, kind, number, piece, is_open=is_open)

    def _part(self, step: Step, kind: Any, number: int, piece: Piece, *, is_open: bool) -> Part:
        part = Part(key=f"{step.id}:{number}", kind=kind, author=step.author, is_open=is_open, is_error=step.is_error)
        if piece.suffix is None:
            return replace(part, text=piece.text)
        name = f"code-{number + 1}.{piece.suffix}"
        return replace(part, attachment=Attachment(id=name, name=name, kind="file", content=piece.text))

    def _verdict_on(self, step: Step, state: ThreadState) -> Iterator[Part]:
        """What became of a message that nothing was said to."""
        for run in state.runs.values():
            if run.trigger == step.id and _said(run, state) is None and (note := self._note(run)) is not None:
                yield Part(key=f"{step.id}:end", text=note, kind="note", is_error=run.status == "failed")

    def _note(self, run: RunInfo) -> str | None:
        if run.status == "failed":
            return "Something went wrong." if run.error is None else f"{run.error.text} ({run.error.id})"
        return _ENDS.get(run.status) if run.callback == "on_message" else None

    # --- Elements ---

    def _shown_elements(self, step: Step, state: ThreadState) -> Iterator[Part]:
        where = self.link(state.thread.id)
        links: list[str] = []
        for element in state.elements.values():
            if element.for_id != step.id:
                continue
            if element.type == "tasklist":
                yield _task_list(element)
                continue
            is_file = self._is_file(element)
            if not is_file or (where is not None and element.type in _LINKED):
                links.append(element.name or element.type)
            if is_file:
                yield Part(key=f"{step.id}:{element.id}", author=step.author, attachment=_attachment(element))
        if links:
            names = ", ".join(f"**{name}**" for name in links)
            text = f"{names}: [open in the web app]({where})" if where else f"{names}: shown in the web app only"
            yield Part(key=f"{step.id}:links", text=text, kind="note")

    def _is_file(self, element: Element) -> bool:
        """Whether an element is posted as a file."""
        if element.type == "custom" or element.url is None or self._is_too_large(element):
            return False
        return element.type != "plotly" or self.draws_figures

    def _is_too_large(self, element: Element) -> bool:
        return self.file_limit is not None and (element.bytes or 0) > self.file_limit

    # --- Buttons ---

    def _with_buttons(self, step: Step, state: ThreadState, parts: list[Part]) -> list[Part]:
        """The last part with a text has what can be pressed, and what is asked."""
        ask = next((one for one in state.asks.values() if one.step_id == step.id), None)
        buttons = tuple(self._buttons(step, state, ask))
        if not buttons and ask is None:
            return parts
        at = next((i for i in range(len(parts) - 1, -1, -1) if parts[i].text and parts[i].kind != "note"), None)
        if at is None:
            parts, at = [Part(key=f"{step.id}:0", author=step.author), *parts], 0
        question = None if ask is None or ask.outcome is not None else _question(ask)
        text = parts[at].text
        if ask is not None and (closing := _closing(ask)) is not None:
            text = f"{text}\n\n_{closing}_"
        if not buttons and question is None and not text:
            return parts
        parts[at] = replace(parts[at], buttons=buttons, question=question, text=text)
        return parts

    def _buttons(self, step: Step, state: ThreadState, ask: Ask | None) -> Iterator[Button]:
        asked = ask if ask is not None and ask.outcome is None else None
        answers = [] if asked is None else asked.spec.get("actions") or []
        for action in state.actions.values():
            if action.for_id == step.id:
                kind: Any = "answer" if action.id in answers else "act"
                label = action.label or action.name
                yield Button(kind=kind, id=action.id, label=label, tooltip=action.tooltip, icon=action.icon)
        if asked is not None and asked.type == "text" and self.has_forms:
            yield Button(kind="reply", id=asked.id, label="Reply")
        if asked is not None and asked.type == "element" and (where := self.link(state.thread.id)) is not None:
            yield Button(kind="open", id=asked.id, label="Answer in the web app", url=where)
        run = state.runs.get(step.run_id or "")
        if run is None or step.type == "user_message":
            return
        if step.end is None and run.status == "running":
            yield Button(kind="stop", id=run.id, label="Stop")
        elif self.can_rate and run.status == "done" and run.callback == "on_message" and _said(run, state) == step.id:
            given = None if step.feedback is None else step.feedback.value
            yield Button(kind="good", id=step.id, label="👍 ✓" if given == 1 else "👍", tooltip="Good answer")
            yield Button(kind="bad", id=step.id, label="👎 ✓" if given == 0 else "👎", tooltip="Bad answer")


def _said(run: RunInfo, state: ThreadState) -> str | None:
    """The last message that a run has sent."""
    for step_id in reversed(state.steps_of(run.id)):
        facts = state.steps[step_id].facts
        if is_message(facts) and facts.type != "user_message":
            return step_id
    return None


def _question(ask: Ask) -> Question:
    accept = ask.spec.get("accept") or ()
    names = accept if isinstance(accept, list | tuple) else list(accept) if isinstance(accept, dict) else [str(accept)]
    return Question(id=ask.id, kind=ask.type, accept=tuple(names), expires_at=ask.expires_at)


def _closing(ask: Ask) -> str | None:
    """What became of a question, where nobody sees it otherwise."""
    if ask.outcome == "timed-out":
        return "Nobody answered in time."
    if ask.outcome == "cancelled":
        return "This question is closed."
    if ask.outcome == "answered" and ask.type == "action" and isinstance(ask.answer, dict):
        return f"✓ {str(ask.answer.get('label'))[:48]}"
    return None


def _attachment(element: Element) -> Attachment:
    match (element.url or "").split("/"):
        case ["api", "v1", "threads", thread_id, "files", file_id]:
            file: tuple[str, str] | None = (thread_id, file_id)
        case _:
            file = None
    name = element.name or element.type
    suffix, mime = _FILES.get(element.type, (None, element.mime))
    return Attachment(
        id=element.id,
        name=name if suffix is None else f"{name}.{suffix}",
        kind=element.type,
        mime=mime,
        bytes=element.bytes if suffix is None else None,
        url=None if file is not None else element.url,
        file=file,
    )


def _task_list(element: Element) -> Part:
    props: dict[str, Any] = dict(element.props or {})
    tasks = tuple(Task(title=task["title"], status=task["status"]) for task in props.get("tasks") or ())
    text = str(props.get("status") or "")
    return Part(key=f"tasks:{element.id}", text=text, kind="note", tasks=tasks)
