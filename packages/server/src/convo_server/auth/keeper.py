"""The keeper of sign-ins: makes them, recognises who holds one, renews and ends them."""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from convo.errors import DataLayerError
from convo.protocol import CommandError, new_id, timestamp
from convo.signin import SignedIn, SignIn, SignInKind, SignIns
from convo.user import PersistedUser

__all__ = ["Holder", "Keeper"]

logger = logging.getLogger("convo_server.auth")

T = TypeVar("T")

CACHE_SECONDS = 2.0  # how long what was looked up counts; what is ended here counts at once
GRACE_SECONDS = 120.0  # how long requests that are on their way may still come with the secret before
TOUCH_SECONDS = 3600.0  # how exactly it is known when somebody was seen last
DAY_SECONDS = 86_400.0
REMEMBERED = 10_000
_VALUE = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{20,128})")
_LABEL_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who is signed in, and what he showed for it: `is_old` if that was the secret before."""

    sign_in: SignIn
    user: PersistedUser
    is_old: bool = False


class Keeper:
    """Keeps the sign-ins of a data layer. What it hands out is `<id>.<secret>`; stored is a keyed digest of the secret.

    All methods raise `CommandError`: `unavailable` when the data layer cannot look.
    """

    def __init__(self, sign_ins: SignIns, secret: bytes, *, lifetime: float, rotation: float) -> None:
        self._store = sign_ins
        self._secret = secret
        self._lifetime = lifetime
        self._rotation = rotation
        self._found: OrderedDict[str, tuple[float, SignedIn | None]] = OrderedDict()
        self._ended: OrderedDict[str, None] = OrderedDict()
        self._rotating: set[str] = set()
        self._purged_at = -math.inf

    async def create(
        self, user: PersistedUser, kind: SignInKind, *, label: str, provider: str, seconds: float | None
    ) -> tuple[SignIn, str]:
        """A new sign-in, and what its holder shows from now on. `seconds` is how long it lasts; `None`: for good."""
        await self._purge()
        secret, now = secrets.token_urlsafe(32), timestamp()
        sign_in = SignIn(
            id=new_id(),
            user_id=user.id,
            kind=kind,
            digest=self._digest(secret),
            created_at=now,
            seen_at=now,
            expires_at=None if seconds is None else timestamp(seconds),
            label=" ".join(label.split())[:_LABEL_LENGTH],
            provider=provider,
            rotated_at=now,
        )
        await _looked(self._store.add(sign_in))
        self._remember(sign_in.id, SignedIn(sign_in, user))
        return sign_in, f"{sign_in.id}.{secret}"

    async def recognise(self, value: str, kind: SignInKind) -> Holder | None:
        """Who holds this value, if it lets anybody in, and is of this kind."""
        match = _VALUE.fullmatch(value)
        if match is None:
            return None
        digest = self._digest(match[2])
        found = await self.find(match[1])
        if found is not None and not self._is_held(found.sign_in, digest):  # or another process gave out another
            self._found.pop(match[1], None)
            found = await self.find(match[1])
        if found is None or found.sign_in.kind != kind or not self._is_held(found.sign_in, digest):
            return None
        is_old = not hmac.compare_digest(found.sign_in.digest, digest)
        return Holder(await self._seen(found, is_old=is_old), found.user, is_old)

    async def find(self, sign_in_id: str) -> SignedIn | None:
        """A sign-in that is good, as of at most two seconds ago."""
        at, found = self._found.get(sign_in_id, (0.0, None))
        if at < time.monotonic() - CACHE_SECONDS:
            found = (await self.refresh([sign_in_id])).get(sign_in_id)
        return found if found is not None and _is_good(found.sign_in) else None

    async def refresh(self, ids: Collection[str]) -> dict[str, SignedIn]:
        """Those of the sign-ins that are good, as of now."""
        found = await _looked(self._store.find(ids))
        for sign_in_id in ids:
            self._remember(sign_in_id, found.get(sign_in_id))
        return {one: signed for one, signed in found.items() if one not in self._ended and _is_good(signed.sign_in)}

    async def rotate(self, holder: Holder) -> str | None:
        """What the holder shows from now on instead, if it is time for that."""
        sign_in = holder.sign_in
        since = time.time() - _seconds(sign_in.rotated_at or sign_in.created_at)
        is_due = since > GRACE_SECONDS if holder.is_old else since > self._rotation
        if not is_due or sign_in.kind != "browser" or sign_in.id in self._rotating:
            return None
        self._rotating.add(sign_in.id)
        try:
            secret = secrets.token_urlsafe(32)
            held = sign_in.old_digest if holder.is_old else sign_in.digest
            fresh = replace(
                sign_in, digest=self._digest(secret), old_digest=held, rotated_at=timestamp(), is_confirmed=False
            )
            is_mine = await self._put(fresh, sign_in.digest, holder.user)
        finally:
            self._rotating.discard(sign_in.id)
        return f"{sign_in.id}.{secret}" if is_mine else None

    async def list_for(self, user_id: str) -> list[SignIn]:
        """A user's sign-ins that are good, the one seen last first."""
        return [one for one in await _looked(self._store.list_for(user_id)) if _is_good(one)]

    async def end(self, user_id: str, ids: Collection[str] | None = None) -> list[str]:
        """End sign-ins of a user's, or all; returns their ids. Here that counts before this returns."""
        ended = await _looked(self._store.end(user_id, ids))
        for sign_in_id in ended:
            self._ended[sign_in_id] = None
            self._found.pop(sign_in_id, None)
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)
        return ended

    async def _purge(self) -> None:
        """Forget what has expired, once a day. What goes wrong is logged: tomorrow is another day."""
        if self._purged_at > time.monotonic() - DAY_SECONDS:
            return
        self._purged_at = time.monotonic()
        try:
            await self._store.purge(timestamp(-DAY_SECONDS))
        except DataLayerError as error:
            logger.warning("Sign-ins that expired cannot be forgotten: %s", error)

    async def _seen(self, found: SignedIn, *, is_old: bool) -> SignIn:
        """Note that somebody was seen, now and then: it lasts longer then."""
        sign_in = found.sign_in
        is_new = not is_old and not sign_in.is_confirmed
        if is_new or time.time() - _seconds(sign_in.seen_at) > min(TOUCH_SECONDS, self._lifetime / 24):
            expires_at = timestamp(self._lifetime) if sign_in.kind == "browser" else sign_in.expires_at
            touched = replace(
                sign_in, seen_at=timestamp(), expires_at=expires_at, is_confirmed=sign_in.is_confirmed or not is_old
            )
            if await self._put(touched, sign_in.digest, found.user):
                return touched
        return sign_in

    async def _put(self, sign_in: SignIn, digest: str, user: PersistedUser) -> bool:
        is_mine = await _looked(self._store.replace(sign_in, digest))
        if is_mine:
            self._remember(sign_in.id, SignedIn(sign_in, user))
        else:
            self._found.pop(sign_in.id, None)
        return is_mine

    def _remember(self, sign_in_id: str, found: SignedIn | None) -> None:
        self._found[sign_in_id] = time.monotonic(), None if sign_in_id in self._ended else found
        self._found.move_to_end(sign_in_id)
        while len(self._found) > REMEMBERED:
            self._found.popitem(last=False)

    def _digest(self, secret: str) -> str:
        return hmac.digest(self._secret, b"convo sign-in:" + secret.encode(), hashlib.sha256).hex()

    def _is_held(self, sign_in: SignIn, digest: str) -> bool:
        if hmac.compare_digest(sign_in.digest, digest):
            return True
        if sign_in.old_digest is None or not hmac.compare_digest(sign_in.old_digest, digest):
            return False
        # Until the new one was seen, its response may be lost: then the old one is all the browser has.
        return not sign_in.is_confirmed or time.time() - _seconds(sign_in.rotated_at or "") < GRACE_SECONDS


async def _looked(looking: Awaitable[T]) -> T:
    try:
        return await looking
    except DataLayerError as error:
        logger.error("Who is signed in cannot be read: %s", error)
        raise CommandError(
            "unavailable", "Who you are cannot be looked up at the moment.", key="identityDown", retry_after=2.0
        ) from error


def _is_good(sign_in: SignIn) -> bool:
    return sign_in.expires_at is None or sign_in.expires_at > timestamp()


def _seconds(at: str) -> float:
    """A time of the wire's, since 1970."""
    return datetime.fromisoformat(at).timestamp() if at else 0.0
