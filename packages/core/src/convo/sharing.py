"""Sharing: threads that others may read by a link, as they were once or as they grow.

A share is made, listed and revoked by the thread's owner. Who has its id is a viewer: he reads what `ViewerProjection`
shows, and makes no session. A live share is one more reader of the session's log while there is one, and of what is
stored while there is none.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from convo.allowance import Allowance
from convo.audit import audit
from convo.datalayer import Share
from convo.dispatcher import turn_page
from convo.errors import NotFoundError
from convo.files import StoredFile, file_url
from convo.log import EventLog, Frame, Subscription, ThreadLog
from convo.principal import Principal, authorize
from convo.projection import ViewerProjection, strictest
from convo.protocol import (
    PROTOCOL_VERSION,
    Answer,
    CommandError,
    Connect,
    Hello,
    Limits,
    Page,
    ShareInfo,
    ShareList,
    Snapshot,
    State,
    ThreadFields,
    ThreadPatched,
    decode_command,
    new_id,
    timestamp,
)
from convo.run import Client
from convo.session import Session
from convo.state import ThreadState, is_message
from convo.thread import thread_dict
from convo.user import User

if TYPE_CHECKING:
    from convo.config import Config
    from convo.directory import Directory

__all__ = ["Sharing", "Viewer"]

logger = logging.getLogger("convo.sharing")

CALLBACK = "on_shared_thread_view"
PATIENCE_SECONDS = 10.0  # how long that callback, or a thread's first save, is waited for
ADMITTED_SECONDS = 60.0  # how long its answer holds for the files of what was opened
WATCH_SECONDS = 3.0  # how soon it is noticed what another process has revoked
MOST_SHARES = 100  # of a thread, that are not revoked
_REMEMBERED = 10_000
_SHARE_BYTES = 24  # of chance: nobody guesses an id


class Sharing:
    """That of a `Directory`. Every method is authorized; where threads are not shared, it is `unsupported`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._viewers: set[Viewer] = set()
        self._logs: dict[str, ThreadLog] = {}  # of what is read and has no session, by the id of share or thread
        self._admitted: OrderedDict[tuple[str, str], float] = OrderedDict()  # (share, principal): until when
        self._tasks: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None

    @property
    def is_on(self) -> bool:
        """Whether the app lets threads be shared, and its data layer can keep shares."""
        return self._allows(self._directory.config) and self._directory.data_layer.keeps_shares

    # --- The owner ---

    async def create(self, principal: Principal, thread_id: str, kind: Literal["snapshot", "live"]) -> ShareInfo:
        """A new link to a thread. Raises `CommandError`: `invalid` while nothing was said in it."""
        self._check_on()
        async with self._directory.alone(thread_id):
            session, state, config = await self._own(principal, thread_id)
            if not any(is_message(step) for step in state.steps):
                raise CommandError("invalid", "There is nothing to share yet: say something first.")
            if len(await self._list(thread_id)) >= MOST_SHARES:
                text = f"A chat has {MOST_SHARES} links at most; stop sharing by one of them first."
                raise CommandError("conflict", text, details={"limit": MOST_SHARES})
            share_id = secrets.token_urlsafe(_SHARE_BYTES)
            share = Share(share_id, thread_id, kind, config.ui.cot, timestamp())
            if session is not None:
                await self._saved(session)
            await self._add(share, _snapshot(share, state) if kind == "snapshot" else None)
            await self._mark(session, thread_id, True)
        audit("share-made", principal=principal.id, thread=thread_id, share=share_id[:6], kind=kind)
        return _info(share)

    async def list_shares(self, principal: Principal, thread_id: str) -> ShareList:
        """The thread's links that work. Raises `CommandError`."""
        self._check_on()
        authorize(principal, "thread:share", await self._directory.owner_of(thread_id))
        return ShareList(shares=[_info(share) for share in await self._list(thread_id)])

    async def revoke(self, principal: Principal, thread_id: str, share_id: str) -> None:
        """Let a link work no more: whoever reads by it is cut off. Idempotent. Raises `CommandError`."""
        self._check_on()
        async with self._directory.alone(thread_id):
            session, _, _ = await self._own(principal, thread_id)
            share = await self._get(share_id)
            if share is None or share.thread_id != thread_id:
                raise CommandError("not-found", "This chat has no such link.")
            layer = self._directory.data_layer
            await self._directory.look(layer.revoke_share(share_id, timestamp()), "The share")
            self._cut_share(share_id)
            audit("share-revoked", principal=principal.id, thread=thread_id, share=share_id[:6])
            await self._mark(session, thread_id, bool(await self._list(thread_id)))

    async def _own(self, principal: Principal, thread_id: str) -> tuple[Session | None, State, Config]:
        """A thread of the principal's, for him to share."""
        session = await self._directory.settled(thread_id)
        if session is not None:
            authorize(principal, "thread:share", session.owner_id)
            with session.log.lock:
                state, config = session.state.view(), session.config
        else:
            stored = await self._directory.read_stored(thread_id)
            authorize(principal, "thread:share", stored.owner_id)
            state = stored.state
            client = Client(user=principal.user, principal_id=principal.id)
            config = await self._directory.config_of(stored, client)
        if not self._allows(config):
            raise _unsupported()
        return session, state, config

    async def _saved(self, session: Session) -> None:
        """Wait until a thread is stored for the first time; one that is, or cannot be, is not waited for."""
        if not session.recorder.has_begun:
            raise CommandError("invalid", "There is nothing to share yet: say something first.")
        reader = session.log.subscribe(log=session.log.id, after=session.log.seq)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not session.recorder.was_saved and not session.log.is_closed:
                    await reader.wait()
                    reader.read()
        except TimeoutError:
            raise CommandError("unavailable", "The chat is not saved yet; try again.", retry_after=2.0) from None
        finally:
            reader.close()

    async def _add(self, share: Share, state: State | None) -> None:
        async def add() -> bool:
            try:
                await self._directory.data_layer.add_share(share, state)
            except NotFoundError:  # deleted by another process, or let go of
                return False
            return True

        if not await self._directory.look(add(), "The share"):
            raise CommandError("not-found", "There is no such thread, or it is not yours.")

    async def _mark(self, session: Session | None, thread_id: str, is_shared: bool) -> None:
        """Let the history say whether others can read the thread."""
        fields = ThreadFields(shared=is_shared)
        if session is None:
            await self._directory.history.change_stored(thread_id, fields)
        elif session.state.thread.shared != is_shared:
            session.log.append(ThreadPatched(set=fields))

    async def _list(self, thread_id: str) -> list[Share]:
        return await self._directory.look(self._directory.data_layer.list_shares(thread_id), "The shares")

    async def _get(self, share_id: str) -> Share | None:
        return await self._directory.look(self._directory.data_layer.get_share(share_id), "The share")

    # --- Viewers ---

    async def connect(
        self, principal: Principal, connect: Connect, on_news: Callable[[], None] | None = None
    ) -> Viewer:
        """Read what is shared as `connect.share`. Raises `CommandError`, as `Directory.connect`; `expired`: revoked."""
        self._directory.check_connect(connect)
        if connect.share is None or connect.thread is not None or connect.session is not None:
            raise CommandError("invalid", "Who reads what is shared names the `share`, and no `thread` or `session`.")
        with self._directory.audience.counting(principal):
            share = await self._admit(principal, connect.share)
            log = await self._log_of(share)
        viewer = Viewer(self, share, principal, log, connect, on_news)
        self._viewers.add(viewer)
        if self._watcher is None and self._directory.data_layer.is_durable:
            self._watcher = asyncio.get_running_loop().create_task(self._watch(), name="convo-shares")
        return viewer

    async def read(self, principal: Principal, share_id: str) -> Snapshot:
        """What is shared, as it stands. Raises `CommandError`."""
        share = await self._admit(principal, share_id)
        log = await self._log_of(share)
        reader = log.subscribe(projection=self._projection(share))
        frame = reader.read()
        reader.close()
        self._let_go(log)
        assert isinstance(frame, Snapshot)  # a reader without a position gets one
        return frame

    async def read_file(self, principal: Principal, share_id: str, file_id: str) -> StoredFile:
        """A file of something that is shown. Raises `CommandError`."""
        share = await self._admit(principal, share_id, is_new=False)
        log = await self._log_of(share)
        with log.lock:
            is_shown = self._projection(share).shows_file(file_url(share.thread_id, file_id), log.state)
        self._let_go(log)
        if not is_shown:
            raise CommandError("not-found", "There is no such file.")
        return await self._directory.get_file(share.thread_id, file_id)

    async def _admit(self, principal: Principal, share_id: str, *, is_new: bool = True) -> Share:
        """The one way in: the share, if it works and the app lets `principal` see it. Raises `CommandError`."""
        self._check_on()
        share = await self._get(share_id)
        if share is None or self._directory.history.is_hidden(share.thread_id):
            raise _missing()
        if share.revoked_at is not None:
            raise CommandError("expired", "This chat is no longer shared.")
        if CALLBACK in self._directory.callbacks:
            key, now = (share_id, principal.id), time.monotonic()
            if is_new or self._admitted.get(key, 0.0) < now:
                self._admitted.pop(key, None)
                await self._ask(principal, share)
                self._admitted[key] = now + ADMITTED_SECONDS
                if len(self._admitted) > _REMEMBERED:
                    self._admitted.popitem(last=False)
        authorize(principal, "thread:read", None, by_share=True)
        return share

    async def _ask(self, principal: Principal, share: Share) -> None:
        """Raises `CommandError` unless the author's callback lets `principal` see the thread."""
        callback = self._directory.callbacks.get(CALLBACK)
        assert callback is not None
        session = self._directory.live(share.thread_id)
        state = session.state.view() if session is not None else (await self._stored(share.thread_id))
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                allows = bool(await callback(thread_dict(replace(state, session=None)), principal.user))
        except Exception:  # the author's code: whatever it raises, nobody gets in by it
            logger.exception("`%s` raised an exception; the shared chat is not shown", CALLBACK)
            allows = False
        if not allows:
            raise _missing()

    async def _stored(self, thread_id: str) -> State:
        try:
            return (await self._directory.read_stored(thread_id)).state
        except CommandError as error:
            raise _missing() if error.failure.code == "not-found" else error from None

    def _projection(self, share: Share) -> ViewerProjection:
        session = self._directory.live(share.thread_id)
        now = self._directory.config.ui.cot if session is None else session.config.ui.cot
        return ViewerProjection(
            share.id,
            strictest(share.cot, now),
            files=file_url(share.thread_id, ""),
            shown_files=f"api/v1/shares/{share.id}/files/",
        )

    # --- What viewers read ---

    async def _log_of(self, share: Share) -> ThreadLog:
        """The session's log, or one that holds what is stored. `_let_go` follows for who does not read on."""
        key = share.thread_id if share.kind == "live" else share.id
        while True:
            session = await self._directory.settled(share.thread_id) if share.kind == "live" else None
            if session is not None:
                return session.log
            if (known := self._logs.get(key)) is not None:
                return known
            state = await self._shown_state(share)
            began = self._directory.live(share.thread_id) if share.kind == "live" else None
            if (began is None or began.is_ending) and key not in self._logs:  # nobody was faster
                self._logs[key] = EventLog(ThreadState.from_view(state))

    async def _shown_state(self, share: Share) -> State:
        if share.kind == "live":
            return _settled(await self._stored(share.thread_id))
        layer = self._directory.data_layer
        state = await self._directory.look(layer.get_shared_state(share.id), "The share")
        if state is None:
            raise _missing()
        return state

    def _let_go(self, log: ThreadLog) -> None:
        """Forget a log that nobody reads."""
        for key in [key for key, known in self._logs.items() if known is log and not log.readers]:
            del self._logs[key]

    def patched(self, thread_id: str, fields: ThreadFields) -> None:
        """A thread without a session has changed."""
        if (log := self._logs.get(thread_id)) is not None:
            log.append(ThreadPatched(set=fields))

    def began(self, session: Session) -> None:
        """A stored thread has a session: who reads it reads on there."""
        for viewer in self._live_viewers(session.thread_id):
            viewer.turn_to(session.log, self._projection(viewer.share))

    def ended(self, session: Session) -> None:
        """A session is over: who reads it reads on what is stored."""
        viewers = self._live_viewers(session.thread_id)
        if viewers:
            task = asyncio.get_running_loop().create_task(self._turn(viewers), name="convo-shared-thread")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _turn(self, viewers: list[Viewer]) -> None:
        for viewer in viewers:
            try:
                log = await self._log_of(viewer.share)
            except CommandError:  # it comes again by itself, and is told why
                viewer.cut()
            else:
                viewer.turn_to(log, self._projection(viewer.share))

    def hidden(self, thread_id: str) -> None:
        """A thread was deleted."""
        self._cut(lambda viewer: viewer.share.thread_id == thread_id)

    def _live_viewers(self, thread_id: str) -> list[Viewer]:
        return [one for one in self._viewers if one.share.thread_id == thread_id and one.share.kind == "live"]

    def _cut_share(self, share_id: str) -> None:
        self._cut(lambda viewer: viewer.share.id == share_id)

    def _cut(self, is_meant: Callable[[Viewer], bool]) -> None:
        for viewer in [viewer for viewer in self._viewers if is_meant(viewer)]:
            viewer.cut()

    async def _watch(self) -> None:
        """Cut off who reads what another process has revoked."""
        while self._viewers:
            await asyncio.sleep(WATCH_SECONDS)
            for share_id in {viewer.share.id for viewer in self._viewers}:
                try:
                    share = await self._get(share_id)
                except CommandError:  # it could not look: it looks again
                    continue
                if share is None or share.revoked_at is not None:
                    self._cut_share(share_id)
        self._watcher = None

    def forget(self, viewer: Viewer) -> None:
        """It has closed."""
        self._viewers.discard(viewer)
        self._directory.audience.forget_connection(viewer.principal)

    async def stop(self) -> None:
        """End what goes on by itself, and all viewers."""
        self._cut(lambda viewer: True)
        tasks = [*self._tasks, *([] if self._watcher is None else [self._watcher])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    # --- Whether at all ---

    def _allows(self, config: Config) -> bool:
        return config.features.allow_thread_sharing

    def _check_on(self) -> None:
        if not self._allows(self._directory.config):
            raise _unsupported()
        if not self._directory.data_layer.keeps_shares:
            raise CommandError("unsupported", "What keeps this app's chats cannot keep links to them.")

    def hello(self, viewer: Viewer) -> Hello:
        """A viewer's first frame."""
        config = self._directory.config
        return Hello(
            protocol=PROTOCOL_VERSION,
            session="",
            thread=viewer.share.id,
            principal=viewer.principal.info,
            limits=Limits(
                message_bytes=config.limits.message_bytes,
                commands_per_second=config.limits.commands_per_second,
                session_timeout=config.limits.session_timeout,
            ),
            connection=viewer.id,
            role="viewer",
            share=_info(viewer.share),
            app=config.project.name,
            durable=self._directory.data_layer.is_durable,
            time=timestamp(),
        )


class Viewer:
    """One reader by share, as a `Connection` is one of a session: `read` and `dispatch`, then `close`."""

    def __init__(
        self,
        sharing: Sharing,
        share: Share,
        principal: Principal,
        log: ThreadLog,
        connect: Connect,
        on_news: Callable[[], None] | None,
    ) -> None:
        self.id = new_id()
        self.share = share
        self.principal = principal
        self._sharing = sharing
        self._turns = connect.turns
        self._on_news = on_news
        self._is_open = True
        self._is_cut = False
        self._commands = Allowance(sharing._directory.config.limits.commands_per_second)
        self._log = log
        self.thread: Subscription = log.subscribe(
            log=connect.log,
            after=connect.after,
            turns=connect.turns,
            place=connect.place,
            projection=sharing._projection(share),
            on_news=on_news,
        )

    @property
    def hello(self) -> Hello:
        """The viewer's first frame."""
        return self._sharing.hello(self)

    @property
    def has_news(self) -> bool:
        return not self._is_cut and self.thread.has_news

    @property
    def is_finished(self) -> bool:
        """It may read no longer."""
        return self._is_cut

    def read(self) -> Frame | None:
        """The next frame for this viewer, or `None` when there is no news."""
        return None if self._is_cut else self.thread.read()

    def dispatch(self, data: object) -> Answer:
        """Turn a page, which is all that a viewer can ask for, and answer. Never raises."""
        command_id = ""
        try:
            self._commands.spend()
            command = decode_command(data)
            command_id = command.id
            authorize(self.principal, str(type(command).__struct_config__.tag), None, by_share=True)
            assert isinstance(command, Page)  # what `POLICY` lets a viewer do
            seq, found = turn_page(self.thread, command)
        except CommandError as error:
            return Answer(id=command_id, error=error.failure)
        return Answer(id=command_id, ok=True, seq=seq, data=found)

    def refresh(self, user: User) -> None:
        """Its user is stored otherwise than before."""
        self.principal = dataclasses.replace(self.principal, user=user)

    def turn_to(self, log: ThreadLog, projection: ViewerProjection) -> None:
        """Read on in another log of the same thread."""
        if not self._is_open or self._is_cut or log is self._log:
            return
        before, self._log = self._log, log
        self.thread.close()
        self.thread = log.subscribe(turns=self._turns, projection=projection, on_news=self._on_news)
        self._sharing._let_go(before)
        self._tell()

    def cut(self) -> None:
        """It may read no longer. Idempotent."""
        self._is_cut = True
        self._tell()

    def _tell(self) -> None:
        if self._on_news is not None:
            self._on_news()

    def close(self) -> None:
        """The viewer is gone. Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        self.thread.close()
        self._sharing._let_go(self._log)
        self._sharing.forget(self)


def _info(share: Share) -> ShareInfo:
    return ShareInfo(id=share.id, kind=share.kind, created_at=share.created_at, url=f"share/{share.id}")


def _snapshot(share: Share, state: State) -> State:
    """What a snapshot keeps: what it will show, and nothing else. Its files stay where they are."""
    projection = ViewerProjection(share.thread_id, share.cot, files="", shown_files="")
    shown: State = projection.state(state, ThreadState.from_view(state))
    return _settled(shown)


def _settled(state: State) -> State:
    """A state in which nothing goes on: nobody is there who could go on with it."""
    now = timestamp()
    return replace(
        state,
        runs=[
            replace(run, status="interrupted", ended_at=now) if run.status in ("queued", "running") else run
            for run in state.runs
        ],
        steps=[replace(step, end=now) if step.end is None else step for step in state.steps],
    )


def _unsupported() -> CommandError:
    return CommandError("unsupported", "This app does not let chats be shared.")


def _missing() -> CommandError:
    return CommandError("not-found", "There is no such shared chat, or it is not for you.")
