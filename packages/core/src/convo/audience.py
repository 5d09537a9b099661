"""The audience: the principals who are connected, and what all tabs of each hear beside their threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from convo.log import EventLog
from convo.principal import Principal
from convo.protocol import CommandError, Event, Notice, NoticeCleared, NoticePosted, ThreadUnlisted
from convo.state import PrincipalFold

if TYPE_CHECKING:
    from convo.directory import Directory

__all__ = ["Audience"]

PrincipalLog = EventLog[PrincipalFold]


class Audience:
    """That of a `Directory`."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.connections: Counter[str] = Counter()
        """How many there are, by principal."""
        self._logs: dict[str, PrincipalLog] = {}
        self._notices: dict[str, Notice] = {}

    def hears(self, principal_id: str) -> bool:
        """Whether a principal has a tab to tell something."""
        return principal_id in self._logs

    def tell(self, principal_id: str, event: Event) -> None:
        """Let every tab of a principal know, if there is one."""
        log = self._logs.get(principal_id)
        if log is not None:
            log.append(event)

    def post_notice(self, notice: Notice) -> None:
        """Tell every connected principal, and those who connect later, until it is cleared."""
        self._notices[notice.id] = notice
        for log in self._logs.values():
            log.append(NoticePosted(notice=notice))

    def clear_notice(self, notice_id: str) -> None:
        """Idempotent."""
        if self._notices.pop(notice_id, None) is not None:
            for log in self._logs.values():
                log.append(NoticeCleared(id=notice_id))

    def log_of(self, principal: Principal) -> PrincipalLog:
        """What all tabs of a principal hear: from its first connection to the end of its last."""
        log = self._logs.get(principal.id)
        if log is None:
            log = self._logs[principal.id] = EventLog(PrincipalFold(), scope="principal")
            for notice in self._notices.values():
                log.append(NoticePosted(notice=notice))
            for removal in self._directory.history.removals(principal.id):
                log.append(ThreadUnlisted(id=removal.id, removal=removal))
        return log

    @contextmanager
    def counting(self, principal: Principal) -> Iterator[None]:
        """Count a connection while it is made, since others may come meanwhile; one that failed counts no longer.

        Raises `CommandError` `rate-limited` for too many.
        """
        limit = self._directory.config.limits.connections_per_principal
        if self.connections[principal.id] >= limit:
            raise CommandError(
                "rate-limited",
                f"You have {limit} connections open; close some.",
                key="connections",
                retry_after=5.0,
                details={"limit": limit},
            )
        self.connections[principal.id] += 1
        try:
            yield
        except BaseException:
            self.forget_connection(principal)
            raise

    def forget_connection(self, principal: Principal) -> None:
        """One of a principal's connections has ended."""
        self.connections[principal.id] -= 1
        if self.connections[principal.id] <= 0:
            del self.connections[principal.id]
            self._logs.pop(principal.id, None)

    def stop(self) -> None:
        """Nothing more is told."""
        for log in self._logs.values():
            log.close()
