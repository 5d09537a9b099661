"""A tool server whose users sign in, and its authorization server: the SDK's own, in this process."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import escape
from typing import Any
from urllib.parse import urlencode

import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from pydantic import AnyHttpUrl
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tests.harness.server import free_port

__all__ = ["HOUR", "PAST", "Issuer", "issuing"]

HOUR = 3600
PAST = -1  # tokens that are refreshed before each request


class Issuer(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """Whoever comes is signed in at once, unless it `denies`, or first by a link on its `page`, if it has one.

    `seconds` is how long its tokens say that they last.
    """

    def __init__(self) -> None:
        self.denies = False
        self.page: str | None = None
        self.seconds = HOUR
        self.refreshed = 0
        self.scopes: list[list[str] | None] = []
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.tokens: dict[str, AccessToken] = {}
        self.secrets: list[str] = []
        self._codes: dict[str, AuthorizationCode] = {}
        self._refresh: dict[str, RefreshToken] = {}

    def forget(self) -> None:
        """All that was granted is over."""
        self.tokens.clear()
        self._refresh.clear()

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        self.scopes.append(params.scopes)
        back = str(params.redirect_uri)
        if self.denies:
            return construct_redirect_uri(back, error="access_denied", state=params.state)
        code = secrets.token_urlsafe(32)
        self._codes[code] = AuthorizationCode(
            code=code,
            scopes=params.scopes or [],
            expires_at=time.time() + 60,
            client_id=client.client_id,
            code_challenge=params.code_challenge,
            redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
            resource=params.resource,
        )
        address = construct_redirect_uri(back, code=code, state=params.state)
        return address if self.page is None else f"{self.page}?{urlencode({'to': address})}"

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self._codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self._codes[authorization_code.code]
        return self._grant(client.client_id, authorization_code.scopes)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        return self._refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        del self._refresh[refresh_token.token]  # good for one time
        self.refreshed += 1
        return self._grant(client.client_id, scopes)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.tokens.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.tokens.pop(token.token, None)

    def _grant(self, client_id: str, scopes: list[str]) -> OAuthToken:
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.secrets += [access, refresh]
        self.tokens[access] = AccessToken(token=access, client_id=client_id, scopes=scopes)
        self._refresh[refresh] = RefreshToken(token=refresh, client_id=client_id, scopes=scopes)
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=self.seconds, scope=" ".join(scopes))


@asynccontextmanager
async def issuing(
    transport: str = "http", *, named: str | None = None, has_page: bool = False
) -> AsyncIterator[tuple[Issuer, str]]:
    """One that listens, and the URL of its tool server, which says that users sign in at `named` instead."""
    issuer, port = Issuer(), free_port()
    base = f"http://127.0.0.1:{port}"
    url = f"{base}/{'mcp' if transport == 'http' else 'sse'}"
    issuer.page = f"{base}/page" if has_page else None
    server = MCPServer(
        "weather",
        auth_server_provider=issuer,
        auth=AuthSettings(
            issuer_url=AnyHttpUrl(named or base),
            resource_server_url=AnyHttpUrl(url),
            validate_token_resource=False,
            required_scopes=["read"],
            client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["read", "write"]),
        ),
    )

    @server.tool()
    def forecast(city: str) -> str:
        """What the weather will be."""
        return f"Rain in {city}."

    @server.custom_route("/page", methods=["GET"])
    async def page(request: Request) -> Response:
        return HTMLResponse(f'<h1>Weather service</h1><a href="{escape(request.query_params["to"])}">Let it in</a>')

    app: Any = server.streamable_http_app() if transport == "http" else server.sse_app()
    serving = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    task = asyncio.create_task(serving.serve())
    try:
        while not serving.started and not task.done():
            await asyncio.sleep(0.01)
        yield issuer, url
    finally:
        serving.should_exit = True
        await task
