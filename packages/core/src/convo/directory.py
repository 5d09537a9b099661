"""The directory: all live sessions, who may join them, and when they end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import replace

from convo.aio import call_in_thread
from convo.audience import Audience
from convo.callbacks import Callbacks
from convo.connection import Connection
from convo.datalayer import DataLayer, Pagination, StoredThread
from convo.errors import DataLayerError, NotFoundError
from convo.files import Files, StoredFile
from convo.history import History
from convo.info import choose_profile
from convo.log import Frame
from convo.principal import Principal, authorize
from convo.projection import ParticipantProjection
from convo.protocol import (
    PROTOCOL_VERSION,
    CommandError,
    Connect,
    Event,
    Notice,
    Saved,
    Snapshot,
    StateFields,
    StatePatched,
    ThreadInfo,
    new_id,
    timestamp,
)
from convo.resumption import queued_files, resume
from convo.run import Client, Trace
from convo.session import Session
from convo.sessions import Sessions
from convo.sharing import Sharing
from convo.state import ThreadState
from convo.thread import ThreadDict, thread_dict
from convo.viewing import Viewing

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["Connection", "Directory"]

logger = logging.getLogger("convo.directory")

T = TypeVar("T")

LISTED = 100  # threads of which other tabs hear at once when they are given: the rest they see when they look
TAKEN_OVER = "taken-over"
"""Why a session ended whose thread another process writes to now, or has deleted."""

_ASKED = ("web", "copilot", "test")  # connections with a person at their end who can be asked


class Directory:
    """All threads of an App, live or stored, and who may join or read them."""

    def __init__(self, callbacks: Callbacks, config: Config, data_layer: DataLayer, files: Files | None = None) -> None:
        self.config = config
        self.data_layer = data_layer
        self.files = files or Files()
        self.process_id = new_id()
        self.callbacks = callbacks
        self._opening: dict[str, asyncio.Lock] = {}
        self.live_sessions = Sessions(self)
        self.audience = Audience(self)
        self.history = History(self)
        self.sharing = Sharing(self)
        self.viewing = Viewing(self)
        self.readers: list[Callable[[Session], object]] = []
        """Called with each session that begins: who reads along whatever the App is, as bridges do. They never wait."""
        self.is_stopping = False

    # --- Life ---

    async def start(self) -> None:
        """Open the data layer and begin to end idle sessions."""
        await self.data_layer.open()
        await self.files.open()
        self.live_sessions.start()

    async def stop(self, *, grace: float = 5.0) -> None:
        """End all sessions, storing what is unsaved for at most `grace` seconds each, all at a time."""
        self.is_stopping = True
        await self.live_sessions.stop(grace)
        await self.viewing.stop()
        await self.history.finish()
        self.audience.stop()
        await self.data_layer.close()
        await self.files.close()

    async def swap(self, callbacks: Callbacks, config: Config) -> None:
        """Give all sessions the callbacks and settings of a newly loaded App; runs that are going finish on the old."""
        self.callbacks, self.config = callbacks, config
        for session in self.live_sessions.all():
            session.callbacks = callbacks
            if session.state.fields.get("profile") is None:
                session.config = config
        self.live_sessions.renew_quotas(config)
        for session in self.live_sessions.all():
            name = session.state.fields.get("profile")
            if name is not None:
                session.config = await self._config_of(name, Client(user=session.user))

    @property
    def sessions(self) -> list[Session]:
        return list(self.live_sessions)

    def end_session(self, session: Session, reason: str, *, grace: float = 5.0) -> asyncio.Task[None]:
        """The one task that ends a session, whoever asks."""
        return self.live_sessions.end(session, reason, grace=grace)

    # --- Owners ---

    async def give(self, owner_id: str, to: str) -> list[str]:
        """Make all threads of one principal another's, live or stored (a visitor logged in); returns their ids.

        Whoever has connections for the old owner ends them: their commands are refused from now on. Idempotent.
        Raises `CommandError`: `unavailable`.
        """
        given = self._give_live(owner_id, to)
        what = f"The threads of `{owner_id}`"
        await asyncio.gather(*(session.recorder.settle() for session in given))
        ids = await self.look(self.data_layer.give_threads(owner_id, to), what)
        self._give_live(owner_id, to)  # those that were being opened meanwhile
        self.history.give(owner_id, to)
        await self._tell_given(to, {*ids, *(session.thread_id for session in given)})
        return ids

    def _give_live(self, owner_id: str, to: str) -> list[Session]:
        given = [session for session in self.live_sessions.all() if session.owner_id == owner_id]
        for session in given:
            session.give(to)
        return given

    async def _tell_given(self, to: str, ids: set[str]) -> None:
        """Other tabs of who has them now show them."""
        if ids and self.audience.hears(to) and self.history.info is not None:
            page = await self.look(self.data_layer.list_threads(to, Pagination(LISTED)), "The history")
            for thread in reversed(page.threads):
                if thread.id in ids:
                    self.history.list_again(to, thread)

    # --- What all hear ---

    def tell(self, principal_id: str, event: Event) -> None:
        """Let every tab of a principal know, if there is one."""
        self.audience.tell(principal_id, event)

    def post_notice(self, notice: Notice) -> None:
        """Tell every connected principal, and those who connect later, until it is cleared."""
        self.audience.post_notice(notice)

    def clear_notice(self, notice_id: str) -> None:
        """Idempotent."""
        self.audience.clear_notice(notice_id)

    # --- Connections ---

    async def connect(
        self,
        principal: Principal,
        connect: Connect,
        on_news: Callable[[], None] | None = None,
        *,
        trace: Trace | None = None,
    ) -> Connection:
        """Join the session that `connect` asks for, resume its thread, or begin a new one.

        `trace` is the one that its request belongs to. Raises what `open` raises, and `CommandError` `rate-limited` for
        too many connections.
        """
        with self.audience.counting(principal):
            session, client = await self.open(principal, connect, connection_id=new_id(), trace=trace)
        return Connection(self, session, principal, client, connect, on_news)

    async def open(
        self,
        principal: Principal,
        connect: Connect,
        *,
        connection_id: str | None = None,
        trace: Trace | None = None,
    ) -> tuple[Session, Client]:
        """The session that `connect` asks for, without joining it, and who asks.

        Raises `CommandError`: `unsupported` for another protocol, `not-found` for what is not there or not the
        principal's, `unavailable` while shutting down or when history cannot be read.
        """
        self.check_connect(connect)
        if connect.share is not None:
            raise CommandError("invalid", "What is shared is read by its `share` alone, and not opened.")
        client = Client(
            connection_id=connection_id,
            type=connect.client,
            env=self._env(connect),
            language=connect.language,
            profile=connect.profile,
            user=principal.user,
            principal_id=principal.id,
            trace=trace,
        )
        return await self._find(principal, connect, client), client

    def check_connect(self, connect: Connect) -> None:
        """Whether this server can do what a connect frame asks for. Raises `CommandError`."""
        if connect.protocol != PROTOCOL_VERSION:
            raise CommandError(
                "unsupported",
                f"This server speaks version {PROTOCOL_VERSION} of the protocol. Reload the page.",
                key="version",
                details={"version": PROTOCOL_VERSION},
            )
        if connect.turns is not None and connect.turns < 1:
            raise CommandError("invalid", "`turns` says how many turns of a long thread to begin with: 1 or more.")
        self._check_open()

    def _check_open(self) -> None:
        if self.is_stopping:
            raise CommandError("unavailable", "The server is shutting down.", key="stopping", retry_after=1.0)

    async def read(self, principal: Principal, thread_id: str) -> Frame:
        """A thread as it stands, live or stored. Makes no session. Raises `CommandError`."""
        session = self.live(thread_id)
        if session is None:
            stored = await self.read_stored(thread_id)
            authorize(principal, "thread:read", stored.owner_id)
            config = await self.config_of(stored, Client(user=principal.user, principal_id=principal.id))
            projection = ParticipantProjection("", config.ui.cot)
            shown = projection.state(stored.state, ThreadState.from_view(stored.state))
            return Snapshot(log="", to=0, state=shown)
        authorize(principal, "thread:read", session.owner_id)
        reader = session.log.subscribe(projection=ParticipantProjection("", session.config.ui.cot))
        frame = reader.read()
        reader.close()
        assert frame is not None  # a reader without a position gets a snapshot
        return frame

    async def enter(self, thread_id: str) -> Session:
        """The session of a thread, for the App itself: live, or resumed. Raises `CommandError`."""
        live = self.live_sessions.of_thread(thread_id)
        if live is not None and not live.is_ending:
            live.recorder.start()
            return live
        owner_id = await self.owner_of(thread_id)
        if owner_id is None:
            raise CommandError("not-found", f"There is no thread `{thread_id}`.")
        return await self._resume(Principal(owner_id), thread_id, Client())

    async def open_at(
        self, thread_id: str, principal: Principal, client: Client, *, metadata: Mapping[str, Any] | None
    ) -> Session:
        """The session of the thread that a place outside has, by an id that only the App makes for it.

        Live, or resumed; if there is none, begun for `principal` with this metadata, unless that is `None`. Who may
        come to the place says who asks. Raises `CommandError`: `not-found`, `unavailable`, `rate-limited`.
        """
        self._check_open()
        owner_id = await self.owner_of(thread_id)
        if owner_id is not None:
            live = self.live_sessions.of_thread(thread_id)
            if live is not None and not live.is_ending:
                return live
            return await self._resume(Principal(owner_id), thread_id, client)
        async with self.alone(thread_id):
            live = await self.settled(thread_id)
            if live is None and metadata is None:
                raise CommandError("not-found", "That chat has ended and was not stored.", key="ended")
            if live is None:
                thread = ThreadInfo(id=thread_id, created_at=timestamp(), metadata=dict(metadata or {}))
                live = await self._begin(thread, principal, client)
            return live

    async def read_file(self, principal: Principal, thread_id: str, file_id: str) -> StoredFile:
        """A file of a thread, live or stored. Raises `CommandError`."""
        authorize(principal, "thread:read", await self.owner_of(thread_id))
        return await self.get_file(thread_id, file_id)

    async def get_file(self, thread_id: str, file_id: str) -> StoredFile:
        """A file of a thread, for who may read it. Raises `CommandError`."""
        with _reading_file(f"{thread_id}/{file_id}"):
            file = await self.files.get(thread_id, file_id)
        if file is None:
            raise CommandError("not-found", "There is no such file.", key="file")
        return file

    async def read_content(
        self, file: StoredFile, start: int = 0, end: int | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes of a file from `start` on, before `end`. Raises `CommandError`, with the first piece."""
        with _reading_file(file.key):
            async with aclosing(self.files.read(file, start, end)) as pieces:
                async for piece in pieces:
                    yield piece

    async def _find(self, principal: Principal, connect: Connect, client: Client) -> Session:
        sessions = self.live_sessions
        session = sessions.get(connect.session or "") or sessions.of_thread(connect.thread or "")
        if session is not None and not session.is_ending:
            authorize(principal, "thread:open", session.owner_id)
            return session
        if connect.thread is not None:
            return await self._resume(principal, connect.thread, client)
        if connect.session is not None:
            raise CommandError("not-found", "That chat has ended and was not stored.", key="ended")
        return await self._begin(ThreadInfo(id=new_id(), created_at=timestamp()), principal, client)

    async def _begin(self, thread: ThreadInfo, principal: Principal, client: Client) -> Session:
        """A session of a new thread."""
        profile, config = await choose_profile(
            self.callbacks, self.config, user=client.user, name=client.profile, language=client.language
        )
        self._check_open()
        self.live_sessions.make_room(principal)
        session = self._make(ThreadState(thread), principal.id, config)
        self._add(session)
        if profile is not None:
            session.log.append(StatePatched(set=StateFields(profile=profile)))
        session.runs.start("on_chat_start", client=client)
        return session

    def _env(self, connect: Connect) -> dict[str, str]:
        """What the user was asked for, and nothing else that came along. Raises `CommandError`."""
        asked = self.config.project.user_env
        env = {name: connect.user_env[name] for name in asked if connect.user_env.get(name)}
        missing = [name for name in asked if name not in env]
        begins = connect.thread is None and connect.session is None
        if missing and (connect.client in _ASKED or (connect.client == "api" and begins)):
            raise CommandError(
                "invalid", f"This app needs {', '.join(missing)} from you.", key="env", details={"env": missing}
            )
        return env

    def _make(
        self,
        state: ThreadState,
        owner_id: str,
        config: Config,
        *,
        changed_at: str | None = None,
        epoch: int | None = None,
    ) -> Session:
        """A session that nobody can find until it is added."""
        return Session(
            state,
            callbacks=self.callbacks,
            config=config,
            data_layer=self.data_layer,
            files=self.files,
            owner_id=owner_id,
            process_id=self.process_id,
            quota=self.live_sessions.quota_of(owner_id, config),
            changed_at=changed_at,
            epoch=epoch,
            on_saved=self.history.saved,
            on_lost=lambda session: self.end_session(session, TAKEN_OVER),
        )

    def _add(self, session: Session) -> None:
        self.live_sessions.add(session)
        session.runs.let_observe()
        for read_along in self.readers:
            read_along(session)
        self.viewing.began(session)

    async def _resume(self, principal: Principal, thread_id: str, client: Client) -> Session:
        """A session for a stored thread; one, however many connections ask at the same time."""
        async with self.alone(thread_id):
            live = await self.settled(thread_id)
            if live is None:
                authorize(principal, "thread:open", await self.owner_of(thread_id))
                claiming = self.data_layer.claim_thread(thread_id, self.process_id)
                epoch = await self.look(claiming, f"The thread `{thread_id}`")  # before it is read: then nobody writes
                stored = await self.read_stored(thread_id)
                config = await self.config_of(stored, client)
                with _reading_file(thread_id):
                    files = await queued_files(stored, self.files)
                live = await self._restore(stored, epoch, client, principal, config, files)
            authorize(principal, "thread:open", live.owner_id)
            return live

    # --- Threads, live or stored ---

    def live(self, thread_id: str) -> Session | None:
        """The session of a thread, if it has one; nothing of one that was deleted."""
        return None if self.history.is_hidden(thread_id) else self.live_sessions.of_thread(thread_id)

    async def settled(self, thread_id: str) -> Session | None:
        """The session of a thread, if it has one; one that is ending is waited for, and is none."""
        live = self.live_sessions.of_thread(thread_id)
        if live is None or not live.is_ending:
            return live
        await live.ended.wait()
        return None

    @contextlib.asynccontextmanager
    async def alone(self, thread_id: str) -> AsyncIterator[None]:
        """Keeps a thread without a session from getting one by anybody else."""
        lock = self._opening.setdefault(thread_id, asyncio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._opening.pop(thread_id, None)

    async def read_stored(self, thread_id: str) -> StoredThread:
        """Raises `CommandError`: `not-found`, also for one that was deleted, or `unavailable`."""
        hidden = self.history.is_hidden(thread_id)
        stored = None if hidden else await self.look(self.data_layer.get_thread(thread_id), f"The thread `{thread_id}`")
        if stored is None:
            raise CommandError("not-found", "There is no such thread, or it is not yours.", key="thread")
        return stored

    async def owner_of(self, thread_id: str) -> str | None:
        """Whose a thread is, live or stored; `None` when there is none. Raises `CommandError`: `unavailable`."""
        if self.history.is_hidden(thread_id):
            return None
        if (session := self.live(thread_id)) is not None:
            return session.owner_id
        return await self.look(self.data_layer.get_thread_owner(thread_id), f"The thread `{thread_id}`")

    async def look(self, looking: Awaitable[T], what: str) -> T:
        """What a data layer answers. Raises `CommandError`: `unavailable` when it cannot look."""
        try:
            return await looking
        except Exception as error:  # a data layer is foreign code; the client learns that it may try again
            logger.exception("%s cannot be read", what)
            raise CommandError(
                "unavailable", "History cannot be read at the moment.", key="historyDown", retry_after=2.0
            ) from error

    async def config_of(self, stored: StoredThread, client: Client) -> Config:
        """The settings of a stored chat's profile; the app's own if the profile is no longer offered."""
        if stored.state.profile is None:
            return self.config
        return await self._config_of(stored.state.profile, client)

    async def _config_of(self, profile: str, client: Client) -> Config:
        try:
            _, config = await choose_profile(
                self.callbacks, self.config, user=client.user, name=profile, language=client.language
            )
        except CommandError:
            return self.config
        return config

    async def _restore(
        self,
        stored: StoredThread,
        epoch: int,
        client: Client,
        principal: Principal,
        config: Config,
        files: Mapping[str, StoredFile],
    ) -> Session:
        """The session of a stored thread. A long one takes its time, so what can be done in a thread is done there.

        Nobody finds the session before its `on_chat_resume` has begun: whatever else runs in it comes later.
        """
        state = await call_in_thread(ThreadState.from_view, replace(stored.state, ended=None, saved=Saved()))
        session = self._make(state, stored.owner_id, config, changed_at=stored.changed_at, epoch=epoch)
        hears = "on_chat_resume" in self.callbacks
        identifier = principal.user.identifier if principal.user is not None else None

        def resumed() -> ThreadDict | None:
            view = resume(session, stored, files)
            return thread_dict(view, identifier) if hears else None

        with self.live_sessions.coming(session):
            thread = await call_in_thread(resumed)
        self._check_open()
        self.live_sessions.make_room(principal)
        self._add(session)
        session.recorder.start()
        if thread is not None:
            session.runs.start("on_chat_resume", thread, client=client)
        return session


@contextmanager
def _reading_file(key: str) -> Iterator[None]:
    """Tell a client what a storage raises."""
    try:
        yield
    except NotFoundError as error:
        raise CommandError("not-found", "The file is not there any more.", key="fileGone") from error
    except DataLayerError as error:
        logger.error("The file `%s` cannot be read: %s", key, error)
        raise CommandError(
            "unavailable", "Files cannot be read at the moment.", key="filesDown", retry_after=2.0
        ) from error
