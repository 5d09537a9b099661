"""Authentication: the one place that says who is asking, over every transport."""

from __future__ import annotations

import hashlib
import hmac
import logging
import time
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from convo.audit import audit
from convo.callbacks import Callbacks
from convo.directory import Directory
from convo.errors import ConfigError, DataLayerError, IdentifierTakenError
from convo.principal import Principal
from convo.protocol import CommandError, Failure, LoginProvider
from convo.signin import SignIn
from convo.user import PersistedUser, User
from starlette.requests import HTTPConnection
from starlette.responses import Response

from convo_server.auth.cookies import Cookie
from convo_server.auth.keeper import Holder, Keeper
from convo_server.auth.tokens import Signer, TokenError
from convo_server.auth.visitors import Visitors
from convo_server.auth.watch import Watch, Watched

if TYPE_CHECKING:
    from convo.config import Auth
    from convo.directory import Connection
    from convo.viewer import Viewer

    from convo_server.host import Host

__all__ = ["LOGIN_CALLBACKS", "Authentication", "bearer", "check_login"]

logger = logging.getLogger("convo_server.auth")

LOGIN_CALLBACKS = ("password_auth_callback", "header_auth_callback", "custom_auth", "oauth_callback")
_DAY_SECONDS = 86_400.0


class Authentication:
    """Who is asking: a user, by a token, the app's own log-in, a cookie or headers; or a visitor, where those may.

    Nothing else looks at cookies and headers. Belongs to a running `Host`.
    """

    def __init__(self, host: Host, directory: Directory, visitors_secret: bytes) -> None:
        settings = host.config.auth
        self._host = host
        self._directory = directory
        self._settings = settings
        secret = None if settings.secret is None else settings.secret.get_secret_value().encode()
        # Without a secret nobody is signed in, and nothing signs.
        self._secret = secret or visitors_secret
        self._tokens = Signer(_key(self._secret, b"tokens"))
        self.lifetime = settings.session_days * _DAY_SECONDS
        self.keeper = Keeper(
            directory.data_layer.sign_ins,
            _key(self._secret, b"sign-ins"),
            lifetime=self.lifetime,
            rotation=settings.rotate_hours * 3600.0,
        )
        self.watch = Watch(self.keeper)
        self.providers: list[LoginProvider] = []
        self._visitors = Visitors(visitors_secret, host.origins)
        self._cookie = Cookie("login-", host.origins)
        self._stored: dict[tuple[str, str], tuple[User, PersistedUser, float]] = {}  # of callbacks asked each time

    def key(self, use: bytes) -> bytes:
        """A key of its own for each use of the secret."""
        return _key(self._secret, use)

    @property
    def callbacks(self) -> Callbacks:
        return self._host.app.callbacks

    @property
    def is_configured(self) -> bool:
        """Whether users can log in."""
        return has_login(self.callbacks) or self._settings.embed_secret is not None

    @property
    def is_required(self) -> bool:
        """Whether nobody chats without having logged in."""
        return self.is_configured and not self._settings.anonymous

    # --- Who is asking ---

    async def authenticate(self, connection: HTTPConnection, *, token: str | None = None) -> Principal:
        """Who is asking, from a page that may ask. `token` is what a socket's first frame brings.

        Raises `CommandError`: `unauthenticated`, or `unavailable` when that cannot be looked up.
        """
        principal = await self.recognise(connection, token=token)
        if principal is None:
            if self._host.config.server.headless:  # programs ask
                text = "The server does not know who you are. Send a token, as `Authorization: Bearer …`."
                raise CommandError("unauthenticated", text)
            if self.is_required:
                raise CommandError("unauthenticated", "The server does not know who you are. Log in.", key="unknown")
            text = "The server does not know who you are. Reload the page."
            raise CommandError("unauthenticated", text, key="unknownPage")
        return principal

    async def recognise(self, connection: HTTPConnection, *, token: str | None = None) -> Principal | None:
        """As `authenticate`; `None` for who shows nothing that says who it is."""
        # A cookie comes along whoever makes a browser ask: that must be a page of ours.
        self._host.origins.check(connection)
        token = token or bearer(connection)
        if token is not None:
            return await self._by_token(token)
        if not self.is_configured:
            return self._visitors.recognise(connection)
        principal = await self._by_callback("custom_auth", connection) or await self._by_cookie(connection)
        principal = principal or await self._by_callback("header_auth_callback", connection)
        if principal is None and self._settings.anonymous:
            principal = self._visitors.recognise(connection)
        return principal

    async def recognise_embedded(self, connection: HTTPConnection, *, token: str | None = None) -> Principal | None:
        """As `recognise`, of a chat in another page. The app's cookies are not its own: it has a token, or none yet."""
        self._host.origins.check(connection)
        token = token or bearer(connection)
        if token is not None:
            return await self._by_token(token)
        return await self._by_callbacks(connection) if self.is_configured else None

    def oversee(
        self, connection: HTTPConnection, reader: Connection | Viewer, end: Callable[[Failure | None], None]
    ) -> Watched:
        """Watch whether the user of what was opened by `connection` stays who he is, until that is removed again."""
        principal = reader.principal
        is_by_callback = principal.user is not None and principal.sign_in_id is None
        scope = connection.scope

        def ask() -> Awaitable[Principal | None]:
            return self._by_callbacks(HTTPConnection(scope))

        watched = Watched(principal, end, reader.refresh, ask if is_by_callback else None)
        self.watch.add(watched)
        return watched

    async def _by_token(self, token: str) -> Principal:
        refused = CommandError("unauthenticated", "This token does not work, or no longer. Get another one.")
        if token.startswith(_VISITOR_TOKEN) and not self.is_required:
            visitor = self._visitors.read(token.removeprefix(_VISITOR_TOKEN))
            if visitor is not None:
                return visitor
        if not self.is_configured:
            raise refused
        if token.startswith(_API_TOKEN):
            holder = await self.keeper.recognise(token.removeprefix(_API_TOKEN), "token")
            if holder is None:
                audit("token-refused", kind="token")
                raise refused
            return _principal(holder.user, holder.sign_in.id)
        try:
            claims = self._tokens.read(token)
        except TokenError as error:
            audit("token-refused", kind="bearer", reason=str(error))
            raise refused from error
        found = await self.keeper.find(str(claims.get("sid")))
        if found is None:
            raise refused
        return _principal(found.user, found.sign_in.id)

    async def _by_cookie(self, connection: HTTPConnection) -> Principal | None:
        holder = await self._holder(connection)
        return None if holder is None else _principal(holder.user, holder.sign_in.id)

    async def _holder(self, connection: HTTPConnection) -> Holder | None:
        value = self._cookie.read(connection)
        return None if value is None else await self.keeper.recognise(value, "browser")

    async def _by_callbacks(self, connection: HTTPConnection) -> Principal | None:
        principal = await self._by_callback("custom_auth", connection)
        return principal or await self._by_callback("header_auth_callback", connection)

    async def _by_callback(self, name: str, connection: HTTPConnection) -> Principal | None:
        """The user whom one of the author's callbacks sees behind a request."""
        provider = "custom" if name == "custom_auth" else "header"
        user = await self.ask(name, connection if provider == "custom" else connection.headers)
        if user is None:
            return None
        key, now = (provider, user.identifier), time.monotonic()
        known = self._stored.get(key)
        if known is None or known[0] != user or known[2] < now - _STORED_SECONDS:
            stored = await self.identify(provider, user.identifier, user)
            known = self._stored[key] = deepcopy(user), stored, now  # the author may change his, and return it again
            while len(self._stored) > _REMEMBERED:
                del self._stored[next(iter(self._stored))]
        return _principal(known[1], None)

    async def ask(self, name: str, *args: Any) -> User | None:
        """The `User` that a callback of the author's returns. Raises `CommandError`: `internal` if it fails."""
        callback = self.callbacks.get(name)
        if callback is None:
            return None
        try:
            user = await callback(*args)
        except CommandError:
            raise
        except Exception as error:  # the author's code: whatever it raises, nobody is let in
            logger.exception("`%s` raised an exception; nobody was let in", name)
            raise CommandError("internal", "Logging in does not work at the moment.", key="loginBroken") from error
        if user is not None and not isinstance(user, User):
            logger.error("`%s` must return a `convo.User` or `None`, not a `%s`", name, type(user).__name__)
            raise CommandError("internal", "Logging in does not work at the moment.", key="loginBroken")
        return user

    async def identify(self, provider: str, subject: str, user: User) -> PersistedUser:
        """The stored user whom `provider` knows as `subject`. Raises `CommandError`: `conflict` for another's name."""
        try:
            return await self._directory.data_layer.sign_ins.identify(
                provider, subject, user, is_linking=self._settings.link_by_identifier
            )
        except IdentifierTakenError as error:
            audit("log-in-refused", provider=provider, identifier=user.identifier, reason="identifier taken")
            logger.error("A log-in by `%s` was refused: %s", provider, error)
            raise CommandError(
                "conflict",
                "Somebody with this name logs in another way. Log in as you did the first time.",
                key="nameTaken",
            ) from error
        except DataLayerError as error:
            logger.error("The user `%s` cannot be stored: %s", user.identifier, error)
            raise CommandError(
                "unavailable", "You cannot be logged in at the moment.", key="loginDown", retry_after=2.0
            ) from error

    # --- In and out ---

    async def sign_in(
        self, connection: HTTPConnection, response: Response, user: User, *, provider: str, subject: str
    ) -> Principal:
        """Let `user`, whom `provider` knows as `subject`, in: `response` gets the cookie.

        What belonged to the visitor who asked is the user's then, and another user who was signed in with this browser
        is signed out. Raises `CommandError`: `conflict` when another identity has the user's identifier.
        """
        stored = await self.identify(provider, subject, user)
        before = await self._holder(connection)
        sign_in, value = await self.keeper.create(
            stored,
            "browser",
            label=connection.headers.get("user-agent", ""),
            provider=provider,
            seconds=self.lifetime,
        )
        self._cookie.set(connection, response, value, seconds=int(self.lifetime))
        audit("log-in", user=stored.id, identifier=stored.identifier, provider=provider, sign_in=sign_in.id)
        if before is not None:
            await self.end(before.user.id, [before.sign_in.id])
        await self._give(connection, response, stored)
        return Principal(stored.id, stored, sign_in.id)

    async def _give(self, connection: HTTPConnection, response: Response, user: PersistedUser) -> None:
        """What belonged to the visitor who asks is the user's. If that fails, it is tried at the next log-in."""
        visitor = self._visitors.recognise(connection)
        if visitor is None:
            return
        try:
            await self._directory.give(visitor.id, user.id)
        except CommandError:
            return
        self.watch.part(visitor.id)
        self._visitors.forget(connection, response)

    async def sign_out(self, connection: HTTPConnection, response: Response, *, everywhere: bool = False) -> None:
        """End the sign-in of who asks, or all of that user's, and drop the cookie. Idempotent.

        Who shows a token ends what that token is of, an embedded chat or a program: the browser's own sign-in is
        another, and stays. Raises `CommandError`: `unauthenticated`.
        """
        principal = await self.recognise(connection)
        if bearer(connection) is None:
            self._cookie.delete(connection, response)
        elif everywhere or (principal is not None and await self.is_of_browser(principal)):
            raise CommandError("unauthenticated", "Log out with the browser for that; a token is not enough.")
        if principal is None or principal.user is None:
            return
        if everywhere:
            await self.end(principal.id)
        elif principal.sign_in_id is not None:
            await self.end(principal.id, [principal.sign_in_id])

    async def is_of_browser(self, principal: Principal) -> bool:
        """Whether what he is signed in by is a browser's, whose cookie he may or may not have shown."""
        found = None if principal.sign_in_id is None else await self.keeper.find(principal.sign_in_id)
        return found is not None and found.sign_in.kind == "browser"

    async def end(self, user_id: str, ids: list[str] | None = None) -> list[str]:
        """End sign-ins of a user's, or all: open connections of theirs end at once. Idempotent."""
        ended = await self.keeper.end(user_id, ids)
        for sign_in_id in ended:
            audit("log-out", user=user_id, sign_in=sign_in_id)
        self.watch.end(ended)
        return ended

    async def welcome(self, connection: HTTPConnection, response: Response) -> None:
        """Make the page's reader known: a visitor where those may chat, and whom the headers name. Never raises."""
        if not self.is_configured:
            self._visitors.welcome(connection, response)
            return
        try:
            await self._ask_headers(connection, response)
            is_known = await self.renew(connection, response)
        except CommandError as error:  # the page hears it when it asks itself
            logger.info("Nobody was let in with the page: %s", error)
            return
        if not is_known and self._settings.anonymous:
            self._visitors.welcome(connection, response)

    async def renew(self, connection: HTTPConnection, response: Response) -> bool:
        """Let the cookie of who asks last on, with a new secret when it is time; whether somebody is signed in."""
        value, holder = self._cookie.read(connection), await self._holder(connection)
        if holder is None or value is None:
            return False
        fresh = await self.keeper.rotate(holder)
        if fresh is not None or not holder.is_old:  # the one before must not come back after the new one
            self._cookie.set(connection, response, fresh or value, seconds=int(self.lifetime))
        return True

    async def _ask_headers(self, connection: HTTPConnection, response: Response) -> None:
        """Sign in whom the headers name. He may be another than at the last time, or nobody."""
        if "header_auth_callback" not in self.callbacks:
            return
        holder = await self._holder(connection)
        if holder is not None and holder.sign_in.provider != "header":
            return
        user = await self.ask("header_auth_callback", connection.headers)
        if holder is not None and (user is None or user.identifier != holder.user.identifier):
            await self.end(holder.user.id, [holder.sign_in.id])
            holder = None
        if user is not None and holder is None:
            await self.sign_in(connection, response, user, provider="header", subject=user.identifier)

    # --- Tokens ---

    def mint(self) -> tuple[Principal, str]:
        """A new visitor where cookies do not reach, and the token that is shown instead. Raises `CommandError`."""
        if self.is_required:
            raise CommandError("unauthenticated", "The server does not know who you are. Log in.", key="unknown")
        visitor, value = self._visitors.mint()
        return visitor, _VISITOR_TOKEN + value

    async def vouch(self, assertion: str) -> Principal:
        """The user whom a page that embeds the chat names, signed in. Raises `CommandError`."""
        if self._settings.embed_secret is None:
            raise CommandError("unsupported", "No page vouches for users here: `[auth] embed_secret` is not set.")
        try:
            claims = Signer(self._settings.embed_secret.get_secret_value()).read(assertion)
            user = _claimed(claims)
        except TokenError as error:
            audit("token-refused", kind="assertion", reason=str(error))
            raise CommandError("unauthenticated", f"The token of this page does not hold: {error}.") from error
        stored = await self.identify("embed", user.identifier, user)
        sign_in, _ = await self.keeper.create(
            stored, "copilot", label=str(claims.get("iss", "")), provider="embed", seconds=_DAY_SECONDS
        )
        audit("log-in", user=stored.id, identifier=stored.identifier, provider="embed", sign_in=sign_in.id)
        return Principal(stored.id, stored, sign_in.id)

    def issue(self, principal: Principal) -> tuple[str, float]:
        """A short-lived token for who is signed in, and for how many seconds it holds. It ends with the sign-in."""
        seconds = self._settings.token_minutes * 60.0
        return self._tokens.sign({"sid": principal.sign_in_id, "sub": principal.id}, seconds=seconds), seconds

    async def issue_api_token(self, user: PersistedUser, label: str, seconds: float | None) -> tuple[SignIn, str]:
        """A token for programs of a user's, which is never shown again."""
        sign_in, value = await self.keeper.create(user, "token", label=label, provider="token", seconds=seconds)
        audit("token-made", user=user.id, sign_in=sign_in.id, label=sign_in.label)
        return sign_in, _API_TOKEN + value

    async def close(self) -> None:
        await self.watch.close()


