"""Ratings: what users think of answers, and which of their own messages they like to send again."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from convo.log import Subscription
from convo.protocol import CommandError, SetFavourite, SetFeedback, StepFields, StepPatched
from convo.protocol import Feedback as FeedbackNoun
from convo.run import Client, Run

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["Feedback", "Ratings"]


@dataclass
class Feedback:
    """What a user thinks of the message `forId`: 1 is good, 0 is bad."""

    forId: str  # noqa: N815 - existing apps know it by this name
    value: Literal[0, 1]
    threadId: str | None = None  # noqa: N815
    id: str | None = None
    comment: str | None = None


class Ratings:
    """Those of one session. `on_feedback` hears of one when it is stored: one more reader of the log waits for that."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._waiting: list[tuple[int, Feedback, Client]] = []  # with the seq that must be stored
        self._reader: Subscription | None = None

    def rate(self, command: SetFeedback, client: Client) -> int:
        """Set, change or (without a value) take back what a user thinks of an answer. Raises `CommandError`."""
        step = self._session.conversation.message(command.step_id)
        if step.type != "assistant_message":
            raise CommandError("invalid", "Only answers can be rated.")
        comment = (command.comment or "").strip() or None
        if command.value is None:
            if comment is not None:
                raise CommandError("invalid", "A comment goes with a thumb up or down.")
            return self._patch(step.id, StepFields(feedback=None))
        noun = FeedbackNoun(value=command.value, comment=comment, by=client.principal_id)
        seq = self._patch(step.id, StepFields(feedback=noun))
        if "on_feedback" in self._session.callbacks:
            feedback = Feedback(step.id, noun.value, self._session.thread_id, step.id, comment)
            self._waiting.append((seq, feedback, client))
            self._watch()
        return seq

    def favour(self, command: SetFavourite, client: Client) -> int:
        """Mark a user's message as one to send again, or no longer. Raises `CommandError`."""
        step = self._session.conversation.message(command.step_id)
        if step.type != "user_message" or step.by is None or not self._session.is_own(step.by, client):
            raise CommandError("invalid", "Only a message of your own can be a favourite.")
        return self._patch(step.id, StepFields(favourite=command.on))

    def _patch(self, step_id: str, fields: StepFields) -> int:
        seq = self._session.log.append(StepPatched(id=step_id, set=fields))
        self._session.recorder.start()
        return seq

    def _watch(self) -> None:
        if self._reader is None:
            log = self._session.log
            self._reader = log.subscribe(log=log.id, after=log.seq, on_news=self._look_soon)

    def _look_soon(self) -> None:
        asyncio.get_running_loop().call_soon(self._look)  # what is being appended comes first

    def _look(self) -> None:
        """Start `on_feedback` for what is stored by now."""
        if self._reader is None:
            return
        while self._reader.read() is not None:
            pass
        if not self._session.is_ending:
            self._take_stored()

    async def finish(self, seconds: float) -> list[Run]:
        """The session ends: give what is not stored yet at most `seconds`. Returns the last runs of `on_feedback`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._reader is not None and self._session.state.saved.seq < self._waiting[-1][0]:
                    await self._reader.wait()
                    while self._reader.read() is not None:
                        pass
        runs = self._take_stored()
        self._waiting.clear()
        self._close()
        return runs

    def _take_stored(self) -> list[Run]:
        saved = self._session.state.saved.seq
        stored = [item for item in self._waiting if item[0] <= saved]
        self._waiting = [item for item in self._waiting if item[0] > saved]
        if not self._waiting:
            self._close()
        runs = [self._session.runs.start("on_feedback", feedback, client=client) for _, feedback, client in stored]
        return [run for run in runs if run is not None]

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
