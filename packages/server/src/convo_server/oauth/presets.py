"""The providers that need no addresses of theirs in an app's settings, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from convo_server.oauth.provider import TENANT, Claims

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What is the same for everybody who uses a provider. `{domain}` and the like come from the settings."""

    label: str
    needs: tuple[str, ...] = ()
    """Settings without which the provider cannot be found."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    issuer: str | None = None
    discovery_url: str | None = None
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    emails_url: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    is_hybrid: bool = False
    has_profile: bool = False
    claims: Claims = field(default_factory=Claims)


_ENTRA_CLAIMS = Claims(
    # `sub` differs from app to app; these two are what Microsoft's own libraries call the home account.
    subject=("oid", "tid"),
    # Tenants put any address they like into `email`; this optional claim says that its domain's owner is the tenant.
    email_verified="xms_edov",
    name=("name", "displayName", "preferred_username"),
)
_GRAPH_SCOPES = ("openid", "profile", "email", "User.Read")


def _entra(*, is_hybrid: bool) -> Preset:
    """https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc"""
    return Preset(
        label="Microsoft",
        needs=("tenant",),
        defaults={"domain": "login.microsoftonline.com"},
        issuer=f"{{domain}}/{TENANT}/v2.0",
        discovery_url="{domain}/{tenant}/v2.0/.well-known/openid-configuration",
        userinfo_url="https://graph.microsoft.com/v1.0/me",
        scopes=_GRAPH_SCOPES,
        is_hybrid=is_hybrid,
        has_profile=True,
        claims=_ENTRA_CLAIMS,
    )


PRESETS: Mapping[str, Preset] = {
    # https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
    "github": Preset(
        label="GitHub",
        defaults={"domain": "github.com"},
        authorize_url="{domain}/login/oauth/authorize",
        token_url="{domain}/login/oauth/access_token",  # noqa: S106 - an address
        userinfo_url="https://api.github.com/user",
        emails_url="{userinfo_url}/emails",
        scopes=("user:email",),
        has_profile=True,
        claims=Claims(subject=("id",), name=("name", "login"), picture=("avatar_url",)),
    ),
    # https://developers.google.com/identity/openid-connect/openid-connect
    "google": Preset(label="Google", issuer="https://accounts.google.com"),
    "azure-ad": _entra(is_hybrid=False),
    "azure-ad-hybrid": _entra(is_hybrid=True),
    # https://developer.okta.com/docs/reference/api/oidc
    "okta": Preset(
        label="Okta",
        needs=("domain",),
        defaults={"authorization_server": "default"},
        issuer="{domain}/oauth2/{authorization_server}",
    ),
    # https://auth0.com/docs/get-started/applications/configure-applications-with-oidc-discovery
    "auth0": Preset(label="Auth0", needs=("domain",), issuer="{domain}/"),
    # https://docs.descope.com/getting-started/oidc-endpoints: the client's id is the project's
    "descope": Preset(label="Descope", defaults={"domain": "api.descope.com"}, issuer="{domain}/{client_id}"),
    # https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
    # The domain of the log-in page does not say which user pool it belongs to: without an `issuer`, plain OAuth 2.
    "aws-cognito": Preset(
        label="Amazon Cognito",
        needs=("domain",),
        authorize_url="{domain}/oauth2/authorize",
        token_url="{domain}/oauth2/token",  # noqa: S106 - an address
        userinfo_url="{domain}/oauth2/userInfo",
        claims=Claims(name=("name", "username")),
    ),
    # https://docs.gitlab.com/integration/openid_connect_provider
    "gitlab": Preset(label="GitLab", defaults={"domain": "gitlab.com"}, issuer="{domain}"),
    # https://www.keycloak.org/securing-apps/oidc-layers
    "keycloak": Preset(label="Keycloak", needs=("domain", "realm"), issuer="{domain}/realms/{realm}"),
}
"""By the name that stands in the address of the callback; that is what apps have registered."""
