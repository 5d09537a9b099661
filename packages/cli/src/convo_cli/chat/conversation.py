"""The conversation: one thread as this client knows it, over as many connections as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convo import ConvoError
from convo.follower import Follower, GapError
from convo.protocol import (
    Act,
    Action,
    AnswerAsk,
    Ask,
    CancelAsk,
    CommandError,
    Event,
    FileInfo,
    Goodbye,
    Hello,
    RunInfo,
    SendMessage,
    Snapshot,
    Stop,
    new_id,
)
from convo.protocol.commands import CommandStruct

from convo_cli.chat.api import Api, UnreachableError

__all__ = ["Conversation"]

FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
PATIENCE_SECONDS = 60.0
"""How long a command is sent again while nobody answers: with the same id, so that it counts once."""


class Conversation:
    """Follows a thread. `on_news` gets the events of each frame, `None` for a snapshot, after they were folded.

    `on_connection` is told `False` when the connection is lost, and `True` when it is back.
    """

    def __init__(
        self,
        api: Api,
        *,
        on_news: Callable[[list[Event] | None], None],
        on_connection: Callable[[bool], None],
    ) -> None:
        self.follower = Follower()
        self.thread = ""
        self.app = ""
        self.gone: ConvoError | None = None
        """Why there is nothing to follow any more."""
        self.sent: set[str] = set()
        """The ids of this client's own commands."""
        self._api = api
        self._on_news = on_news
        self._on_connection = on_connection
        self._changed = asyncio.Condition()
        self._reading: asyncio.Task[None] | None = None

    async def begin(self, thread: str | None = None, **connect: Any) -> None:
        """Begin a thread, or open one that is there, and wait until it is known. Raises `ConvoError`."""
        self.thread = thread or (await self._api.begin(**connect)).thread
        self._reading = asyncio.create_task(self._follow(), name="convo-chat")
        await self._until(lambda: self.follower.is_begun)

    async def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    # --- What there is ---

    @property
    def asks(self) -> list[Ask]:
        """What the app asks and nobody has answered, the oldest first."""
        return [ask for ask in self.follower.state.asks.values() if ask.outcome is None]

    @property
    def actions(self) -> list[Action]:
        """The buttons that are offered, without those that answer an ask."""
        asked = {one for ask in self.follower.state.asks.values() for one in ask.spec.get("actions", ())}
        return [action for action in self.follower.state.actions.values() if action.id not in asked]

    def offered(self, ask: Ask) -> list[Action]:
        """The buttons that answer an ask."""
        actions = self.follower.state.actions
        return [actions[one] for one in ask.spec.get("actions", ()) if one in actions]

    @property
    def commands(self) -> list[str]:
        """What the app lets a message be sent as."""
        return [str(command.get("id")) for command in self.follower.state.fields.get("commands") or ()]

    @property
    def is_at_rest(self) -> bool:
        """Whether it is the user's turn: no callback runs, or each that does waits for an answer."""
        waiting = {ask.run_id for ask in self.asks}
        return all(run.ended_at is not None or run.id in waiting for run in self.follower.state.runs.values())

    def run_of(self, command_id: str) -> RunInfo | None:
        """The run that a command of this client's has started."""
        return next((run for run in self.follower.state.runs.values() if run.command_id == command_id), None)

    # --- What is done ---

    async def say(self, content: str, files: list[FileInfo], command: str | None = None) -> str:
        """Send a message; returns the id of its command, once its run is known. Raises `ConvoError`."""
        message = SendMessage(id=new_id(), content=content, files=[file.id for file in files], command=command)
        await self._do(message)
        await self._until(lambda: self.run_of(message.id) is not None)
        return message.id

    async def answer(self, ask: Ask, value: Any) -> None:
        await self._do(AnswerAsk(id=new_id(), ask_id=ask.id, value=value))

    async def cancel(self, ask: Ask) -> None:
        await self._do(CancelAsk(id=new_id(), ask_id=ask.id))

    async def click(self, action: Action) -> None:
        await self._do(Act(id=new_id(), action_id=action.id))

    async def stop(self) -> None:
        """Stop all that is going."""
        await self._do(Stop(id=new_id()))

    async def upload(self, path: Path, ask: Ask | None = None) -> FileInfo:
        """Raises `ConvoError`, `OSError`."""
        return await self._api.upload(self.thread, path, None if ask is None else ask.id)

    async def rest(self) -> None:
        """Wait until it is the user's turn. Raises `ConvoError` when the thread is gone."""
        await self._until(lambda: self.is_at_rest)

    async def _do(self, command: CommandStruct) -> None:
        """Send a command until it is answered, and wait for its effect. Raises `ConvoError`."""
        self.sent.add(command.id)
        loop = asyncio.get_running_loop()
        pause, until = FIRST_PAUSE, loop.time() + PATIENCE_SECONDS
        while True:
            try:
                answer = await self._api.command(self.thread, command)
                break
            except ConvoError as error:
                if not _may_pass(error) or loop.time() + pause > until:
                    raise
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        seq, log = answer.seq, self.follower.log
        if seq is not None:
            await self._until(lambda: self.follower.log != log or self.follower.position >= seq)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with self._changed:
            while not condition():
                if self.gone is not None:
                    raise self.gone
                await self._changed.wait()

    # --- Reading ---

    async def _follow(self) -> None:
        """Read, and connect again when the connection breaks, from where this stands."""
        pause, is_lost = FIRST_PAUSE, False
        while self.gone is None:
            try:
                async for frame in self._api.frames(self.thread, self.follower.log, self.follower.position):
                    pause = FIRST_PAUSE
                    if is_lost:
                        is_lost = False
                        self._on_connection(True)
                    if isinstance(frame, Goodbye):
                        raise CommandError(frame.error.code, frame.error.text)
                    if isinstance(frame, Hello):
                        self.app = frame.app
                    else:
                        events = self.follower.take(frame)
                        self._on_news(None if isinstance(frame, Snapshot) and frame.scope == "thread" else events)
                    await self._tell()
            except GapError:
                continue
            except ConvoError as error:
                if not self.follower.is_begun or not _may_pass(error):
                    self.gone = error
                    continue
                if not is_lost:
                    is_lost = True
                    self._on_connection(False)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except Exception as error:  # a bug of ours: whoever waits must hear of it
                self.gone = UnreachableError(f"{type(error).__name__}: {error}")
            finally:
                await self._tell()

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _may_pass(error: ConvoError) -> bool:
    """Whether it may work in a moment."""
    if isinstance(error, CommandError):
        return error.failure.code in ("unavailable", "rate-limited")
    return isinstance(error, UnreachableError)
