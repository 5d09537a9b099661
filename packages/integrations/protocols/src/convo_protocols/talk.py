"""The talk: one caller in one thread: which it is, what is said there, and what happens then."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from convo.directory import Connection
from convo.follower import Follower
from convo.protocol import (
    MESSAGE_TYPES,
    PROTOCOL_VERSION,
    Ask,
    CommandError,
    Connect,
    Failure,
    RunInfo,
    Snapshot,
    new_id,
)
from convo.routes import Visit
from convo.run import Client
from convo.state import ThreadState

from convo_protocols.ag_ui import Answer, Run
from convo_protocols.ai_sdk import Chat
from convo_protocols.exchange import Active, Exchange, Fresh, Named
from convo_protocols.prompt import Attachment, Prompt, from_url
from convo_protocols.turn import Happening, Turn, asked

__all__ = ["Talk", "thread_id_of"]

KEEP_ALIVE_SECONDS = 15.0
_THREADS = uuid.UUID("0b4f6f0e-6d1c-4c55-9a55-2f4f7b1c9d3a")
_THREAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_GREETING = "on_chat_start"
_GOING = ("queued", "running")


def thread_id_of(principal_id: str, protocol: str, kind: str, name: str) -> str:
    """The thread behind a name that a client made: the same after a restart, and never another principal's."""
    return uuid.uuid5(_THREADS, json.dumps([principal_id, protocol, kind, name])).hex


