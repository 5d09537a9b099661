"""Signing in: one user, sent to a server's own page, and what his browser brings back from there."""

from __future__ import annotations

import asyncio
from typing import Literal

from mcp.client.auth import OAuthFlowError
from mcp.shared.auth import AuthorizationCodeResult

from convo_mcp.address import is_safe

__all__ = ["SIGN_IN_SECONDS", "SignIn"]

SIGN_IN_SECONDS = 600.0

Outcome = Literal["denied", "timed-out", "unsafe"]


class SignIn:
    """One try. `address` is where to send the browser; `None`: nowhere, the server was not got so far.

    `settled` is set once it has come to a connection, or to nothing. `outcome` says what the user or the server did.
    """

    def __init__(self, redirect_uri: str) -> None:
        loop = asyncio.get_running_loop()
        self.redirect_uri = redirect_uri
        self.address: asyncio.Future[str | None] = loop.create_future()
        self.settled = asyncio.Event()
        self.outcome: Outcome | None = None
        self._answer: asyncio.Future[AuthorizationCodeResult | None] = loop.create_future()

    async def send(self, url: str) -> None:
        """The browser has to go there. Raises `OAuthFlowError` for an address that no browser is sent to."""
        if not is_safe(url):
            self.outcome = "unsafe"
            raise OAuthFlowError("The page to sign in at is neither https nor of this machine.")
        if not self.address.done():
            self.address.set_result(url)

    async def receive(self) -> AuthorizationCodeResult:
        """What it brings back. Raises `OAuthFlowError` when that is a no, or takes too long."""
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                answer = await self._answer
        except TimeoutError as error:
            self.outcome = "timed-out"
            raise OAuthFlowError("Nobody signed in.") from error
        if answer is None:
            self.outcome = "denied"
            raise OAuthFlowError("The sign-in was refused.")
        return answer

    def finish(self, answer: AuthorizationCodeResult | None) -> None:
        """`None`: it was refused."""
        if not self._answer.done():
            self._answer.set_result(answer)

    def settle(self) -> None:
        """Idempotent."""
        if not self.address.done():
            self.address.set_result(None)
        self._answer.cancel()
        self.settled.set()
