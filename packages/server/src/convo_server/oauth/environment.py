"""The environment of apps that come from Chainlit: the variables it reads, as settings of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Found", "read_environment"]


@dataclass(frozen=True, slots=True)
class Found:
    """A provider that the environment configures. `prefix` is what its variables begin with."""

    name: str
    prefix: str
    settings: Mapping[str, Any]


_PREFIXES: Mapping[str, str] = {
    "github": "OAUTH_GITHUB",
    "google": "OAUTH_GOOGLE",
    "azure-ad": "OAUTH_AZURE_AD",
    "azure-ad-hybrid": "OAUTH_AZURE_AD_HYBRID",
    "okta": "OAUTH_OKTA",
    "auth0": "OAUTH_AUTH0",
    "descope": "OAUTH_DESCOPE",
    "aws-cognito": "OAUTH_COGNITO",
    "gitlab": "OAUTH_GITLAB",
    "keycloak": "OAUTH_KEYCLOAK",
    "generic": "OAUTH_GENERIC",
}
_KEYS: Mapping[str, str] = {
    "CLIENT_ID": "client_id",
    "CLIENT_SECRET": "client_secret",
    "DOMAIN": "domain",
    "BASE_URL": "domain",
    "REALM": "realm",
    "TENANT_ID": "tenant",
    "AUTHORIZATION_SERVER_ID": "authorization_server",
    "ISSUER": "issuer",
    "AUTH_URL": "authorize_url",
    "TOKEN_URL": "token_url",
    "USER_INFO_URL": "userinfo_url",
    "USER_IDENTIFIER": "identifier",
    "PROMPT": "prompt",
}
_ANY_TENANT = "common"


def read_environment(environ: Mapping[str, str]) -> list[Found]:
    """The providers whose `…_CLIENT_ID` is set. Empty variables count as not set."""
    return [found for name, prefix in _PREFIXES.items() if (found := _read(name, prefix, environ)) is not None]


def _read(preset: str, prefix: str, environ: Mapping[str, str]) -> Found | None:
    def value(suffix: str) -> str | None:
        return environ.get(f"{prefix}_{suffix}", "").strip() or None

    if value("CLIENT_ID") is None:
        return None
    settings: dict[str, Any] = {key: found for suffix, key in _KEYS.items() if (found := value(suffix)) is not None}
    if "prompt" not in settings and (prompt := environ.get("OAUTH_PROMPT", "").strip()):
        settings["prompt"] = prompt
    if scopes := value("SCOPES"):
        settings["scopes"] = tuple(scopes.split())
    if "tenant" in settings and value("ENABLE_SINGLE_TENANT") is None:
        settings["tenant"] = _ANY_TENANT
    if settings.get("authorization_server") == "false":
        settings["authorization_server"] = ""
    if preset == "generic" and settings.get("identifier") == "email":
        del settings["identifier"]
    name = value("NAME") or preset
    if base := environ.get("CHAINLIT_URL", "").strip().rstrip("/"):
        root = environ.get("CHAINLIT_ROOT_PATH", "").strip().rstrip("/")
        settings["redirect_url"] = f"{base}{root}/auth/oauth/{name}/callback"
    if preset != "generic":
        settings["provider"] = preset
    return Found(name, prefix, settings)
