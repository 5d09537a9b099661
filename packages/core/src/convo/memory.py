"""The in-memory data layer: the reference for all others, and what an app has when none is configured."""

from __future__ import annotations

import dataclasses
import secrets
from collections import OrderedDict
from collections.abc import Callable
from copy import deepcopy
from typing import TypeVar
from uuid import uuid4

from msgspec.structs import replace

from convo.datalayer import (
    Changes,
    DataLayer,
    Favourite,
    FavouritePage,
    Pagination,
    SearchHit,
    SearchPage,
    Share,
    StoredThread,
    ThreadPage,
    UserPage,
)
from convo.errors import ConflictError, NotFoundError
from convo.protocol import State, ThreadInfo, timestamp
from convo.search import Term, excerpt, wanted
from convo.signin import MemorySignIns
from convo.state import ThreadState, is_message
from convo.user import PersistedUser, User

__all__ = ["MemoryDataLayer"]

T = TypeVar("T")


class MemoryDataLayer(DataLayer):
    """Keeps the `max_threads` threads that changed last, until the process ends.

    A thread it let go of stays gone; a session that still writes to it goes on undisturbed.
    """

    is_durable = False
    searches = "messages"
    keeps_shares = True

    def __init__(self, *, max_threads: int = 200) -> None:
        self._max_threads = max_threads
        self._secret = secrets.token_bytes(32)
        self._states: OrderedDict[str, ThreadState] = OrderedDict()
        self._owners: dict[str, str] = {}
        self._changed: dict[str, str] = {}
        self._users: dict[str, PersistedUser] = {}
        self._shares: dict[str, tuple[Share, State | None]] = {}
        self._epochs: dict[str, int] = {}
        self._let_go: OrderedDict[str, None] = OrderedDict()
        self.sign_ins = MemorySignIns(self, rename=self._rename)

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
        is_known = changes.thread_id in self._states
        self._states[changes.thread_id] = state
        self._owners[changes.thread_id] = changes.owner_id
        if changes.moves or not is_known:
            self._states.move_to_end(changes.thread_id)
            self._changed[changes.thread_id] = changes.changed_at or timestamp()
        while len(self._states) > self._max_threads:
            oldest = next(iter(self._states))
            await self.delete_thread(oldest)
            self._let_go[oldest] = None
            if len(self._let_go) > 50 * self._max_threads:
                self._let_go.popitem(last=False)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        state = self._states.get(thread_id)
        if state is None:
            return None
        return StoredThread(self._owners[thread_id], state.view(), self._changed[thread_id])

    async def get_thread_owner(self, thread_id: str) -> str | None:
        return self._owners.get(thread_id)

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        found = [self._info(state) for state in self._of(owner_id) if pinned in (None, state.thread.pinned)]
        threads, cursor = _page(found, lambda thread: thread.id, pagination)
        return ThreadPage(threads, cursor)

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        found = [hit for state in self._of(owner_id) if (hit := self._search(state, terms)) is not None]
        found.sort(key=lambda hit: hit.step_id is not None)
        hits, cursor = _page(found, lambda hit: hit.thread.id, pagination)
        return SearchPage(hits, cursor)

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        found = [
            Favourite(state.thread.id, entry.step)
            for state in self._of(owner_id)
            for entry in reversed(state.steps.values())
            if entry.facts.favourite
        ]
        found.sort(key=lambda favourite: favourite.step.created_at or "", reverse=True)
        favourites, cursor = _page(found, lambda favourite: f"{favourite.thread_id}/{favourite.step.id}", pagination)
        return FavouritePage(favourites, cursor)

    async def delete_thread(self, thread_id: str) -> None:
        self._states.pop(thread_id, None)
        self._owners.pop(thread_id, None)
        self._epochs.pop(thread_id, None)
        self._changed.pop(thread_id, None)
        self._shares = {i: kept for i, kept in self._shares.items() if kept[0].thread_id != thread_id}

    async def delete_owner(self, owner_id: str) -> list[str]:
        ids = [state.thread.id for state in self._of(owner_id)]
        for thread_id in ids:
            await self.delete_thread(thread_id)
        self._users = {name: user for name, user in self._users.items() if user.id != owner_id}
        return ids

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        ids = [state.thread.id for state in self._of(owner_id)]
        self._owners.update(dict.fromkeys(ids, to))
        return ids

    async def get_user(self, identifier: str) -> PersistedUser | None:
        return deepcopy(self._users.get(identifier))

    async def list_users(self, pagination: Pagination) -> UserPage:
        found = [deepcopy(user) for user in self._users.values()]
        return UserPage(*_page(found, lambda user: user.id, pagination))

    async def save_user(self, user: User) -> PersistedUser:
        known = self._users.get(user.identifier)
        saved = PersistedUser(
            id=str(uuid4()) if known is None else known.id,
            identifier=user.identifier,
            display_name=user.display_name,
            metadata=deepcopy(user.metadata),
            createdAt=timestamp() if known is None else known.createdAt,
        )
        self._users[user.identifier] = saved
        return deepcopy(saved)

    async def _rename(self, identifier: str, to: str) -> None:
        user = self._users.pop(identifier)
        user.identifier = to
        self._users[to] = user

    async def add_share(self, share: Share, state: State | None) -> None:
        if share.thread_id not in self._states:
            raise NotFoundError(f"There is no thread `{share.thread_id}` to share.")
        self._shares[share.id] = share, state

    async def get_share(self, share_id: str) -> Share | None:
        return self._shares.get(share_id, (None, None))[0]

    async def get_shared_state(self, share_id: str) -> State | None:
        return self._shares.get(share_id, (None, None))[1]

    async def list_shares(self, thread_id: str) -> list[Share]:
        found = [share for share, _ in self._shares.values() if share.thread_id == thread_id and not share.revoked_at]
        return sorted(found, key=lambda share: share.created_at, reverse=True)

    async def revoke_share(self, share_id: str, at: str) -> None:
        share = await self.get_share(share_id)
        if share is not None and share.revoked_at is None:
            self._shares[share_id] = dataclasses.replace(share, revoked_at=at), None

    def _of(self, owner_id: str | None) -> list[ThreadState]:
        """A principal's threads, or all, the latest changed first."""
        found = [state for i, state in reversed(self._states.items()) if owner_id in (None, self._owners[i])]
        return sorted(found, key=lambda state: self._changed[state.thread.id], reverse=True)

    def _info(self, state: ThreadState) -> ThreadInfo:
        return replace(state.thread, changed_at=self._changed[state.thread.id])

    def _search(self, state: ThreadState, terms: list[Term]) -> SearchHit | None:
        """Where a thread matches: in its title, or in the latest message that does."""
        texts: list[tuple[str | None, str]] = [(None, state.thread.name or "")]
        texts += [(e.step.id, e.step.output) for e in reversed(state.steps.values()) if is_message(e.facts)]
        for step_id, text in texts:
            if (found := excerpt(text, terms)) is not None:
                return SearchHit(self._info(state), step_id, found.snippet, found.marks)
        return None


def _page(found: list[T], key: Callable[[T], str], pagination: Pagination) -> tuple[list[T], str | None]:
    """The items after the one whose key is the cursor, and the cursor of the next page."""
    keys = [key(item) for item in found]
    start = keys.index(pagination.cursor) + 1 if pagination.cursor in keys else 0
    end = start + pagination.first
    return found[start:end], keys[end - 1] if end < len(found) else None
