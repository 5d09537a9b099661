"""Authorization: the SDK's OAuth 2.1 with PKCE, for one connection of a user who has signed in or does so now."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from convo_mcp.address import is_safe
from convo_mcp.grant import Grant
from convo_mcp.settings import OAuthSettings, ServerSettings
from convo_mcp.sign_in import SignIn

__all__ = ["Authorization"]

Refusal = Literal["needs-sign-in", "signed-out", "refused"]

_NOWHERE = "http://127.0.0.1/"  # what a client is called back at that never sends anybody away


class Authorization(OAuthClientProvider):
    """Without a `sign_in`, requests carry what was granted, refreshed as needed, and a server's 401 is a `refusal`.

    `on_refusal` is called then. With one, the first 401 sends the user away to sign in.
    """

    def __init__(
        self, settings: ServerSettings, grant: Grant, sign_in: SignIn | None, on_refusal: Callable[[], object]
    ) -> None:
        assert settings.url is not None
        self.refusal: Refusal | None = None
        self._settings = settings.oauth
        self._grant = grant
        self._sign_in = sign_in
        self._on_refusal = on_refusal
        metadata = _metadata(_NOWHERE if sign_in is None else sign_in.redirect_uri, settings.oauth)
        super().__init__(settings.url, metadata, self, self._send, self._receive)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Requests go side by side: of the SDK's flow, which holds a lock meanwhile, there is only what must be."""
        if self._sign_in is None and self._grant.must_refresh:
            async with self._grant.refreshing:
                if self._grant.must_refresh:  # no other chat has done so
                    self._grant.recall(self.context)
                    async with aclosing(super().async_auth_flow(request)) as flow:
                        outgoing = await anext(flow)
                        while outgoing is not request:
                            response = yield _checked(outgoing)
                            outgoing = await flow.asend(response)
        if self._sign_in is not None:
            async with aclosing(super().async_auth_flow(request)) as flow:
                outgoing = await anext(flow)
                while self._sign_in is not None:
                    response = yield outgoing if outgoing is request else _checked(outgoing)
                    try:
                        outgoing = await flow.asend(response)
                    except StopAsyncIteration:
                        return
        used = self._grant.tokens
        if used is not None:
            request.headers["Authorization"] = f"Bearer {used.access_token}"
        response = yield request
        if response.status_code == 401:
            self._refused(response, used)

    def _refused(self, response: httpx2.Response, used: OAuthToken | None) -> None:
        grant = self._grant
        if used is not None:
            if grant.tokens is used:
                grant.forget()
            self.refusal = "signed-out"
        elif self._settings is not None or _asks_for_token(response):
            self.refusal = "needs-sign-in"
        else:
            self.refusal = "refused"
        self._on_refusal()

    # --- What the SDK calls ---

    async def get_tokens(self) -> OAuthToken | None:
        return None if self._sign_in is not None else self._grant.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._grant.keep(tokens, self.context)
        self._sign_in = None

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        if self._sign_in is None:
            return self._grant.client
        return None if self._settings is None else _client(self._settings, self.context.client_metadata)

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Kept with the tokens that it gets."""

    async def _send(self, url: str) -> None:
        if self._sign_in is None:
            raise OAuthFlowError("The user has to sign in.")
        client, server = self.context.client_info, self.context.oauth_metadata
        if client is not None and client.client_secret and client.token_endpoint_auth_method is None:
            methods = (server.token_endpoint_auth_methods_supported if server is not None else None) or []
            is_posted = "client_secret_post" in methods
            client.token_endpoint_auth_method = "client_secret_post" if is_posted else "client_secret_basic"
        await self._sign_in.send(url)

    async def _receive(self) -> AuthorizationCodeResult:
        assert self._sign_in is not None
        return await self._sign_in.receive()


class _FixedScope(OAuthClientMetadata):
    """Asks for what the settings say, whatever a server proposes."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name != "scope":
            super().__setattr__(name, value)


def _metadata(redirect_uri: str, settings: OAuthSettings | None) -> OAuthClientMetadata:
    scope = None if settings is None else settings.scope
    kind = OAuthClientMetadata if scope is None else _FixedScope
    return kind(
        redirect_uris=[AnyUrl(redirect_uri)],
        client_name="convo",
        scope=scope,
        application_type="web" if urlsplit(redirect_uri).scheme == "https" else "native",
    )


def _client(settings: OAuthSettings, metadata: OAuthClientMetadata) -> OAuthClientInformationFull | None:
    """The client that the settings name; `None`: one has to be registered."""
    if settings.client_id is None:
        return None
    secret = settings.client_secret
    return OAuthClientInformationFull(
        client_id=settings.client_id,
        client_secret=None if secret is None else secret.get_secret_value(),
        redirect_uris=metadata.redirect_uris,
        token_endpoint_auth_method="none" if secret is None else None,
    )


def _checked(request: httpx2.Request) -> httpx2.Request:
    """One that a server makes the app send elsewhere. Raises `OAuthFlowError`."""
    if not is_safe(str(request.url)):
        raise OAuthFlowError("The server names an address that is neither https nor of this machine.")
    return request


def _asks_for_token(response: httpx2.Response) -> bool:
    """Whether a server says, with its 401, that a token lets one in."""
    return response.headers.get("www-authenticate", "").lower().startswith("bearer")
