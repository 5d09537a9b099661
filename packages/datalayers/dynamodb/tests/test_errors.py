"""What never works until a setting changes and what may work in a moment never look alike."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from convo.datalayer import Changes
from convo.errors import ConflictError, DataLayerError, MisconfiguredError, UnavailableError
from convo.protocol import State, Step, ThreadInfo
from convo.user import User
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.items import put
from convo_dynamodb.table import Table
from gate import WRITES, Gate

BUSY = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slow down"}
DENIED = {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "nobody may create tables"}


def cancelled(*codes: str) -> dict[str, Any]:
    return {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": f"Transaction cancelled for specific reasons [{', '.join(codes)}]",
        "CancellationReasons": [{"Code": code} for code in codes],
    }


def changes(epoch: int, *texts: str) -> Changes:
    steps = [Step(id=f"m{n}", type="undefined", output=text) for n, text in enumerate(texts)]
    state = State(thread=ThreadInfo(id="t"), steps=steps)
    return Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=1, state=state, removed=[])


async def opening(layer: DynamoDBDataLayer) -> DataLayerError:
    with pytest.raises(DataLayerError) as caught:
        await layer.open()
    return caught.value


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo_dynamodb.table.FIRST_WAIT_SECONDS", 0.001)


async def test_a_service_that_is_not_there_is_unavailable() -> None:
    error = await opening(DynamoDBDataLayer("dynamodb://chat?region=eu-central-1&endpoint=http://127.0.0.1:1"))
    assert isinstance(error, UnavailableError)
    assert "`dynamodb://chat`" in str(error)


async def test_no_region_is_a_wrong_setting() -> None:
    error = await opening(DynamoDBDataLayer("dynamodb://chat"))
    assert isinstance(error, MisconfiguredError)
    assert "region" in str(error)


async def test_no_credentials_are_a_wrong_setting(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = await opening(DynamoDBDataLayer(url))
    assert isinstance(error, MisconfiguredError)
    assert "credentials" in str(error)


async def test_a_table_that_is_missing_and_may_not_be_made_is_a_wrong_setting(
    url: str, gated_url: str, gate: Gate
) -> None:
    layer = DynamoDBDataLayer(url)
    layer.migrates = False
    error = await opening(layer)
    assert isinstance(error, MisconfiguredError)
    assert "There is no table `convo-" in str(error)

    gate.refuse = lambda operation, body: DENIED if operation == "CreateTable" else None
    error = await opening(DynamoDBDataLayer(gated_url))
    assert isinstance(error, MisconfiguredError)
    assert "these credentials may not make it" in str(error)


async def test_a_table_of_something_else_is_refused_in_one_sentence(url: str, table: Table) -> None:
    await table.call(
        "create_table",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    error = await opening(DynamoDBDataLayer(url))
    assert isinstance(error, MisconfiguredError)
    assert "is something else's" in str(error)


async def test_an_unknown_schema_is_refused_in_one_sentence(url: str, table: Table) -> None:
    layer = DynamoDBDataLayer(url)
    await layer.open()
    await layer.close()
    await table.transact([put({"pk": "fact", "sk": "schema", "value": "99"})])
    error = await opening(DynamoDBDataLayer(url))
    assert isinstance(error, MisconfiguredError)
    assert "schema version 99, and this convo-dynamodb knows version 1" in str(error)


async def test_a_layer_that_is_not_open_says_so(url: str) -> None:
    with pytest.raises(UnavailableError, match=r"await data_layer\.open\(\)"):
        await DynamoDBDataLayer(url).get_secret()


async def test_what_is_refused_for_a_moment_is_asked_for_again(gated_url: str, gate: Gate) -> None:
    refused: dict[str, int] = {}

    def refuse(operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        refused[operation] = refused.get(operation, 0) + 1
        if refused[operation] == 1 and operation == "BatchWriteItem":
            return {"UnprocessedItems": body["RequestItems"]}
        if refused[operation] == 1 and operation == "TransactWriteItems":
            return cancelled("None", "TransactionConflict")
        if refused[operation] == 2 and operation == "TransactWriteItems":
            return cancelled("ProvisionedThroughputExceeded", "None")
        return BUSY if refused[operation] == 1 else None

    layer = DynamoDBDataLayer(gated_url)
    await layer.open()
    gate.refuse = refuse
    texts = ["\u4e00" * 10, *(f"{n} {'x' * n}" for n in range(150))]
    await layer.apply(changes(await layer.claim_thread("t", "p"), *texts))
    stored = await layer.get_thread("t")
    assert stored is not None
    assert [step.output for step in stored.state.steps] == texts
    assert {"TransactWriteItems", "BatchWriteItem", "UpdateItem", "GetItem", "Query"} <= refused.keys()
    await layer.close()


@pytest.mark.parametrize("refusal", [BUSY, cancelled("None", "ThrottlingError")], ids=["each call", "each transaction"])
async def test_a_table_that_stays_busy_is_unavailable_and_works_again_later(
    gated_url: str, gate: Gate, refusal: dict[str, Any]
) -> None:
    layer = DynamoDBDataLayer(gated_url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    gate.refuse = lambda operation, body: refusal if operation in WRITES else None
    with pytest.raises(UnavailableError, match="does not answer"):
        await layer.apply(changes(epoch, "hello"))
    assert await layer.get_thread("t") is None
    gate.refuse = lambda operation, body: None
    await layer.apply(changes(epoch, "hello"))
    assert await layer.get_thread("t") is not None
    await layer.close()


async def test_parts_that_never_get_through_are_unavailable(gated_url: str, gate: Gate) -> None:
    layer = DynamoDBDataLayer(gated_url)
    await layer.open()
    epoch = await layer.claim_thread("t", "p")
    gate.refuse = lambda operation, body: (
        {"UnprocessedItems": body["RequestItems"]} if operation == "BatchWriteItem" else None
    )
    with pytest.raises(UnavailableError, match="too busy"):
        await layer.apply(changes(epoch, *(f"{n}" for n in range(150))))
    assert await layer.get_thread("t") is None
    await layer.close()


async def test_a_damaged_thread_is_an_error_and_not_a_gap(data_layer: DynamoDBDataLayer, table: Table) -> None:
    await data_layer.apply(changes(await data_layer.claim_thread("t", "p"), "hello"))
    (entry,) = [item for item in await table.find("thread#t") if "#entry#" in item["sk"]]
    for body, says in (("{}", "perhaps a later version of convo wrote it"), (b"\0\1", "perhaps it is damaged")):
        await table.transact([put(entry | {"body": body})])
        with pytest.raises(DataLayerError, match=says):
            await data_layer.get_thread("t")
    await table.transact([put({k: v for k, v in entry.items() if k != "body"} | {"blob": "gone", "parts": 1})])
    with pytest.raises(DataLayerError, match="is missing"):
        await data_layer.get_thread("t")


async def test_the_writer_of_a_deleted_thread_neither_brings_it_back_nor_harms_its_successor(
    url: str, data_layer: DynamoDBDataLayer
) -> None:
    other = DynamoDBDataLayer(url)
    await other.open()
    epoch = await data_layer.claim_thread("t", "p")
    await data_layer.apply(changes(epoch, "first"))
    await other.delete_thread("t")
    with pytest.raises(ConflictError, match="or deleted"):
        await data_layer.apply(changes(epoch, "late"))
    assert await data_layer.get_thread("t") is None
    await other.close()


async def test_a_user_too_large_for_an_item_is_refused(data_layer: DynamoDBDataLayer) -> None:
    noise = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(300_000))
    with pytest.raises(DataLayerError, match="too large"):
        await data_layer.save_user(User("ann", metadata={"noise": noise}))
    assert await data_layer.get_user("ann") is None


async def test_the_event_loop_goes_on_while_much_is_stored_and_read(data_layer: DynamoDBDataLayer) -> None:
    loop = asyncio.get_running_loop()
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = loop.time()
            await asyncio.sleep(0.005)
            longest = max(longest, loop.time() - before)

    watching = asyncio.create_task(watch())
    text = "".join(f"{n} words that are not all the same; " for n in range(100_000))
    await data_layer.apply(changes(await data_layer.claim_thread("t", "p"), text))
    assert await data_layer.get_thread("t") is not None
    watching.cancel()
    assert longest < 1.0  # generous: what would block it for good is a call that waits for the network
