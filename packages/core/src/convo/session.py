"""Sessions: one live thread each, with its log, its state and its runs."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import msgspec

from convo.aio import event_loop
from convo.audio import Voice
from convo.callbacks import Callbacks
from convo.conversation import Conversation
from convo.datalayer import DataLayer
from convo.errors import DataLayerError
from convo.files import Files
from convo.log import EventLog, Subscription, ThreadLog
from convo.mcp import McpConnections
from convo.protocol import Answer, Event, SessionEnded, StateFields, StatePatched, new_id
from convo.questions import Questions
from convo.quota import Quota
from convo.ratings import Ratings
from convo.recorder import Recorder
from convo.run import Client, Run, current_run, own_tasks
from convo.runs import Runs
from convo.state import ThreadState
from convo.uploads import Uploads
from convo.user import User

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["Session", "current_session"]

logger = logging.getLogger("convo.session")

_NOBODY = Client()
NOT_STORED = frozenset({"chat_context"})

current_session: ContextVar[Session | None] = ContextVar("convo_session", default=None)


class Session:
    """One live thread. Owned by a `Directory`; used on its event loop, except `append`, which any thread may call."""

    def __init__(
        self,
        state: ThreadState,
        *,
        callbacks: Callbacks,
        config: Config,
        data_layer: DataLayer,
        files: Files,
        owner_id: str,
        process_id: str,
        quota: Quota | None = None,
        changed_at: str | None = None,
        epoch: int | None = None,
        on_saved: Callable[[Session], None] | None = None,
        on_lost: Callable[[Session], object] | None = None,
    ) -> None:
        self.id = new_id()
        self.owner_id = owner_id
        self.participants: set[str] = set()  # principals whom a chat platform has let into this thread's place
        self.is_resumed = epoch is not None
        self.callbacks = callbacks
        self.config = config
        self.log: ThreadLog = EventLog(
            state, tail_events=config.limits.tail_events, tail_bytes=config.limits.tail_bytes
        )
        self.recorder = Recorder(
            self.log,
            data_layer,
            owner_id=owner_id,
            process_id=process_id,
            changed_at=changed_at,
            epoch=epoch,
            on_saved=None if on_saved is None else lambda: on_saved(self),
            on_lost=None if on_lost is None else lambda: on_lost(self),
        )
        self.data_layer = data_layer
        self.files = files
        self.quota = quota or Quota(config)
        self.uploads = Uploads(files, state.thread.id, self.quota)
        self.runs = Runs(self)
        self.conversation = Conversation(self)
        self.questions = Questions(self)
        self.voice = Voice(self)
        self.ratings = Ratings(self)
        self._mcp: McpConnections | None = None
        self.connections: dict[str, Client] = {}
        self.readers: dict[str, Subscription] = {}  # of connections
        self.values: dict[str, Any] = {}  # `user_session`
        self.answers: OrderedDict[tuple[str, str], Answer] = OrderedDict()
        self.is_ending = False
        self.ended = asyncio.Event()
        self.active_at = time.monotonic()
        self._saved_values: dict[str, bytes] = {}
        self._storing: set[asyncio.Task[None]] = set()
        self._soon: list[Callable[[], object]] = []  # what `call_soon` has been given
        self._is_woken = False  # the loop will come to that
        self._loop = asyncio.get_running_loop()
        own_tasks(self._loop)

    def give(self, owner_id: str) -> None:
        """Belong to another principal: what is stored from now on, and what the one before said, is his."""
        before, self.owner_id = self.owner_id, owner_id
        self.recorder.owner_id = owner_id
        answers = [((owner_id if by == before else by, one), answer) for (by, one), answer in self.answers.items()]
        self.answers = OrderedDict(answers)

    def is_own(self, by: str | None, client: Client) -> bool:
        """Whether what `by` said is the client's. In a thread that was given to its owner, all of it is."""
        return by in (None, client.principal_id) or client.principal_id == self.owner_id

    # --- Facts ---

    @property
    def state(self) -> ThreadState:
        return self.log.state

    @property
    def thread_id(self) -> str:
        return self.state.thread.id

    @property
    def is_idle(self) -> bool:
        """No connection, no run queued or running, no ask or call open, everything saved."""
        return (
            not self.connections
            and not self.runs
            and not self.conversation.is_waiting
            and not self._storing
            and not any(ask.outcome is None for ask in self.state.asks.values())
            and not any(call.outcome is None for call in self.state.calls.values())
            and not self.voice.is_open
            and self.recorder.is_saved
        )

    # --- Facts, as the callback that looks sees them ---

    @property
    def client(self) -> Client:
        """The connection whose command started the current run; one of nobody, if there is none."""
        run = current_run.get()
        return _NOBODY if run is None else run.client

    @property
    def user(self) -> User | None:
        return self.client.user

    @property
    def user_env(self) -> dict[str, str]:
        return self.client.env

    @property
    def client_type(self) -> str:
        """`webapp`, `copilot`, `slack` …: the words existing apps compare with."""
        return "webapp" if self.client.type == "web" else self.client.type

    @property
    def chat_profile(self) -> str | None:
        """The name of the profile."""
        return self.state.fields.get("profile")

    @property
    def chat_settings(self) -> dict[str, Any]:
        """The values of the chat settings."""
        settings = self.state.fields.get("settings") or {}
        return dict(settings.get("values") or {})

    # --- MCP ---

    @property
    def mcp(self) -> McpConnections | None:
        """Its connections with MCP servers; `None` where the App has no server."""
        if self._mcp is None and self.callbacks.mcp is not None:
            self._mcp = self.callbacks.mcp(self)
        return self._mcp

    @property
    def mcp_sessions(self) -> Mapping[str, tuple[Any, Any]]:
        """By the name of each MCP server that is connected: its `mcp.ClientSession`, and the connection."""
        return {} if self._mcp is None else self._mcp.sessions

    # --- Writing ---

    def append(self, event: Event) -> int:
        """Append to the log as the run of the current context, or as the session. Raises `RunEnded`."""
        run = current_run.get()
        return self.log.append(event, writer=None if run is None or current_session.get() is not self else run.id)

    # --- Its loop ---

    def enter(self, run: Run) -> None:
        """Make the current context that of `run`."""
        current_session.set(self)
        current_run.set(run)
        event_loop.set(asyncio.get_running_loop())

    def store_soon(self, run: Run, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start a task of a run that has something left to store; from any thread. The session's end waits for it."""

        def start() -> None:
            if self.ended.is_set():
                return
            context = contextvars.Context()
            context.run(self.enter, run)
            task = context.run(self._loop.create_task, work(), name="convo-storing")
            self._storing.add(task)
            task.add_done_callback(self._storing.discard)

        self.call_soon(start)

    def call_soon(self, function: Callable[[], object]) -> None:
        """Call `function`, which raises nothing, when the loop comes to it; from any thread, amid anything."""
        self._soon.append(function)
        if not self._is_woken and not self._loop.is_closed():
            self._is_woken = True  # once for all that come meanwhile: waking a loop is a call of the system
            self._loop.call_soon_threadsafe(self._call)

    def _call(self) -> None:
        self._is_woken = False  # before it looks: who comes after that wakes the loop again
        functions = self._soon[:]
        del self._soon[: len(functions)]
        for function in functions:
            function()

    # --- user_session ---

    def restore_values(self, values: dict[str, Any]) -> None:
        """Take over the JSON part of a stored `user_session`."""
        self.values.update(values)
        self._saved_values = {key: msgspec.json.encode(value) for key, value in values.items()}

    def keep_value(self, key: str, value: Any) -> None:
        """Keep JSON in `user_session` that is to outlive this session, from now on and not from the next run's end."""
        self.values[key] = value
        self.project_values()

    def project_values(self) -> None:
        """Append the JSON keys of `user_session` that changed, for the Recorder alone."""
        changed: dict[str, Any] = {}
        for key, value in self.values.items():
            if key in NOT_STORED:
                continue
            try:
                encoded = msgspec.json.encode(value)
                plain = msgspec.json.decode(encoded)
            except (TypeError, ValueError, RecursionError, OverflowError, msgspec.MsgspecError):
                continue
            if plain == value and self._saved_values.get(key) != encoded:
                self._saved_values[key] = encoded
                changed[key] = plain
        for key in self._saved_values.keys() - self.values.keys():
            del self._saved_values[key]
            changed[key] = None
        if changed:
            self.log.append(StatePatched(set=StateFields(session=changed)))

    # --- Connections ---

    def join(self, connection_id: str, client: Client, reader: Subscription) -> None:
        """A connection joined; runs `on_connect`."""
        self.connections[connection_id] = client
        self.readers[connection_id] = reader
        self.runs.start("on_connect", client=client)

    def part(self, connection_id: str) -> None:
        """A connection left; runs `on_disconnect`. Nothing else happens."""
        client = self.connections.pop(connection_id, None)
        self.readers.pop(connection_id, None)
        self.active_at = time.monotonic()
        self.voice.part(connection_id)
        if client is not None and not self.is_ending:
            self.runs.start("on_disconnect", client=client)

    def leave(self, client: Client) -> int:
        """The command `leave`: the connection goes elsewhere."""
        if client.connection_id is not None:
            self.part(client.connection_id)
        return self.log.seq

    # --- The end ---

    async def end(self, reason: str, *, grace: float = 5.0) -> None:
        """Stop what is going, run `on_chat_end`, store the rest and free everything. Called once."""
        self.is_ending = True
        self.runs.stop_all(reason)
        self.conversation.close(reason)
        await self.runs.finish(self.voice.abort(), reason, grace)
        for rated in await self.ratings.finish(grace):
            await self.runs.finish(rated, reason, grace)
        await self.runs.finish(self.runs.start("on_chat_end"), reason, grace)
        if self._mcp is not None:
            await self._mcp.close(grace)
        await asyncio.sleep(0)  # for what other threads have begun to store
        if self._storing:
            _, late = await asyncio.wait(self._storing, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.recorder.finish(grace)
        await self._release_files()
        self.runs.cancel_retired()
        self.log.append(SessionEnded(reason=reason))
        self.log.close()
        self.values.clear()
        self.answers.clear()
        self.ended.set()

    async def _release_files(self) -> None:
        """Forget what was not sent, the working copies, and all files of a chat that was never stored."""
        try:
            await self.uploads.close()
            if self.recorder.has_begun:
                await self.files.release(self.thread_id)
            else:
                await self.files.discard_thread(self.thread_id)
        except DataLayerError as error:
            logger.warning("Files of the thread `%s` may be left in the storage: %s", self.thread_id, error)
