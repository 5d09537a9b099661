"""The transcript: what of a conversation is written on the screen, in the order in which it comes."""

from __future__ import annotations

from datetime import datetime

from convo.protocol import (
    CallOpened,
    Element,
    ElementPut,
    Event,
    NoticeCleared,
    NoticePosted,
    RunEnded,
    Step,
    StepClosed,
    StepDelta,
    StepOpened,
    StepPatched,
    StepRemoved,
    Toast,
)
from convo.state import is_message

from convo_cli.chat.conversation import Conversation
from convo_cli.chat.screen import Screen

__all__ = ["Transcript"]

_MARKS = {True: "✗", False: "✓"}
_LONG = 72
"""Characters of what a step said that a line shows."""


class Transcript:
    """Writes news of a conversation on a screen: answers as they come, steps as lines, what was said elsewhere.

    With `only_answers` nothing but the text of answers, and what went wrong.
    """

    def __init__(self, screen: Screen, address: str, *, only_answers: bool = False) -> None:
        self.failures = 0
        """Runs that have failed."""
        self._screen = screen
        self._address = address
        self._only_answers = only_answers
        self._written: dict[str, str] = {}  # what is on the screen of each message
        self._lines: set[str] = set()  # steps that have their line
        self._closed: set[str] = set()
        self._elements: dict[str, None] = {}  # in the order of their numbers
        self._ended: set[str] = set()
        self._last: str | None = None  # the message that was written last

    def catch_up(self, conversation: Conversation) -> None:
        """Write what is there and not written yet: all of the shown branch, and work that goes on."""
        state = conversation.follower.state
        shown = {step.id for step in state.walk(state.leaf)}
        for step_id, entry in list(state.steps.items()):
            if step_id in shown or (not is_message(entry.facts) and entry.facts.run_id is not None):
                self._write(conversation, entry.step)
        for element in list(state.elements.values()):
            self._write_element(element)
        self._ended |= {run.id for run in state.runs.values() if run.ended_at is not None}

    def skip(self, conversation: Conversation) -> None:
        """Take what is there for written, but say what has failed."""
        state = conversation.follower.state
        for step_id, entry in state.steps.items():
            self._written[step_id] = entry.step.output
        for run in state.runs.values():
            if run.status == "failed":
                self._end(RunEnded(id=run.id, at=run.ended_at or "", status=run.status, error=run.error))
            elif run.ended_at is not None:
                self._ended.add(run.id)

    def take(self, conversation: Conversation, events: list[Event]) -> None:
        """Write what events say that have been folded."""
        whole: set[str] = set()  # steps of which everything is written
        for event in events:
            match event:
                case StepDelta() if event.field == "output" and event.id not in whole and event.id in self._written:
                    self._go_on(conversation, event.id, event.text)
                case StepOpened():
                    self._see(conversation, event.step.id, whole)
                case StepDelta() | StepPatched() | StepClosed():
                    self._see(conversation, event.id, whole)
                case StepRemoved() if self._written.get(event.id) and not self._only_answers:
                    self._screen.note("(The message above was taken back.)")
                case ElementPut():
                    self._write_element(event.element)
                case RunEnded():
                    self._end(event)
                case Toast():
                    self._note(f"• {event.message}")
                case NoticePosted() if event.notice.type in ("reload-failed", "shutting-down", "signed-out"):
                    self._screen.note(f"! {event.notice.text}", "yellow")
                    if event.notice.detail:
                        self._note(event.notice.detail)
                case NoticeCleared() if event.id == "reload":
                    self._note("The app is mended.")
                case CallOpened():
                    self._note(f"The app calls `{event.name}`, a function that pages have and terminals do not.")
                case _:
                    pass

    # --- Messages ---

    def _see(self, conversation: Conversation, step_id: str, whole: set[str]) -> None:
        entry = conversation.follower.state.steps.get(step_id)
        if entry is not None and step_id not in whole:
            whole.add(step_id)
            self._write(conversation, entry.step)

    def _write(self, conversation: Conversation, step: Step) -> None:
        if not is_message(step):
            self._write_work(conversation, step)
        elif step.type == "user_message":
            self._write_question(conversation, step)
        else:
            self._write_answer(conversation, step)

    def _write_question(self, conversation: Conversation, step: Step) -> None:
        """What the user says here stands on the screen already; what he said elsewhere, or earlier, does not."""
        if step.id in self._written:
            return
        self._written[step.id] = step.output
        if step.command_id not in conversation.sent and not self._only_answers:
            self._screen.note(f"> {step.output}", "bold")

    def _write_answer(self, conversation: Conversation, step: Step) -> None:
        before = self._written.setdefault(step.id, "")
        if step.output.startswith(before):
            self._go_on(conversation, step.id, step.output[len(before) :])
        else:
            self._last, self._written[step.id] = None, ""
            self._note("(Changed:)")
            self._go_on(conversation, step.id, step.output)
        if step.end is not None and step.id == self._last:
            self._screen.break_line()

    def _go_on(self, conversation: Conversation, step_id: str, text: str) -> None:
        """Write more of a message, on a line of its own if another one, or work, was written last."""
        if not text:
            return
        step = conversation.follower.state.steps[step_id].facts
        if self._last != step_id:
            self._screen.break_line()
            if self._last is not None:
                self._screen.say("\n")
            if step.author not in (None, conversation.app) and not self._only_answers:
                self._screen.say(f"{step.author}\n", "bold")
            self._last = step_id
        self._written[step_id] += text
        self._screen.say(text, "red" if step.is_error else "")

    # --- Work ---

    def _write_work(self, conversation: Conversation, step: Step) -> None:
        if self._only_answers or step.id in self._closed:
            return
        margin = "  " * (1 + _depth(conversation, step))
        if step.end is None:
            if step.id not in self._lines:
                self._lines.add(step.id)
                self._screen.note(f"{margin}▸ {step.name}{self._short(step.input, ' ')}")
            return
        self._closed.add(step.id)
        took = _seconds(step)
        said = self._short(step.output, " → ")
        style = "red" if step.is_error else "dim"
        self._screen.note(f"{margin}{_MARKS[step.is_error]} {step.name}{took}{said}", style)

    def _short(self, text: str, before: str) -> str:
        words = " ".join(text.split())
        most = max(20, min(_LONG, self._screen.width - 30))
        if not words:
            return ""
        return before + (words if len(words) <= most else words[: most - 1] + "…")

    def _write_element(self, element: Element) -> None:
        if element.id in self._elements or element.by is not None or self._only_answers:
            return
        self._elements[element.id] = None
        url = element.url or ""
        where = f"{self._address}/{url}" if url.startswith("api/") else url
        number = f"  /save {len(self._elements)}" if url.startswith("api/") else ""
        self._screen.note(f"  [{element.type}] {element.name}  {where}{number}".rstrip(), "cyan")

    def nth_element(self, conversation: Conversation, number: int) -> Element | None:
        """The element that was written as the `number`th."""
        ids = list(self._elements)
        return conversation.follower.state.elements.get(ids[number - 1]) if 0 < number <= len(ids) else None

    # --- Ends ---

    def _end(self, event: RunEnded) -> None:
        if event.id in self._ended:
            return
        self._ended.add(event.id)
        if event.status == "failed":
            self.failures += 1
            text = "The app failed." if event.error is None else f"{event.error.text} (error {event.error.id})"
            self._screen.note(f"✗ {text}", "red")
        elif event.status in ("stopped", "interrupted"):
            self._note("Stopped." if event.status == "stopped" else "Interrupted: the server has ended meanwhile.")

    def _note(self, text: str) -> None:
        if not self._only_answers:
            self._screen.note(text)


def _depth(conversation: Conversation, step: Step) -> int:
    depth, steps, parent = 0, conversation.follower.state.steps, step.parent_id
    while parent is not None and (entry := steps.get(parent)) is not None:
        depth, parent = depth + (not is_message(entry.facts)), entry.facts.parent_id
    return depth


def _seconds(step: Step) -> str:
    """How long it took, if that can be said and is worth it."""
    if step.start is None or step.end is None:
        return ""
    seconds = (datetime.fromisoformat(step.end) - datetime.fromisoformat(step.start)).total_seconds()
    return f" {seconds:.1f} s" if seconds >= 0.05 else ""
