"""Users, which of them an identity is, and where each is signed in: in the file of a shelf."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from uuid import uuid4

import msgspec
from convo import PersistedUser, User
from convo.protocol import timestamp
from convo.signin import SignedIn, SignIn, SignIns, check_link

from convo_sample.file import File, key_of, text_of

__all__ = ["ShelfSignIns", "find_user", "read_user", "save_user"]


class ShelfSignIns(SignIns):
    """Sign-ins that are there after a restart. They end with their user."""

    def __init__(self, file: File) -> None:
        self._file = file

    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool = False) -> PersistedUser:
        identity = (key_of(provider), key_of(subject))

        def work(database: sqlite3.Connection) -> PersistedUser:
            known = database.execute(
                "SELECT id FROM user JOIN identity ON user = id WHERE provider = ? AND subject = ?", identity
            ).fetchone()
            there = find_user(database, user.identifier)
            if known is not None:
                if there is not None and key_of(there.id) != known[0]:
                    check_link(user, is_free=False, is_linking=False)
                database.execute("UPDATE user SET identifier = ? WHERE id = ?", (key_of(user.identifier), known[0]))
                return save_user(database, user)
            if there is not None:
                others = database.execute("SELECT 1 FROM identity WHERE user = ?", (key_of(there.id),)).fetchone()
                check_link(user, is_free=others is None, is_linking=is_linking)
            saved = save_user(database, user)
            database.execute("INSERT OR REPLACE INTO identity VALUES (?, ?, ?)", (*identity, key_of(saved.id)))
            return saved

        return await self._file.do(work)

    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        found = [read_user(value) for (value,) in await self._each("SELECT value FROM user WHERE id = ?", ids)]
        return {user.id: user for user in found}

    async def add(self, sign_in: SignIn) -> None:
        await self._file.rows("INSERT INTO sign_in VALUES (?, ?, ?, ?, ?, ?)", *_row(sign_in))

    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        sql = "UPDATE sign_in SET digest = ?, seen = ?, expires = ?, value = ? WHERE id = ? AND digest = ?"
        _, _, *row = _row(sign_in)
        values = (*row, key_of(sign_in.id), digest)
        return await self._file.do(lambda database: database.execute(sql, values).rowcount == 1)

    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        sql = "SELECT sign_in.value, user.value FROM sign_in JOIN user ON user.id = sign_in.user WHERE sign_in.id = ?"
        found = [SignedIn(_sign_in(sign_in), read_user(user)) for sign_in, user in await self._each(sql, ids)]
        return {one.sign_in.id: one for one in found}

    async def list_for(self, user_id: str) -> list[SignIn]:
        sql = "SELECT value FROM sign_in WHERE user = ? ORDER BY seen DESC"
        return [_sign_in(value) for (value,) in await self._file.rows(sql, key_of(user_id))]

    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        def work(database: sqlite3.Connection) -> list[str]:
            there = database.execute("SELECT id FROM sign_in WHERE user = ?", (key_of(user_id),)).fetchall()
            ended = [key for (key,) in there if ids is None or text_of(key) in ids]
            database.executemany("DELETE FROM sign_in WHERE id = ?", [(key,) for key in ended])
            return [text_of(key) for key in ended]

        return await self._file.do(work)

    async def purge(self, before: str) -> None:
        await self._file.rows("DELETE FROM sign_in WHERE expires < ?", before)

    async def _each(self, sql: str, ids: Collection[str]) -> list[tuple[bytes, ...]]:
        """What there is for each of `ids`."""
        return await self._file.do(
            lambda database: [row for one in ids for row in database.execute(sql, (key_of(one),)).fetchall()]
        )


def find_user(database: sqlite3.Connection, identifier: str) -> PersistedUser | None:
    row = database.execute("SELECT value FROM user WHERE identifier = ?", (key_of(identifier),)).fetchone()
    return None if row is None else read_user(row[0])


def save_user(database: sqlite3.Connection, user: User) -> PersistedUser:
    """Insert or replace a user by `identifier`; `id` and `createdAt` stay."""
    known = find_user(database, user.identifier)
    saved = PersistedUser(
        id=str(uuid4()) if known is None else known.id,
        identifier=user.identifier,
        display_name=user.display_name,
        metadata=user.metadata,
        createdAt=timestamp() if known is None else known.createdAt,
    )
    values = (key_of(user.identifier), key_of(saved.id), msgspec.json.encode(saved))
    database.execute("INSERT OR REPLACE INTO user VALUES (?, ?, ?)", values)
    return saved


def read_user(value: bytes) -> PersistedUser:
    return msgspec.json.decode(value, type=PersistedUser)


def _row(sign_in: SignIn) -> tuple[bytes, bytes, str, str, str | None, bytes]:
    value = msgspec.json.encode(sign_in)
    return key_of(sign_in.id), key_of(sign_in.user_id), sign_in.digest, sign_in.seen_at, sign_in.expires_at, value


def _sign_in(value: bytes) -> SignIn:
    return msgspec.json.decode(value, type=SignIn)
