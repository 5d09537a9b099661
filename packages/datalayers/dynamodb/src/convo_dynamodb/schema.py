"""The table's layout, and making or checking it.

One table, keys `pk` and `sk`. An id stands in a key as `part` writes it; `…` below.

| `pk` | `sk` | |
|---|---|---|
| `thread#…` | `#head` | who owns the thread and who writes it: `generation`, `epoch`, `process`, `owner`, `version`; |
| | | `redo` while changes too large for a transaction are being carried into the items below |
| | `<generation>#plain` | what of a thread's state is not an entry |
| | `<generation>#entry#<collection>#…` | a run, step, element, action, ask, call or delivery |
| | `<generation>#part#<blob>#<n>` | a piece of a body that is too large for one item; written once, never changed |
| | `share#<generation>#…` | a share of the thread |
| `share#…` | `head` | a link to a thread, which counts while the thread is of the same `generation` |
| | `part#<n>` | what a snapshot shows, in pieces |
| `owner#…` | `thread#…` | a thread as lists show it, with `place` in their order |
| | `user` | the identifier of the user who has this id |
| `favourites#…` | `…#<generation>#…` | where a favourite of an owner is, with `place` in their order |
| `user#…` | `user` | a user who signed in; `identities`: how many are this user's |
| `identity#…#…` | `identity` | the id of the user whom a provider knows as a subject |
| `sign-in#…` | `sign-in` | a browser, embedded chat or token with which a user is signed in |
| `account#…` | `identity#…`, `sign-in#…` | the keys of those of a user who has this id |
| `gone` | `…#<generation>` | a thread that was deleted and whose items may not all be gone yet |
| `fact` | `schema`, `secret` | what there is one of |

A generation is a thread from its first claim to its deletion: nothing of one that was deleted can come back with its
id, whoever still writes or deletes. The local index `by-place` lists an owner's threads and favourites with consistent
reads; the global index `everybody` lists all threads, over some hash keys, so that none gets hot.

Bodies are JSON: text when short, else compressed with zlib.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import zlib
from datetime import UTC, datetime
from typing import Any

from botocore import exceptions as aws
from convo.errors import MisconfiguredError, UnavailableError

from convo_dynamodb.errors import code_of
from convo_dynamodb.items import Item, Key, put
from convo_dynamodb.table import ConditionFailed, Table
from convo_dynamodb.urls import Address

__all__ = [
    "BY_PLACE",
    "EVERYBODY",
    "GONE",
    "SCHEMA_VERSION",
    "SECRET",
    "SHARDS",
    "account",
    "everybody",
    "favourites",
    "head",
    "identity",
    "owner",
    "part",
    "prepare",
    "shard",
    "share",
    "sign_in",
    "thread",
    "user",
]

SCHEMA_VERSION = 1

BY_PLACE = "by-place"
EVERYBODY = "everybody"
SHARDS = 8
GONE = "gone"
SECRET: Key = ("fact", "secret")
_SCHEMA: Key = ("fact", "schema")
_READY_SECONDS = 120  # until a new table is
_PART_BYTES = 200

_ATTRIBUTES = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "place", EVERYBODY)]


def _keys(hash: str, range: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash, "KeyType": "HASH"}, {"AttributeName": range, "KeyType": "RANGE"}]


_TABLE: dict[str, Any] = {
    "AttributeDefinitions": _ATTRIBUTES,
    "KeySchema": _keys("pk", "sk"),
    "BillingMode": "PAY_PER_REQUEST",
    "LocalSecondaryIndexes": [
        {"IndexName": BY_PLACE, "KeySchema": _keys("pk", "place"), "Projection": {"ProjectionType": "ALL"}}
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": EVERYBODY,
            "KeySchema": _keys(EVERYBODY, "place"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["pinned"]},
        }
    ],
}


def part(text: str) -> str:
    """An id inside a key: any text, of which no two look alike; `#` is never in it, but begins one that is too long."""
    quoted = text.replace("%", "%25").replace("#", "%23")
    try:
        if len(quoted.encode()) <= _PART_BYTES:
            return quoted
    except UnicodeEncodeError:  # half of a surrogate pair
        pass
    return "#" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def moment(microseconds: int) -> str:
    """A time since 1970 as convo writes it."""
    at = datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")
    return at.removesuffix("+00:00") + "Z"


def thread(thread_id: str) -> str:
    return f"thread#{part(thread_id)}"


def head(thread_id: str) -> Key:
    return thread(thread_id), "#head"


def owner(owner_id: str) -> str:
    return f"owner#{part(owner_id)}"


def share(share_id: str) -> str:
    return f"share#{part(share_id)}"


def favourites(owner_id: str) -> str:
    return f"favourites#{part(owner_id)}"


def user(identifier: str) -> Key:
    return f"user#{part(identifier)}", "user"


def identity(provider: str, subject: str) -> Key:
    return f"identity#{part(provider)}#{part(subject)}", "identity"


def sign_in(sign_in_id: str) -> Key:
    return f"sign-in#{part(sign_in_id)}", "sign-in"


def account(user_id: str) -> str:
    return f"account#{part(user_id)}"


def everybody(number: int) -> str:
    return f"everybody#{number}"


def shard(thread_id: str) -> str:
    """Where in the index of everybody's threads this one is."""
    return everybody(zlib.crc32(part(thread_id).encode()) % SHARDS)


