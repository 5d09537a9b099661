"""A table: reads and writes items, tries again what only failed for a moment, and never blocks the event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar
from uuid import uuid4

from aiobotocore.config import AioConfig
from aiobotocore.session import AioSession, get_session
from botocore import exceptions as aws
from convo.aio import call_in_thread

from convo_dynamodb.errors import code_of, is_passing
from convo_dynamodb.items import Item, Key, Value, Write, from_wire, key_of, to_wire
from convo_dynamodb.urls import Address

__all__ = ["ConditionFailed", "Table", "open_table"]

T = TypeVar("T")

ATTEMPTS = 7
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 2.0
CONNECT_SECONDS = 5
ANSWER_SECONDS = 20
AT_ONCE = 8  # calls of one larger piece of work
_BATCH_WRITES = 25
_BATCH_BYTES = 750_000  # of DynamoDB's 16 MB: a body over 1 MB, in base64, holds the event loop up
_BATCH_READS = 100
_REFUSED = "ConditionalCheckFailedException"


class ConditionFailed(Exception):  # noqa: N818 - it is an answer, not a fault
    """A condition did not hold; nothing was written."""


async def open_table(address: Address) -> Table:
    """The table at `address`, not asked for anything yet. Raises what the vendor's library raises."""
    session = await call_in_thread(_session)
    stack = AsyncExitStack()
    config = AioConfig(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 1},  # ours know transactions, too
        max_pool_connections=50,
    )
    client = await stack.enter_async_context(
        session.create_client("dynamodb", region_name=address.region, endpoint_url=address.endpoint, config=config)
    )
    return Table(client, address.table, stack)


def _session() -> AioSession:
    """A session that has read the service's description: 100 ms of work that is not for the event loop."""
    session = get_session()
    loader = session.get_component("data_loader")
    loader.load_data("endpoints")
    loader.load_data("partitions")
    loader.load_service_model("dynamodb", "service-2")
    loader.load_service_model("dynamodb", "endpoint-rule-set-1")
    return session


