"""The Connector by botbuilder-core.

Its client asks for tokens and keys in the calling thread, and repeats what fails on its own, a post too: so tokens are
got in a worker thread before, tokens of Teams are validated in one, and repeating is switched off.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import requests
from botbuilder.core import CloudAdapterBase, TurnContext
from botbuilder.schema import Activity as Model
from botbuilder.schema import Entity
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import (
    AppCredentials,
    AuthenticateRequestResult,
    BotFrameworkAuthenticationFactory,
    ClaimsIdentity,
    JwtTokenExtractor,
    ServiceClientCredentialsFactory,
)
from convo.errors import PlatformBusyError, PlatformError
from jwt import PyJWTError
from msrest.exceptions import ClientException, HttpOperationError

from convo_teams.connector import Activity, RefusedError, failure
from convo_teams.credentials import Credentials
from convo_teams.hosts import is_at
from convo_teams.settings import TeamsSettings

__all__ = ["BotbuilderConnector"]

logger = logging.getLogger("convo.teams")

_SECONDS = 30
_KEYS_SECONDS = 60.0
"""How long keys are looked up anew at most once, when a token is signed with one that is not known."""


class BotbuilderConnector:
    """Admits and sends by botbuilder-core."""

    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._clients: dict[str, ConnectorClient] = {}
        self._keys_at = float("-inf")
        self._keys_lock = threading.Lock()
        self._authentication = BotFrameworkAuthenticationFactory.create(
            validate_authority=False,
            to_channel_from_bot_login_url=settings.authority,
            to_channel_from_bot_oauth_scope=settings.oauth_scope,
            to_bot_from_channel_token_issuer=settings.token_issuer,
            oauth_url="https://api.botframework.com",
            to_bot_from_channel_open_id_metadata_url=settings.openid_url,
            to_bot_from_emulator_open_id_metadata_url=settings.openid_url,
            credential_factory=_CredentialsFactory(settings, credentials),
        )
        self._adapter = CloudAdapterBase(self._authentication)

    async def admit(self, authorization: str | None, activity: Activity) -> TurnContext:
        if not authorization:
            raise RefusedError(401, "The request has no token.")
        try:
            model = Model().deserialize(activity)
        except (ClientException, ValueError) as error:
            raise RefusedError(400, "The request is no activity.") from error
        result = await asyncio.to_thread(self._authenticate, model, authorization)
        claims = result.claims_identity.claims
        # The SDK lets tokens of skills and of its emulator in, too, and does not compare an address that is missing.
        if claims.get("iss") != self._settings.token_issuer or "exp" not in claims:
            raise RefusedError(403, "The token is not one of Teams.")
        if not activity.get("serviceUrl") or claims.get("serviceurl") != activity["serviceUrl"]:
            raise RefusedError(403, "The token does not vouch for the address to answer at.")
        held: list[TurnContext] = []

        async def hold(context: TurnContext) -> None:
            held.append(context)

        await self._adapter.process_activity(result, model, hold)
        return held[0]

    async def send(self, address: Mapping[str, Any], activity: Activity) -> str:
        return await self._call(
            address,
            lambda client, place: client.conversations.send_to_conversation(place, _model(activity)),
            is_post=True,
        )

    async def update(self, address: Mapping[str, Any], ref: str, activity: Activity) -> None:
        model = _model({**activity, "id": ref})
        await self._call(address, lambda client, place: client.conversations.update_activity(place, ref, model))

    async def delete(self, address: Mapping[str, Any], ref: str) -> None:
        await self._call(address, lambda client, place: client.conversations.delete_activity(place, ref))

    async def member(self, address: Mapping[str, Any], user_id: str) -> dict[str, Any]:
        raw: dict[str, Any] = {}

        async def look(client: ConnectorClient, place: str) -> None:
            answer = await client.conversations.get_conversation_member(place, user_id, raw=True)
            raw.update(answer.response.json())

        await self._call(address, look)
        return raw

    async def close(self) -> None:
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client._client.__aexit__(None, None, None)

    # --- What comes in ---

    def _authenticate(self, model: Model, authorization: str) -> AuthenticateRequestResult:
        """The SDK's verdict on a token, in a thread of its own. Raises `RefusedError`, `PlatformBusyError`."""
        try:
            try:
                return asyncio.run(self._authentication.authenticate_request(model, authorization))
            except IndexError:  # its keys are older than the token's
                self._forget_keys()
                return asyncio.run(self._authentication.authenticate_request(model, authorization))
        except requests.RequestException as error:
            raise PlatformBusyError(f"`{self._settings.openid_url}` cannot be read: {error}") from error
        except PermissionError as error:
            raise RefusedError(403, str(error)) from error
        except PyJWTError as error:
            raise RefusedError(401, str(error)) from error
        except Exception as error:  # the SDK raises bare `Exception` for a bad endorsement, `KeyError` for a claim, …
            raise RefusedError(401, f"{type(error).__name__}: {error}") from error

    def _forget_keys(self) -> None:
        """Let the SDK look up the keys again: it does once a day, we do it for new keys, but not for each bad token."""
        with self._keys_lock:
            if time.monotonic() - self._keys_at >= _KEYS_SECONDS:
                self._keys_at = time.monotonic()
                JwtTokenExtractor.metadataCache.pop(self._settings.openid_url, None)

    # --- What goes out ---

    async def _call(
        self,
        address: Mapping[str, Any],
        operation: Callable[[ConnectorClient, str], Awaitable[Any]],
        *,
        is_post: bool = False,
    ) -> str:
        """The id that an operation answers. Raises as `Bridge.post`."""
        return await self._credentials.renewed(lambda: self._try(address, operation, is_post=is_post))

    async def _try(
        self,
        address: Mapping[str, Any],
        operation: Callable[[ConnectorClient, str], Awaitable[Any]],
        *,
        is_post: bool,
    ) -> str:
        client = await self._client(str(address["serviceUrl"]))
        try:
            answer = await operation(client, str(address["conversation"]))
        except HttpOperationError as error:
            response = error.response
            headers = getattr(response, "headers", None) or {}
            text = str(getattr(response, "text", "") or error)
            raise failure(int(response.status_code), text, headers.get("Retry-After"), is_post=is_post) from error
        except (ClientException, requests.RequestException) as error:
            raise PlatformBusyError(f"Teams cannot be reached: {error}", is_unsure=is_post) from error
        return str(getattr(answer, "id", None) or "")

    async def _client(self, service_url: str) -> ConnectorClient:
        """A client with a valid token. Raises `PlatformError` for an address that is none of Teams."""
        if not is_at(service_url, self._settings.service_hosts):
            raise PlatformError(f"`{service_url}` is not at one of `service_hosts`.")
        await self._credentials.token()
        client = self._clients.get(service_url)
        if client is None:
            factory = self._authentication.create_connector_factory(self._identity())
            client = self._clients[service_url] = await factory.create(service_url, self._settings.oauth_scope)
            client.config.retry_policy.retries = 0
            client.config.retry_policy.policy.status_forcelist = ()
            client.config.connection.timeout = _SECONDS
        return client

    def _identity(self) -> ClaimsIdentity:
        return self._adapter.create_claims_identity(self._settings.app_id)


