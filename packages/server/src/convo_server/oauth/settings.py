"""From settings to providers. What is missing or makes no sense refuses the start, and says how to mend it."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from convo import ConfigError
from pydantic import ValidationError

from convo_server.oauth.environment import Found, read_environment
from convo_server.oauth.presets import PRESETS, Preset
from convo_server.oauth.provider import LOOPBACK, TENANT, Provider

if TYPE_CHECKING:
    from convo.config import OAuth

__all__ = ["find_providers"]

logger = logging.getLogger("convo_server.oauth")

_NAME = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_TENANT = re.compile(r"[A-Za-z0-9.-]+")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PATH_PART = re.compile(r"[A-Za-z0-9._~-]*")
_ADDRESSES = ("issuer", "authorize_url", "token_url", "userinfo_url", "jwks_url", "redirect_url")
_TAKEN = frozenset({"password", "header", "custom", "embed", "token"})
"""What identities are called that do not come from a provider."""

_PLAIN = Preset(label="")
_VARIABLES = {"domain": ("DOMAIN", "BASE_URL"), "tenant": ("TENANT_ID",), "realm": ("REALM",)}


def find_providers(
    tables: Mapping[str, OAuth], environ: Mapping[str, str], *, is_wanted: bool, allow_private: bool = False
) -> dict[str, Provider]:
    """The providers of `[auth.oauth.…]`, then those of Chainlit's variables, by name.

    `is_wanted` says whether the App has an `oauth_callback`. One without a provider is a mistake, and so is a table
    without one; variables without one may be meant for another program, and are left alone. Raises `ConfigError`.
    """
    if tables and not is_wanted:
        raise ConfigError(
            f"`[auth.oauth.{next(iter(tables))}]` configures a log-in, but the app has no `@convo.oauth_callback` to "
            "say who may come in: add one, or remove the table."
        )
    if not is_wanted:
        return {}
    providers = {name: _provider(name, table, _Words(name), allow_private) for name, table in tables.items()}
    for found in read_environment(environ):
        if found.name not in providers:
            providers[found.name] = _provider(found.name, _table(found), _Words(found.name, found), allow_private)
            _warn_of_any_tenant(found)
    if not providers:
        raise ConfigError(
            "The app has an `@convo.oauth_callback`, but no provider is configured: add one to convo.toml, as "
            "`[auth.oauth.github]` with `client_id` and `client_secret`."
        )
    return providers


class _Words:
    """How to speak of a setting: by its key in convo.toml, or by the variable it came from."""

    def __init__(self, name: str, found: Found | None = None) -> None:
        self._name = name
        self._found = found

    def key(self, key: str) -> str:
        if self._found is None:
            return f"`auth.oauth.{self._name}.{key}`"
        suffix = _VARIABLES.get(key, (key.upper(),))[-1 if self._found.prefix == "OAUTH_KEYCLOAK" else 0]
        return f"`{self._found.prefix}_{suffix}`"

    def error(self, key: str, text: str) -> ConfigError:
        return ConfigError(f"{self.key(key)}: {text}")


def _table(found: Found) -> OAuth:
    from convo.config import OAuth

    try:
        return OAuth(**found.settings)
    except ValidationError as error:
        problem = error.errors()[0]
        raise _Words(found.name, found).error(str(problem["loc"][0]), problem["msg"]) from error


def _provider(name: str, table: OAuth, words: _Words, allow_private: bool) -> Provider:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"`auth.oauth.{name}`: a provider's name stands in an address: letters, digits, `.`, `_`, `-`."
        )
    if name in _TAKEN:
        raise ConfigError(f"`auth.oauth.{name}`: call it otherwise; users who log in by `{name}` are others.")
    kind = table.provider or (name if name in PRESETS else None)
    if kind is not None and kind not in PRESETS:
        raise words.error("provider", f"there is no `{kind}`. Known: {', '.join(PRESETS)}; any other by its `issuer`.")
    if not table.client_id:
        raise words.error("client_id", "is missing; the provider gives it to an app that is registered there.")
    preset = _PLAIN if kind is None else PRESETS[kind]
    secret = None if table.client_secret is None else table.client_secret.get_secret_value()
    if kind is not None and not secret:
        raise words.error("client_secret", f"is missing; {preset.label} gives it to an app that is registered there.")
    addresses = _addresses(table, preset, words)
    provider = Provider(
        id=name,
        label=table.label or preset.label or name,
        client_id=table.client_id,
        client_secret=secret or None,
        scopes=table.scopes or preset.scopes,
        parameters={"prompt": table.prompt} if table.prompt else {},
        is_hybrid=preset.is_hybrid,
        has_profile=preset.has_profile,
        tenants=tuple(tenant.lower() for tenant in table.tenants),
        claims=preset.claims,
        identifier=table.identifier,
        redirect_url=table.redirect_url,
        **addresses,
    )
    _check(provider, words, allow_private)
    return provider


def _addresses(table: OAuth, preset: Preset, words: _Words) -> dict[str, Any]:
    """Where the provider is: what the table says itself, else what its preset makes of the table."""
    values = dict(preset.defaults)
    for key in ("domain", "tenant", "realm", "authorization_server"):
        value = getattr(table, key)
        if value is not None:
            values[key] = value
    values["client_id"] = table.client_id
    missing = [key for key in preset.needs if not values.get(key)]
    if missing and not (missing == ["domain"] and table.issuer):
        raise words.error(missing[0], f"is missing; {preset.label} cannot be found without it.")
    for key in ("tenant", "realm", "authorization_server"):
        if not _PATH_PART.fullmatch(values.get(key, "")):
            raise words.error(key, f"`{values[key]}` cannot stand in an address.")
    if "domain" in values:
        values["domain"] = _base(values["domain"])
    found: dict[str, Any] = {}
    for key in ("issuer", "discovery_url", "authorize_url", "token_url", "userinfo_url", "emails_url", "jwks_url"):
        given = getattr(table, key, None)
        found[key] = given or _filled(getattr(preset, key, None), values)
        if found[key] is not None:
            values[key] = found[key]
    if table.issuer and preset.issuer is None:  # discovery says better where everything is
        found |= {key: getattr(table, key) for key in ("authorize_url", "token_url", "userinfo_url", "jwks_url")}
    if found["issuer"] is not None and _GUID.fullmatch(tenant := values.get("tenant", "").lower()):
        found["issuer"] = found["issuer"].replace(TENANT, tenant)
    if table.issuer:
        found["discovery_url"] = None
    return found


def _filled(template: str | None, values: Mapping[str, str]) -> str | None:
    if template is None:
        return None
    for key, value in values.items():
        template = template.replace(f"{{{key}}}", value)
    return template.removesuffix("/oauth2/")  # Okta's own authorization server has no name


def _base(domain: str) -> str:
    """A domain, or the address of a server below a path, as an address without a slash at its end."""
    return (domain if "://" in domain else f"https://{domain}").rstrip("/")


def _check(provider: Provider, words: _Words, allow_private: bool) -> None:
    if not provider.is_oidc and not (provider.authorize_url and provider.token_url and provider.userinfo_url):
        close = difflib.get_close_matches(provider.id, PRESETS, n=1)
        hint = f" Did you mean `[auth.oauth.{close[0]}]`?" if close else ""
        raise words.error("issuer", f"is missing; or give `authorize_url`, `token_url` and `userinfo_url`.{hint}")
    if provider.is_oidc and "openid" not in provider.scopes:
        raise words.error("scopes", "must contain `openid`, or the provider sends no ID token.")
    if provider.tenants and TENANT not in (provider.issuer or ""):
        raise words.error("tenants", "only makes sense where `tenant` is `common` or `organizations`.")
    for key in _ADDRESSES:
        address = getattr(provider, key)
        if address is None:
            continue
        parts = urlsplit(address)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.fragment or parts.username:
            raise words.error(key, f"`{address}` is no address, as `https://login.example.com`.")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK and not allow_private and key != "redirect_url":
            raise words.error(
                key,
                f"`{address}` is not encrypted: use https, or set `auth.allow_private_hosts` for a trusted network.",
            )


def _warn_of_any_tenant(found: Found) -> None:
    if found.settings.get("tenant") == "common":
        logger.warning(
            "`%s_ENABLE_SINGLE_TENANT` is not set: users of every tenant reach `oauth_callback`, as in Chainlit",
            found.prefix,
        )