_API_TOKEN = "convo_"  # noqa: S105 - what every token for programs begins with, so that scanners find lost ones
_VISITOR_TOKEN = "visitor_"  # noqa: S105
_REMEMBERED = 10_000
_STORED_SECONDS = 60.0


def _principal(user: PersistedUser, sign_in_id: str | None) -> Principal:
    """A user as somebody who asks; with a copy of his own, to which callbacks may do what they like."""
    return Principal(user.id, deepcopy(user), sign_in_id)


def has_login(callbacks: Callbacks) -> bool:
    """Whether an App has a callback that lets users in."""
    return any(name in callbacks for name in LOGIN_CALLBACKS)


def check_login(callbacks: Callbacks, settings: Auth) -> None:
    """Raises `ConfigError` where users can log in and there is nothing to sign that with."""
    if settings.secret is not None:
        return
    name = next((f"`{name}`" for name in LOGIN_CALLBACKS if name in callbacks), None)
    if settings.embed_secret is not None:
        name = "`[auth] embed_secret`"
    if name is not None:
        raise ConfigError(
            f"{name} lets users log in, which needs a secret: set `CONVO_AUTH__SECRET` (`convo secret` prints one)."
        )


def _claimed(claims: dict[str, Any]) -> User:
    """Whom a page names: `sub` (or `identifier`, as existing pages do), and if it likes `name` and `metadata`."""
    identifier = claims.get("sub") or claims.get("identifier")
    name, metadata = claims.get("name"), claims.get("metadata") or {}
    if not isinstance(identifier, str) or not isinstance(name, str | None) or not isinstance(metadata, dict):
        raise TokenError("it names no user: `sub` and `name` are texts, `metadata` an object")
    return User(identifier, display_name=name, metadata=metadata)


def bearer(connection: HTTPConnection) -> str | None:
    """The token that a request brings in its headers."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _key(secret: bytes, use: bytes) -> bytes:
    """A key of its own for each use of the secret."""
    return hmac.digest(secret, b"convo " + use, hashlib.sha256)
