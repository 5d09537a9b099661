"""The watch: open connections of users, who may be signed out, or become somebody else, while they are open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from copy import deepcopy

from convo.principal import Principal
from convo.protocol import CommandError, Failure
from convo.user import PersistedUser

from convo_server.auth.keeper import Keeper

__all__ = ["SIGNED_OUT", "Watch", "Watched"]

logger = logging.getLogger("convo_server.auth")

LOOK_SECONDS = 3.0
SIGNED_OUT = Failure(code="unauthenticated", text="You are signed out. Log in again to go on.")


class Watched:
    """An open connection. `end` is called with why (`None`: it may come back at once), `refresh` with its user."""

    __slots__ = ("end", "principal", "refresh", "user")

    def __init__(
        self,
        principal: Principal,
        end: Callable[[Failure | None], None],
        refresh: Callable[[PersistedUser], None],
    ) -> None:
        self.principal = principal
        self.end = end
        self.refresh = refresh
        self.user = deepcopy(principal.user)  # callbacks may do what they like to theirs


class Watch:
    """Looks every three seconds, in one go, whether the users of all open connections are still who they were."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._open: set[Watched] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, watched: Watched) -> None:
        self._open.add(watched)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._look_on(), name="convo-watch")

    def remove(self, watched: Watched) -> None:
        """Idempotent."""
        self._open.discard(watched)

    def end(self, sign_in_ids: Iterable[str]) -> None:
        """Those are signed out."""
        ended = set(sign_in_ids)
        for watched in list(self._open):
            if watched.principal.sign_in_id in ended:
                self._end(watched, SIGNED_OUT)

    def part(self, principal_id: str) -> None:
        """That principal is another by now: whoever comes back is seen anew."""
        for watched in list(self._open):
            if watched.principal.id == principal_id:
                self._end(watched, None)

    async def look(self) -> None:
        """Look once. Raises `CommandError`: `unavailable`."""
        users = [watched for watched in self._open if watched.principal.user is not None]
        by_sign_in = {watched.principal.sign_in_id for watched in users} - {None}
        others = {watched.principal.id for watched in users if watched.principal.sign_in_id is None}
        found = await self._keeper.refresh([one for one in by_sign_in if one is not None]) if by_sign_in else {}
        known = await self._keeper.find_users(others) if others else {}
        for watched in users:
            if watched not in self._open:
                continue
            if watched.principal.sign_in_id is None:
                user = known.get(watched.principal.id)
            else:
                signed_in = found.get(watched.principal.sign_in_id)
                user = None if signed_in is None else signed_in.user
            if user is None:
                self._end(watched, SIGNED_OUT)
            elif watched.user is None or user.metadata.get("role") != watched.user.metadata.get("role"):
                self._end(watched, None)
            elif user != watched.user:
                watched.user = user
                watched.refresh(deepcopy(user))

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _end(self, watched: Watched, failure: Failure | None) -> None:
        self._open.discard(watched)
        watched.end(failure)

    async def _look_on(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
            except CommandError:  # the data layer is away, which was logged: nobody is signed out for that
                continue
            except Exception:  # foreign code; and one bad look must not be the last one
                logger.exception("It cannot be seen who is still signed in")
