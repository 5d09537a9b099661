"""`[auth]`: logging in."""

from __future__ import annotations

from pydantic import Field, SecretStr, field_validator

from convo.config.section import Section

__all__ = ["Auth", "OAuth"]

SECRET_LENGTH = 32


class OAuth(Section):
    """`[auth.oauth.NAME]`: a provider to log in at. `NAME` stands in the address of the callback."""

    provider: str | None = Field(None, description="Which of the known ones it is, if its name does not say it.")
    client_id: str = Field("", description="What the provider calls the app.")
    client_secret: SecretStr | None = Field(None, description="Better in the environment than in a file.")
    issuer: str | None = Field(None, description="Any provider of OpenID Connect, by its address.")
    domain: str | None = Field(None, description="Where the provider is, as `acme.okta.com`; or the address of one.")
    tenant: str | None = Field(None, description="Entra's: the id of one, or `organizations`, or `common`.")
    tenants: tuple[str, ...] = Field((), description="Of many, those whose users may come in; all of them if empty.")
    realm: str | None = Field(None, description="Keycloak's.")
    authorization_server: str | None = Field(None, description="Okta's; empty for the organisation's own.")
    scopes: tuple[str, ...] = Field((), description="What to ask for, in place of what is usual.")
    label: str | None = Field(None, description="What its button says.")
    prompt: str | None = Field(None, description="As `select_account` or `login`.")
    identifier: str | None = Field(None, description="A claim to know users by, in place of their verified e-mail.")
    redirect_url: str | None = Field(None, description="The callback's address, if it is not what the browser shows.")
    authorize_url: str | None = None
    token_url: str | None = None
    userinfo_url: str | None = None
    jwks_url: str | None = None


class Auth(Section):
    """`[auth]`: logging in. It is required as soon as the app has one of the callbacks that let users in."""

    secret: SecretStr | None = Field(
        None, description="Signs who is signed in; set it as `CONVO_AUTH__SECRET`. `convo secret` makes one."
    )
    embed_secret: SecretStr | None = Field(
        None, description="Signs the tokens (JWT, HS256) of pages that show the chat to users of their own."
    )
    anonymous: bool = Field(False, description="Let people chat without logging in, though they could.")
    link_by_identifier: bool = Field(
        False, description="Who logs in by several ways with the same identifier is one user; else that is refused."
    )
    session_days: float = Field(30.0, gt=0, le=400, description="How long a log-in lasts without being used.")
    rotate_hours: float = Field(24.0, gt=0, description="How often a browser gets a new secret.")
    token_minutes: float = Field(15.0, gt=0, le=1440, description="How long a token lasts that a page exchanges.")
    api_tokens: bool = Field(True, description="Let users make tokens for programs of theirs.")
    attempts: int = Field(10, gt=0, description="Failed log-ins of one name before each next one has to wait.")
    attempts_per_address: int = Field(50, gt=0, description="The same, of one address.")

    oauth: dict[str, OAuth] = Field({}, description="Providers to log in at, each a table `[auth.oauth.NAME]`.")
    allow_private_hosts: bool = Field(
        False, description="Let providers be in a private network, and without encryption; on this machine they may."
    )

    @field_validator("secret", "embed_secret")
    @classmethod
    def _is_long(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"a secret has at least {SECRET_LENGTH} characters; `convo secret` makes one")
        return secret
