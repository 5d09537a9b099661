"""An identity: who somebody is at a provider, in the app's terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from convo import User

from convo_server.oauth.provider import Provider
from convo_server.oauth.refusal import Refusal

__all__ = ["Identity", "read_identity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who has logged in. `subject` is what the provider never gives to another; `email` may be unverified.

    `user` is what the app gets as its default. `raw` is all that the provider said, what is signed going first.
    `token` gives access to the provider's API.
    """

    provider: str
    subject: str
    email: str | None
    email_verified: bool
    user: User
    raw: dict[str, Any]
    token: str = field(repr=False)
    id_token: str | None = field(default=None, repr=False)


def read_identity(
    provider: Provider,
    *,
    claims: Mapping[str, Any],
    userinfo: Mapping[str, Any],
    emails: Sequence[Any] = (),
    token: str,
    id_token: str | None = None,
) -> Identity:
    """Put together what the ID token (`claims`), the user's page at the provider and its list of addresses say.

    Raises `Refusal`: `provider-invalid` when it does not say who that is.
    """
    names = provider.claims
    raw = dict(userinfo) | dict(claims)
    if emails:
        raw["emails"] = list(emails)
    subject = ".".join(_required(provider, raw, name) for name in names.subject)
    email, is_verified = _primary(emails) or _email(provider, claims) or _email(provider, userinfo) or (None, False)
    if provider.identifier is not None and provider.identifier != names.email:
        identifier = _required(provider, raw, provider.identifier)
    else:
        identifier = email if email is not None and is_verified else f"{provider.id}:{subject}"
    metadata = {"provider": provider.id, "image": _first(raw, names.picture) or ""}
    if email is not None:
        metadata["email"] = email
    return Identity(
        provider=provider.id,
        subject=subject,
        email=email,
        email_verified=is_verified,
        user=User(identifier, _first(raw, names.name), metadata),
        raw=raw,
        token=token,
        id_token=id_token,
    )


def _email(provider: Provider, said: Mapping[str, Any]) -> tuple[str, bool] | None:
    """An address, and whether the same source says that it is its owner's."""
    email = _text(said.get(provider.claims.email))
    if email is None:
        return None
    return email, said.get(provider.claims.email_verified) in (True, "true", "True", "1")  # Cognito and Entra say it so


def _primary(emails: Sequence[Any]) -> tuple[str, bool] | None:
    """The primary address of a list, if it is verified; GitHub lists them so."""
    for entry in emails:
        if isinstance(entry, dict) and entry.get("primary") is True and entry.get("verified") is True:
            email = _text(entry.get("email"))
            return None if email is None else (email, True)
    return None


def _required(provider: Provider, raw: Mapping[str, Any], name: str) -> str:
    value = _text(raw.get(name))
    if value is None:
        raise Refusal("provider-invalid", f"`{provider.id}` does not say the `{name}` of who has logged in.")
    return value


def _first(raw: Mapping[str, Any], names: Sequence[str]) -> str | None:
    return next((text for name in names if (text := _text(raw.get(name))) is not None), None)


def _text(value: object) -> str | None:
    """A claim as text; numbers are what GitHub has for ids."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() or None if isinstance(value, str) else None
