"""The conversation of a session: what its users say, where each message stands, and which ones wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from convo.protocol import (
    MESSAGE_TYPES,
    CommandError,
    EditMessage,
    ElementPut,
    LeafMoved,
    Regenerate,
    RunEnded,
    SendMessage,
    Step,
    StepOpened,
    StepType,
    ThreadFields,
    ThreadPatched,
    new_id,
    timestamp,
)
from convo.questions import is_answer
from convo.run import Client, Run
from convo.uploads import element_for

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["Conversation", "title_of"]

TITLE_LENGTH = 80


class Conversation:
    """That of one session. Every method raises `CommandError` for what cannot be done."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: list[tuple[Run, SendMessage]] = []
        self._said_bytes: int | None = None  # by users, in this thread; counted when somebody asks

    # --- Messages in their places ---

    def message(self, message_id: str) -> Step:
        """A message of this thread."""
        if not self._is_message(message_id):
            raise CommandError("not-found", "There is no such message in this thread.", key="message")
        return self._session.state.steps[message_id].step

    def _is_message(self, step_id: str) -> bool:
        entry = self._session.state.steps.get(step_id)
        return entry is not None and entry.facts.type in MESSAGE_TYPES

    def open(self, step: Step, run: Run | None = None) -> int:
        """Append a message after the run's tip (or the leaf), and move tip and leaf along. Returns its seq."""
        log, writer = self._session.log, None if run is None else run.id
        with log.lock:
            prior = self._place(run)
            seq = log.append(StepOpened(step=replace(step, prior_id=prior)), writer=writer)
            if log.state.leaf == prior:
                seq = log.append(LeafMoved(id=step.id), writer=writer)
            if run is not None:
                run.tip = step.id
        return seq

    def _place(self, run: Run | None) -> str | None:
        """The message that a run's next message follows.

        That is its tip, or the leaf when the leaf came after the tip on the same branch: two runs that answer side by
        side make one conversation, while a reader who turned to another branch does not divert the run.
        """
        state = self._session.state
        leaf = state.leaf
        if run is None or run.tip == leaf or run.tip not in state.steps:
            return leaf
        for step in state.walk(leaf):
            if step.id in run.passed:
                return run.tip
            if step.id == run.tip:
                return leaf
        return run.tip

    def show_branch(self, leaf_id: str) -> int:
        """Show the branch that ends with `leaf_id`."""
        self.message(leaf_id)
        return self._session.log.append(LeafMoved(id=leaf_id))

    def take_up(self, said: Sequence[tuple[StepType, str]], client: Client) -> None:
        """Begin with what was said elsewhere, by type and text, the oldest first.

        Nothing of it is answered. A greeting that stands here already is on another branch then.
        """
        self.take_text(_size(text for _, text in said))
        if self._session.state.leaf is not None:
            self._session.log.append(LeafMoved(id=None))
        for kind, text in said:
            is_user, now = kind == "user_message", timestamp()
            step = Step(
                id=new_id(),
                type=kind,
                author=client.author if is_user else self._session.config.project.name,
                by=client.principal_id if is_user else None,
                output=text,
                created_at=now,
                start=now,
                end=now,
            )
            self.open(step)

    # --- What users say ---

    def submit(self, message: SendMessage, client: Client) -> int:
        """Take a user's message: start its run, or treat it by the policy for a busy session. Returns its seq."""
        if message.prior_id is not None and not self._is_message(message.prior_id):
            raise CommandError("not-found", "The message to answer to is not in this thread.")
        session = self._session
        policy = session.config.features.when_busy
        self._check_memory()
        is_busy = bool(self._waiting) or session.runs.is_busy
        if is_busy and policy == "reject":
            raise _busy()
        if is_busy and policy == "interrupt":
            self._interrupt(client)
            is_busy = session.runs.is_busy
        run = Run("on_message", client=client, trigger=new_id())
        run.files = session.uploads.take(message.files, ask=None, config=session.config)
        seq = session.runs.queue(run, message)
        session.recorder.start()
        if is_busy and policy != "parallel":
            self._waiting.append((run, message))
            return seq
        return session.runs.begin(run, self._open_question(run, message))

    def edit(self, edit: EditMessage, client: Client) -> int:
        """Open a sibling of a user's message with another text, and answer it. What else it had comes along."""
        session, step = self._session, self.message(edit.message_id)
        if step.type != "user_message" or not session.is_own(step.by, client):
            raise CommandError("invalid", "Only a message of your own can be edited.")
        if is_answer(step):
            raise CommandError(
                "invalid", "This answered a question that is closed; it cannot be changed any more.", key="closed"
            )
        files = [one for one in session.state.elements.values() if one.for_id == step.id and one.by is not None]
        if not edit.content.strip() and not files:
            raise CommandError("invalid", "A message needs some text.", key="empty")
        self._check_memory()
        self._make_way(client)
        run = Run("on_message", client=client, trigger=new_id())
        message = SendMessage(id=edit.id, content=edit.content, command=step.command, modes=step.modes)
        session.runs.queue(run, message)
        session.recorder.start()
        session.log.append(LeafMoved(id=step.prior_id))
        opened = self._open_question(run, message)
        for file in files:
            session.log.append(ElementPut(element=replace(file, id=new_id(), for_id=opened.id)))
        return session.runs.begin(run, opened)

    def regenerate(self, again: Regenerate, client: Client) -> int:
        """Answer a user's message again: the new answer is a sibling of the old."""
        session, step = self._session, self._question_of(self.message(again.message_id))
        self._check_memory()
        self._make_way(client)
        run = Run("on_message", client=client, trigger=step.id, tip=step.id)
        steps = session.state.steps.items()
        run.passed = frozenset(step_id for step_id, entry in steps if entry.facts.prior_id == step.id)
        session.runs.queue(run, command_id=again.id)
        session.recorder.start()
        session.log.append(LeafMoved(id=step.id))
        return session.runs.begin(run, step)

    def _question_of(self, step: Step) -> Step:
        """The user's message that was answered with `step`; `step` itself if it is one."""
        if step.type == "user_message" and not is_answer(step):
            return step
        run = self._session.state.runs.get(step.run_id or "")
        trigger = run.trigger if run is not None and run.callback == "on_message" else None
        if trigger is None or not self._is_message(trigger):
            raise CommandError("invalid", "This is no answer to a message of yours, so it cannot be given again.")
        return self.message(trigger)

    def _open_question(self, run: Run, message: SendMessage) -> Step:
        """Show a user's message that is to be answered now."""
        assert run.trigger is not None
        log, now = self._session.log, timestamp()
        step = Step(
            id=run.trigger,
            type="user_message",
            name="on_message",
            author=run.client.author,
            by=run.client.principal_id,
            command_id=message.id,
            output=message.content,
            created_at=now,
            start=now,
            end=now,
            command=message.command,
            modes=message.modes,
        )
        if log.state.thread.name is None:
            title = title_of(message.content or ", ".join(file.name for file in run.files))
            log.append(ThreadPatched(set=ThreadFields(name=title or None)))
        if message.prior_id is not None and message.prior_id != log.state.leaf:
            log.append(LeafMoved(id=message.prior_id))
        self.open(step)
        for file in run.files:
            log.append(ElementPut(element=element_for(file, step.id, step.by)))
        run.files = []
        run.tip = step.id
        return log.state.steps[step.id].step

    # --- Limits ---

    def take_text(self, size: int) -> None:
        """A user writes so many bytes more into this thread: `too-large` when it is full."""
        limit = self._session.config.limits.thread_bytes
        if self._said_bytes is None:
            steps = self._session.state.steps.values()
            self._said_bytes = _size(entry.step.output for entry in steps if entry.facts.type == "user_message")
        if self._said_bytes + size > limit:
            raise CommandError("too-large", "This chat is full. Begin a new one.", key="full", details={"limit": limit})
        self._said_bytes += size

    def _check_memory(self) -> None:
        session = self._session
        if (
            session.state.saved.since is not None
            and session.recorder.unsaved_bytes > session.config.limits.unsaved_bytes
        ):
            raise CommandError(
                "unavailable",
                "Nothing can be saved at the moment. Your message is kept; try again later.",
                key="unsaved",
            )

    # --- The queue ---

    @property
    def is_waiting(self) -> bool:
        """Messages wait until others are answered."""
        return bool(self._waiting)

    def go_on(self) -> None:
        """Answer the next message that waits, if nothing is going that it waits for."""
        runs = self._session.runs
        if self._waiting and not runs.is_busy and not runs.is_stopping:
            run, message = self._waiting.pop(0)
            runs.begin(run, self._open_question(run, message))

    def dequeue(self, run_id: str, *, by: str | None, missing_ok: bool = False) -> int:
        """Take a message out of the queue."""
        session = self._session
        for item in self._waiting:
            if item[0].id == run_id:
                self._waiting.remove(item)
                session.quota.runs -= 1
                session.uploads.give_back(item[0].files)
                return session.log.append(RunEnded(id=run_id, at=timestamp(), status="stopped", by=by))
        if missing_ok:
            return session.log.seq
        if run_id in session.state.runs:
            raise CommandError("conflict", "That message is not waiting any more.", key="notWaiting")
        raise CommandError("not-found", "There is no such message in the queue.")

    def dequeue_all(self, *, by: str | None) -> None:
        """Take all messages out of the queue."""
        for run, _ in list(self._waiting):
            self.dequeue(run.id, by=by)

    def close(self, reason: str) -> None:
        """The session ends. Messages that nobody took back stay, without an answer."""
        for run, message in list(self._waiting):
            self._open_question(run, message)
            self.dequeue(run.id, by=reason)

    def _make_way(self, client: Client) -> None:
        """An edit or a regenerate replaces an answer that is going, unless the policy refuses it or lets both go on.

        Messages that wait go on waiting: they follow what takes its place.
        """
        policy, answers = self._session.config.features.when_busy, self._session.runs.answers
        if policy == "reject" and (answers or self._waiting):
            raise _busy()
        if policy == "interrupt":
            self._interrupt(client)
        elif policy == "queue":
            waiting, self._waiting = self._waiting, []
            for run in answers:
                self._session.runs.stop(run.id, by=client.principal_id)
            self._waiting = waiting

    def _interrupt(self, client: Client) -> None:
        """Stop what is being answered and forget what waits."""
        self.dequeue_all(by=client.principal_id)
        for run in self._session.runs.answers:
            self._session.runs.stop(run.id, by=client.principal_id)


def title_of(text: str) -> str:
    """A text as the title of a thread: one line, not too long."""
    return " ".join(text.split())[:TITLE_LENGTH]


def _size(texts: Iterable[str]) -> int:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def _busy() -> CommandError:
    return CommandError(
        "conflict", "The app is still working on the last message; try again when it is done.", key="busy"
    )
