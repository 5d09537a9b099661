"""A data layer in one file of SQLite, by the standard library alone: a row for each thread, its state as JSON.

Each save writes the whole thread, and a search reads all threads of its owner: right for a few thousand short chats.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import msgspec
from convo import PersistedUser, User
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
from convo.errors import ConflictError, MisconfiguredError, NotFoundError
from convo.protocol import State, ThreadInfo, timestamp
from convo.search import Term, excerpt, wanted
from convo.state import ThreadState, is_message

from convo_sample.file import File, key_of, text_of
from convo_sample.sign_ins import ShelfSignIns, find_user, read_user, save_user

__all__ = ["ShelfDataLayer"]

T = TypeVar("T")

SCHEME = "shelf:///"
LATEST_FIRST = "ORDER BY changed DESC, place DESC"


class ShelfDataLayer(DataLayer):
    """History in the file that `shelf:///path` names. Several processes may share it."""

    searches = "messages"
    keeps_shares = True

    def __init__(self, url: str) -> None:
        if not url.startswith(SCHEME) or url == SCHEME:
            raise MisconfiguredError(f'`{url}` names no file; write `url = "{SCHEME}history.db"` under [data].')
        self._file = File(url.removeprefix(SCHEME))
        self.sign_ins = ShelfSignIns(self._file)

    async def open(self) -> None:
        await self._file.open(migrates=self.migrates)

    async def close(self) -> None:
        await self._file.close()

    async def get_secret(self) -> bytes:
        def get(database: sqlite3.Connection) -> bytes:
            found = database.execute("SELECT value FROM secret").fetchone()
            if found is not None:
                return bytes(found[0])
            made = secrets.token_bytes(32)
            database.execute("INSERT INTO secret VALUES (?)", (made,))
            return made

        return await self._file.do(get)

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        sql = "INSERT INTO claim VALUES (?, 1) ON CONFLICT (thread) DO UPDATE SET epoch = epoch + 1 RETURNING epoch"
        return await self._file.do(lambda database: int(database.execute(sql, (key_of(thread_id),)).fetchone()[0]))

    async def apply(self, changes: Changes) -> None:
        await self._file.do(lambda database: _apply(database, changes))

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        found = await self._file.rows("SELECT owner, state, changed FROM thread WHERE id = ?", key_of(thread_id))
        return next((StoredThread(text_of(owner), _state(state), changed) for owner, state, changed in found), None)

    async def get_thread_owner(self, thread_id: str) -> str | None:
        found = await self._file.rows("SELECT owner FROM thread WHERE id = ?", key_of(thread_id))
        return next((text_of(owner) for (owner,) in found), None)

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        where, values = ("", ()) if owner_id is None else ("WHERE owner = ?", (key_of(owner_id),))
        rows = await self._file.rows(f"SELECT info, changed FROM thread {where} {LATEST_FIRST}", *values)  # noqa: S608 - ours
        found = [_info(info, changed) for info, changed in rows]
        listed = [thread for thread in found if pinned in (None, thread.pinned)]
        return ThreadPage(*_page(listed, lambda thread: thread.id, pagination))

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        rows = await self._of(owner_id)
        found = [hit for state, changed in rows if (hit := _hit(state, changed, terms)) is not None]
        found.sort(key=lambda hit: hit.step_id is not None)
        return SearchPage(*_page(found, lambda hit: hit.thread.id, pagination))

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        found = [
            Favourite(state.thread.id, step)
            for state, _ in await self._of(owner_id)
            for step in reversed(state.steps)
            if step.favourite
        ]
        found.sort(key=lambda favourite: favourite.step.created_at or "", reverse=True)
        return FavouritePage(*_page(found, lambda one: f"{one.thread_id}/{one.step.id}", pagination))

    async def delete_thread(self, thread_id: str) -> None:
        await self._file.do(lambda database: _delete(database, key_of(thread_id)))

    async def delete_owner(self, owner_id: str) -> list[str]:
        def delete(database: sqlite3.Connection) -> list[str]:
            ids = [row[0] for row in database.execute("SELECT id FROM thread WHERE owner = ?", (key_of(owner_id),))]
            for thread_id in ids:
                _delete(database, thread_id)
            database.execute("DELETE FROM user WHERE id = ?", (key_of(owner_id),))
            for table in ("identity", "sign_in"):
                database.execute(f"DELETE FROM {table} WHERE user = ?", (key_of(owner_id),))  # noqa: S608 - ours
            return [text_of(thread_id) for thread_id in ids]

        return await self._file.do(delete)

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        sql = "UPDATE thread SET owner = ? WHERE owner = ? RETURNING id"
        return [text_of(thread_id) for (thread_id,) in await self._file.rows(sql, key_of(to), key_of(owner_id))]

    async def get_user(self, identifier: str) -> PersistedUser | None:
        return await self._file.do(lambda database: find_user(database, identifier))

    async def list_users(self, pagination: Pagination) -> UserPage:
        found = [read_user(value) for (value,) in await self._file.rows("SELECT value FROM user ORDER BY identifier")]
        return UserPage(*_page(found, lambda user: user.id, pagination))

    async def save_user(self, user: User) -> PersistedUser:
        return await self._file.do(lambda database: save_user(database, user))

    async def add_share(self, share: Share, state: State | None) -> None:
        def add(database: sqlite3.Connection) -> None:
            thread = key_of(share.thread_id)
            if database.execute("SELECT 1 FROM thread WHERE id = ?", (thread,)).fetchone() is None:
                raise NotFoundError(f"There is no thread `{share.thread_id}` to share.")
            shown = None if state is None else msgspec.json.encode(state)
            values = (key_of(share.id), thread, msgspec.json.encode(share), shown)
            database.execute("INSERT INTO share VALUES (?, ?, ?, ?)", values)

        await self._file.do(add)

    async def get_share(self, share_id: str) -> Share | None:
        found = await self._file.rows("SELECT value FROM share WHERE id = ?", key_of(share_id))
        return next((_share(value) for (value,) in found), None)

    async def get_shared_state(self, share_id: str) -> State | None:
        sql = "SELECT state FROM share WHERE id = ? AND state IS NOT NULL"
        return next((_state(state) for (state,) in await self._file.rows(sql, key_of(share_id))), None)

    async def list_shares(self, thread_id: str) -> list[Share]:
        rows = await self._file.rows("SELECT value FROM share WHERE thread = ?", key_of(thread_id))
        found = [share for (value,) in rows if (share := _share(value)).revoked_at is None]
        return sorted(found, key=lambda share: share.created_at, reverse=True)

    async def revoke_share(self, share_id: str, at: str) -> None:
        def revoke(database: sqlite3.Connection) -> None:
            row = database.execute("SELECT value FROM share WHERE id = ?", (key_of(share_id),)).fetchone()
            if row is None or (share := _share(row[0])).revoked_at is not None:
                return
            value = msgspec.json.encode(replace(share, revoked_at=at))
            database.execute("UPDATE share SET value = ?, state = NULL WHERE id = ?", (value, key_of(share_id)))

        await self._file.do(revoke)

    async def _of(self, owner_id: str) -> list[tuple[State, str]]:
        """A principal's threads, each with the time of its last change, the latest first."""
        sql = f"SELECT state, changed FROM thread WHERE owner = ? {LATEST_FIRST}"  # noqa: S608 - a constant
        return [(_state(state), str(changed)) for state, changed in await self._file.rows(sql, key_of(owner_id))]


