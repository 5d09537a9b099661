"""A provider: all that is known of one place to log in at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

__all__ = ["LOOPBACK", "TENANT", "Claims", "Provider"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""The names of the machine that one is on."""


TENANT = "{tenantid}"
"""Stands in an issuer for the tenant that a token names: Entra's, where users come from many."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Where a provider's answers say who somebody is. Of several names, the first that is there counts."""

    subject: tuple[str, ...] = ("sub",)
    """What never changes and is never given to another; several are joined by a dot, as none is enough alone."""
    email: str = "email"
    email_verified: str = "email_verified"
    name: tuple[str, ...] = ("name", "preferred_username", "nickname")
    picture: tuple[str, ...] = ("picture",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One place to log in at, as configured. With an `issuer` it speaks OpenID Connect, else plain OAuth 2.

    Addresses that are `None` are found by discovery. `id` stands in the address of the callback.
    """

    id: str
    label: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    issuer: str | None = None
    discovery_url: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    emails_url: str | None = None
    """Lists a user's addresses and which are verified, where the answer about the user does not say it."""
    jwks_url: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    parameters: Mapping[str, str] = field(default_factory=dict)
    """More for the address that the user is sent to, as `prompt`."""
    is_hybrid: bool = False
    """Whether an ID token comes with the code, by a form that the user's browser posts."""
    has_profile: bool = False
    """Whether `userinfo_url` is an API of the provider's, whose answers have no `sub`."""
    tenants: tuple[str, ...] = ()
    """The tenants whose users may come in; all of them, if empty."""
    claims: Claims = field(default_factory=Claims)
    identifier: str | None = None
    """A claim to know users by, in place of their verified e-mail address or subject."""
    redirect_url: str | None = None

    @property
    def is_oidc(self) -> bool:
        return self.issuer is not None

    @property
    def is_local(self) -> bool:
        """Whether settings put it on this machine."""
        addresses = (self.issuer, self.discovery_url, self.token_url, self.userinfo_url)
        return any(urlsplit(address).hostname in LOOPBACK for address in addresses if address is not None)
