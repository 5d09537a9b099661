"""Sign-ins and identities, in the tables of `convo_sqlalchemy.schema`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from convo.errors import DataLayerError
from convo.protocol import timestamp
from convo.signin import SignedIn, SignIn, SignIns, check_link
from convo.user import PersistedUser, User

from convo_sqlalchemy.schema import identities, is_possible_id, sign_ins, users
from convo_sqlalchemy.statements import put_user

__all__ = ["DatabaseSignIns", "read_user", "user_body"]

T = TypeVar("T")

AT_ONCE = 500  # ids in one statement
_USER = sa.select(users).where(users.c.identifier == sa.bindparam("identifier"))


class Transactions(Protocol):
    """What a data layer does its work with."""

    async def read(self, work: Callable[[sa.Connection], T]) -> T: ...

    async def write(self, work: Callable[[sa.Connection], T]) -> T: ...


class DatabaseSignIns(SignIns):
    """Keeps sign-ins in a database; they end with their user."""

    def __init__(self, transactions: Transactions, dialect: str) -> None:
        self._transactions = transactions
        self._put_user = put_user(dialect)

    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool = False) -> PersistedUser:
        if not all(is_possible_id(text) for text in (user.identifier, provider, subject)) or len(provider) > 64:
            raise DataLayerError("A user's identifier has 1 to 255 characters, and no U+0000 among them.")
        body = user_body(user)
        fresh = {"id": str(uuid4()), "identifier": user.identifier, "created_at": timestamp(), "body": body}
        mine = sa.and_(identities.c.provider == provider, identities.c.subject == subject)

        def work(connection: sa.Connection) -> sa.Row[Any]:
            known = connection.execute(sa.select(identities.c.user_id).where(mine)).scalar()
            if known is not None:
                return self._change(connection, known, user, body)
            connection.execute(self._put_user, fresh)
            # The user's row is locked by that: who comes at the same time sees what is found and put here.
            row = connection.execute(_USER, {"identifier": user.identifier}).one()
            others = connection.execute(
                sa.select(identities.c.provider, identities.c.subject).where(identities.c.user_id == row.id)
            ).all()
            if (provider, subject) not in [tuple(other) for other in others]:
                check_link(user, is_free=not others, is_linking=is_linking)
                identity = {"provider": provider, "subject": subject, "user_id": row.id}
                connection.execute(sa.insert(identities), identity)
            return row

        try:
            return read_user(await self._transactions.write(work))
        except DataLayerError as error:
            if not isinstance(error.__cause__, sa.exc.IntegrityError):  # another process was first to know the identity
                raise
            return read_user(await self._transactions.write(work))

    def _change(self, connection: sa.Connection, user_id: str, user: User, body: str) -> sa.Row[Any]:
        taken = connection.execute(_USER, {"identifier": user.identifier}).one_or_none()
        if taken is not None and taken.id != user_id:
            check_link(user, is_free=False, is_linking=False)
        changed = sa.update(users).where(users.c.id == user_id).values(identifier=user.identifier, body=body)
        connection.execute(changed)
        return connection.execute(sa.select(users).where(users.c.id == user_id)).one()

    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        def work(connection: sa.Connection) -> list[sa.Row[Any]]:
            pages = (sa.select(users).where(users.c.id.in_(some)) for some in _some(ids))
            return [row for page in pages for row in connection.execute(page)]

        return {row.id: read_user(row) for row in await self._transactions.read(work)}

    async def add(self, sign_in: SignIn) -> None:
        row = _row(sign_in) | {"id": sign_in.id, "user_id": sign_in.user_id}
        await self._transactions.write(lambda connection: connection.execute(sa.insert(sign_ins), row))

    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        there = sa.and_(sign_ins.c.id == sign_in.id, sign_ins.c.digest == digest)
        put = sa.update(sign_ins).where(there).values(_row(sign_in))
        return bool(await self._transactions.write(lambda connection: connection.execute(put).rowcount))

    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        known = sa.select(sign_ins.c.body.label("sign_in"), users).join(users, users.c.id == sign_ins.c.user_id)

        def work(connection: sa.Connection) -> list[sa.Row[Any]]:
            pages = (known.where(sign_ins.c.id.in_(some)) for some in _some(ids))
            return [row for page in pages for row in connection.execute(page)]

        found = [SignedIn(_sign_in(row.sign_in), read_user(row)) for row in await self._transactions.read(work)]
        return {signed_in.sign_in.id: signed_in for signed_in in found}

    async def list_for(self, user_id: str) -> list[SignIn]:
        if not is_possible_id(user_id):
            return []
        known = sa.select(sign_ins.c.body).where(sign_ins.c.user_id == user_id).order_by(sign_ins.c.seen_at.desc())
        rows = await self._transactions.read(lambda connection: connection.execute(known).all())
        return [_sign_in(row.body) for row in rows]

    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        if not is_possible_id(user_id):
            return []
        theirs = sign_ins.c.user_id == user_id

        def work(connection: sa.Connection) -> list[str]:
            there = connection.execute(sa.select(sign_ins.c.id).where(theirs).with_for_update()).scalars()
            ended = [one for one in there if ids is None or one in ids]
            for some in _some(ended):
                connection.execute(sa.delete(sign_ins).where(sign_ins.c.id.in_(some)))
            return ended

        return await self._transactions.write(work)

    async def purge(self, before: str) -> None:
        gone = sa.delete(sign_ins).where(sign_ins.c.expires_at < before)
        await self._transactions.write(lambda connection: connection.execute(gone))


def user_body(user: User) -> str:
    """What of a user has no column of its own."""
    return msgspec.json.encode({"display_name": user.display_name, "metadata": user.metadata}).decode()


def read_user(row: sa.Row[Any]) -> PersistedUser:
    try:
        body = msgspec.json.decode(row.body)
    except msgspec.DecodeError as error:
        raise DataLayerError(f"The user `{row.identifier}` is stored in a way that cannot be read: {error}") from error
    return PersistedUser(id=row.id, identifier=row.identifier, createdAt=row.created_at, **body)


def _row(sign_in: SignIn) -> dict[str, Any]:
    return {
        "digest": sign_in.digest,
        "seen_at": sign_in.seen_at,
        "expires_at": sign_in.expires_at,
        "body": msgspec.json.encode(sign_in).decode(),
    }


def _sign_in(body: str) -> SignIn:
    try:
        return msgspec.json.decode(body, type=SignIn)
    except msgspec.DecodeError as error:
        raise DataLayerError(f"A sign-in is stored in a way that cannot be read: {error}") from error


def _some(ids: Collection[str]) -> Iterator[list[str]]:
    possible = [one for one in ids if is_possible_id(one)]
    for start in range(0, len(possible), AT_ONCE):
        yield possible[start : start + AT_ONCE]