def _apply(database: sqlite3.Connection, changes: Changes) -> None:
    key = key_of(changes.thread_id)
    claimed = database.execute("SELECT epoch FROM claim WHERE thread = ?", (key,)).fetchone()
    if claimed is None or claimed[0] != changes.epoch:
        raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
    row = database.execute("SELECT changed, place, state FROM thread WHERE id = ?", (key,)).fetchone()
    state = ThreadState(changes.state.thread)
    if row is not None:
        state.merge(_state(row[2]))
    state.merge(changes.state, changes.removed)
    if row is None or changes.moves:
        place = database.execute("SELECT coalesce(max(place), 0) + 1 FROM thread").fetchone()[0]
        changed = changes.changed_at or timestamp()
    else:
        changed, place = row[0], row[1]
    values = (key, key_of(changes.owner_id), changed, place, *map(msgspec.json.encode, (state.thread, state.view())))
    database.execute("INSERT OR REPLACE INTO thread VALUES (?, ?, ?, ?, ?, ?)", values)


def _delete(database: sqlite3.Connection, key: bytes) -> None:
    database.execute("DELETE FROM thread WHERE id = ?", (key,))
    database.execute("DELETE FROM claim WHERE thread = ?", (key,))
    database.execute("DELETE FROM share WHERE thread = ?", (key,))


def _hit(state: State, changed: str, terms: list[Term]) -> SearchHit | None:
    """Where a thread matches: in its title, or in the latest message that does."""
    texts: list[tuple[str | None, str]] = [(None, state.thread.name or "")]
    texts += [(step.id, step.output) for step in reversed(state.steps) if is_message(step)]
    for step_id, text in texts:
        if (found := excerpt(text, terms)) is not None:
            return SearchHit(
                msgspec.structs.replace(state.thread, changed_at=changed), step_id, found.snippet, found.marks
            )
    return None


def _page(found: list[T], key: Callable[[T], str], pagination: Pagination) -> tuple[list[T], str | None]:
    """The items after the one whose key is the cursor, and the cursor of the next page."""
    keys = [key(item) for item in found]
    start = keys.index(pagination.cursor) + 1 if pagination.cursor in keys else 0
    end = start + pagination.first
    return found[start:end], keys[end - 1] if end < len(found) else None


def _state(value: bytes) -> State:
    return msgspec.json.decode(value, type=State)


def _info(value: bytes, changed: bytes) -> ThreadInfo:
    return msgspec.structs.replace(msgspec.json.decode(value, type=ThreadInfo), changed_at=str(changed))


def _share(value: bytes) -> Share:
    return msgspec.json.decode(value, type=Share)
