"""The in-memory data layer: the reference for all others, and what an app has when none is configured."""

from __future__ import annotations

import secrets
from collections import OrderedDict

from convo.datalayer import Changes, DataLayer, Pagination, StoredThread, ThreadPage
from convo.errors import ConflictError
from convo.state import ThreadState

__all__ = ["MemoryDataLayer"]


class MemoryDataLayer(DataLayer):
    """Keeps the `max_threads` threads that changed last, until the process ends.

    A thread it let go of stays gone; a session that still writes to it goes on undisturbed.
    """

    is_durable = False

    def __init__(self, *, max_threads: int = 200) -> None:
        self._max_threads = max_threads
        self._secret = secrets.token_bytes(32)
        self._states: OrderedDict[str, ThreadState] = OrderedDict()
        self._owners: dict[str, str] = {}
        self._epochs: dict[str, int] = {}
        self._let_go: OrderedDict[str, None] = OrderedDict()

    async def get_secret(self) -> bytes:
        return self._secret

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        self._epochs[thread_id] = self._epochs.get(thread_id, 0) + 1
        return self._epochs[thread_id]

    async def apply(self, changes: Changes) -> None:
        if changes.thread_id in self._let_go:
            return
        if changes.epoch != self._epochs.get(changes.thread_id):
            raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
        state = self._states.get(changes.thread_id) or ThreadState(changes.state.thread)
        state.merge(changes.state, changes.removed)
        self._states[changes.thread_id] = state
        self._states.move_to_end(changes.thread_id)
        self._owners[changes.thread_id] = changes.owner_id
        while len(self._states) > self._max_threads:
            oldest = next(iter(self._states))
            await self.delete_thread(oldest)
            self._let_go[oldest] = None
            if len(self._let_go) > 50 * self._max_threads:
                self._let_go.popitem(last=False)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        state = self._states.get(thread_id)
        return None if state is None else StoredThread(owner_id=self._owners[thread_id], state=state.view())

    async def get_thread_owner(self, thread_id: str) -> str | None:
        return self._owners.get(thread_id)

    async def list_threads(self, owner_id: str, pagination: Pagination) -> ThreadPage:
        mine = [state.thread for i, state in reversed(self._states.items()) if self._owners[i] == owner_id]
        ids = [thread.id for thread in mine]
        start = ids.index(pagination.cursor) + 1 if pagination.cursor in ids else 0
        page = mine[start : start + pagination.first]
        is_last = start + pagination.first >= len(mine)
        return ThreadPage(threads=page, cursor=None if is_last else page[-1].id)

    async def delete_thread(self, thread_id: str) -> None:
        self._states.pop(thread_id, None)
        self._owners.pop(thread_id, None)
        self._epochs.pop(thread_id, None)
