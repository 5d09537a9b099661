"""The watch: open connections of users, who may be signed out, or become somebody else, while they are open."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from copy import deepcopy

from convo.principal import Principal
from convo.protocol import CommandError, Failure
from convo.user import PersistedUser, User

from convo_server.auth.keeper import Keeper

__all__ = ["SIGNED_OUT", "Watch", "Watched"]

logger = logging.getLogger("convo_server.auth")

LOOK_SECONDS = 3.0
PATIENCE_SECONDS = 10.0  # how long an author's callback may think about one connection
AT_ONCE = 20  # of those questions
SIGNED_OUT = Failure(code="unauthenticated", text="You are signed out. Log in again to go on.", key="signedOut")


class Watched:
    """An open connection. `end` is called with why (`None`: it may come back at once), `refresh` with its user.

    `ask` asks the author's callbacks anew whose connection it is. It is there where they have said so, as there is no
    sign-in then that could end.
    """

    __slots__ = ("ask", "end", "principal", "refresh", "user")

    def __init__(
        self,
        principal: Principal,
        end: Callable[[Failure | None], None],
        refresh: Callable[[PersistedUser], None],
        ask: Callable[[], Awaitable[Principal | None]] | None = None,
    ) -> None:
        self.principal = principal
        self.end = end
        self.refresh = refresh
        self.ask = ask
        self.user = deepcopy(principal.user)  # callbacks may do what they like to theirs


class Watch:
    """Sees every three seconds whether the users of all open connections are still who they were.

    Those who are signed in are looked up in one go; the others are asked for one by one, as fast as callbacks answer.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._open: set[Watched] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def add(self, watched: Watched) -> None:
        self._open.add(watched)
        if not self._tasks:
            loop = asyncio.get_running_loop()
            self._tasks = [
                loop.create_task(_again_and_again(self.look), name="convo-watch"),
                loop.create_task(_again_and_again(self.ask), name="convo-watch-callbacks"),
            ]

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
        """Look once after those who are signed in. Raises `CommandError`: `unavailable`."""
        by_sign_in = [(one, one.principal.sign_in_id) for one in self._open]
        ids = {sign_in_id for _, sign_in_id in by_sign_in if sign_in_id is not None}
        if not ids:
            return
        found = await self._keeper.refresh(ids)
        for watched, sign_in_id in by_sign_in:
            if sign_in_id is not None:
                signed_in = found.get(sign_in_id)
                self._see(watched, None if signed_in is None else signed_in.user)

    async def ask(self) -> None:
        """Ask once for those whom callbacks know."""
        waiting = iter([watched for watched in self._open if watched.ask is not None])

        async def work() -> None:
            for watched in waiting:
                await self._ask(watched)
                await asyncio.sleep(0)  # a callback that waits for nothing must not hold up all chats

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ask(self, watched: Watched) -> None:
        if watched not in self._open or watched.ask is None:
            return
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                principal = await watched.ask()
        except TimeoutError:  # as with a data layer that is away: nobody is signed out for that
            logger.warning("The app's own log-in takes over %g s to say whose connection it is", PATIENCE_SECONDS)
        except CommandError as error:
            if error.failure.code == "unauthenticated":
                self._end(watched, error.failure)
            elif error.failure.code != "unavailable":  # it raised, as for a token that ran out: who comes back is told
                self._end(watched, None)
        else:
            if principal is not None and principal.id != watched.principal.id:
                self._end(watched, None)
            else:
                self._see(watched, None if principal is None else principal.user)

    def _see(self, watched: Watched, user: User | None) -> None:
        """Its user is this by now; `None`: he is out."""
        if watched not in self._open:
            return
        if not isinstance(user, PersistedUser):
            self._end(watched, SIGNED_OUT)
        elif watched.user is None or user.metadata.get("role") != watched.user.metadata.get("role"):
            self._end(watched, None)
        elif user != watched.user:
            watched.user = user
            watched.refresh(deepcopy(user))

    def _end(self, watched: Watched, failure: Failure | None) -> None:
        self._open.discard(watched)
        watched.end(failure)


async def _again_and_again(look: Callable[[], Awaitable[None]]) -> None:
    """Every three seconds, however long that takes itself."""
    wait = LOOK_SECONDS
    while True:
        await asyncio.sleep(wait)
        began_at = time.monotonic()
        try:
            await look()
        except CommandError:  # the data layer is away, which was logged: nobody is signed out for that
            pass
        except Exception:  # foreign code; and one bad look must not be the last one
            logger.exception("It cannot be seen who is still signed in")
        wait = max(0.2, began_at + LOOK_SECONDS - time.monotonic())
