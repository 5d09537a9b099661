"""Credentials: the tokens by which Teams knows the bot."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import requests
from convo.errors import PlatformBusyError, PlatformDeniedError
from msal import ConfidentialClientApplication, ManagedIdentityClient, UserAssignedManagedIdentity

from convo_teams.settings import TeamsSettings

__all__ = ["Credentials"]

T = TypeVar("T")

_SECONDS = 30
_TEMPORARY = frozenset({"temporarily_unavailable", "server_error", "timeout", "service_unavailable"})


class Credentials:
    """Gets tokens from Entra, by a secret or as the machine's managed identity, and keeps them until they expire."""

    def __init__(self, settings: TeamsSettings) -> None:
        self._settings = settings
        self._client: ConfidentialClientApplication | ManagedIdentityClient | None = None
        self._session = requests.Session()
        self._lock = threading.Lock()

    async def token(self) -> str:
        """A valid token. Raises `PlatformDeniedError` if there is none for this bot, `PlatformBusyError`."""
        return await asyncio.to_thread(self.get)

    def forget(self) -> None:
        """Get another token next time: Teams does not take this one."""
        with self._lock:
            self._client = None

    async def renewed(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """What an attempt returns; once more with another token if it was denied: it may have been revoked."""
        try:
            return await attempt()
        except PlatformDeniedError:
            self.forget()
            return await attempt()

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def get(self) -> str:
        """The same, for a worker thread."""
        with self._lock:
            try:
                answer = self._ask()
            except (requests.RequestException, ValueError) as error:
                self._client = None
                raise PlatformBusyError(f"`{self._settings.login_url}` cannot be asked for a token: {error}") from error
        if "access_token" in answer:
            return str(answer["access_token"])
        text = f"{answer.get('error')}: {str(answer.get('error_description'))[:300]}"
        if answer.get("error") in _TEMPORARY:
            raise PlatformBusyError(f"There is no token for the bot at the moment ({text}).")
        raise PlatformDeniedError(
            f"There is no token for the bot ({text}). Look after `TEAMS_APP_ID`, `TEAMS_APP_PASSWORD` and "
            "`TEAMS_APP_TENANT_ID`: a secret may have expired."
        )

    def _ask(self) -> dict[str, Any]:
        if self._client is None:
            self._client = self._new_client()
        if isinstance(self._client, ManagedIdentityClient):
            answer = self._client.acquire_token_for_client(resource=self._settings.oauth_scope)
        else:
            scope = self._settings.oauth_scope.removesuffix("/.default")
            answer = self._client.acquire_token_for_client(scopes=[f"{scope}/.default"])
        return dict(answer or {})

    def _new_client(self) -> ConfidentialClientApplication | ManagedIdentityClient:
        settings = self._settings
        if settings.kind == "UserAssignedMSI":
            return ManagedIdentityClient(
                UserAssignedManagedIdentity(client_id=settings.app_id), http_client=_Patient(self._session)
            )
        assert settings.app_password is not None, "the settings have seen to it"
        return ConfidentialClientApplication(
            client_id=settings.app_id,
            client_credential=settings.app_password.get_secret_value(),
            authority=settings.authority,
            instance_discovery=settings.login_url == type(settings).model_fields["login_url"].default,
            http_client=_Patient(self._session),
        )


class _Patient:
    """A session whose requests do not last for ever."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def post(self, url: str, **options: Any) -> requests.Response:
        return self._session.post(url, **{"timeout": _SECONDS, **options})

    def get(self, url: str, **options: Any) -> requests.Response:
        return self._session.get(url, **{"timeout": _SECONDS, **options})

    def close(self) -> None:
        self._session.close()
