"""The sessions: all live threads, how many each principal may have, and when they end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from convo.principal import Principal
from convo.protocol import CommandError
from convo.quota import Quota
from convo.session import Session

if TYPE_CHECKING:
    from convo.config import Config
    from convo.directory import Directory

__all__ = ["Sessions"]

logger = logging.getLogger("convo.sessions")

SWEEPS_PER_TIMEOUT = 10


class Sessions:
    """Those of a `Directory`. One timer ends those that have been idle for `session_timeout`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._by_id: dict[str, Session] = {}
        self._by_thread: dict[str, Session] = {}
        self._coming: set[Session] = set()
        self._ends: dict[str, asyncio.Task[None]] = {}
        self._quotas: dict[str, Quota] = {}  # by principal
        self._sweeper: asyncio.Task[None] | None = None

    def __iter__(self) -> Iterator[Session]:
        """Those there are, also while some of them go."""
        return iter(list(self._by_id.values()))

    def get(self, session_id: str) -> Session | None:
        return self._by_id.get(session_id)

    def of_thread(self, thread_id: str) -> Session | None:
        """The session of a thread, if it has one, also one that is ending."""
        return self._by_thread.get(thread_id)

    def all(self) -> list[Session]:
        """Those there are, and those that are being made, which nobody can find yet."""
        return [*self, *self._coming]

    @contextlib.contextmanager
    def coming(self, session: Session) -> Iterator[None]:
        """Count a session among `all` while it is made: others give it another owner or other callbacks meanwhile."""
        self._coming.add(session)
        try:
            yield
        finally:
            self._coming.discard(session)

    def add(self, session: Session) -> None:
        self._by_id[session.id] = session
        self._by_thread[session.thread_id] = session

    def quota_of(self, principal_id: str, config: Config) -> Quota:
        """What a principal has used up, in all his sessions."""
        return self._quotas.setdefault(principal_id, Quota(config))

    def renew_quotas(self, config: Config) -> None:
        """Go by the limits of other settings; what is used up stays so."""
        for quota in self._quotas.values():
            quota.go_by(config)

    def start(self) -> None:
        """Begin to end idle sessions."""
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep(), name="convo-sessions")

    async def stop(self, grace: float) -> None:
        """End all, storing what is unsaved for at most `grace` seconds each, all at a time."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        await asyncio.gather(*(self.end(session, "shutdown", grace=grace) for session in self))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._directory.config.limits.session_timeout / SWEEPS_PER_TIMEOUT)
            self._end_idle()

    def _end_idle(self) -> None:
        """Begin to end the sessions that have been idle for too long; a slow `on_chat_end` keeps no other alive."""
        limit = time.monotonic() - self._directory.config.limits.session_timeout
        for session in self:
            if session.active_at < limit and session.is_idle:
                self.end(session, "idle")
        owners = {session.owner_id for session in self.all()}
        for principal_id in [one for one, quota in self._quotas.items() if quota.is_untouched and one not in owners]:
            del self._quotas[principal_id]

    def make_room(self, principal: Principal) -> None:
        """Let a principal have one more session: of too many, the one that is idle for the longest ends.

        Raises `CommandError`: `rate-limited` when all of them are in use.
        """
        limit = self._directory.config.limits.sessions_per_principal
        theirs = [one for one in self._by_id.values() if one.owner_id == principal.id and not one.is_ending]
        if len(theirs) < limit:
            return
        idle = [session for session in theirs if session.is_idle]
        if not idle:
            raise CommandError(
                "rate-limited",
                f"You have {len(theirs)} chats open; close some.",
                key="chats",
                retry_after=5.0,
                details={"limit": len(theirs)},
            )
        self.end(min(idle, key=lambda session: session.active_at), "idle")

    def end(self, session: Session, reason: str, *, grace: float = 5.0) -> asyncio.Task[None]:
        """The one task that ends a session, whoever asks: a shutdown must not cut short an end that is going."""
        task = self._ends.get(session.id)
        if task is None:
            session.is_ending = True  # at once, so that nobody joins what is about to end
            task = asyncio.get_running_loop().create_task(self._finish(session, reason, grace), name="convo-end")
            self._ends[session.id] = task
        return task

    async def _finish(self, session: Session, reason: str, grace: float) -> None:
        try:
            await session.end(reason, grace=grace)
        except Exception:  # one session that cannot end must not keep the others from ending
            logger.exception("The session `%s` did not end cleanly", session.id)
        self._by_id.pop(session.id, None)
        self._ends.pop(session.id, None)
        if self._by_thread.get(session.thread_id) is session:
            del self._by_thread[session.thread_id]
        self._directory.history.forget(session)
        if not self._directory.is_stopping:
            self._directory.viewing.ended(session)