async def prepare(table: Table, address: Address, *, makes: bool) -> bytes:
    """Check the table, and make it if there is none and this `makes` one; returns the secret.

    Processes that start together share one.
    """
    _check(await _described(table, makes=makes), address)
    for key, value in ((_SCHEMA, str(SCHEMA_VERSION)), (SECRET, secrets.token_hex(32))):
        if await table.get(key) is None:
            try:
                await table.transact([put({"pk": key[0], "sk": key[1], "value": value}, {"pk": None})])
            except ConditionFailed:  # another process was first
                continue
    facts: dict[str, Item] = {str(item["sk"]): item for item in await table.find("fact")}
    if (version := facts["schema"].get("value")) != str(SCHEMA_VERSION):
        raise MisconfiguredError(
            f"The history has the schema version {version}, and this convo-dynamodb knows version {SCHEMA_VERSION}; "
            "install the convo-dynamodb that made it, or point `[data] url` at another table."
        )
    if address.ttl_days is not None:
        await _expire(table)
    return bytes.fromhex(str(facts["secret"]["value"]))


async def _described(table: Table, *, makes: bool) -> dict[str, Any]:
    """What DynamoDB says of the table, once it is ready."""
    made = False
    for _ in range(_READY_SECONDS):
        try:
            described: dict[str, Any] = (await table.call("describe_table"))["Table"]
        except aws.ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            if not made:
                await _make(table, makes=makes)
                made = True
            continue
        if described["TableStatus"] in ("ACTIVE", "UPDATING"):
            return described
        await asyncio.sleep(1)
    raise UnavailableError(f"The table `{table.name}` is not ready after {_READY_SECONDS} seconds.")


async def _make(table: Table, *, makes: bool) -> None:
    if not makes:
        raise MisconfiguredError(
            f"There is no table `{table.name}`, and `[data] migrate` forbids to make it; "
            "make it as docs/data.md says, or let the app do it once with `migrate = true`."
        )
    try:
        await table.call("create_table", **_TABLE)
    except aws.ClientError as error:
        if code_of(error) == "AccessDeniedException":
            raise MisconfiguredError(
                f"There is no table `{table.name}`, and these credentials may not make it: {error}"
            ) from error
        if code_of(error) != "ResourceInUseException":  # another process is making it
            raise


def _check(described: dict[str, Any], address: Address) -> None:
    indexes = {
        index["IndexName"]: index["KeySchema"]
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")
        for index in described.get(kind) or []
    }
    expected = {BY_PLACE: _keys("pk", "place"), EVERYBODY: _keys(EVERYBODY, "place")}
    if described["KeySchema"] != _keys("pk", "sk") or any(indexes.get(name) != keys for name, keys in expected.items()):
        raise MisconfiguredError(
            f"The table `{address.table}` is something else's: it has not the keys and indexes of a history; "
            "name another one in `[data] url`, which is made when it is not there."
        )


async def _expire(table: Table) -> None:
    """Let DynamoDB drop what has expired."""
    told = (await table.call("describe_time_to_live")).get("TimeToLiveDescription", {})
    if told.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
        specification = {"Enabled": True, "AttributeName": "expires"}
        await table.call("update_time_to_live", TimeToLiveSpecification=specification)
