"""Requests: what Slack sends over HTTP, let in by its signature, and the pages that install the app in a workspace."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from convo.errors import PlatformError

from convo_slack.calls import slack_call
from convo_slack.installations import Installation
from convo_slack.settings import SlackSettings
from convo_slack.workspaces import Workspaces

__all__ = ["Receive", "Requests", "is_signed"]

logger = logging.getLogger("convo.slack")

Receive = Callable[[str, Mapping[str, Any]], Awaitable[bool]]
"""Takes a kind (`events_api`, `interactive`, `slash_commands`) and a payload; false: it shall be sent again."""

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Next = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_WINDOW_SECONDS = 300
_LARGEST = 4 * 2**20
_STATE_SECONDS = 600
_COOKIE = "convo_slack_install"


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: float | None = None) -> bool:
    """Whether Slack has sent `body` within five minutes. Header names are in small letters."""
    stamp, signature = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
        return False
    if abs((time.time() if now is None else now) - int(stamp)) > _WINDOW_SECONDS:
        return False
    made = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={made}".encode(), signature.encode("utf-8", "replace"))


class Requests:
    """An ASGI app. What it lets in has proved that Slack, or the browser that began an installation, sends it.

    `address` is where it is served, if that is known: Slack needs it where an app has more than one address.
    """

    def __init__(
        self, settings: SlackSettings, workspaces: Workspaces, receive: Receive, address: Callable[[], str | None]
    ) -> None:
        self._settings = settings
        self._workspaces = workspaces
        self._receive = receive
        self._address = address

    async def __call__(self, scope: _Scope, receive: _Next, send: _Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")).rstrip("/").rpartition("/")[2]
        method = scope["method"]
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        if method == "POST" and path in ("events", "interactive", "commands") and self._settings.signing_secret:
            await self._take(headers, await _body(receive), send)
        elif method == "GET" and path in ("install", "callback") and self._can_install:
            query = {key: values[-1] for key, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
            await (self._install(scope, headers, send) if path == "install" else self._installed(headers, query, send))
        else:
            await _answer(send, 404, "Not found")

    # --- Events ---

    async def _take(self, headers: Mapping[str, str], body: bytes | None, send: _Send) -> None:
        if body is None:
            await _answer(send, 413, "Too large")
            return
        secret = self._settings.signing_secret
        assert secret is not None
        if not is_signed(secret.get_secret_value(), headers, body):
            await _answer(send, 401, "Not signed by Slack")
            return
        try:
            kind, payload = _read(headers.get("content-type", ""), body)
        except (ValueError, KeyError):
            await _answer(send, 400, "Not understood")
            return
        if payload.get("type") == "url_verification":
            await _answer(send, 200, str(payload.get("challenge", "")))
        elif kind == "events_api" and payload.get("type") != "event_callback":
            await _answer(send, 200, "")  # as `app_rate_limited`, which says that events were left out
            logger.warning("Slack says: %s", str(payload.get("type"))[:100])
        elif await self._receive(kind, payload):
            await _answer(send, 200, "")
        else:
            await _answer(send, 503, "Try again")

    # --- Installations ---

    @property
    def _can_install(self) -> bool:
        return bool(self._settings.client_id and self._settings.client_secret)

    async def _install(self, scope: _Scope, headers: Mapping[str, str], send: _Send) -> None:
        """On to Slack, which asks for consent. The state it hands back belongs to this browser."""
        nonce = secrets.token_urlsafe(24)
        expires = int(time.time()) + _STATE_SECONDS
        query = {
            "client_id": self._settings.client_id,
            "scope": ",".join(self._settings.scopes),
            "state": f"{expires}.{self._seal(nonce, expires)}",
            **self._redirect(),
        }
        parts = urlsplit(self._settings.base_url)
        where = f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize?{urlencode(query)}"
        is_safe = scope.get("scheme") == "https" or headers.get("x-forwarded-proto") == "https"
        flags = "; HttpOnly; SameSite=Lax; Path=/" + ("; Secure" if is_safe else "")
        cookie = f"{_COOKIE}={nonce}; Max-Age={_STATE_SECONDS}{flags}"
        await _answer(send, 302, "", {"location": where, "set-cookie": cookie})

    async def _installed(self, headers: Mapping[str, str], query: Mapping[str, str], send: _Send) -> None:
        if not self._is_ours(headers.get("cookie", ""), query.get("state", "")):
            await _answer(send, 400, "This page has expired. Begin again at /slack/install.")
            return
        if "code" not in query:
            await _answer(send, 400, "The app was not installed.")
            return
        try:
            await self._workspaces.add(await self._exchange(query["code"]))
        except (PlatformError, ValueError) as error:
            logger.warning("An installation failed: %s", error)
            await _answer(send, 502, "Slack did not confirm the installation. Begin again at /slack/install.")
            return
        await _answer(send, 200, "The app is installed. You can close this page and talk to it in Slack.")

    async def _exchange(self, code: str) -> Installation:
        secret = self._settings.client_secret
        assert secret is not None
        with slack_call("oauth.v2.access"):
            told = {"client_id": self._settings.client_id, "client_secret": secret.get_secret_value()}
            told |= {"code": code, **self._redirect()}
            found = await self._workspaces.client().api_call("oauth.v2.access", data=told)
        team, enterprise = found.get("team") or {}, found.get("enterprise") or {}
        return Installation(
            token=found["access_token"],
            team_id=None if found.get("is_enterprise_install") else team.get("id"),
            enterprise_id=enterprise.get("id"),
            team_name=team.get("name"),
            scopes=found.get("scope") or "",
            installed_by=(found.get("authed_user") or {}).get("id"),
        )

    def _redirect(self) -> dict[str, str]:
        address = self._address()
        return {} if address is None else {"redirect_uri": f"{address}/oauth/callback"}

    def _seal(self, nonce: str, expires: int) -> str:
        secret = self._settings.client_secret
        assert secret is not None
        return hmac.new(secret.get_secret_value().encode(), f"{nonce}.{expires}".encode(), hashlib.sha256).hexdigest()

    def _is_ours(self, cookies: str, state: str) -> bool:
        nonce = next(
            (one.strip()[len(_COOKIE) + 1 :] for one in cookies.split(";") if one.strip().startswith(f"{_COOKIE}=")), ""
        )
        expires, _, seal = state.partition(".")
        if (
            not nonce
            or not (expires.isascii() and expires.isdigit())
            or len(expires) > 12
            or int(expires) < time.time()
        ):
            return False
        return hmac.compare_digest(self._seal(nonce, int(expires)).encode(), seal.encode("utf-8", "replace"))


def _read(content_type: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """The kind and the payload of a request. Raises `ValueError`, `KeyError`."""
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return "events_api", _mapping(json.loads(body))
    form = {key: values[-1] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    if "payload" in form:
        return "interactive", _mapping(json.loads(form["payload"]))
    if "command" in form:
        return "slash_commands", dict(form)
    raise KeyError("payload")


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


async def _body(receive: _Next) -> bytes | None:
    """`None` for one that is too large."""
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > _LARGEST:
            return None
        if not message.get("more_body"):
            return b"".join(pieces)


async def _answer(send: _Send, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
    found = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff", **(headers or {})}
    body = text.encode()
    found["content-length"] = str(len(body))
    raw = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in found.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
