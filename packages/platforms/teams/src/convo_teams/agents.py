"""The Connector by microsoft-agents-hosting-core, which botbuilder-core's makers go on with.

It knows itself where the keys of Teams are, so `openid_url` does not count here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import jwt
from convo.errors import PlatformBusyError, PlatformError
from jwt import PyJWKClientConnectionError, PyJWTError
from microsoft_agents.activity import Activity as Model
from microsoft_agents.hosting.core import (
    AgentAuthConfiguration,
    ChannelServiceAdapter,
    RestChannelServiceClientFactory,
    TurnContext,
)
from microsoft_agents.hosting.core.authorization import JwtTokenValidator
from microsoft_agents.hosting.core.connector import ConnectorClientBase
from microsoft_agents.hosting.core.connector.teams import TeamsConnectorClient
from pydantic import ValidationError

from convo_teams.connector import Activity, RefusedError, failure
from convo_teams.credentials import Credentials
from convo_teams.hosts import is_at
from convo_teams.settings import TeamsSettings

__all__ = ["AgentsConnector"]

_TIMEOUT = aiohttp.ClientTimeout(total=30)


class AgentsConnector:
    """Admits and sends by microsoft-agents-hosting-core."""

    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._validator = JwtTokenValidator(
            AgentAuthConfiguration(
                client_id=settings.app_id,
                tenant_id=settings.app_tenant_id,
                issuers=[settings.token_issuer],
                validate_issuer=True,
            )
        )
        connections = _Connections(settings, credentials)
        factory = RestChannelServiceClientFactory(connections)  # type: ignore[arg-type] # tokens of users are not ours
        self._adapter = ChannelServiceAdapter(factory)
        self._clients: dict[str, tuple[str, TeamsConnectorClient]] = {}  # with their tokens, by the address

    async def admit(self, authorization: str | None, activity: Activity) -> TurnContext:
        kind, _, token = (authorization or "").partition(" ")
        if kind != "Bearer" or not token:
            raise RefusedError(401, "The request has no token.")
        try:
            if jwt.decode(token, options={"verify_signature": False}).get("iss") != self._settings.token_issuer:
                raise RefusedError(403, "The token is not one of Teams.")  # the SDK would ask Entra for its key
            identity = await self._validator.validate_token(token)
        except PyJWKClientConnectionError as error:
            raise PlatformBusyError(f"The keys of Teams cannot be read: {error}") from error
        except ValueError as error:  # another audience or issuer
            raise RefusedError(403, str(error)) from error
        except (PyJWTError, KeyError) as error:
            raise RefusedError(401, f"{type(error).__name__}: {error}") from error
        claims = identity.claims
        # The SDK does not look after these.
        if "exp" not in claims:
            raise RefusedError(403, "The token is not one of Teams.")
        if not activity.get("serviceUrl") or claims.get("serviceurl") != activity["serviceUrl"]:
            raise RefusedError(403, "The token does not vouch for the address to answer at.")
        try:
            context = TurnContext(self._adapter, Model.model_validate(activity), identity)
        except ValidationError as error:
            raise RefusedError(400, "The request is no activity.") from error
        if is_at(activity["serviceUrl"], self._settings.service_hosts):
            client = await self._client(activity["serviceUrl"])
            context.services.set(ConnectorClientBase, client)  # type: ignore[type-abstract] # so the SDK names services
        return context

    async def send(self, address: Mapping[str, Any], activity: Activity) -> str:
        model = Model.model_validate(activity)
        answer = await self._call(
            address, lambda client, place: client.conversations.send_to_conversation(place, model), is_post=True
        )
        return str(getattr(answer, "id", None) or "")

    async def update(self, address: Mapping[str, Any], ref: str, activity: Activity) -> None:
        model = Model.model_validate({**activity, "id": ref})
        await self._call(address, lambda client, place: client.conversations.update_activity(place, ref, model))

    async def delete(self, address: Mapping[str, Any], ref: str) -> None:
        await self._call(address, lambda client, place: client.conversations.delete_activity(place, ref))

    async def member(self, address: Mapping[str, Any], user_id: str) -> dict[str, Any]:
        member = await self._call(address, lambda client, place: client.get_conversation_member(place, user_id))
        found: dict[str, Any] = member.model_dump(by_alias=True, exclude_unset=True, mode="json")
        return found

    async def close(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for _, client in clients:
            await client.close()

    async def _call(
        self,
        address: Mapping[str, Any],
        operation: Callable[[TeamsConnectorClient, str], Awaitable[Any]],
        *,
        is_post: bool = False,
    ) -> Any:
        """What an operation returns. Raises as `Bridge.post`."""
        return await self._credentials.renewed(lambda: self._try(address, operation, is_post=is_post))

    async def _try(
        self,
        address: Mapping[str, Any],
        operation: Callable[[TeamsConnectorClient, str], Awaitable[Any]],
        *,
        is_post: bool,
    ) -> Any:
        service_url = str(address["serviceUrl"])
        if not is_at(service_url, self._settings.service_hosts):
            raise PlatformError(f"`{service_url}` is not at one of `service_hosts`.")
        client = await self._client(service_url)
        try:
            return await operation(client, str(address["conversation"]))
        except aiohttp.ClientResponseError as error:
            retry_after = None if error.headers is None else error.headers.get("Retry-After")
            raise failure(error.status, error.message, retry_after, is_post=is_post) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise PlatformBusyError(f"Teams cannot be reached: {error}", is_unsure=is_post) from error

    async def _client(self, service_url: str) -> TeamsConnectorClient:
        """A client with a valid token: it keeps the one it was made with."""
        token = await self._credentials.token()
        held = self._clients.get(service_url)
        if held is not None and held[0] == token:
            return held[1]
        context = await asyncio.to_thread(ssl.create_default_context)
        connector = aiohttp.TCPConnector(ssl=context)
        session = aiohttp.ClientSession(base_url=service_url, connector=connector, timeout=_TIMEOUT)
        client = TeamsConnectorClient(service_url, token, session=session)
        self._clients[service_url] = (token, client)
        if held is not None:
            await held[1].close()
        return client


class _Connections:
    """Our tokens, as the SDK asks for them: it calls this a connection, and the one who manages connections."""

    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        self.configuration = AgentAuthConfiguration(client_id=settings.app_id, tenant_id=settings.app_tenant_id)
        self._credentials = credentials

    def get_connection(self, connection_name: str) -> _Connections:
        return self

    def get_default_connection(self) -> _Connections:
        return self

    def get_token_provider(self, claims_identity: object, service_url: str) -> _Connections:
        return self

    def get_token_provider_from_activity(self, claims_identity: object, activity: object) -> _Connections:
        return self

    def get_default_connection_configuration(self) -> AgentAuthConfiguration:
        return self.configuration

    async def get_access_token(self, resource_url: str, scopes: list[str], force_refresh: bool = False) -> str:
        return await self._credentials.token()
