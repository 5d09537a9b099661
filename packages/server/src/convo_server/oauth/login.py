"""The routes of logging in elsewhere: `auth/oauth/{provider}` sends a browser off, `…/callback` takes it back."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from convo.audit import audit
from convo.protocol import CommandError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from convo_server.auth.cookies import Cookie
from convo_server.host import Host
from convo_server.oauth.identity import Identity
from convo_server.oauth.provider import Provider
from convo_server.oauth.refusal import Refusal
from convo_server.oauth.transaction import Transaction, safe_path, transaction_key

if TYPE_CHECKING:
    from convo_server.oauth.seal import Seal

__all__ = ["OAuthLogin"]

logger = logging.getLogger("convo_server.oauth")

_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_COOKIE = re.compile(r"(?:__Host-|__Secure-)?convo-oauth-([0-9a-f]{16})-")
_COOKIE_SECONDS = 3600
"""Longer than a transaction is good for, so that who comes too late is told that, and not something else."""

_MOST_AT_ONCE = 4
_FORM_BYTES = 64 * 1024


class OAuthLogin:
    """The endpoints, for a Host. What goes wrong leads to the log-in page, with a code in `?error=` that it words."""

    def __init__(self, host: Host) -> None:
        self._host = host

    async def begin(self, request: Request) -> Response:
        """`GET auth/oauth/{provider}?next=`: to the provider, and in the end to `next`, a path of the app."""
        provider = self._provider(request)
        next = safe_path(request.query_params.get("next", "/"))
        try:
            url, transaction = await self._host.oauth.begin(provider, self._callback(request, provider), next)
        except Refusal as refusal:
            return self._refused(request, provider, refusal, next)
        response = RedirectResponse(url, 302, _HEADERS)
        self._forget_old(request, response)
        cookie = self._cookie(provider, transaction.key)
        cookie.set(request, response, self._seal.close(transaction), seconds=_COOKIE_SECONDS)
        return response

    async def callback(self, request: Request) -> Response:
        """`GET auth/oauth/{provider}/callback`, or `POST` from the form of a hybrid flow: the end of a log-in."""
        provider = self._provider(request)
        parameters = await self._parameters(request, provider)
        key = transaction_key(parameters.get("state", ""))
        transaction: Transaction | None = None
        try:
            transaction = self._transaction(request, provider, key)
            identity = await self._host.oauth.finish(transaction, parameters)
            response = await self._let_in(request, identity, transaction.next)
        except Refusal as refusal:
            response = self._refused(request, provider, refusal, "/" if transaction is None else transaction.next)
        self._cookie(provider, key).delete(request, response)
        return response

    async def _let_in(self, request: Request, identity: Identity, next: str) -> Response:
        """Ask the app. Raises `Refusal`: `not-allowed`, `in-use`, `unavailable`."""
        authentication, identifier = self._host.authentication, identity.user.identifier
        response = RedirectResponse(_path(request, next), 303, _HEADERS)
        try:
            user = await authentication.ask(
                "oauth_callback", identity.provider, identity.token, identity.raw, identity.user, identity.id_token
            )
            if user is None:
                raise Refusal("not-allowed", "`oauth_callback` returned `None`.", identifier=identifier)
            await authentication.sign_in(request, response, user, provider=identity.provider, subject=identity.subject)
        except CommandError as error:
            code = error.failure.code
            raise Refusal(
                "in-use" if code == "conflict" else "unavailable", str(error), identifier=identifier
            ) from error
        return response

    def _refused(self, request: Request, provider: Provider, refusal: Refusal, next: str) -> Response:
        """To the log-in page, which keeps where the user wanted to go."""
        address = self._host.origins.client(request)
        audit(
            "log-in-failed",
            provider=provider.id,
            identifier=refusal.identifier,
            reason=refusal.code,
            address=address,
        )
        level = logging.ERROR if refusal.code.startswith("provider-") else logging.INFO
        logger.log(level, "A log-in by `%s` failed (%s): %s", provider.id, refusal.code, refusal)
        query = {"error": refusal.code} | ({} if next == "/" else {"next": next})
        return RedirectResponse(f"{_path(request, '/login')}?{urlencode(query)}", 303, _HEADERS)

    # --- What a browser brings ---

    def _provider(self, request: Request) -> Provider:
        provider = self._host.oauth.providers.get(request.path_params["provider"])
        if provider is None:
            raise CommandError("not-found", "Nobody logs in here.")
        return provider

    def _transaction(self, request: Request, provider: Provider, key: str) -> Transaction:
        """That of this browser, at this provider. Raises `Refusal`: `state`."""
        sealed = self._cookie(provider, key).read(request)
        if sealed is None:
            raise Refusal(
                "state",
                "The browser brings no log-in of its own: it was finished before, or was begun in another browser, or "
                "at another address than the callback's.",
            )
        transaction = self._seal.open(sealed)
        if transaction.provider != provider.id:
            raise Refusal("state", f"The log-in was begun at `{transaction.provider}`.")
        return transaction

    async def _parameters(self, request: Request, provider: Provider) -> Mapping[str, str]:
        """Those of the address, or of the form where a provider sends one; of several with one name, none."""
        if request.method != "POST":
            return _single(request.query_params.multi_items())
        if not provider.is_hybrid:
            raise CommandError("unsupported", "This provider sends no forms.")
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _FORM_BYTES:
                raise CommandError("too-large", f"A form of a provider has at most {_FORM_BYTES:,} bytes.")
        return _single(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=50))

    def _callback(self, request: Request, provider: Provider) -> str:
        """The address that is registered at the provider."""
        if provider.redirect_url is not None:
            return provider.redirect_url
        origin = self._host.origins.address(request).origin
        return f"{origin}{_path(request, f'/auth/oauth/{provider.id}/callback')}"

    # --- Cookies ---

    @property
    def _seal(self) -> Seal:
        return self._host.oauth.seal(self._host.authentication.key(b"oauth"))

    def _cookie(self, provider: Provider, key: str) -> Cookie:
        """A browser brings no strict or lax cookie along with a form that another site posts."""
        return Cookie(f"oauth-{key}-", self._host.origins, is_cross_site=provider.is_hybrid)

    def _forget_old(self, request: Request, response: Response) -> None:
        """Log-ins that were begun and left must not add up to more than a request may hold."""
        keys = [found[1] for name in request.cookies if (found := _COOKIE.match(name))]
        if len(keys) >= _MOST_AT_ONCE:
            for key in keys:
                Cookie(f"oauth-{key}-", self._host.origins).delete(request, response)


def _path(request: Request, path: str) -> str:
    root: str = request.scope.get("root_path", "")
    return f"{root}{path}"


def _single(pairs: list[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in pairs]
    return {name: value for name, value in pairs if names.count(name) == 1}