class _Token(AppCredentials):  # type: ignore[misc] # the SDK is not typed
    """Our tokens, as the SDK takes them."""

    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        super().__init__(app_id=settings.app_id, oauth_scope=settings.oauth_scope)
        self._credentials = credentials

    def get_access_token(self, force_refresh: bool = False) -> str:
        return self._credentials.get()


class _CredentialsFactory(ServiceClientCredentialsFactory):  # type: ignore[misc] # the SDK is not typed
    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        self._app_id = settings.app_id
        self._token = _Token(settings, credentials)

    async def is_valid_app_id(self, app_id: str) -> bool:
        return app_id == self._app_id

    async def is_authentication_disabled(self) -> bool:
        return False

    async def create_credentials(
        self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool
    ) -> AppCredentials:
        return self._token


def _model(activity: Activity) -> Model:
    model = Model().deserialize(activity)
    if activity.get("entities"):
        model.entities = [_entity(one) for one in activity["entities"]]
    return model


def _entity(facts: Mapping[str, Any]) -> Entity:
    """An entity with all its fields: the SDK's own keep the type alone."""
    entity = Entity(type=facts["type"])
    entity._attribute_map = {name: {"key": name, "type": "object"} for name in facts}
    for name, value in facts.items():
        setattr(entity, name, value)
    return entity
