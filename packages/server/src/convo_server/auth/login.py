"""The routes of `api/v1/auth`: how to get in, who is in, and out again."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

import msgspec
from convo.audit import audit
from convo.principal import Principal
from convo.protocol import AuthInfo, CommandError, Credentials, decode_json
from convo.user import User
from starlette.requests import Request
from starlette.responses import Response

from convo_server.auth.throttle import Throttle
from convo_server.host import Host
from convo_server.payload import payload_response
from convo_server.threads import Threads

__all__ = ["Login"]

logger = logging.getLogger("convo_server.auth")

FAILURE_SECONDS = 0.3  # that a refusal takes at least: whether the name is known shall not be seen by the time
LONGEST_OF_NAME_SECONDS = 60.0  # short enough that nobody is kept out of his account by others who guess
LONGEST_OF_ADDRESS_SECONDS = 900.0
CHECKS_AT_ONCE = 4  # of blocking ones, which hash: a thread each for a crowd would leave no CPU to the chats
CHECK_WAIT_SECONDS = 60.0
_LENGTH = 4096
_HEADERS = {"Cache-Control": "no-store"}


class Login:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads
        settings = host.config.auth
        self._names = Throttle(settings.attempts, longest=LONGEST_OF_NAME_SECONDS)
        self._addresses = Throttle(settings.attempts_per_address, longest=LONGEST_OF_ADDRESS_SECONDS)
        self._checks = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def info(self, request: Request) -> Response:
        """`GET api/v1/auth`: an `AuthInfo`. Lets a log-in last on."""
        authentication = self._host.authentication
        principal = None
        with suppress(CommandError):  # a token that does not work: who asks has to log in
            principal = await authentication.recognise(request)
        info = AuthInfo(
            required=authentication.is_required,
            password="password_auth_callback" in authentication.callbacks,
            providers=authentication.providers,
            principal=None if principal is None else principal.info,
            logout=principal is not None and self._can_log_out(principal),
            tokens=principal is not None and principal.user is not None and self._host.config.auth.api_tokens,
        )
        response = payload_response(info)
        if principal is not None and principal.sign_in_id is not None:
            await authentication.renew(request, response)
        return response

    def _can_log_out(self, principal: Principal) -> bool:
        """By ending what is kept here, or as the app itself does."""
        by_itself = principal.user is not None and "on_logout" in self._host.authentication.callbacks
        return principal.sign_in_id is not None or by_itself

    async def login(self, request: Request) -> Response:
        """`POST api/v1/auth/login`: `Credentials`. The response, which is empty, brings the cookie."""
        authentication = self._host.authentication
        self._host.origins.check(request)
        if "password_auth_callback" not in authentication.callbacks:
            raise CommandError("unsupported", "Nobody logs in with a password here.")
        credentials = await self._credentials(request)
        user = await self._check(request, credentials)
        response = Response(status_code=204, headers=_HEADERS)
        await authentication.sign_in(request, response, user, provider="password", subject=user.identifier)
        return response

    async def logout(self, request: Request) -> Response:
        """`POST api/v1/auth/logout`: this browser is signed out, and all that is open in it. Idempotent."""
        return await self._logout(request, everywhere=False)

    async def logout_everywhere(self, request: Request) -> Response:
        """`POST api/v1/auth/logout-everywhere`: the user is signed out wherever he is. His tokens end, too."""
        return await self._logout(request, everywhere=True)

    async def _logout(self, request: Request, *, everywhere: bool) -> Response:
        response = Response(status_code=204, headers=_HEADERS)
        await self._host.authentication.sign_out(request, response, everywhere=everywhere)
        callback = self._host.authentication.callbacks.get("on_logout")
        if callback is not None:
            try:
                await callback(request, response)
            except Exception:  # the author's code: the user is out already
                logger.exception("`on_logout` raised an exception; the user is logged out all the same")
        return response

    async def _credentials(self, request: Request) -> Credentials:
        try:
            credentials = msgspec.convert(decode_json(await self._threads.body(request)), Credentials)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise CommandError("invalid", "A log-in has a `username` and a `password`, both texts.") from error
        if max(len(credentials.username), len(credentials.password)) > _LENGTH:
            raise CommandError("too-large", f"A name or a password has at most {_LENGTH:,} characters.")
        return credentials

    async def _check(self, request: Request, credentials: Credentials) -> User:
        """The user these are of. Raises `CommandError`: the same for a wrong password and an unknown name."""
        began_at = time.monotonic()
        address = self._host.origins.client(request)
        name = credentials.username.strip().casefold()
        self._addresses.check(address)
        self._names.check(name)
        self._addresses.fail(address)
        self._names.fail(name)
        try:
            user = await self._ask(credentials)
        except CommandError:
            self._addresses.forgive(address)
            self._names.forgive(name)
            raise
        if user is None:
            audit("log-in-failed", provider="password", identifier=credentials.username[:255], address=address)
            await asyncio.sleep(max(0.0, began_at + FAILURE_SECONDS - time.monotonic()))
            raise CommandError("unauthenticated", "The name or the password is not right.", key="password")
        self._addresses.forgive(address)
        self._names.succeed(name)
        return user

    async def _ask(self, credentials: Credentials) -> User | None:
        """Whom the author's callback knows by them. Raises `CommandError`: `unavailable` after too long a wait."""
        authentication, name = self._host.authentication, "password_auth_callback"
        callback = authentication.callbacks.get(name)
        if callback is None or callback.is_async:
            return await authentication.ask(name, credentials.username, credentials.password)
        try:
            await asyncio.wait_for(self._checks.acquire(), CHECK_WAIT_SECONDS)
        except TimeoutError:
            raise CommandError(
                "unavailable", "Too many log in at the moment; try again.", key="manyLogins", retry_after=10.0
            ) from None
        try:
            return await authentication.ask(name, credentials.username, credentials.password)
        finally:
            self._checks.release()
