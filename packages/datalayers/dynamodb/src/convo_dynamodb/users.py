"""Users: found by identifier, deleted by id."""

from __future__ import annotations

from collections.abc import Collection
from uuid import uuid4

import msgspec
from convo.errors import DataLayerError, UnavailableError
from convo.protocol import timestamp
from convo.user import PersistedUser, User

from convo_dynamodb import items, schema
from convo_dynamodb.items import ANY, Item, Key, pack, unpack
from convo_dynamodb.table import ConditionFailed, Table

__all__ = ["Users", "note", "read_user", "user_body"]

_BYTES = 300_000  # of a user's name and metadata, compressed
_TRIES = 10


class Users:
    """Keeps users, each with a note of the identifier under the id."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def get(self, identifier: str) -> PersistedUser | None:
        item = await self._table.get(schema.user(identifier))
        return None if item is None else read_user(item)

    async def items(self, ids: Collection[str]) -> dict[str, Item]:
        """The items of users, by id, of those that are there."""
        notes = await self._table.get_all([_by_id(user_id) for user_id in ids])
        found = await self._table.get_all([schema.user(str(note["identifier"])) for note in notes.values()])
        return {str(item["id"]): item for item in found.values() if item["id"] in ids}

    async def save(self, user: User) -> PersistedUser:
        body = user_body(user)
        key = schema.user(user.identifier)
        for _ in range(_TRIES):
            try:
                return read_user(await self._table.update(items.update(key, {"body": body}, condition={"pk": ANY})))
            except ConditionFailed:
                pass
            item: Item = {"pk": key[0], "sk": key[1], "identifier": user.identifier, "body": body}
            item |= {"id": str(uuid4()), "created_at": timestamp()}
            try:
                await self._table.transact([items.put(item, {"pk": None}), items.put(note(item))])
            except ConditionFailed:  # another process was first
                continue
            return read_user(item)
        raise UnavailableError(f"The user `{user.identifier}` is made and deleted too fast to be saved.")

    async def delete(self, user_id: str) -> None:
        """Forget the user who has this id, if any."""
        note = await self._table.get(_by_id(user_id))
        if note is None:
            return
        key = schema.user(str(note["identifier"]))
        try:
            await self._table.transact([items.delete(key, {"id": user_id}), items.delete(_by_id(user_id))])
        except ConditionFailed:  # deleted already
            return


def _by_id(user_id: str) -> Key:
    return schema.owner(user_id), "user"


def note(item: Item) -> Item:
    """Says under the id of a user what the identifier is."""
    pk, sk = _by_id(str(item["id"]))
    return {"pk": pk, "sk": sk, "identifier": item["identifier"]}


def user_body(user: User) -> str | bytes:
    """What of a user has no attribute of its own. Raises `DataLayerError`."""
    body = pack(msgspec.json.encode({"display_name": user.display_name, "metadata": user.metadata}))
    if len(body) > _BYTES:
        raise DataLayerError(f"The metadata of the user `{user.identifier}` is too large to be kept in one item.")
    return body


def read_user(item: Item) -> PersistedUser:
    """A user's item as a user."""
    return PersistedUser(
        id=str(item["id"]),
        identifier=str(item["identifier"]),
        createdAt=str(item["created_at"]),
        **msgspec.json.decode(unpack(item["body"])),
    )
