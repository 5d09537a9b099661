"""`DynamoDBDataLayer`: the port `DataLayer` over one DynamoDB table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from convo.aio import call_in_thread
from convo.datalayer import (
    Changes,
    DataLayer,
    FavouritePage,
    Pagination,
    SearchPage,
    StoredThread,
    ThreadPage,
)
from convo.errors import UnavailableError
from convo.search import wanted
from convo.user import PersistedUser, User

from convo_dynamodb import schema
from convo_dynamodb.errors import translated
from convo_dynamodb.items import Item
from convo_dynamodb.lifetime import Lifetime
from convo_dynamodb.owners import Owners
from convo_dynamodb.rows import stored
from convo_dynamodb.table import Table, each, open_table
from convo_dynamodb.urls import parse
from convo_dynamodb.users import Users
from convo_dynamodb.writer import Writer

__all__ = ["DynamoDBDataLayer"]

_READS = 12  # of a thread that is written all the while


@dataclass(frozen=True, slots=True)
class _Opened:
    table: Table
    owners: Owners
    users: Users
    writer: Writer
    secret: bytes


class DynamoDBDataLayer(DataLayer):
    """Keeps threads in the table at `url`: `dynamodb://table?region=…`, which is made when it is not there.

    A thread is only ever seen as one `apply` left it, even if that was cut short by a crash (`convo_dynamodb.writer`
    says how). Lists, favourites and searches of one principal are up to date; everybody's threads are listed from an
    index that is a moment behind. `give_threads` and `delete_owner` go thread by thread: cut short, they are finished
    by calling them again. Credentials are the vendor's matter: environment, profile, role.
    """

    searches = "titles"

    def __init__(self, url: str) -> None:
        self._address = parse(url)
        self._lifetime = Lifetime(self._address.ttl_days)
        self._open: _Opened | None = None

    async def open(self) -> None:
        if self._open is not None:
            return
        with translated(self._address):
            table = await open_table(self._address)
            try:
                secret = await schema.prepare(table, self._address)
                owners = Owners(table, self._lifetime)
                writer = Writer(table, owners, self._lifetime)
                await writer.bury_all()
            except BaseException:
                await table.close()
                raise
        self._open = _Opened(table, owners, Users(table), writer, secret)

    async def close(self) -> None:
        opened, self._open = self._open, None
        if opened is not None:
            await opened.table.close()

    async def get_secret(self) -> bytes:
        async with self._using() as use:
            return use.secret

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        async with self._using() as use:
            return await use.writer.claim(thread_id, owner)

    async def apply(self, changes: Changes) -> None:
        async with self._using() as use:
            await use.writer.apply(changes)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        async with self._using() as use:
            for attempt in range(_READS):
                found = await use.table.find(schema.thread(thread_id))
                if not found or not self._is_stored(found[0]):
                    return None
                head = await use.table.get(schema.head(thread_id))
                # Items are read one after another; all are of one moment when the head is the same before and after.
                if found[0] == head:
                    return await call_in_thread(stored, found[0], found[1:])
                await asyncio.sleep(0.02 * attempt)
            raise UnavailableError(f"The thread `{thread_id}` is written too fast to be read.")

    async def get_thread_owner(self, thread_id: str) -> str | None:
        async with self._using() as use:
            head = await use.table.get(schema.head(thread_id))
            return str(head["owner"]) if head is not None and self._is_stored(head) else None

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        async with self._using() as use:
            return await use.owners.list_threads(owner_id, pagination, pinned)

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        if not terms:
            return SearchPage(hits=[], cursor=None)
        async with self._using() as use:
            return await use.owners.search(owner_id, terms, pagination)

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        async with self._using() as use:
            return await use.owners.list_favourites(owner_id, pagination)

    async def delete_thread(self, thread_id: str) -> None:
        async with self._using() as use:
            await use.writer.delete(thread_id)

    async def delete_owner(self, owner_id: str) -> list[str]:
        async with self._using() as use:
            ids = await use.owners.ids(owner_id)
            await each(lambda thread_id: use.writer.delete(thread_id, owner_id), ids)
            await use.users.delete(owner_id)
            return ids

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        async with self._using() as use:
            return await use.owners.give(owner_id, to)

    async def get_user(self, identifier: str) -> PersistedUser | None:
        async with self._using() as use:
            return await use.users.get(identifier)

    async def save_user(self, user: User) -> PersistedUser:
        async with self._using() as use:
            return await use.users.save(user)

    def _is_stored(self, head: Item | None) -> bool:
        """Whether there is a thread, and not only a claim to one, or one that has expired."""
        return head is not None and "owner" in head and not self._lifetime.is_over(head)

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[_Opened]:
        if self._open is None:
            raise UnavailableError("The history is not open; `await data_layer.open()` comes first.")
        with translated(self._address):
            yield self._open
