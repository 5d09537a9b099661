"""What a provider publishes of itself: its metadata and its keys, kept for a while."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from convo_server.oauth.kept import Kept
from convo_server.oauth.provider import TENANT, Provider
from convo_server.oauth.refusal import Refusal
from convo_server.oauth.web import Web

__all__ = ["Issuer", "Metadata", "is_issuer"]

_GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@dataclass(frozen=True, slots=True)
class Metadata:
    """Where everything is. `issuer` is `None` with plain OAuth 2; `sends_issuer` says that every answer names it."""

    issuer: str | None
    authorize_url: str
    token_url: str
    userinfo_url: str | None
    jwks_url: str | None
    sends_issuer: bool = False
    auth_methods: tuple[str, ...] = ("client_secret_post",)


class Issuer:
    """Reads and keeps what one provider publishes. `clock` says the time in seconds."""

    def __init__(self, provider: Provider, web: Web, clock: Callable[[], float]) -> None:
        self._provider = provider
        self._web = web
        self._metadata = Kept(self._discover, clock)
        self._keys = Kept(self._read_keys, clock)

    async def metadata(self) -> Metadata:
        """Raises `Refusal`: `provider-down`, `provider-invalid`."""
        return await self._metadata.get()

    async def keys(self, key_id: str | None) -> KeySet:
        """The provider's public keys, read anew when `key_id` is not among them, but not all the time.

        Raises `Refusal`: `provider-down`, `provider-invalid`.
        """
        return await self._keys.get(lambda keys: not _has(keys, key_id))

    async def _read_keys(self) -> KeySet:
        url = (await self.metadata()).jwks_url
        if url is None:
            raise Refusal("provider-invalid", f"`{self._provider.id}` publishes no keys.")
        return _key_set(await self._web.get(url), url)

    async def _discover(self) -> Metadata:
        """What the provider says of itself; settings win."""
        provider = self._provider
        if provider.issuer is None:
            assert provider.authorize_url is not None
            assert provider.token_url is not None
            return Metadata(None, provider.authorize_url, provider.token_url, provider.userinfo_url, None)
        url = provider.discovery_url or f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = await self._web.get(url)
        if not isinstance(found, dict) or not is_issuer(found.get("issuer"), provider.issuer):
            named = found.get("issuer") if isinstance(found, dict) else None
            raise Refusal(
                "provider-invalid", f"{url} is of the issuer {named!r}, not of {provider.issuer!r}, as configured."
            )
        methods = found.get("token_endpoint_auth_methods_supported")
        return Metadata(
            issuer=found["issuer"],
            authorize_url=provider.authorize_url or _address(found, "authorization_endpoint", url),
            token_url=provider.token_url or _address(found, "token_endpoint", url),
            userinfo_url=provider.userinfo_url or found.get("userinfo_endpoint"),
            jwks_url=provider.jwks_url or _address(found, "jwks_uri", url),
            sends_issuer=found.get("authorization_response_iss_parameter_supported") is True,
            auth_methods=tuple(methods) if isinstance(methods, list) else ("client_secret_basic",),
        )


def is_issuer(named: object, expected: str) -> bool:
    """Whether `named` is the issuer that is expected: of any tenant, if that is left open; a last `/` is no matter."""
    if not isinstance(named, str):
        return False
    if TENANT not in expected:
        return named.rstrip("/") == expected.rstrip("/")
    return named == expected or bool(re.fullmatch(re.escape(expected).replace(re.escape(TENANT), _GUID), named))


def _address(found: dict[str, Any], key: str, url: str) -> str:
    address = found.get(key)
    if not isinstance(address, str) or not address.startswith(("https://", "http://")):
        raise Refusal("provider-invalid", f"{url} has no `{key}`.")
    return address


def _key_set(found: Any, url: str) -> KeySet:
    """The keys that sign. One of a kind that is not known here must not hide the others."""
    published = found.get("keys") if isinstance(found, dict) else None
    keys = []
    for key in published if isinstance(published, list) else []:
        if isinstance(key, dict) and key.get("use", "sig") == "sig" and key.get("kty") in ("RSA", "EC", "OKP"):
            try:
                keys.extend(KeySet.import_key_set({"keys": [key]}).keys)
            except (JoseError, ValueError, KeyError):
                continue
    if not keys:
        raise Refusal("provider-invalid", f"{url} has no keys that sign.")
    return KeySet(keys)


def _has(keys: KeySet, key_id: str | None) -> bool:
    return key_id is None or any(key.kid == key_id for key in keys.keys)
