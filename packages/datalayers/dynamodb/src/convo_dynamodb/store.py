"""A table that is open, and what is kept in it. Loads the vendor's library."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from convo.aio import call_in_thread
from convo.datalayer import StoredThread
from convo.errors import UnavailableError

from convo_dynamodb import schema
from convo_dynamodb.errors import translated
from convo_dynamodb.items import Item
from convo_dynamodb.lifetime import Lifetime
from convo_dynamodb.owners import Owners
from convo_dynamodb.rows import stored
from convo_dynamodb.shares import Shares
from convo_dynamodb.signins import StoredSignIns
from convo_dynamodb.table import Table, each, open_table
from convo_dynamodb.urls import Address
from convo_dynamodb.users import Users
from convo_dynamodb.writer import Writer

__all__ = ["Store", "open_store"]

_READS = 12  # of a thread that is written all the while


async def open_store(address: Address, *, makes: bool) -> Store:
    """The history at `address`. Raises `DataLayerError`."""
    with translated(address):
        table = await open_table(address)
        try:
            secret = await schema.prepare(table, address, makes=makes)
            lifetime = Lifetime(address.ttl_days)
            owners = Owners(table, lifetime)
            shares = Shares(table, lifetime)
            writer = Writer(table, owners, shares, lifetime)
            await writer.bury_all()
        except BaseException:
            await table.close()
            raise
    users = Users(table)
    return Store(table, lifetime, owners, shares, users, StoredSignIns(table, users), writer, secret)


@dataclass(frozen=True, slots=True)
class Store:
    """Raises what its table raises."""

    table: Table
    lifetime: Lifetime
    owners: Owners
    shares: Shares
    users: Users
    sign_ins: StoredSignIns
    writer: Writer
    secret: bytes

    async def close(self) -> None:
        await self.table.close()

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        for attempt in range(_READS):
            found = await self.table.find(schema.thread(thread_id))
            if not found or not self._is_stored(found[0]):
                return None
            # Items are read one after another; all are of one moment when the head is the same before and after.
            if found[0] == await self.table.get(schema.head(thread_id)):
                return await call_in_thread(stored, found[0], found[1:])
            await asyncio.sleep(0.02 * attempt)
        raise UnavailableError(f"The thread `{thread_id}` is written too fast to be read.")

    async def get_thread_owner(self, thread_id: str) -> str | None:
        head = await self.table.get(schema.head(thread_id))
        return str(head["owner"]) if head is not None and self._is_stored(head) else None

    async def get_thread_version(self, thread_id: str) -> str | None:
        head = await self.table.get(schema.head(thread_id))
        return f"{head['generation']}-{head['version']}" if head is not None and self._is_stored(head) else None

    async def delete_owner(self, owner_id: str) -> list[str]:
        ids = await self.owners.ids(owner_id)
        await each(lambda thread_id: self.writer.delete(thread_id, owner_id), ids)
        await self.users.delete(owner_id)
        await self.sign_ins.forget(owner_id)
        return ids

    def _is_stored(self, head: Item) -> bool:
        """Whether there is a thread, and not only a claim to one, or one that has expired."""
        return "owner" in head and not self.lifetime.is_over(head)
