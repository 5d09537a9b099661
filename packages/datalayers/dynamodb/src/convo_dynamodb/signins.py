"""Sign-ins and identities. A sign-in is good while its user is there: what is left of one who is not lets nobody in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

import msgspec
from convo.errors import DataLayerError, UnavailableError
from convo.protocol import timestamp
from convo.signin import SignedIn, SignIn, check_link
from convo.user import PersistedUser, User

from convo_dynamodb import items, schema
from convo_dynamodb.items import Item, Write, unpack
from convo_dynamodb.table import ConditionFailed, Table
from convo_dynamodb.users import Users, note, read_user, user_body

__all__ = ["StoredSignIns"]

_TRIES = 10


class StoredSignIns:
    """Keeps sign-ins, each with a note of it at its user, and identities."""

    def __init__(self, table: Table, users: Users) -> None:
        self._table = table
        self._users = users

    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool) -> PersistedUser:
        for _ in range(_TRIES):
            try:
                return await self._identify(provider, subject, user, is_linking=is_linking)
            except ConditionFailed:  # another process was first: look again
                continue
        raise UnavailableError(f"The user `{user.identifier}` is made and deleted too fast to be saved.")

    async def _identify(self, provider: str, subject: str, user: User, *, is_linking: bool) -> PersistedUser:
        identity = await self._table.get(schema.identity(provider, subject))
        known = None if identity is None else await self._item(str(identity["user_id"]))
        there = await self._table.get(schema.user(user.identifier))
        if known is None:
            return await self._join(provider, subject, user, identity, there, is_linking=is_linking)
        if there is None:
            return await self._rename(known, user)
        if there["id"] != known["id"]:
            check_link(user, is_free=False, is_linking=False)
        changed = items.update(schema.user(user.identifier), {"body": user_body(user)}, condition={"id": known["id"]})
        return read_user(await self._table.update(changed))

    async def _join(
        self, provider: str, subject: str, user: User, identity: Item | None, there: Item | None, *, is_linking: bool
    ) -> PersistedUser:
        """Make an identity that was nobody's so far that of a user, who may be there already."""
        key, body = schema.user(user.identifier), user_body(user)
        writes: list[Write]
        if there is None:
            item: Item = {"pk": key[0], "sk": key[1], "identifier": user.identifier, "body": body, "identities": 1}
            item |= {"id": str(uuid4()), "created_at": timestamp()}
            writes = [items.put(item, {"pk": None}), items.put(note(item))]
        else:
            count = there.get("identities")
            check_link(user, is_free=not count, is_linking=is_linking)
            item = there | {"body": body, "identities": (count or 0) + 1}
            condition = {"id": there["id"], "identities": count}
            writes = [items.update(key, {"body": body, "identities": item["identities"]}, condition=condition)]
        user_id = str(item["id"])
        pk, sk = schema.identity(provider, subject)
        before = {"pk": None} if identity is None else {"user_id": identity["user_id"]}
        writes.append(items.put({"pk": pk, "sk": sk, "user_id": user_id}, before))
        writes.append(items.put({"pk": schema.account(user_id), "sk": f"identity#{pk}"}))
        await self._table.transact(writes)
        return read_user(item)

    async def _rename(self, known: Item, user: User) -> PersistedUser:
        key = schema.user(user.identifier)
        item = known | {"pk": key[0], "sk": key[1], "identifier": user.identifier, "body": user_body(user)}
        old = schema.user(str(known["identifier"]))
        gone = items.delete(old, {"id": known["id"]})
        await self._table.transact([gone, items.put(item, {"pk": None}), items.put(note(item))])
        return read_user(item)

    async def _item(self, user_id: str) -> Item | None:
        return (await self._users.items([user_id])).get(user_id)

    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        return {user_id: read_user(item) for user_id, item in (await self._users.items(ids)).items()}

    async def add(self, sign_in: SignIn) -> None:
        pk, sk = schema.sign_in(sign_in.id)
        beside: Item = {"pk": schema.account(sign_in.user_id), "sk": f"sign-in#{pk}", "id": sign_in.id}
        await self._table.transact([items.put({"pk": pk, "sk": sk, **_facts(sign_in)}), items.put(beside)])

    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        facts = _facts(sign_in)
        gone = [] if "expires" in facts else ["expires"]
        changed = items.update(schema.sign_in(sign_in.id), facts, remove=gone, condition={"digest": digest})
        try:
            await self._table.update(changed)
        except ConditionFailed:
            return False
        return True

    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        found = await self._find(ids)
        users = await self.find_users({sign_in.user_id for sign_in in found})
        return {one.id: SignedIn(one, users[one.user_id]) for one in found if one.user_id in users}

    async def list_for(self, user_id: str) -> list[SignIn]:
        found = await self._find(await self._ids(user_id))
        return sorted(found, key=lambda sign_in: sign_in.seen_at, reverse=True)

    async def end(self, user_id: str, ids: Collection[str] | None) -> list[str]:
        ended = [one for one in await self._ids(user_id) if ids is None or one in ids]
        keys = [schema.sign_in(one) for one in ended]
        await self._table.delete_all(keys)
        await self._table.delete_all([(schema.account(user_id), f"sign-in#{pk}") for pk, _ in keys])
        return ended

    async def forget(self, user_id: str) -> None:
        """Drop what is left of a user who was deleted."""
        await self.end(user_id, None)
        left = await self._table.find(schema.account(user_id))
        await self._table.delete_all([(str(item["sk"]).partition("#")[2], "identity") for item in left])
        await self._table.delete_all([(str(item["pk"]), str(item["sk"])) for item in left])

    async def _find(self, ids: Collection[str]) -> list[SignIn]:
        found = await self._table.get_all([schema.sign_in(one) for one in ids])
        return [_sign_in(item) for item in found.values()]

    async def _ids(self, user_id: str) -> list[str]:
        return [str(item["id"]) for item in await self._table.find(schema.account(user_id), prefix="sign-in#")]


def _facts(sign_in: SignIn) -> Item:
    facts: Item = {"digest": sign_in.digest, "body": items.pack(msgspec.json.encode(sign_in))}
    if sign_in.expires_at is not None:
        facts["expires"] = int(datetime.fromisoformat(sign_in.expires_at).timestamp())
    return facts


def _sign_in(item: Item) -> SignIn:
    try:
        return msgspec.json.decode(unpack(item["body"]), type=SignIn)
    except msgspec.DecodeError as error:
        raise DataLayerError(f"A sign-in is stored in a way that cannot be read: {error}") from error