class Talk:
    """Belongs to one request. `close` it, whatever happens."""

    def __init__(self, visit: Visit, exchange: Exchange) -> None:
        self._visit = visit
        self._exchange = exchange
        self._follower = Follower()
        self._news = asyncio.Event()
        self._connection: Connection | None = None
        self._is_left = False
        self._dismissal: Failure | None = None
        self._stop_watching: Callable[[], None] = lambda: None

    @property
    def thread_id(self) -> str:
        return self.connection.session.thread_id

    @property
    def connection(self) -> Connection:
        assert self._connection is not None
        return self._connection

    @property
    def state(self) -> ThreadState:
        return self._follower.state

    # --- Its thread ---

    async def begin(self) -> tuple[Turn, str | None] | None:
        """Join the thread and say what the exchange brings, or see what is there; `None`: nothing that is going.

        Returns the turn that answers, and the id of a question that was answered. Raises `CommandError`.
        """
        if self._visit.directory.config.project.user_env:
            text = "This app needs keys of its users' own, which come by its page and the headless API alone."
            raise CommandError("unsupported", text)
        if not self._exchange.is_reading:
            await self._open()
            return await self._say()
        run_id = await self._reread()
        return None if run_id is None else (Turn(run_id), None)

    async def _open(self) -> None:
        match self._exchange.place:
            case Fresh(None):
                await self._connect(None)
            case Fresh(key):
                await self._open_at(self._id("key", str(key)))
            case Named(name):
                await self._open_at(await self._find(name))
            case Active(thread_id):
                await self._connect(thread_id)
        self._read()

    async def _reread(self) -> str | None:
        """Join a thread that is there; returns the id of the run to tell."""
        place = self._exchange.place
        if isinstance(place, Named):
            thread_id = await self._find(place.name)
            if await self._visit.directory.owner_of(thread_id) is None:
                return None
            await self._connect(thread_id)
            self._read()
            return self._active_run()
        assert isinstance(place, Active)
        await self._connect(place.thread_id)
        self._read()
        if place.run_id not in self.connection.session.state.runs:
            details = {"code": "response_not_found"}
            raise CommandError("not-found", "There is no such response, or it is not yours.", details=details)
        return place.run_id

    def _id(self, kind: str, name: str) -> str:
        return thread_id_of(self._visit.principal.id, self._exchange.protocol, kind, name)

    async def _find(self, name: str) -> str:
        """The id of a thread of the principal's own, or that of the one which the name stands for."""
        if _THREAD.fullmatch(name) and await self._visit.directory.owner_of(name) == self._visit.principal.id:
            return name
        return self._id("name", name)

    async def _open_at(self, thread_id: str) -> None:
        directory, principal = self._visit.directory, self._visit.principal
        if directory.history.is_hidden(thread_id):
            raise CommandError("not-found", "That chat was deleted; begin another one.")
        client = Client(
            type="api",
            profile=self._exchange.profile,
            user=principal.user,
            principal_id=principal.id,
            trace=self._visit.trace,
        )
        metadata = {"protocol": self._exchange.protocol}
        await directory.open_at(thread_id, principal, client, metadata=metadata)
        await self._connect(thread_id)

    async def _connect(self, thread_id: str | None) -> None:
        profile = self._exchange.profile if thread_id is None else None
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=thread_id, profile=profile)
        self._connection = await self._visit.directory.connect(
            self._visit.principal, connect, self._news.set, trace=self._visit.trace
        )
        self._stop_watching = self._visit.oversee(self._connection, self._dismiss)

    # --- What is said ---

    async def _say(self) -> tuple[Turn, str | None]:
        exchange = self._exchange
        if isinstance(exchange, Run) and exchange.answers:
            return await self._resume(exchange.answers)
        if (ask := self._waiting()) is not None:
            return await self._answer(ask, exchange.prompt), ask.id
        if self._is_new:
            await self._greeted()
        return Turn(await self._send(exchange)), None

    async def _send(self, exchange: Exchange) -> str:
        """Returns the id of the run."""
        prompt, key = exchange.prompt, exchange.key
        known = None if key is None else self._run_of(key)
        if known is not None and known.trigger is not None:
            if isinstance(exchange, Chat) and exchange.is_anew:
                return self._do(new_id(), kind="regenerate", messageId=known.trigger)
            if self._text_of(known) == prompt.text:
                return known.id
            if not isinstance(exchange, Chat):
                raise CommandError(
                    "invalid", "This came before with another message; a new one needs a key of its own."
                )
            return self._do(f"{key}:{_digest(prompt.text)}", kind="edit", messageId=known.trigger, content=prompt.text)
        prior = self._prior(exchange)
        files = await self._upload(prompt.attachments)
        if self._is_new and prompt.earlier:
            self.connection.session.conversation.take_up(prompt.earlier, self.connection.client)
        fields = {} if prior is None else {"priorId": prior}
        return self._do(key or new_id(), kind="message", content=prompt.text, files=files, **fields)

    def _prior(self, exchange: Exchange) -> str | None:
        """The message to go on after, where that is not the last one. Raises `CommandError`."""
        if not isinstance(exchange.place, Active) or exchange.place.run_id is None:
            return None
        state, run_id = self.connection.session.state, exchange.place.run_id
        run = state.runs.get(run_id)
        if run is None:
            details = {"param": "previous_response_id", "code": "previous_response_not_found"}
            raise CommandError("not-found", "There is no such response, or it is not yours.", details=details)
        said = [one for one in state.steps_of(run_id) if state.steps[one].facts.type in MESSAGE_TYPES]
        last = said[-1] if said else run.trigger
        return None if last == state.leaf or last not in state.steps else last

    async def _upload(self, attachments: Sequence[Attachment], ask_id: str | None = None) -> list[str]:
        files: list[str] = []
        for one in attachments:
            info = await self.connection.receive_file(_once(one.data), name=one.name, mime=one.mime, ask_id=ask_id)
            files.append(info.id)
        return files

    def _do(self, command_id: str, **fields: Any) -> str:
        """Dispatch what begins a run, and return its id."""
        self._dispatch(command_id, **fields)
        run = self._run_of(command_id)
        if run is None:
            raise CommandError("unavailable", "This chat was closed meanwhile; send it again.", retry_after=1.0)
        return run.id

    def _dispatch(self, command_id: str, **fields: Any) -> None:
        """Raises `CommandError`."""
        answer = self.connection.dispatch({"id": command_id} | fields)
        if answer.error is not None:
            error = answer.error
            raise CommandError(
                error.code, error.text, key=error.key, retry_after=error.retry_after, details=error.details
            )

    def _run_of(self, command_id: str) -> RunInfo | None:
        """The latest run of a command, or of an edit of its message."""
        runs, by = self.connection.session.state.runs.values(), self._visit.principal.id
        edited = f"{command_id}:"
        found = [one for one in runs if one.by == by and one.command_id is not None]
        named = [one for one in found if one.command_id == command_id or str(one.command_id).startswith(edited)]
        return named[-1] if named else None

    def _text_of(self, run: RunInfo) -> str | None:
        """What a run's message says, also while it waits."""
        entry = self.connection.session.state.steps.get(run.trigger or "")
        return run.text if entry is None else entry.step.output

    # --- Questions ---

    @property
    def _is_new(self) -> bool:
        """Nobody has said anything here."""
        steps = self.connection.session.state.steps.values()
        runs = self.connection.session.state.runs.values()
        return all(entry.facts.type != "user_message" for entry in steps) and all(
            run.callback != "on_message" for run in runs
        )

    async def _greeted(self) -> None:
        """Let the app greet. What it asks before anything was said has been shown to nobody: it gets no answer."""
        while any(run.callback == _GREETING and run.status in _GOING for run in self.state.runs.values()):
            for ask in list(self.state.asks.values()):
                if ask.outcome is None:
                    self.leave_unanswered(ask)
            self._check()
            self._news.clear()
            if not self._read():
                await self._news.wait()

    def _waiting(self) -> Ask | None:
        """The question that what is said now answers."""
        if self._is_new:
            return None
        state = self.connection.session.state
        asks = [one for one in state.asks.values() if one.outcome is None and self._exchange.awaits(one)]
        mine = [one for one in asks if one.anyone or self._is_mine(state.runs.get(one.run_id))]
        return mine[-1] if mine else None

    def _is_mine(self, run: RunInfo | None) -> bool:
        return run is None or run.by in (None, self._visit.principal.id)

    def leave_unanswered(self, ask: Ask) -> None:
        """Nobody will answer this. Idempotent."""
        self.connection.dispatch({"id": new_id(), "kind": "cancel-ask", "askId": ask.id})

    async def _answer(self, ask: Ask, prompt: Prompt) -> Turn:
        value: Any = prompt.text
        if ask.type == "action":
            value = self._choice(ask, prompt.text)
        elif ask.type == "file":
            value = await self._upload(prompt.attachments, ask.id)
        return self._settle(ask, {"kind": "answer", "value": value})

    async def _resume(self, answers: Sequence[Answer]) -> tuple[Turn, str | None]:
        asks = self.connection.session.state.asks
        turn = None
        for answer in answers:
            ask = asks.get(answer.interrupt_id)
            if ask is None:
                raise CommandError("not-found", "There is no such question in this thread.")
            value: Any = answer.payload
            if answer.status == "cancelled":
                turn = self._settle(ask, {"kind": "cancel-ask"})
                continue
            if ask.type == "action":
                value = self._choice(ask, value)
            elif ask.type == "file":
                files = value if isinstance(value, list) else [value]
                value = await self._upload([from_url(one) for one in files], ask.id)
            turn = self._settle(ask, {"kind": "answer", "value": value})
        assert turn is not None
        return turn, answers[-1].interrupt_id

    def _choice(self, ask: Ask, said: Any) -> str:
        """The button that is meant, by its id or its label. Raises `CommandError`."""
        choices = asked(self.connection.session.state, ask).choices
        word = said.strip().casefold() if isinstance(said, str) else None
        for action_id, label in choices.items():
            if said == action_id or word == label.strip().casefold():
                return action_id
        offered = ", ".join(f"`{label}`" for label in choices.values())
        raise CommandError("invalid", f"The answer to this is one of {offered}.")

    def _settle(self, ask: Ask, command: dict[str, Any]) -> Turn:
        """Answer or cancel; what happens after that is the turn's."""
        while self._read():
            pass
        turn = Turn(ask.run_id)
        turn.pass_over(self.state)
        self._dispatch(new_id(), askId=ask.id, **command)
        return turn

    # --- What happens ---

    async def listen(self, turn: Turn) -> AsyncIterator[list[Happening]]:
        """What happens, as it does; nothing, every 15 s, while nothing does. Ends with the turn, or without a caller.

        Raises `CommandError` when it cannot be told to the end.
        """
        if happenings := turn.take(self.state, None):
            yield happenings
        while not turn.is_over and not self._is_left:
            self._check()
            self._news.clear()
            frame = self.connection.read()
            if frame is not None:
                events = self._follower.take(frame)
                if happenings := turn.take(self.state, None if isinstance(frame, Snapshot) else events):
                    yield happenings
                continue
            try:
                await asyncio.wait_for(self._news.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield []

    def _active_run(self) -> str | None:
        """The run that answers a message just now."""
        going = [one for one in self.state.runs.values() if one.callback == "on_message" and one.status in _GOING]
        return going[-1].id if going else None

    def stop(self, run_id: str) -> None:
        """Raises `CommandError`."""
        self._dispatch(new_id(), kind="stop", runId=run_id)

    def leave(self) -> None:
        """The caller has gone."""
        self._is_left = True
        self._news.set()

    def close(self) -> None:
        """Idempotent."""
        self._stop_watching()
        if self._connection is not None:
            self._connection.close()

    def _dismiss(self, failure: Failure | None) -> None:
        text = "You are somebody else by now; ask again."
        self._dismissal = failure or Failure(code="unauthenticated", text=text)
        self._news.set()

    def _check(self) -> None:
        if self._is_left:
            raise CommandError("unavailable", "Nobody waits for the answer any more.")
        if self._dismissal is not None:
            raise CommandError(self._dismissal.code, self._dismissal.text)
        if self.connection.is_finished:
            raise CommandError("unavailable", "This chat was closed; send it again.", retry_after=1.0)

    def _read(self) -> bool:
        frame = self.connection.read()
        if frame is not None:
            self._follower.take(frame)
        while not self._follower.is_begun:  # a principal's notices may come first
            frame = self.connection.read()
            assert frame is not None  # a reader without a position gets a snapshot
            self._follower.take(frame)
        return frame is not None


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _digest(text: str) -> str:
    return uuid.uuid5(_THREADS, text).hex[:16]
