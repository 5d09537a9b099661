"""History: a principal's threads as lists, and what is done to a thread without opening it.

Lists come by pages. What changes in them goes into the principal's log, once it is stored: so all that is listed is
there when somebody opens it, and every tab sees the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import UNSET, structs
from msgspec.structs import replace

from convo.audit import audit
from convo.datalayer import Changes, Pagination, StoredThread
from convo.principal import Principal, authorize
from convo.protocol import (
    CommandError,
    FavouriteInfo,
    FavouriteList,
    Finding,
    FindingList,
    HistoryInfo,
    Removal,
    ThreadFields,
    ThreadInfo,
    ThreadList,
    ThreadListed,
    ThreadPatched,
    ThreadUnlisted,
    timestamp,
)
from convo.session import Session

if TYPE_CHECKING:
    from convo.directory import Directory

__all__ = ["DELETED", "History"]

logger = logging.getLogger("convo.history")

DELETED = "deleted"
"""Why the session of a deleted thread ended."""

MOST_THREADS = 100  # that a page may have
NAME_LENGTH = 200
QUERY_LENGTH = 1000
GRACE_SECONDS = 10.0  # how long a deleted thread can be restored
LISTED_SECONDS = 5.0  # how often a thread is listed again that only goes on
RETRY_SECONDS = (0.5, 2.0, 10.0, 30.0)


@dataclass(eq=False)
class _Pending:
    """A thread that is hidden until it is deleted for good, or restored."""

    owner_id: str
    removal: Removal
    thread: ThreadInfo
    changed_at: str | None
    ends_at: float
    is_final: bool = False
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class History:
    """That of a `Directory`. Every method is authorized; what is not the principal's is `not-found`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._pending: dict[str, _Pending] = {}
        self._told: dict[str, tuple[ThreadInfo, float]] = {}  # of live threads: what was last listed, and when

    @property
    def info(self) -> HistoryInfo | None:
        """What the page may offer; `None` where threads are not kept."""
        layer = self._directory.data_layer
        is_kept = layer.is_durable and self._directory.config.features.history
        return HistoryInfo(searches=layer.searches) if is_kept else None

    # --- Reading ---

    async def list_threads(
        self, principal: Principal, *, first: int = 30, cursor: str | None = None, pinned: bool | None = None
    ) -> ThreadList:
        """A page of the principal's threads. Raises `CommandError`: `unsupported` where no history is shown."""
        self._check_shown()
        authorize(principal, "thread:list", principal.id)
        layer = self._directory.data_layer
        page = await self._directory.look(
            layer.list_threads(principal.id, _pagination(first, cursor), pinned=pinned), "The history"
        )
        return ThreadList(threads=[self._live(one) for one in page.threads if self._is_shown(one)], cursor=page.cursor)

    async def search(
        self, principal: Principal, text: str, *, first: int = 20, cursor: str | None = None
    ) -> FindingList:
        """A page of the principal's threads that match `text`. Raises `CommandError`, as `list_threads`."""
        self._check_shown()
        authorize(principal, "thread:list", principal.id)
        if len(text) > QUERY_LENGTH:
            raise CommandError("too-large", f"A search may have {QUERY_LENGTH:,} characters.")
        layer = self._directory.data_layer
        page = await self._directory.look(
            layer.search_threads(principal.id, text, _pagination(first, cursor)), "The history"
        )
        findings = [
            Finding(thread=self._live(hit.thread), step_id=hit.step_id, snippet=hit.snippet, marks=hit.marks)
            for hit in page.hits
            if self._is_shown(hit.thread)
        ]
        return FindingList(findings=findings, cursor=page.cursor)

    async def list_favourites(
        self, principal: Principal, *, first: int = 30, cursor: str | None = None
    ) -> FavouriteList:
        """A page of what the principal marked, in all threads. Raises `CommandError`."""
        if not self._directory.config.features.favorites:
            raise CommandError("unsupported", "This app keeps no favourites.")
        authorize(principal, "thread:list", principal.id)
        layer = self._directory.data_layer
        page = await self._directory.look(
            layer.list_favourites(principal.id, _pagination(first, cursor, "favourites")), "The history"
        )
        favourites = [
            FavouriteInfo(
                thread_id=one.thread_id, step_id=one.step.id, text=one.step.output, created_at=one.step.created_at
            )
            for one in page.favourites
            if not self.is_hidden(one.thread_id)
        ]
        return FavouriteList(favourites=favourites, cursor=page.cursor)

    def _check_shown(self) -> None:
        if not self._directory.config.features.history:
            raise CommandError("unsupported", "This app shows nobody earlier chats.", key="noHistory")

    # --- Changing ---

    async def change(
        self, principal: Principal, thread_id: str, *, name: str | None = None, pinned: bool | None = None
    ) -> ThreadInfo:
        """Rename or pin a thread, live or stored. Raises `CommandError`."""
        fields = ThreadFields(name=UNSET if name is None else _name(name), pinned=UNSET if pinned is None else pinned)
        async with self._directory.alone(thread_id):
            session = await self._directory.settled(thread_id)
            if session is not None:
                authorize(principal, "thread:change", session.owner_id)
                session.log.append(ThreadPatched(set=fields))
                return self._live(session.state.thread)
            stored = await self._directory.read_stored(thread_id)
            authorize(principal, "thread:change", stored.owner_id)
            return await self.change_stored(thread_id, fields)

    async def change_stored(self, thread_id: str, fields: ThreadFields) -> ThreadInfo:
        """Write to a thread without a session, as its only writer, for who may and has it `alone`."""
        layer = self._directory.data_layer
        what = f"The thread `{thread_id}`"
        epoch = await self._directory.look(layer.claim_thread(thread_id, self._directory.process_id), what)
        stored = await self._directory.read_stored(thread_id)  # as the last writer left it
        changes = Changes(
            thread_id=thread_id,
            owner_id=stored.owner_id,
            epoch=epoch,
            seq=0,
            state=replace(
                stored.state,
                thread=_patched(stored.state.thread, fields),
                runs=[],
                steps=[],
                elements=[],
                actions=[],
                asks=[],
                calls=[],
                deliveries=[],
            ),
            removed=[],
            moves=False,
        )
        await self._directory.look(layer.apply(changes), what)
        self._directory.viewing.patched(thread_id, fields)
        return self._list(stored.owner_id, changes.state.thread, stored.changed_at)

    # --- Deleting ---

    async def delete(self, principal: Principal, thread_id: str) -> Removal:
        """Hide a thread, end its session, and delete it with its files when its grace is over. Idempotent.

        Raises `CommandError`.
        """
        async with self._directory.alone(thread_id):
            pending = self._pending.get(thread_id)
            if pending is not None:
                authorize(principal, "thread:delete", pending.owner_id)
                return pending.removal
            session = await self._directory.settled(thread_id)
            stored = None if session is not None else await self._directory.read_stored(thread_id)
            owner_id, thread, at = _facts(stored) if session is None else _live_facts(session)
            authorize(principal, "thread:delete", owner_id)
            removal = Removal(id=thread_id, name=thread.name, until=timestamp(GRACE_SECONDS))
            audit("thread-deleted", principal=principal.id, thread=thread_id)
            pending = _Pending(owner_id, removal, thread, at, time.monotonic() + GRACE_SECONDS)
            self._pending[thread_id] = pending
            ended = None if session is None else self._directory.end_session(session, DELETED)
        self._directory.viewing.hidden(thread_id)
        self._directory.tell(owner_id, ThreadUnlisted(id=thread_id, removal=removal))
        pending.task = asyncio.get_running_loop().create_task(self._delete_later(pending, ended), name="convo-delete")
        return removal

    async def restore(self, principal: Principal, thread_id: str) -> ThreadInfo:
        """Undo `delete`. Raises `CommandError`: `expired` when it is too late."""
        pending = self._pending.get(thread_id)
        if pending is None or pending.is_final:
            owner_id = None if pending is None else pending.owner_id
            authorize(principal, "thread:delete", owner_id)
            raise CommandError("expired", "This chat is deleted already.", key="deleted")
        authorize(principal, "thread:delete", pending.owner_id)
        del self._pending[thread_id]
        assert pending.task is not None
        pending.task.cancel()
        return self._list(pending.owner_id, pending.thread, pending.changed_at)

    def removals(self, principal_id: str) -> list[Removal]:
        """Of the principal's threads that can still be restored."""
        return [one.removal for one in self._pending.values() if one.owner_id == principal_id and not one.is_final]

    def is_hidden(self, thread_id: str) -> bool:
        """It was deleted, though it may still be there."""
        return thread_id in self._pending

    async def _delete_later(self, pending: _Pending, ended: asyncio.Task[None] | None) -> None:
        if ended is not None:
            await asyncio.shield(ended)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, pending.ends_at - time.monotonic())):
                await pending.hurry.wait()
        pending.is_final = True
        await self._delete(pending)

    async def _delete(self, pending: _Pending) -> None:
        thread_id = pending.removal.id
        for attempt in range(1 << 30):
            try:
                await self._directory.data_layer.delete_thread(thread_id)
                await self._directory.files.delete_thread(thread_id)
                break
            except Exception:  # foreign code, which may be away for a while: what a user deleted must not stay
                logger.exception("The thread `%s` cannot be deleted yet", thread_id)
                if pending.hurry.is_set():
                    break
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                    await pending.hurry.wait()
        del self._pending[thread_id]
        self._directory.tell(pending.owner_id, ThreadUnlisted(id=thread_id))

    async def finish(self) -> None:
        """Delete at once what still waits for it: the process ends."""
        tasks = []
        for pending in self._pending.values():
            pending.hurry.set()
            if pending.task is not None:
                tasks.append(pending.task)
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- Telling ---

    def saved(self, session: Session) -> None:
        """Something of a live thread was stored: tell its owner, unless he would see no difference."""
        if self.info is None or self.is_hidden(session.thread_id):
            return
        thread = self._live(session.state.thread)
        told, at = self._told.get(session.thread_id, (None, 0.0))
        if thread != told or time.monotonic() - at > LISTED_SECONDS:
            self._told[session.thread_id] = thread, time.monotonic()
            self._list(session.owner_id, thread, session.recorder.changed_at)

    def forget(self, session: Session) -> None:
        """A session is over: what it was doing is, too."""
        told = self._told.pop(session.thread_id, None)
        if told is not None and told[0].running and not self.is_hidden(session.thread_id):
            self._list(session.owner_id, session.state.thread, session.recorder.changed_at)

    def list_again(self, owner_id: str, thread: ThreadInfo) -> None:
        """Tell an owner of a thread that was there before he had it."""
        if not self.is_hidden(thread.id):
            self._directory.tell(owner_id, ThreadListed(thread=self._live(thread)))

    def give(self, owner_id: str, to: str) -> None:
        """What one principal deleted a moment ago is another's to restore."""
        for pending in self._pending.values():
            if pending.owner_id == owner_id:
                pending.owner_id = to

    def _list(self, owner_id: str, thread: ThreadInfo, changed_at: str | None) -> ThreadInfo:
        listed = replace(self._live(thread), changed_at=changed_at or timestamp())
        self._directory.tell(owner_id, ThreadListed(thread=listed))
        return listed

    def _live(self, thread: ThreadInfo) -> ThreadInfo:
        """What a list says of a thread: an author's `metadata` is for who opens it."""
        session = self._directory.live(thread.id)
        return replace(thread, metadata=None, running=session is not None and session.runs.is_working)

    def _is_shown(self, thread: ThreadInfo) -> bool:
        return not self.is_hidden(thread.id)


def _facts(stored: StoredThread | None) -> tuple[str, ThreadInfo, str | None]:
    """Whose a thread is, what it is, and when it changed."""
    assert stored is not None
    return stored.owner_id, stored.state.thread, stored.changed_at


def _live_facts(session: Session) -> tuple[str, ThreadInfo, str | None]:
    return session.owner_id, session.state.thread, session.recorder.changed_at


def _patched(thread: ThreadInfo, fields: ThreadFields) -> ThreadInfo:
    changes = {name: value for name, value in structs.asdict(fields).items() if value is not UNSET}
    return replace(thread, **changes)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise CommandError("invalid", "A name needs some text.")
    if len(name) > NAME_LENGTH:
        raise CommandError(
            "too-large",
            f"A name may have {NAME_LENGTH} characters.",
            key="longName",
            details={"limit": NAME_LENGTH},
        )
    return name


def _pagination(first: int, cursor: str | None, of: str = "threads") -> Pagination:
    if not 1 <= first <= MOST_THREADS:
        raise CommandError("invalid", f"A page has 1 to {MOST_THREADS} {of}.")
    return Pagination(first, cursor)
