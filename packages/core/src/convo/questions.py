"""Questions: asks to users and calls to the page, from being opened to being closed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from convo.protocol import (
    ActionRemoved,
    AnswerAsk,
    Ask,
    AskClosed,
    AskOpened,
    Call,
    CallClosed,
    CallOpened,
    CallResult,
    CommandError,
    ElementRemoved,
    Step,
    new_id,
    timestamp,
)
from convo.run import Client

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["Questions", "is_answer"]

_ANSWER = "answer"  # the name of a message that answers


class Questions:
    """Those of one session. What is open is in its state; this knows who waits."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._open: dict[str, asyncio.Future[Any]] = {}  # those who wait, by the id of what they wait for

    async def settle(self, opened: AskOpened | CallOpened, seconds: float) -> Any:
        """Append a question to a user or to the page, and wait until it is closed: answered, cancelled or by time.

        The state has its outcome then. Returns what `close` was given for the one who waits.
        """
        session = self._session
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._open[opened.id] = future
        try:
            session.append(opened)
            session.recorder.start()
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            self.close(_closed(opened, "timed-out"))
            return None if future.cancelled() else future.result()
        finally:
            self.close(_closed(opened, "cancelled"))  # its asker was; else it is closed already, and nothing happens
            self._open.pop(opened.id, None)
            session.active_at = time.monotonic()

    def close(self, closed: AskClosed | CallClosed, value: Any = None) -> int:
        """Close an ask or a call, and let the one who waits go on with `value`. Idempotent: the first one counts.

        What served the answer, buttons or a component, goes with it.
        """
        entries: Mapping[str, Ask | Call] = (
            self._session.state.asks if isinstance(closed, AskClosed) else self._session.state.calls
        )
        entry = entries.get(closed.id)
        if entry is None or entry.outcome is not None:
            return self._session.log.seq
        seq = self._session.log.append(closed)
        if isinstance(entry, Ask):
            for action_id in entry.spec.get("actions", ()):
                seq = self._session.log.append(ActionRemoved(id=action_id))
            if (element_id := entry.spec.get("elementId")) is not None:
                seq = self._session.log.append(ElementRemoved(id=element_id))
        future = self._open.get(closed.id)
        if future is not None and not future.done():
            future.set_result(value)
        return seq

    def answer(self, command: AnswerAsk, client: Client) -> int:
        """Answer an ask: the first valid answer wins."""
        ask = self._asked(command.ask_id, client)
        value: Any = command.value
        if ask.type == "text":
            return self._answer_with_text(ask, command, client)
        if ask.type == "file":
            if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
                raise CommandError("invalid", "The answer to this is a list of files.")
            files = self._session.uploads.take(value, ask=ask, config=self._session.config)
            shown = [msgspec.to_builtins(file.info) for file in files]
            return self._close_answered(ask, shown, client, files)
        if ask.type == "action":
            action = self._session.state.actions.get(value) if isinstance(value, str) else None
            if action is None or value not in ask.spec["actions"]:
                raise CommandError("invalid", "The answer to this is one of its buttons.")
            return self._close_answered(ask, {"id": action.id, "label": action.label or action.name}, client, action)
        if not isinstance(value, dict):
            raise CommandError("invalid", "The answer to this is an object.")
        return self._close_answered(ask, value, client, value)

    def cancel(self, ask_id: str, client: Client) -> int:
        """Leave an ask without an answer."""
        ask = self._asked(ask_id, client)
        return self.close(AskClosed(id=ask.id, outcome="cancelled", by=client.principal_id))

    def return_call(self, command: CallResult) -> int:
        """What a function of the page returned, or why it failed. The first result counts. Raises `CommandError`."""
        call = self._session.state.calls.get(command.call_id)
        if call is None:
            raise CommandError("not-found", "There is no such call in this thread.")
        if call.outcome in ("timed-out", "cancelled"):
            raise CommandError("expired", f"Nobody waits for the result of `{call.name}` any more.")
        if call.outcome is not None:
            raise CommandError("conflict", f"`{call.name}` {call.outcome} already.")
        if command.error is not None:
            return self.close(CallClosed(id=call.id, outcome="failed", value=command.error.text))
        return self.close(CallClosed(id=call.id, outcome="returned", value=command.value))

    def pending(self, ask_id: str) -> Ask:
        """An ask that waits. Raises `CommandError`: `not-found`, `expired`, `conflict`."""
        ask = self._session.state.asks.get(ask_id)
        if ask is None:
            raise CommandError("not-found", "There is no such question in this thread.", key="question")
        if ask.outcome == "timed-out":
            raise CommandError("expired", "The time to answer is over. Your answer is kept.", key="late")
        if ask.outcome is not None:
            raise CommandError("conflict", f"This question was {ask.outcome} already.", key=ask.outcome)
        return ask

    def _asked(self, ask_id: str, client: Client) -> Ask:
        ask = self.pending(ask_id)
        run = self._session.state.runs.get(ask.run_id)
        if not ask.anyone and run is not None and not self._session.is_own(run.by, client):
            raise CommandError("invalid", "Only the person who was asked may answer.", key="notAsked")
        return ask

    def _answer_with_text(self, ask: Ask, command: AnswerAsk, client: Client) -> int:
        text = command.value
        if not isinstance(text, str) or not text.strip():
            raise CommandError("invalid", "The answer to this is some text.")
        now = timestamp()
        step = Step(
            id=new_id(),
            type="user_message",
            name=_ANSWER,
            author=client.author,
            by=client.principal_id,
            command_id=command.id,
            output=text,
            created_at=now,
            start=now,
            end=now,
        )
        self._session.conversation.open(step, self._session.runs.get(ask.run_id))
        return self._close_answered(ask, text, client, self._session.state.steps[step.id].step)

    def _close_answered(self, ask: Ask, answer: Any, client: Client, value: Any) -> int:
        return self.close(AskClosed(id=ask.id, outcome="answered", by=client.principal_id, answer=answer), value)


def is_answer(step: Step) -> bool:
    """Whether a message is what a user answered to an ask."""
    return step.type == "user_message" and step.name == _ANSWER and step.by is not None


def _closed(opened: AskOpened | CallOpened, outcome: Literal["timed-out", "cancelled"]) -> AskClosed | CallClosed:
    if isinstance(opened, AskOpened):
        return AskClosed(id=opened.id, outcome=outcome)
    return CallClosed(id=opened.id, outcome=outcome)
