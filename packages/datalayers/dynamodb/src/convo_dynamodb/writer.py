"""Writing a thread: claims, changes in one transaction, and changes that are too large for one.

**What holds.** A thread is only ever seen as some `apply` left it, whenever and wherever a process dies.

- Changes of up to about 90 entries and 700 kB (compressed), which is nearly all of them, are one `TransactWriteItems`.
- Larger ones are first written whole, as parts that nothing refers to. One transaction then makes the thread's head
  refer to them: this is the moment they count, and from now on whoever reads lays them over the items. They are
  carried into the items by transactions that each check that they still wait and that the epoch is the writer's, and
  the head's reference is dropped last. If the writer dies in between, the next claim or change does this.
- The same is true of a body that needs more than one item: its parts are written first, under a name that is used once.
- Every transaction checks the epoch, so a writer that lost its thread changes nothing.

Parts that a crash left without a reference are dropped by the next claim, items of a thread whose deletion was cut
short by the next `open`.
"""

from __future__ import annotations

import time
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

import msgspec
from convo.aio import call_in_thread
from convo.datalayer import Changes
from convo.errors import ConflictError, UnavailableError

from convo_dynamodb import items, schema
from convo_dynamodb.items import ANY, Item, Key, Write
from convo_dynamodb.lifetime import Lifetime
from convo_dynamodb.owners import Owners
from convo_dynamodb.rows import (
    INLINE_BYTES,
    Redo,
    Row,
    cut,
    entry_name,
    is_large,
    join,
    position,
    read_blob,
    redo_blob,
    removals,
    rows,
)
from convo_dynamodb.shares import Shares
from convo_dynamodb.table import ConditionFailed, Table, each

__all__ = ["Writer"]

WRITES = 100  # of a transaction
BYTES = 700_000  # of its 4 MB: a body over 1 MB, in base64, holds the event loop up
TRIES = 20
_KNOWN_THREADS = 10_000


@dataclass(slots=True)
class _Head:
    """What is known of a thread that is written here."""

    item: Item
    blobs: dict[str, tuple[str, int]] = field(default_factory=dict)  # bodies in parts that were written here, by row

    @property
    def generation(self) -> str:
        return str(self.item["generation"])

    @property
    def epoch(self) -> int:
        return int(self.item["epoch"])

    @property
    def owner_id(self) -> str | None:
        return str(self.item["owner"]) if "owner" in self.item else None


