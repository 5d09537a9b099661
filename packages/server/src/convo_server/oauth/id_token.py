"""ID tokens: who the provider says has logged in, once all that can be checked has been."""

from __future__ import annotations

import hmac
from typing import Any

from authlib.oidc.core import CodeIDToken, HybridIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError

from convo_server.oauth.issuer import Issuer
from convo_server.oauth.provider import TENANT, Provider
from convo_server.oauth.refusal import Refusal

__all__ = ["LEEWAY_SECONDS", "read_id_token"]

LEEWAY_SECONDS = 60
"""How far a provider's clock may be off."""

_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures that only the holder of a private key can make: neither `none`, nor a secret that two know."""


_SUBJECT_LENGTH = 255


async def read_id_token(
    token: str,
    *,
    provider: Provider,
    issuer: Issuer,
    nonce: str,
    now: float,
    access_token: str | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    """The claims of a token that is signed by the provider, for this app, for this log-in, and valid `now`.

    `access_token` or `code` came with it, and must be those it was made with. Raises `Refusal`: `provider-invalid`,
    `provider-down`; `not-allowed` for a tenant that is not wanted.
    """
    try:
        header = jws.extract_compact(token.encode("ascii")).protected
        keys = await issuer.keys(header.get("kid"))
        decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        kind = CodeIDToken if code is None else HybridIDToken
        claims = kind(
            decoded.claims,
            decoded.header,
            {"aud": {"essential": True, "value": provider.client_id}},
            {"client_id": provider.client_id, "nonce": nonce, "access_token": access_token, "code": code},
        )
        claims.validate(now=int(now), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, TypeError) as error:
        raise _untrusted(provider, str(error) or repr(error)) from error
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise _untrusted(provider, "it is of another log-in")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _SUBJECT_LENGTH:
        raise _untrusted(provider, "its `sub` is nobody")
    _check_issuer(claims, provider, (await issuer.metadata()).issuer)
    return dict(claims)


def _check_issuer(claims: dict[str, Any], provider: Provider, issuer: str | None) -> None:
    """Where an issuer is one of many tenants, the token's own `tid` says which it has to be."""
    assert issuer is not None
    if TENANT in (provider.issuer or ""):
        tenant = claims.get("tid")
        if not isinstance(tenant, str) or claims["iss"] != issuer.replace(TENANT, tenant):
            raise _untrusted(provider, f"it is from {claims['iss']!r}, for the tenant {tenant!r}")
        if provider.tenants and tenant.lower() not in provider.tenants:
            raise Refusal("not-allowed", f"`auth.oauth.{provider.id}.tenants` has no `{tenant}`.")
    elif claims["iss"] != issuer:
        raise _untrusted(provider, f"it is from {claims['iss']!r}, not from {issuer!r}")


def _untrusted(provider: Provider, why: str) -> Refusal:
    return Refusal("provider-invalid", f"The ID token of `{provider.id}` cannot be trusted: {why}.")
