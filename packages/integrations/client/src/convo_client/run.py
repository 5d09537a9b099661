"""Runs: what a program waits for after it has sent something."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convo.protocol import MESSAGE_TYPES, Command, RunInfo, RunReply, Step

from convo_client.errors import LostError, NotFollowedError

if TYPE_CHECKING:
    from convo_client.thread import Thread

__all__ = ["Reply", "Run"]

_GOING = ("queued", "running")
_WAIT_SECONDS = 20.0  # of one request: what stands between here and the server may give up on longer ones


@dataclass(frozen=True)
class Reply:
    """What a run said and did, when it has ended."""

    run: RunInfo
    messages: tuple[Step, ...]
    steps: tuple[Step, ...]
    """What was done meanwhile, in the order of its beginning; `parent_id` says what belongs to what.

    Empty where the thread is not followed.
    """

    @property
    def text(self) -> str:
        """All it said, an empty line between messages."""
        return "\n\n".join(message.output for message in self.messages)

    @property
    def status(self) -> str:
        """`done`, `failed`, `stopped`, or `interrupted` where the server ended meanwhile."""
        return self.run.status

    @property
    def error(self) -> str | None:
        """What a user reads of a failed run."""
        return None if self.run.error is None else self.run.error.text

    @property
    def value(self) -> Any:
        """What an action's callback returned."""
        return self.run.value


class Run:
    """One callback's execution: the answer to a message, or to the press of a button."""

    def __init__(
        self, thread: Thread, command: Command | None, *, id: str | None = None, log: str | None = None
    ) -> None:
        assert command is not None or id is not None, "by one of them it is found"
        self.thread = thread
        self._command = command
        self._id = id
        self._is_given = id is not None
        self._log = log  # in which the server was asked, as far as is known

    @property
    def id(self) -> str | None:
        """`None` until the server has told of it."""
        if not self._is_given:
            _ = self.info
        return self._id

    @property
    def info(self) -> RunInfo | None:
        """The run as it is; `None` until the server has told of it. Raises `NotFollowedError`."""
        runs = self.thread.state.runs
        if not self._is_given and self._command is not None:
            found = (run.id for run in reversed(runs.values()) if run.command_id == self._command.id)
            self._id = next(found, None)
        return None if self._id is None else runs.get(self._id)

    async def stream(self) -> AsyncGenerator[str, None]:
        """The answer's text, piece by piece as it comes, until the run ends.

        All messages one after the other; what an app replaces in a text that it had said already is in `wait()` alone.
        """
        said: dict[str, int] = {}
        await self._begun()
        while True:
            for message in self._messages():
                text = message.output[said.get(message.id, 0) :]
                if text:
                    said[message.id] = len(message.output)
                    yield text
            if self._is_over() and self._is_said(said):
                return
            await self.thread.until(lambda: self.info is None or self._is_over() or not self._is_said(said))
            if self.info is None:
                if said:
                    raise LostError("The server ended in the middle of this answer, which it gives anew in `wait()`.")
                await self._begun()

    async def wait(self, *, timeout: float | None = None) -> Reply:
        """What the run said and did, when it has ended. Raises `TimeoutError`, and then it goes on all the same.

        Of a thread that is not followed, and of a run that is older than what is known of it, the server is asked.
        """
        try:
            async with asyncio.timeout(timeout) as patience:
                if self._is_asked_for():
                    return await self._ask()
                while not self._is_over():
                    await self._begun()
                    await self.thread.until(lambda: self.info is None or self._is_over())
        except TimeoutError as error:
            if not patience.expired():
                raise
            raise TimeoutError(f"The run goes on after {timeout} seconds.{self._question()}") from error
        return self.reply

    @property
    def reply(self) -> Reply:
        """What it has said and done so far."""
        info = self.info
        assert info is not None, "the server has not told of this run yet"
        steps = [step for step in self._steps() if step.type not in MESSAGE_TYPES]
        return Reply(info, tuple(self._messages()), tuple(steps))

    async def stop(self) -> None:
        """End it; a message that waits for its turn is taken back. Idempotent."""
        run_id = self._id if self._is_given else (await self._begun()).id
        assert run_id is not None
        await self.thread.stop_run(run_id)

    def _question(self) -> str:
        """What to do where somebody has to answer first."""
        try:
            is_asking = bool(self.thread.asks)
        except NotFollowedError:
            return ""
        return " It waits for an answer: `await thread.asked()` is what it asks." if is_asking else ""

    def _is_asked_for(self) -> bool:
        if not self.thread.is_followed:
            return self._is_given  # else: the thread has to be followed again
        return self._is_given and self._command is None and self.info is None

    async def _ask(self) -> Reply:
        assert self._id is not None
        reply: RunReply | None = None
        while reply is None or reply.run.status in _GOING:
            reply = await self.thread.ask_run(self._id, wait=_WAIT_SECONDS)
        return Reply(reply.run, tuple(reply.messages), ())

    async def _begun(self) -> RunInfo:
        """The run, as soon as the server has told of it.

        A server that ended before it had stored a message does not know it in its next log: then it is sent again,
        which does nothing where it is known after all.
        """
        while True:
            await self.thread.until(lambda: self.info is not None or self.thread.log != self._log)
            if (info := self.info) is not None:
                return info
            if self._is_given or self._command is None:
                raise LostError("The server ended before it had stored this run; ask for it again.")
            self._log = self.thread.log
            await self.thread.command(self._command)

    def _is_over(self) -> bool:
        info = self.info
        return info is not None and info.status not in _GOING

    def _is_said(self, said: dict[str, int]) -> bool:
        return all(len(message.output) <= said.get(message.id, 0) for message in self._messages())

    def _messages(self) -> list[Step]:
        return [step for step in self._steps() if step.type == "assistant_message"]

    def _steps(self) -> list[Step]:
        info, state = self.info, self.thread.state
        return [] if info is None else [state.steps[step_id].step for step_id in state.steps_of(info.id)]