class Writer:
    """Writes threads, and knows those it wrote last."""

    def __init__(self, table: Table, owners: Owners, shares: Shares, lifetime: Lifetime) -> None:
        self._table = table
        self._owners = owners
        self._shares = shares
        self._lifetime = lifetime
        self._heads: OrderedDict[str, _Head] = OrderedDict()
        self._tick = 0

    async def claim(self, thread_id: str, process: str) -> int:
        key = schema.head(thread_id)
        item = await self._table.update(
            items.update(
                key,
                {"process": process, "id": thread_id},
                once={"generation": uuid4().hex},
                add={"epoch": 1, "version": 1},
            )
        )
        if self._lifetime.is_over(item):
            await self.delete(thread_id)
            return await self.claim(thread_id, process)
        head = self._remember(thread_id, _Head(item))
        with suppress(ConditionFailed):  # claimed by another process meanwhile, whose work this is now
            if "redo" in item:
                await self._carry(thread_id, head)
            if "has_parts" in item:
                await self._sweep(thread_id, head)
        return head.epoch

    async def apply(self, changes: Changes) -> None:
        if is_large(changes.state):
            put = await call_in_thread(rows, changes.state, changes.removed)
        else:
            put = rows(changes.state, changes.removed)
        for _ in range(TRIES):
            head = await self._head(changes)
            try:
                if "redo" in head.item:
                    await self._carry(changes.thread_id, head)
                if self._lifetime.is_outdated(head.item):
                    await self._renew(changes.thread_id, head)
                await self._store(head, changes, put)
                return
            except ConditionFailed:
                self.forget(changes.thread_id)
        raise UnavailableError(f"The thread `{changes.thread_id}` changes hands too fast to be written.")

    async def delete(self, thread_id: str, owner_id: str | None = None) -> None:
        """Forget a thread (if it is still the owner's): first it is gone as a whole, then item by item."""
        self.forget(thread_id)
        key = schema.head(thread_id)
        while (head := await self._table.get(key)) is not None:
            generation, owner = head["generation"], head.get("owner")
            if owner_id is not None and owner != owner_id:
                return
            gone: Item = {"pk": schema.GONE, "sk": f"{schema.part(thread_id)}#{generation}", "id": thread_id}
            gone |= {"generation": generation} | ({} if owner is None else {"owner": owner})
            writes = [items.delete(key, {"generation": generation, "owner": owner}), items.put(gone)]
            if owner is not None:
                writes.append(items.delete((schema.owner(str(owner)), f"thread#{schema.part(thread_id)}")))
            try:
                await self._table.transact(writes)
            except ConditionFailed:  # it changed hands meanwhile
                continue
            await self._bury(gone)

    async def bury_all(self) -> None:
        """Drop what is left of threads whose deletion was cut short."""
        await each(self._bury, await self._table.find(schema.GONE))

    async def _bury(self, gone: Item) -> None:
        thread_id, generation = str(gone["id"]), str(gone["generation"])
        pk = schema.thread(thread_id)
        left = await self._table.find(pk, prefix=f"{generation}#", attributes=["sk"])
        await self._table.delete_all((pk, str(item["sk"])) for item in left)
        await self._table.delete_all(await self._shares.keys(thread_id, generation))
        if "owner" in gone:
            await self._owners.drop_favourites(str(gone["owner"]), thread_id, generation)
        await self._table.delete_all([items.key_of(gone)])

    def forget(self, thread_id: str) -> None:
        """Look again before the thread is written the next time."""
        self._heads.pop(thread_id, None)

    async def _head(self, changes: Changes) -> _Head:
        head = self._heads.get(changes.thread_id)
        if head is None or head.epoch != changes.epoch:
            item = await self._table.get(schema.head(changes.thread_id))
            if item is None or item["epoch"] != changes.epoch:
                raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
            head = _Head(item)
        return self._remember(changes.thread_id, head)

    def _remember(self, thread_id: str, head: _Head) -> _Head:
        self._heads[thread_id] = head
        self._heads.move_to_end(thread_id)
        if len(self._heads) > _KNOWN_THREADS:
            self._heads.popitem(last=False)
        return head

    async def _store(self, head: _Head, changes: Changes, put: Sequence[Row]) -> None:
        """Raises `ConditionFailed` when the head is not as it was known."""
        thread_id, owner_id, before = changes.thread_id, changes.owner_id, head.owner_id
        # Strictly later each time, so that no order hangs on the clock's resolution.
        self._tick = max(time.time_ns() // 1000, self._tick + 1)
        stamp = f"{head.epoch:010}-{self._tick:017}"
        changed_at = _changed_at(changes) or self._tick
        if not changes.moves and "changed_at" in head.item:
            changed_at = int(head.item["changed_at"])
        entry = self._owners.listing(changes, head.generation, changed_at)
        ends: list[Write] = [items.put(entry)]
        if before is not None and before != owner_id:
            await self._owners.copy_favourites(before, owner_id, thread_id, head.generation)
            ends.append(items.delete((schema.owner(before), str(entry["sk"]))))
        plan = self._plan(head, thread_id, owner_id, stamp, put, changes)
        known: dict[str, Any] = {"generation": head.generation, "epoch": head.epoch, "owner": before, "redo": None}
        sets: Item = {"owner": owner_id, "changed_at": changed_at, **self._lifetime.of_head()}
        if before is None and (rest := self._lifetime.of_rest()):
            sets["kept_until"] = rest["expires"]
        parts, blobs = plan.parts, plan.blobs
        if is_redone := len(plan.writes) + 3 > WRITES or plan.size > BYTES:
            redo = Redo(changes.state, [(collection, entry_id) for collection, entry_id in changes.removed])
            body = await call_in_thread(lambda: items.pack(msgspec.json.encode(redo)))
            parts, blobs = cut(head.generation, redo_blob(stamp), _bytes(body)), {}
            sets |= {"redo": stamp, "redo_parts": len(parts)}
        await self._put_parts(thread_id, head, parts)
        writes = [] if is_redone else plan.writes
        first = items.update(schema.head(thread_id), sets, add={"version": 1}, condition=known)
        try:
            await self._table.transact([first, *ends, *writes])
        except ConditionFailed:
            await self._drop(thread_id, parts)
            raise
        head.item |= sets
        if before is not None and before != owner_id:
            await self._owners.drop_favourites(before, thread_id, head.generation)
        if is_redone:
            with suppress(ConditionFailed):  # it is stored; who has the thread now carries on
                await self._carry(thread_id, head)
        else:
            await self._replace_blobs(thread_id, head, put, blobs)

    def _plan(
        self, head: _Head, thread_id: str, owner_id: str, stamp: str, put: Sequence[Row], changes: Changes | Redo
    ) -> _Plan:
        plan = _Plan()
        pk = schema.thread(thread_id)
        for index, row in enumerate(put):
            key = (pk, f"{head.generation}#{row.name}")
            plan.add(self._row(head, key, row, position(stamp, index), f"{stamp}-{index:06}", plan))
            if row.step_id is not None:
                plan.add(items.put(self._owners.favourite(owner_id, thread_id, head.generation, row)))
        for collection, entry_id in removals(changes.removed, put):
            plan.add(items.delete((pk, f"{head.generation}#{entry_name(collection, entry_id)}")))
            if collection == "steps":
                plan.add(items.delete(self._owners.favourite_key(owner_id, thread_id, head.generation, entry_id)))
        return plan

    def _row(self, head: _Head, key: Key, row: Row, place: str, blob: str, plan: _Plan) -> Write:
        sets: Item = {"body": row.body}
        gone = ["blob", "parts"]
        rest = self._lifetime.of_rest()
        if isinstance(row.body, bytes) and len(row.body) > INLINE_BYTES:
            pieces = cut(head.generation, blob, row.body)
            plan.parts += pieces
            plan.blobs[row.name] = (blob, len(pieces))
            sets, gone = {"blob": blob, "parts": len(pieces)}, ["body"]
        if row.favourite is not None:
            sets["favourite"] = row.favourite
        else:
            gone.append("favourite")
        once: Item = {} if row.is_new else {"position": place}
        if row.is_new:
            sets["position"] = place
        return items.update(key, sets | rest, once=once, remove=gone)

    async def _carry(self, thread_id: str, head: _Head) -> None:
        """Carry waiting changes into the items. Raises `ConditionFailed` when the thread is another's by now."""
        pk, stamp, generation = schema.thread(thread_id), str(head.item["redo"]), head.generation
        name = redo_blob(stamp)
        found = read_blob(await self._table.find(pk, prefix=f"{generation}#part#{name}#"))
        if len(found) < int(head.item["redo_parts"]):
            raise ConditionFailed  # another process has carried it
        body = items.unpack(join(found, generation, name, head.item["redo_parts"]))
        redo = msgspec.json.decode(body, type=Redo)
        put = await call_in_thread(rows, redo.state, redo.removed)
        plan = self._plan(head, thread_id, str(head.item["owner"]), stamp, put, redo)
        await self._put_parts(thread_id, head, plan.parts)
        still = {"generation": generation, "epoch": head.epoch, "redo": stamp, "owner": head.owner_id}
        for batch in plan.batches():
            await self._table.transact([items.check(schema.head(thread_id), still), *batch])
        await self._table.update(
            items.update(schema.head(thread_id), {}, add={"version": 1}, remove=["redo", "redo_parts"], condition=still)
        )
        del head.item["redo"], head.item["redo_parts"]
        await self._table.delete_all((pk, sk) for sk in found)
        await self._replace_blobs(thread_id, head, put, plan.blobs)

    async def _put_parts(self, thread_id: str, head: _Head, parts: Sequence[Item]) -> None:
        if not parts:
            return
        if "has_parts" not in head.item:  # said before there is one, so that one without a reference is found
            known = {"generation": head.generation, "epoch": head.epoch}
            await self._table.update(items.update(schema.head(thread_id), {"has_parts": True}, condition=known))
            head.item["has_parts"] = True
        rest = self._lifetime.of_rest()
        await self._table.put_all({"pk": schema.thread(thread_id), **part, **rest} for part in parts)

    async def _replace_blobs(
        self, thread_id: str, head: _Head, put: Sequence[Row], blobs: dict[str, tuple[str, int]]
    ) -> None:
        """Drop the parts of bodies that have been replaced, as far as they are known here."""
        old = [head.blobs.pop(row.name) for row in put if row.name in head.blobs]
        head.blobs |= blobs
        keys = [f"{head.generation}#part#{blob}#{n:05}" for blob, count in old for n in range(count)]
        await self._table.delete_all((schema.thread(thread_id), sk) for sk in keys)

    async def _renew(self, thread_id: str, head: _Head) -> None:
        """Let all items of a thread last as long as its head may."""
        if head.owner_id is None:
            return
        pk, rest = schema.thread(thread_id), self._lifetime.of_rest()
        found = await self._table.find(pk, prefix=f"{head.generation}#", attributes=["sk"])
        keys = [(pk, str(item["sk"])) for item in found]
        keys += await self._owners.favourite_keys(head.owner_id, thread_id, head.generation)
        keys += await self._shares.keys(thread_id, head.generation)

        async def renew(key: Key) -> None:
            with suppress(ConditionFailed):  # removed meanwhile
                drop = () if rest else ("expires",)
                await self._table.update(items.update(key, rest, remove=drop, condition={"sk": ANY}))

        await each(renew, keys)
        until: Item = {"kept_until": rest["expires"]} if rest else {}
        drop = () if rest else ("kept_until", "expires")
        known = {"generation": head.generation, "epoch": head.epoch}
        await self._table.update(items.update(schema.head(thread_id), until, remove=drop, condition=known))
        for name in drop:
            head.item.pop(name, None)
        head.item |= until

    async def _drop(self, thread_id: str, parts: Sequence[Item]) -> None:
        await self._table.delete_all((schema.thread(thread_id), str(part["sk"])) for part in parts)

    async def _sweep(self, thread_id: str, head: _Head) -> None:
        """Drop parts of earlier epochs that nothing refers to."""
        pk, prefix = schema.thread(thread_id), f"{head.generation}#"
        found = await self._table.find(pk, prefix=prefix, attributes=["sk", "blob"])
        used = {str(item["blob"]) for item in found if "blob" in item}
        parts = [sk for item in found if (sk := str(item["sk"])).startswith(f"{prefix}part#")]
        loose = [sk for sk in parts if (blob := sk.split("#")[2]) not in used and int(blob[:10]) < head.epoch]
        await self._table.delete_all((pk, sk) for sk in loose)
        if len(loose) == len(parts):
            known = {"generation": head.generation, "epoch": head.epoch}
            await self._table.update(items.update(schema.head(thread_id), {}, remove=["has_parts"], condition=known))
            head.item.pop("has_parts", None)


class _Plan:
    """What a transaction writes, and the parts to write before it."""

    def __init__(self) -> None:
        self.writes: list[Write] = []
        self.parts: list[Item] = []
        self.blobs: dict[str, tuple[str, int]] = {}
        self.size = 0

    def add(self, write: Write) -> None:
        self.writes.append(write)
        self.size += items.size_of(write)

    def batches(self) -> Iterator[list[Write]]:
        """The writes in portions for transactions of their own, with one more write each."""
        batch: list[Write] = []
        size = 0
        for write in self.writes:
            weight = items.size_of(write)
            if batch and (len(batch) == WRITES - 1 or size + weight > BYTES):
                yield batch
                batch, size = [], 0
            batch.append(write)
            size += weight
        if batch:
            yield batch


def _changed_at(changes: Changes) -> int | None:
    """Microseconds since 1970; `None`: now."""
    at = changes.changed_at
    return None if at is None else round(datetime.fromisoformat(at).timestamp() * 1e6)


def _bytes(body: str | bytes) -> bytes:
    """Packed JSON as it is cut into parts, which are bytes."""
    return zlib.compress(body.encode()) if isinstance(body, str) else body
