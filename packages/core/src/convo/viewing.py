"""Viewing: reading a thread by a link, as it was once or as it grows.

Who has a share's id is a viewer: he reads what `ViewerProjection` shows, and makes no session. A live share is one more
reader of the session's log while there is one, and of what is stored while there is none. What is stored is looked at
every few seconds: another process may write it.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from convo.aio import call_in_thread
from convo.datalayer import Share, StoredThread
from convo.files import StoredFile, file_url
from convo.log import EventLog, ThreadLog
from convo.principal import Principal, authorize
from convo.projection import ViewerProjection, strictest
from convo.protocol import CommandError, Connect, Snapshot, State, ThreadFields, ThreadPatched, timestamp
from convo.session import Session
from convo.state import ThreadState
from convo.thread import thread_dict
from convo.viewer import Viewer

if TYPE_CHECKING:
    from convo.directory import Directory

__all__ = ["Viewing", "settled", "unsupported"]

logger = logging.getLogger("convo.viewing")

CALLBACK = "on_shared_thread_view"
PATIENCE_SECONDS = 10.0  # how long that callback is waited for
ADMITTED_SECONDS = 60.0  # how long its answer holds for the files of what was opened
WATCH_SECONDS = 3.0  # how soon it is noticed what another process has revoked or stored
GOING_SECONDS = 60.0  # what goes on in a stored thread that has not changed for so long does not any more
_REMEMBERED = 10_000


class Viewing:
    """That of a `Directory`. What viewers call is authorized; where threads are not shared, it is `unsupported`."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._viewers: set[Viewer] = set()
        self._logs: dict[str, _Stored] = {}  # what is read and has no session, by the id of share or thread
        self._admitted: OrderedDict[tuple[str, str], float] = OrderedDict()  # (share, principal): until when
        self._tasks: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None

    def check_on(self) -> None:
        """Raises `CommandError` where threads are not shared."""
        if not self.directory.config.features.allow_thread_sharing:
            raise unsupported()
        if not self.directory.data_layer.keeps_shares:
            raise CommandError("unsupported", "What keeps this app's chats cannot keep links to them.")

    async def get_share(self, share_id: str) -> Share | None:
        """The share of this id, whoever's. Raises `CommandError`."""
        return await self.directory.look(self.directory.data_layer.get_share(share_id), "The share")

    async def connect(
        self, principal: Principal, connect: Connect, on_news: Callable[[], None] | None = None
    ) -> Viewer:
        """Read what is shared as `connect.share`. Raises `CommandError`, as `Directory.connect`; `expired`: revoked."""
        self.directory.check_connect(connect)
        if connect.share is None or connect.thread is not None or connect.session is not None:
            raise CommandError("invalid", "Who reads what is shared names the `share`, and no `thread` or `session`.")
        with self.directory.audience.counting(principal):
            share = await self._admit(principal, connect.share)
            log = await self._log_of(share)
        viewer = Viewer(self, share, principal, log, connect, on_news)
        self._viewers.add(viewer)
        if self._watcher is None and self.directory.data_layer.is_durable:
            self._watcher = asyncio.get_running_loop().create_task(self._watch(), name="convo-shares")
        return viewer

    async def read(self, principal: Principal, share_id: str) -> Snapshot:
        """What is shared, as it stands. Raises `CommandError`."""
        share = await self._admit(principal, share_id)
        log = await self._log_of(share)
        reader = log.subscribe(projection=self.projection_of(share))
        frame = reader.read()
        reader.close()
        self.let_go(log)
        assert isinstance(frame, Snapshot)  # a reader without a position gets one
        return frame

    async def read_file(self, principal: Principal, share_id: str, file_id: str) -> StoredFile:
        """A file of something that is shown. Raises `CommandError`."""
        share = await self._admit(principal, share_id, is_new=False)
        log = await self._log_of(share)
        with log.lock:
            is_shown = self.projection_of(share).shows_file(file_url(share.thread_id, file_id), log.state)
        self.let_go(log)
        if not is_shown:
            raise CommandError("not-found", "There is no such file.", key="file")
        return await self.directory.get_file(share.thread_id, file_id)

    async def _admit(self, principal: Principal, share_id: str, *, is_new: bool = True) -> Share:
        """The one way in: the share, if it works and the app lets `principal` see it. Raises `CommandError`."""
        self.check_on()
        share = await self.get_share(share_id)
        if share is None or self.directory.history.is_hidden(share.thread_id):
            raise _missing()
        if share.revoked_at is not None:
            raise CommandError("expired", "This chat is no longer shared.", key="unshared")
        if CALLBACK in self.directory.callbacks:
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
        callback = self.directory.callbacks.get(CALLBACK)
        assert callback is not None
        session = self.directory.live(share.thread_id)
        state = session.state.view() if session is not None else (await self._stored(share.thread_id)).state
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                thread = await call_in_thread(thread_dict, replace(state, session=None))
                allows = bool(await callback(thread, principal.user))
        except Exception:  # the author's code: whatever it raises, nobody gets in by it
            logger.exception("`%s` raised an exception; the shared chat is not shown", CALLBACK)
            allows = False
        if not allows:
            raise _missing()

    async def _stored(self, thread_id: str) -> StoredThread:
        try:
            return await self.directory.read_stored(thread_id)
        except CommandError as error:
            raise _missing() if error.failure.code == "not-found" else error from None

    def projection_of(self, share: Share) -> ViewerProjection:
        """What a share shows of its thread."""
        session = self.directory.live(share.thread_id)
        now = self.directory.config.ui.cot if session is None else session.config.ui.cot
        return ViewerProjection(
            share.id,
            strictest(share.cot, now),
            files=file_url(share.thread_id, ""),
            shown_files=f"api/v1/shares/{share.id}/files/",
        )

    # --- What viewers read ---

    async def _log_of(self, share: Share) -> ThreadLog:
        """The session's log, or one that holds what is stored. `let_go` follows for who does not read on."""
        key = share.thread_id if share.kind == "live" else share.id
        while True:
            session = await self.directory.settled(share.thread_id) if share.kind == "live" else None
            if session is not None:
                return session.log
            if (known := self._logs.get(key)) is not None:
                return known.log
            stored = await (self._read_live(share.thread_id) if share.kind == "live" else self._read_snapshot(share))
            began = self.directory.live(share.thread_id) if share.kind == "live" else None
            if (began is None or began.is_ending) and key not in self._logs:  # nobody was faster
                self._logs[key] = stored

    async def _read_snapshot(self, share: Share) -> _Stored:
        state = await self.directory.look(self.directory.data_layer.get_shared_state(share.id), "The share")
        if state is None:
            raise _missing()
        return await _Stored.of(state, None)

    async def _read_live(self, thread_id: str) -> _Stored:
        version = await self._version(thread_id)  # before it is read: what comes between is seen the next time
        stored = await self._stored(thread_id)
        may_go_on = self.directory.data_layer.is_durable and _is_fresh(stored.changed_at)
        return await _Stored.of(stored.state if may_go_on else settled(stored.state), version)

    async def _version(self, thread_id: str) -> str | None:
        asking = self.directory.data_layer.get_thread_version(thread_id)
        return await self.directory.look(asking, f"The thread `{thread_id}`")

    def let_go(self, log: ThreadLog) -> None:
        """Forget a log that nobody reads."""
        for key in [key for key, known in self._logs.items() if known.log is log and not log.readers]:
            del self._logs[key]

    def patched(self, thread_id: str, fields: ThreadFields) -> None:
        """A thread without a session has changed."""
        if (known := self._logs.get(thread_id)) is not None:
            known.log.append(ThreadPatched(set=fields))

    def began(self, session: Session) -> None:
        """A stored thread has a session: who reads it reads on there."""
        for viewer in self._live_viewers(session.thread_id):
            viewer.turn_to(session.log, self.projection_of(viewer.share))

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
                viewer.turn_to(log, self.projection_of(viewer.share))

    def hidden(self, thread_id: str) -> None:
        """A thread was deleted."""
        self._cut(lambda viewer: viewer.share.thread_id == thread_id)

    def _live_viewers(self, thread_id: str) -> list[Viewer]:
        return [one for one in self._viewers if one.share.thread_id == thread_id and one.share.kind == "live"]

    def cut_share(self, share_id: str) -> None:
        """A share was revoked."""
        self._cut(lambda viewer: viewer.share.id == share_id)

    def _cut(self, is_meant: Callable[[Viewer], bool]) -> None:
        for viewer in [viewer for viewer in self._viewers if is_meant(viewer)]:
            viewer.cut()

    async def _watch(self) -> None:
        """See what other processes do: cut off who reads what is revoked, and show what they have stored."""
        while self._viewers:
            await asyncio.sleep(WATCH_SECONDS)
            for share_id in {viewer.share.id for viewer in self._viewers}:
                try:
                    share = await self.get_share(share_id)
                except CommandError:  # it could not look: it looks again
                    continue
                if share is None or share.revoked_at is not None:
                    self.cut_share(share_id)
            for thread_id in {viewer.share.thread_id for viewer in self._viewers} & self._logs.keys():
                with contextlib.suppress(CommandError):  # as before; what is gone, its shares are too
                    await self._follow(thread_id)
        self._watcher = None

    async def _follow(self, thread_id: str) -> None:
        """Show those who read a thread that has no session here what has become of it."""
        known = self._logs.get(thread_id)
        if known is None or (not known.is_going and await self._version(thread_id) == known.version):
            return
        fresh = await self._read_live(thread_id)
        if self._logs.get(thread_id) is not known:  # it has a session now, or nobody reads it any more
            return
        if fresh.state == known.state:
            known.version = fresh.version
            return
        self._logs[thread_id] = fresh
        is_longer = len(fresh.state.steps) >= len(known.state.steps)
        for viewer in self._live_viewers(thread_id):
            place = viewer.thread.place if is_longer else None  # steps were removed: places are others
            viewer.turn_to(fresh.log, self.projection_of(viewer.share), place)
        self.let_go(fresh.log)

    def forget(self, viewer: Viewer) -> None:
        """It has closed."""
        self._viewers.discard(viewer)
        self.directory.audience.forget_connection(viewer.principal)

    async def stop(self) -> None:
        """End what goes on by itself, and all viewers."""
        self._cut(lambda viewer: True)
        tasks = [*self._tasks, *([] if self._watcher is None else [self._watcher])]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


@dataclasses.dataclass(eq=False)
class _Stored:
    """What is stored, and a log of it; `version` is that of the data layer, `None` for what never changes."""

    state: State
    log: ThreadLog
    version: str | None

    @classmethod
    async def of(cls, state: State, version: str | None) -> _Stored:
        """In a thread: a long one takes its time."""
        return cls(state, EventLog(await call_in_thread(ThreadState.from_view, state)), version)

    @property
    def is_going(self) -> bool:
        """Something goes on in it, as far as one can see."""
        return any(run.status in ("queued", "running") for run in self.state.runs)


def _is_fresh(changed_at: str | None) -> bool:
    """Whether a thread has changed just now. The clocks of processes may differ."""
    if changed_at is None:
        return False
    age = datetime.now(UTC) - datetime.fromisoformat(changed_at)
    return abs(age.total_seconds()) < GOING_SECONDS


def settled(state: State) -> State:
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


def unsupported() -> CommandError:
    """Threads are not shared here."""
    return CommandError("unsupported", "This app does not let chats be shared.", key="noSharing")


def _missing() -> CommandError:
    return CommandError("not-found", "There is no such shared chat, or it is not for you.")
