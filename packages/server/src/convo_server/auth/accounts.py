"""The routes of a user's own sign-ins and tokens: below `api/v1/auth`."""

from __future__ import annotations

from convo.principal import Principal, authorize
from convo.protocol import (
    CommandError,
    SignInInfo,
    SignInList,
    Token,
    TokenRequest,
    timestamp,
)
from convo.signin import SignIn
from convo.user import PersistedUser
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from convo_server.auth.authentication import bearer
from convo_server.host import Host
from convo_server.payload import payload_response, read_payload
from convo_server.threads import Threads

__all__ = ["Accounts"]

_MOST_TOKENS = 100  # of one user
_MOST_DAYS = 3650.0
_REFUSAL = "Not what is expected here"


class _Exchange(Struct, forbid_unknown_fields=True):
    assertion: str | None = None


class Accounts:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def sessions(self, request: Request) -> Response:
        """`GET api/v1/auth/sessions`: a `SignInList` of the browsers and embedded chats the user is signed in with."""
        return await self._listed(request, ("browser", "copilot"))

    async def end_session(self, request: Request) -> Response:
        """`DELETE api/v1/auth/sessions/{id}`: sign that one out."""
        return await self._end(request, ("browser", "copilot"))

    async def tokens(self, request: Request) -> Response:
        """`GET api/v1/auth/tokens`: a `SignInList` of the user's tokens for programs, without the tokens themselves."""
        return await self._listed(request, ("token",))

    async def make_token(self, request: Request) -> Response:
        """`POST api/v1/auth/tokens`: with a `TokenRequest`; a `Token`, shown this once."""
        principal, user = await self._user(request)
        wanted = read_payload(await self._threads.body(request), TokenRequest, refusal=_REFUSAL)
        if not self._host.config.auth.api_tokens:
            raise CommandError("unsupported", "This app gives no tokens to users.")
        if not wanted.label.strip():
            raise CommandError("invalid", "A token needs a `label` that says what it is for.")
        if wanted.days is not None and not 0 < wanted.days <= _MOST_DAYS:
            raise CommandError(
                "invalid", f"A token works for up to {_MOST_DAYS:,.0f} `days`; without, until it is ended."
            )
        keeper = self._host.authentication.keeper
        if sum(one.kind == "token" for one in await keeper.list_for(principal.id)) >= _MOST_TOKENS:
            text = f"You have {_MOST_TOKENS} tokens already; end some."
            raise CommandError("conflict", text, key="tokens", details={"limit": _MOST_TOKENS})
        seconds = None if wanted.days is None else wanted.days * 86_400.0
        sign_in, token = await self._host.authentication.issue_api_token(user, wanted.label, seconds)
        return payload_response(Token(token=token, id=sign_in.id, expires_at=sign_in.expires_at), status=201)

    async def end_token(self, request: Request) -> Response:
        """`DELETE api/v1/auth/tokens/{id}`: that one does not work any more."""
        return await self._end(request, ("token",))

    async def exchange(self, request: Request) -> Response:
        """`POST api/v1/auth/token`: a `Token` for a while, for who is signed in.

        With `assertion`, it is for the user whom the page names that shows the chat: a JWT signed with
        `[auth] embed_secret`.
        """
        authentication = self._host.authentication
        body = await self._threads.body(request)
        assertion = read_payload(body, _Exchange, refusal=_REFUSAL).assertion if body else None
        if assertion is not None:
            self._host.origins.check(request)
            principal = await authentication.vouch(assertion)
        else:
            principal = await self._threads.authenticate(request)
            authorize(principal, "account:read", principal.id)
        if principal.sign_in_id is None:
            raise CommandError("invalid", "Only who is signed in here gets a token.")
        if bearer(request) is not None and await authentication.is_of_browser(principal):
            # Else a short token that was lost would be a long one.
            raise CommandError("unauthenticated", "This token is for one use of a browser's; get another one there.")
        token, seconds = authentication.issue(principal)
        return payload_response(Token(token=token, id=principal.sign_in_id, expires_at=timestamp(seconds)))

    async def _listed(self, request: Request, kinds: tuple[str, ...]) -> Response:
        principal = await self._threads.authenticate(request)
        authorize(principal, "account:read", principal.id)
        found = await self._host.authentication.keeper.list_for(principal.id)
        return payload_response(SignInList(sign_ins=[_info(one, principal) for one in found if one.kind in kinds]))

    async def _end(self, request: Request, kinds: tuple[str, ...]) -> Response:
        principal, _ = await self._user(request)
        authentication = self._host.authentication
        wanted = request.path_params["id"]
        found = await authentication.keeper.list_for(principal.id)
        ids = [one.id for one in found if one.id == wanted and one.kind in kinds]
        if not ids:
            raise CommandError("not-found", "There is no such sign-in, or it has ended.", key="signIn")
        await authentication.end(principal.id, ids)
        return Response(status_code=204)

    async def _user(self, request: Request) -> tuple[Principal, PersistedUser]:
        """Who asks, if he is there himself: what only holds a token changes nothing here."""
        principal = await self._threads.authenticate(request)
        authorize(principal, "account:change", principal.id)
        if not isinstance(principal.user, PersistedUser):
            raise CommandError("unauthenticated", "Log in for that.")
        if bearer(request) is not None:
            raise CommandError("unauthenticated", "Log in with a browser for that; a token is not enough.")
        return principal, principal.user


def _info(sign_in: SignIn, principal: Principal) -> SignInInfo:
    return SignInInfo(
        id=sign_in.id,
        kind=sign_in.kind,
        label=sign_in.label,
        created_at=sign_in.created_at,
        seen_at=sign_in.seen_at,
        expires_at=sign_in.expires_at,
        current=sign_in.id == principal.sign_in_id,
    )