class Table:
    """Raises what the vendor's library raises, and `ConditionFailed`. Reads are consistent unless `scattered`."""

    def __init__(self, client: Any, name: str, stack: AsyncExitStack) -> None:
        self.name = name
        self._client = client
        self._stack = stack

    async def close(self) -> None:
        await self._stack.aclose()

    async def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """One call of the API, with the table's name added; tried again while it may work in a moment."""
        parameters.setdefault("TableName", self.name)
        return await self._call(operation, parameters)

    async def get(self, key: Key) -> Item | None:
        answer = await self.call("get_item", Key=to_wire(_as_item(key)), ConsistentRead=True)
        return from_wire(answer["Item"]) if "Item" in answer else None

    async def get_all(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Those of the items that are there."""
        found: dict[Key, Item] = {}
        distinct = list(dict.fromkeys(keys))
        for start in range(0, len(distinct), _BATCH_READS):
            left: Any = [to_wire(_as_item(key)) for key in distinct[start : start + _BATCH_READS]]
            async for _ in _pauses():
                wanted = {self.name: {"Keys": left, "ConsistentRead": True}}
                answer = await self._call("batch_get_item", {"RequestItems": wanted})
                items = [from_wire(item) for item in answer["Responses"].get(self.name, [])]
                found.update((key_of(item), item) for item in items)
                left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys")
                if not left:
                    break
        return found

    async def query(
        self,
        pk: str,
        *,
        prefix: str = "",
        below: str | None = None,
        index: str | None = None,
        scattered: bool = False,
        limit: int | None = None,
        only: Mapping[str, Value] | None = None,
        attributes: Sequence[str] = (),
    ) -> AsyncIterator[list[Item]]:
        """The items at `pk` by pages, in the order of `sk`: those whose `sk` begins with `prefix`.

        With `below`, those of `index` with a lower place than that, the highest first; `scattered`: of an index over
        the whole table, which is a moment behind. `only` leaves others out after `limit` has counted them.
        """
        names, values = {"#pk": _SPREAD if scattered else "pk"}, {":pk": pk}
        conditions = ["#pk = :pk"]
        if below is not None:
            names["#place"], values[":below"] = "place", below
            conditions.append("#place < :below")
        elif prefix:
            names["#sk"], values[":prefix"] = "sk", prefix
            conditions.append("begins_with(#sk, :prefix)")
        parameters: dict[str, Any] = {"ConsistentRead": not scattered, "ScanIndexForward": below is None}
        wire: dict[str, Value] = dict(values)
        if only:
            names |= {f"#{name}": name for name in only}
            wire |= {f":only_{name}": value for name, value in only.items()}
            parameters["FilterExpression"] = " AND ".join(f"#{name} = :only_{name}" for name in only)
        if attributes:
            names |= {f"#{name}": name for name in attributes}
            parameters["ProjectionExpression"] = ", ".join(f"#{name}" for name in attributes)
        if index is not None:
            parameters["IndexName"] = index
        if limit is not None:
            parameters["Limit"] = limit
        while True:
            answer = await self.call(
                "query",
                KeyConditionExpression=" AND ".join(conditions),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=to_wire(wire),
                **parameters,
            )
            yield [from_wire(item) for item in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                return
            parameters["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def find(self, pk: str, *, prefix: str = "", attributes: Sequence[str] = ()) -> list[Item]:
        """All items at `pk` whose `sk` begins with `prefix`."""
        return [item async for page in self.query(pk, prefix=prefix, attributes=attributes) for item in page]

    async def update(self, write: Write) -> Item:
        """Do an `update` alone; returns the whole item as it is now."""
        return from_wire((await self.call("update_item", **write["Update"], ReturnValues="ALL_NEW"))["Attributes"])

    async def transact(self, writes: Sequence[Write]) -> None:
        """Do all of at most 100 writes of different items, or none."""
        items = [{verb: {"TableName": self.name, **operation}} for write in writes for verb, operation in write.items()]
        token = uuid4().hex  # the same for every attempt: whatever arrives twice is done once
        await self._call("transact_write_items", {"TransactItems": items, "ClientRequestToken": token})

    async def put_all(self, items: Iterable[Item]) -> None:
        """Insert or replace items, one by one: when this fails, some are stored."""
        await self._write_all([{"PutRequest": {"Item": to_wire(item)}} for item in items])

    async def delete_all(self, keys: Iterable[Key]) -> None:
        """Drop items, one by one: when this fails, some are gone."""
        await self._write_all([{"DeleteRequest": {"Key": to_wire(_as_item(key))}} for key in keys])

    async def _write_all(self, requests: list[dict[str, Any]]) -> None:
        async def write(batch: list[dict[str, Any]]) -> None:
            left: Any = batch
            async for _ in _pauses():
                answer = await self._call("batch_write_item", {"RequestItems": {self.name: left}})
                left = answer.get("UnprocessedItems", {}).get(self.name)
                if not left:
                    return

        await each(write, _batches(requests))

    async def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        attempt = 0
        while True:
            try:
                answer: dict[str, Any] = await getattr(self._client, operation)(**parameters)
                return answer
            except (aws.BotoCoreError, aws.ClientError, OSError) as error:
                attempt += 1
                if isinstance(error, aws.ClientError) and code_of(error) == _REFUSED:
                    raise ConditionFailed from error
                if attempt >= ATTEMPTS or not is_passing(error):
                    raise
            await _pause(attempt)


_SPREAD = "everybody"


async def each(work: Callable[[T], Awaitable[Any]], pieces: Iterable[T]) -> None:
    """Do all pieces, some at a time; the first error ends them all and is raised."""
    waiting = iter(pieces)

    async def worker() -> None:
        for piece in waiting:
            await work(piece)

    tasks = [asyncio.ensure_future(worker()) for _ in range(AT_ONCE)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pauses() -> AsyncIterator[None]:
    """Attempts at what DynamoDB does piece by piece when it is busy, each after a longer pause."""
    for attempt in range(ATTEMPTS):
        if attempt:
            await _pause(attempt)
        yield
    raise TimeoutError("it is too busy to take everything")


async def _pause(attempt: int) -> None:
    longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2**attempt)
    await asyncio.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 - no secret


def _as_item(key: Key) -> Item:
    return {"pk": key[0], "sk": key[1]}


def _batches(requests: list[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for request in requests:
        weight = sum(len(v) for a in request.get("PutRequest", {}).get("Item", {}).values() for v in a.values())
        if batch and (len(batch) == _BATCH_WRITES or size + weight > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(request)
        size += weight
    if batch:
        yield batch
