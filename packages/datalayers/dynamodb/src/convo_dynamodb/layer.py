"""`DynamoDBDataLayer`: the port `DataLayer` over one DynamoDB table."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from convo.aio import call_in_thread
from convo.datalayer import Changes, DataLayer, FavouritePage, Pagination, SearchPage, Share, StoredThread, ThreadPage
from convo.errors import UnavailableError
from convo.protocol import State
from convo.search import wanted
from convo.signin import SignedIn, SignIn, SignIns
from convo.user import PersistedUser, User

from convo_dynamodb.urls import parse

if TYPE_CHECKING:
    from convo_dynamodb.store import Store

__all__ = ["DynamoDBDataLayer"]


class DynamoDBDataLayer(DataLayer):
    """Keeps threads in the table at `url`: `dynamodb://table?region=…`, which is made when it is not there.

    A thread is only ever seen as one `apply` left it, even if that was cut short by a crash (`convo_dynamodb.writer`
    says how). Lists, favourites and searches of one principal are up to date; everybody's threads are listed from an
    index that is a moment behind. `give_threads` and `delete_owner` go thread by thread: cut short, they are finished
    by calling them again. Credentials are the vendor's matter: environment, profile, role.
    """

    searches = "titles"
    keeps_shares = True

    def __init__(self, url: str) -> None:
        self._address = parse(url)
        self._store: Store | None = None
        self.sign_ins = DynamoDBSignIns(self.using)

    async def open(self) -> None:
        if self._store is None:
            # The vendor's library takes half a second to import, and opens a socket to see whether there is IPv6.
            store = await call_in_thread(import_module, "convo_dynamodb.store")
            self._store = await store.open_store(self._address, makes=self.migrates)

    async def close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            await store.close()

    async def get_secret(self) -> bytes:
        async with self.using() as store:
            return store.secret

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        async with self.using() as store:
            return await store.writer.claim(thread_id, owner)

    async def apply(self, changes: Changes) -> None:
        async with self.using() as store:
            await store.writer.apply(changes)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        async with self.using() as store:
            return await store.get_thread(thread_id)

    async def get_thread_owner(self, thread_id: str) -> str | None:
        async with self.using() as store:
            return await store.get_thread_owner(thread_id)

    async def get_thread_version(self, thread_id: str) -> str | None:
        async with self.using() as store:
            return await store.get_thread_version(thread_id)

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        async with self.using() as store:
            return await store.owners.list_threads(owner_id, pagination, pinned)

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        if not terms:
            return SearchPage(hits=[], cursor=None)
        async with self.using() as store:
            return await store.owners.search(owner_id, terms, pagination)

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        async with self.using() as store:
            return await store.owners.list_favourites(owner_id, pagination)

    async def delete_thread(self, thread_id: str) -> None:
        async with self.using() as store:
            await store.writer.delete(thread_id)

    async def delete_owner(self, owner_id: str) -> list[str]:
        async with self.using() as store:
            return await store.delete_owner(owner_id)

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        async with self.using() as store:
            return await store.owners.give(owner_id, to)

    async def get_user(self, identifier: str) -> PersistedUser | None:
        async with self.using() as store:
            return await store.users.get(identifier)

    async def save_user(self, user: User) -> PersistedUser:
        async with self.using() as store:
            return await store.users.save(user)

    async def add_share(self, share: Share, state: State | None) -> None:
        async with self.using() as store:
            await store.shares.add(share, state)

    async def get_share(self, share_id: str) -> Share | None:
        async with self.using() as store:
            return await store.shares.get(share_id)

    async def get_shared_state(self, share_id: str) -> State | None:
        async with self.using() as store:
            return await store.shares.get_state(share_id)

    async def list_shares(self, thread_id: str) -> list[Share]:
        async with self.using() as store:
            return await store.shares.of_thread(thread_id)

    async def revoke_share(self, share_id: str, at: str) -> None:
        async with self.using() as store:
            await store.shares.revoke(share_id, at)

    @asynccontextmanager
    async def using(self) -> AsyncIterator[Store]:
        """The open store, whose errors are those of the port inside."""
        if self._store is None:
            raise UnavailableError("The history is not open; `await data_layer.open()` comes first.")
        from convo_dynamodb.errors import translated  # loaded by now, see `open`

        with translated(self._address):
            yield self._store


class DynamoDBSignIns(SignIns):
    """The port `SignIns`, over what `using` gives."""

    def __init__(self, using: Callable[[], AbstractAsyncContextManager[Store]]) -> None:
        self._using = using

    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool = False) -> PersistedUser:
        async with self._using() as store:
            return await store.sign_ins.identify(provider, subject, user, is_linking=is_linking)

    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        async with self._using() as store:
            return await store.sign_ins.find_users(ids)

    async def add(self, sign_in: SignIn) -> None:
        async with self._using() as store:
            await store.sign_ins.add(sign_in)

    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        async with self._using() as store:
            return await store.sign_ins.replace(sign_in, digest)

    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        async with self._using() as store:
            return await store.sign_ins.find(ids)

    async def list_for(self, user_id: str) -> list[SignIn]:
        async with self._using() as store:
            return await store.sign_ins.list_for(user_id)

    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        async with self._using() as store:
            return await store.sign_ins.end(user_id, ids)

    async def purge(self, before: str) -> None:
        """DynamoDB drops what expired itself, where the table's TTL is on (`ttl_days` in the URL)."""
