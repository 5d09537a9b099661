"""Sign-ins: who is signed in, and which user an identity is. The port to where that is kept, and the reference.

`convo.testing.DataLayerSuite` has the contract as tests.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from convo.errors import IdentifierTakenError
from convo.user import PersistedUser, User

__all__ = ["MemorySignIns", "SignIn", "SignInKind", "SignIns", "SignedIn", "check_link"]

SignInKind = Literal["browser", "copilot", "token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """That a user is signed in somewhere: with a browser, an embedded chat, or a token for programs.

    Whoever is signed in holds a secret; kept is only its `digest`, so what is stored lets nobody in. `old_digest` is
    that of the secret before, which counts until the new one was seen. `expires_at` is `None` for what ends only when
    somebody ends it.
    """

    id: str
    user_id: str
    kind: SignInKind
    digest: str
    created_at: str
    seen_at: str
    expires_at: str | None = None
    label: str = ""
    provider: str = ""
    old_digest: str | None = None
    rotated_at: str | None = None
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A sign-in and its user, as stored at this moment."""

    sign_in: SignIn
    user: PersistedUser


class SignIns(ABC):
    """Keeps sign-ins, and who is who. All methods raise `DataLayerError`: `UnavailableError` for "could not look"."""

    @abstractmethod
    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool = False) -> PersistedUser:
        """The user whom `provider` knows as `subject`, stored as `user` is now; a new one, if there is none.

        `id` and `createdAt` stay, whatever else changes. A user who is there under `user.identifier` and has no
        identity yet, as one that came from elsewhere, becomes this one's; one who has another identity only if
        `is_linking`. Else raises `IdentifierTakenError`, and nothing was changed.
        """

    @abstractmethod
    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        """Users by id, of those that are there."""

    @abstractmethod
    async def add(self, sign_in: SignIn) -> None:
        """Store a sign-in with an id that was never used."""

    @abstractmethod
    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        """Store `sign_in` in place of the one with its id, if that is there and still has this digest."""

    @abstractmethod
    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        """Sign-ins by id, of those that are there, with their users. One that expired may be among them."""

    @abstractmethod
    async def list_for(self, user_id: str) -> list[SignIn]:
        """A user's sign-ins, those that were seen last first. One that expired may be among them."""

    @abstractmethod
    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        """Forget sign-ins of a user's, or all of them; returns the ids of those that were there. Idempotent."""

    @abstractmethod
    async def purge(self, before: str) -> None:
        """Forget what expired before a time. A store that does so by itself need not."""


class Users(Protocol):
    """What `MemorySignIns` needs of a data layer."""

    async def get_user(self, identifier: str) -> PersistedUser | None: ...

    async def save_user(self, user: User) -> PersistedUser: ...


class MemorySignIns(SignIns):
    """Keeps sign-ins until the process ends, and users in a data layer.

    `rename` gives a user, who is known by an id, another identifier; without it users keep the one they came with.
    """

    def __init__(self, users: Users, *, rename: Callable[[str, str], Awaitable[None]] | None = None) -> None:
        self._users = users
        self._rename = rename
        self._sign_ins: dict[str, SignIn] = {}
        self._identities: dict[tuple[str, str], str] = {}  # to the id of a user
        self._identifiers: dict[str, str] = {}  # by the id of a user
        self._lock = asyncio.Lock()

    async def identify(self, provider: str, subject: str, user: User, *, is_linking: bool = False) -> PersistedUser:
        async with self._lock:
            known = await self._user(self._identities.get((provider, subject), ""))
            if known is not None and known.identifier != user.identifier:
                user = await self._renamed(known, user)
            elif known is None and (there := await self._users.get_user(user.identifier)) is not None:
                check_link(user, is_free=there.id not in self._identities.values(), is_linking=is_linking)
            saved = await self._users.save_user(user)
            self._identities[provider, subject] = saved.id
            self._identifiers[saved.id] = saved.identifier
            return saved

    async def _renamed(self, known: PersistedUser, user: User) -> User:
        if self._rename is None:
            return replace(user, identifier=known.identifier)
        if await self._users.get_user(user.identifier) is not None:
            check_link(user, is_free=False, is_linking=False)
        await self._rename(known.identifier, user.identifier)
        return user

    async def find_users(self, ids: Collection[str]) -> dict[str, PersistedUser]:
        found = {user_id: await self._user(user_id) for user_id in ids}
        return {user_id: user for user_id, user in found.items() if user is not None}

    async def add(self, sign_in: SignIn) -> None:
        self._sign_ins[sign_in.id] = sign_in

    async def replace(self, sign_in: SignIn, digest: str) -> bool:
        there = self._sign_ins.get(sign_in.id)
        if there is None or there.digest != digest:
            return False
        self._sign_ins[sign_in.id] = sign_in
        return True

    async def find(self, ids: Collection[str]) -> dict[str, SignedIn]:
        found = {one: self._sign_ins[one] for one in ids if one in self._sign_ins}
        users = await self.find_users({sign_in.user_id for sign_in in found.values()})
        return {
            one: SignedIn(sign_in, users[sign_in.user_id])
            for one, sign_in in found.items()
            if sign_in.user_id in users and one in self._sign_ins
        }

    async def list_for(self, user_id: str) -> list[SignIn]:
        found = [sign_in for sign_in in self._sign_ins.values() if sign_in.user_id == user_id]
        return sorted(found, key=lambda sign_in: sign_in.seen_at, reverse=True)

    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        ended = [
            one for one, sign_in in self._sign_ins.items() if sign_in.user_id == user_id and (ids is None or one in ids)
        ]
        for one in ended:
            del self._sign_ins[one]
        return ended

    async def purge(self, before: str) -> None:
        for one, sign_in in list(self._sign_ins.items()):
            if sign_in.expires_at is not None and sign_in.expires_at < before:
                del self._sign_ins[one]

    async def _user(self, user_id: str) -> PersistedUser | None:
        """`None` also for one who was deleted, and for another who got the same identifier since."""
        user = await self._users.get_user(self._identifiers.get(user_id, ""))
        return user if user is not None and user.id == user_id else None


def check_link(user: User, *, is_free: bool, is_linking: bool) -> None:
    """Whether an identity may become the user of this identifier, who is there. Raises `IdentifierTakenError`."""
    if not is_free and not is_linking:
        raise IdentifierTakenError(
            f"`{user.identifier}` signs in another way already. If both are the same person, let them be one user with "
            "`link_by_identifier = true` under `[auth]`; else let the callbacks return identifiers that differ."
        )
