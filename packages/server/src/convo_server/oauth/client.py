"""The client: sends browsers to a provider, and finds out who has come back."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from convo_server.oauth.id_token import LEEWAY_SECONDS, read_id_token
from convo_server.oauth.identity import Identity, read_identity
from convo_server.oauth.issuer import Issuer, Metadata, is_issuer
from convo_server.oauth.provider import TENANT, Provider
from convo_server.oauth.refusal import Refusal, RefusalCode
from convo_server.oauth.seal import Seal
from convo_server.oauth.spent import Spent
from convo_server.oauth.transaction import TRANSACTION_SECONDS, Transaction
from convo_server.oauth.web import Web

__all__ = ["OAuth"]

_CODE_LENGTH = 8192
_CODES: Mapping[str, RefusalCode] = {
    # of the authorization endpoint: RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6
    "access_denied": "denied",
    "login_required": "denied",
    "consent_required": "denied",
    "interaction_required": "denied",
    "account_selection_required": "denied",
    "server_error": "provider-down",
    "temporarily_unavailable": "provider-down",
    # of the token endpoint: RFC 6749 5.2, and GitHub's own word for it
    "invalid_grant": "expired",
    "bad_verification_code": "expired",
}


class OAuth:
    """Log-ins at `providers`, by name, over `proxies` by scheme. `clock` says the time in seconds since 1970.

    A log-in is two steps: `begin` gives the address to send the browser to, and the `Transaction` that it has to bring
    back; `finish` takes that, and the parameters of the callback.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        *,
        allow_private: bool = False,
        proxies: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.providers = providers
        self._clock = clock
        self._spent = Spent(TRANSACTION_SECONDS)
        self._webs = {
            name: Web(is_local=provider.is_local, allow_private=allow_private, proxies=proxies)
            for name, provider in providers.items()
        }
        self._issuers = {name: Issuer(provider, self._webs[name], clock) for name, provider in providers.items()}

    def seal(self, secret: bytes) -> Seal:
        """What closes a `Transaction` for its way by the browser, and opens it again."""
        return Seal(secret)

    async def begin(self, provider: Provider, redirect_uri: str, next: str = "/") -> tuple[str, Transaction]:
        """Where to send the browser, and what it has to bring back. `next` is where it wants to go in the end.

        Raises `Refusal`: `provider-down`, `provider-invalid`.
        """
        metadata = await self._issuers[provider.id].metadata()
        transaction = Transaction.begin(provider.id, redirect_uri, next, self._clock())
        parameters = dict(provider.parameters)
        if provider.is_oidc:
            parameters["nonce"] = transaction.nonce
        if provider.is_hybrid:
            parameters["response_mode"] = "form_post"
        url: str = prepare_grant_uri(
            metadata.authorize_url,
            provider.client_id,
            "code id_token" if provider.is_hybrid else "code",
            redirect_uri=redirect_uri,
            scope=" ".join(provider.scopes),
            state=transaction.state,
            code_challenge=create_s256_code_challenge(transaction.verifier),
            code_challenge_method="S256",
            **parameters,
        )
        return url, transaction

    async def finish(self, transaction: Transaction, query: Mapping[str, str]) -> Identity:
        """Who has logged in, from the parameters of the callback. A transaction is good for one try.

        Raises `Refusal`, with any code but `not-allowed` of the app's own.
        """
        provider = self.providers.get(transaction.provider)
        if provider is None:
            raise Refusal("state", f"`{transaction.provider}` is no longer configured.")
        self._check_transaction(transaction, query)
        metadata = await self._issuers[provider.id].metadata()
        self._check_sender(provider, metadata, query)
        if error := query.get("error"):
            raise _refusal(provider, error, query.get("error_description"))
        code = query.get("code", "")
        if not 0 < len(code) <= _CODE_LENGTH:
            raise Refusal("provider-invalid", f"`{provider.id}` sent the browser back without a code.")
        front = await self._front_claims(provider, transaction, query, code)
        answer = await self._exchange(provider, metadata, transaction, code)
        return await self._identify(provider, metadata, transaction, answer, front)

    def _check_transaction(self, transaction: Transaction, query: Mapping[str, str]) -> None:
        if not hmac.compare_digest(query.get("state", "").encode(), transaction.state.encode()):
            raise Refusal("state", "The `state` is not that of the log-in which this browser has begun.")
        now = self._clock()
        if not self._spent.spend(transaction.state, now):
            raise Refusal("state", "The log-in was finished before; its answer came a second time.")
        if not -LEEWAY_SECONDS <= now - transaction.started_at <= TRANSACTION_SECONDS:
            raise Refusal("expired", f"The log-in took longer than {TRANSACTION_SECONDS} seconds.")

    def _check_sender(self, provider: Provider, metadata: Metadata, query: Mapping[str, str]) -> None:
        """That the answer is of the provider which was asked, and not of another that is configured: RFC 9207."""
        if metadata.issuer is None:
            return
        sender = query.get("iss")
        if sender is None and metadata.sends_issuer:
            raise Refusal("provider-invalid", f"`{provider.id}` says that it sends `iss`, and has sent none.")
        if sender is not None and not (
            sender == metadata.issuer or (TENANT in metadata.issuer and is_issuer(sender, metadata.issuer))
        ):
            raise Refusal("provider-invalid", f"The answer is from {sender[:200]!r}, not from `{provider.id}`.")

    async def _front_claims(
        self, provider: Provider, transaction: Transaction, query: Mapping[str, str], code: str
    ) -> dict[str, Any] | None:
        """What the ID token says that came by the browser, of the providers that send one."""
        if not provider.is_hybrid:
            return None
        return await read_id_token(
            query.get("id_token", ""),
            provider=provider,
            issuer=self._issuers[provider.id],
            nonce=transaction.nonce,
            now=self._clock(),
            code=code,
        )

    async def _exchange(
        self, provider: Provider, metadata: Metadata, transaction: Transaction, code: str
    ) -> dict[str, Any]:
        """The tokens for a code."""
        body = prepare_token_request(
            "authorization_code",
            redirect_uri=transaction.redirect_uri,
            code=code,
            code_verifier=transaction.verifier,
        )
        auth = ClientAuth(provider.client_id, provider.client_secret, _auth_method(provider, metadata))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", metadata.token_url, headers, body)
        status, answer = await self._webs[provider.id].post(url, body, headers)
        if "error" in answer or status != 200:
            raise _refusal(provider, str(answer.get("error")), str(answer.get("error_description")))
        if not isinstance(answer.get("access_token"), str) or not answer["access_token"]:
            raise Refusal("provider-invalid", f"`{provider.id}` gave no access token for the code.")
        return answer

    async def _identify(
        self,
        provider: Provider,
        metadata: Metadata,
        transaction: Transaction,
        answer: Mapping[str, Any],
        front: Mapping[str, Any] | None,
    ) -> Identity:
        token: str = answer["access_token"]
        id_token = answer.get("id_token")
        claims: dict[str, Any] = {}
        if provider.is_oidc:
            if not isinstance(id_token, str):
                raise Refusal("provider-invalid", f"`{provider.id}` sent no ID token; is `openid` among the scopes?")
            claims = await read_id_token(
                id_token,
                provider=provider,
                issuer=self._issuers[provider.id],
                nonce=transaction.nonce,
                now=self._clock(),
                access_token=token,
            )
        if front is not None and (front["iss"], front["sub"]) != (claims.get("iss"), claims.get("sub")):
            raise Refusal("provider-invalid", f"The two ID tokens of `{provider.id}` are not of the same user.")
        web = self._webs[provider.id]
        bearer = {"Authorization": f"Bearer {token}"}
        userinfo: Any = {}
        if metadata.userinfo_url is not None:
            userinfo = await web.get(metadata.userinfo_url, bearer)
            if not isinstance(userinfo, dict):
                raise Refusal("provider-invalid", f"{metadata.userinfo_url} answered no JSON object.")
            if provider.is_oidc and not provider.has_profile and userinfo.get("sub") != claims["sub"]:
                raise Refusal("provider-invalid", f"{metadata.userinfo_url} answered for another user.")
        emails = [] if provider.emails_url is None else await web.get(provider.emails_url, bearer)
        return read_identity(
            provider,
            claims=claims,
            userinfo=userinfo,
            emails=emails if isinstance(emails, list) else [],
            token=token,
            id_token=id_token if provider.is_oidc else None,
        )


def _auth_method(provider: Provider, metadata: Metadata) -> str:
    """How the app says to the token endpoint who it is. In a form, if it may: escaping in a header differs."""
    if provider.client_secret is None:
        return "none"
    return "client_secret_post" if "client_secret_post" in metadata.auth_methods else "client_secret_basic"


def _refusal(provider: Provider, error: str, description: str | None) -> Refusal:
    """What a provider says went wrong. What is not the user's doing is for whoever has configured it to mend."""
    code = _CODES.get(error, "provider-invalid")
    text = f"`{provider.id}` answered {error[:100]!r}"
    if description:
        text += f": {description[:300]!r}"
    if code == "provider-invalid":
        text += "; check `client_id`, `client_secret` and the callback's address, which are registered there"
    return Refusal(code, f"{text}.")
