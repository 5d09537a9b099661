"""A fake of Microsoft Teams: the Bot Connector, Entra's token endpoint, OneDrive, and people who talk to a bot.

Shapes are those of Microsoft's documentation: "Authentication with the Bot Connector API", "API reference - Bot
Framework Connector", "Stream bot messages", "Send and receive files through the bot", "Universal Actions for Adaptive
Cards".
"""

from __future__ import annotations

import ssl
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.harness.certificate import certify

__all__ = ["APP_ID", "PASSWORD", "TENANT", "FakeTeams", "Key", "Message"]

APP_ID = "11111111-2222-3333-4444-555555555555"
PASSWORD = "the-secret-of-the-bot"
TENANT = "99999999-8888-7777-6666-555555555555"
ISSUER = "https://api.botframework.com"

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
INFO = "application/vnd.microsoft.teams.card.file.info"


@dataclass
class Message:
    """A message of the bot, as it is now."""

    id: str
    conversation: str
    activity: dict[str, Any]
    changed_at: list[float] = field(default_factory=list)
    is_streaming: bool = False
    sequence: int = 0
    is_deleted: bool = False

    @property
    def text(self) -> str:
        return str(self.activity.get("text") or "")

    @property
    def attachments(self) -> list[dict[str, Any]]:
        return list(self.activity.get("attachments") or ())

    @property
    def card(self) -> dict[str, Any]:
        """Its Adaptive Card; empty if it has none."""
        return next((dict(one["content"]) for one in self.attachments if one["contentType"] == ADAPTIVE), {})

    @property
    def actions(self) -> list[dict[str, Any]]:
        """What can be pressed on its card."""
        return [action for block in self.card.get("body", ()) for action in block.get("actions", ())]


class Key:
    """A key that tokens are signed with."""

    def __init__(self, kid: str) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def jwk(self) -> dict[str, Any]:
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "kid": self.kid,
            "x5t": self.kid,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
            "endorsements": ["msteams", "msteamschannel", "webchat"],
        }


class FakeTeams:
    """Serves on a free port with encryption, and posts to a bot. Use it as a context, with `environment` set."""

    def __init__(self, folder: Path) -> None:
        self._certificate = certify(folder, "127.0.0.1")
        self.url = ""
        self.keys = [Key("key-1")]
        self.passwords = {PASSWORD}
        self.tokens: set[str] = set()
        self.token_requests: list[dict[str, str]] = []
        self.conversations: dict[str, str] = {}  # their kinds
        self.messages: dict[str, Message] = {}
        self.typings: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []  # each call of the Connector: method, conversation, body
        self.members: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}  # to be downloaded
        self.uploads: dict[str, bytearray] = {}
        self.bot: httpx.AsyncClient | None = None
        self._faults: list[tuple[str, float]] = []
        self._count = 0
        self._runner: web.AppRunner | None = None

    # --- Server ---

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=100 * 1024 * 1024)
        app.add_routes(
            [
                web.get("/v1/.well-known/openidconfiguration", self._openid),
                web.get("/v1/.well-known/keys", self._jwks),
                web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._authority),
                web.post("/{tenant}/oauth2/v2.0/token", self._token),
                web.get("/msi/token", self._managed_identity),
                web.post("/emea/v3/conversations/{conversation}/activities", self._post),
                web.post("/emea/v3/conversations/{conversation}/activities/{activity}", self._post),
                web.put("/emea/v3/conversations/{conversation}/activities/{activity}", self._put),
                web.delete("/emea/v3/conversations/{conversation}/activities/{activity}", self._delete),
                web.get("/emea/v3/conversations/{conversation}/members/{member}", self._member),
                web.get("/emea/v3/attachments/{name}/views/original", self._attachment),
                web.get("/files/{name}", self._download),
                web.get("/moved", self._moved),
                web.put("/uploads/{name}", self._upload),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._certificate)
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=context).start()
        self.url = f"https://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.bot is not None:
            await self.bot.aclose()
        if self._runner is not None:
            for connection in getattr(self._runner.server, "connections", ()):
                if connection.transport is not None:
                    connection.transport.abort()  # who keeps one open would have us wait for his farewell
            await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which a process trusts this server."""
        return {"REQUESTS_CA_BUNDLE": str(self._certificate[0]), "SSL_CERT_FILE": str(self._certificate[0])}

    @property
    def service_url(self) -> str:
        return f"{self.url}/emea/"

    @property
    def host(self) -> str:
        return self.url.removeprefix("https://")

    def settings(self, **others: Any) -> dict[str, Any]:
        """`[platforms.teams]` for a bot that this server knows."""
        return {
            "app_id": APP_ID,
            "app_password": PASSWORD,
            "app_tenant_id": TENANT,
            "login_url": self.url,
            "openid_url": f"{self.url}/v1/.well-known/openidconfiguration",
            "service_hosts": [self.host],
            "file_hosts": [self.host],
            **others,
        }

    def serve(self, *, app: Any = None, url: str = "http://bot") -> None:
        """Post to this bot from now on: an ASGI app, or where it is."""
        transport = None if app is None else httpx.ASGITransport(app)
        self.bot = httpx.AsyncClient(transport=transport, base_url=url, timeout=60)

    def fail(self, fault: str, *, times: int = 1, retry_after: float = 0.3) -> None:
        """Answer the next calls that post or edit with a fault."""
        self._faults += [(fault, retry_after)] * times

    # --- Entra ---

    async def _openid(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{self.url}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _jwks(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [key.jwk for key in self.keys]})

    async def _authority(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.token_requests.append({"tenant": request.match_info["tenant"], **form})
        if form.get("client_id") != APP_ID or form.get("client_secret") not in self.passwords:
            text = "AADSTS7000215: Invalid client secret provided."
            return web.json_response({"error": "invalid_client", "error_description": text}, status=401)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": self._new_token()})

    async def _managed_identity(self, request: web.Request) -> web.Response:
        if request.headers.get("X-IDENTITY-HEADER") != "the-machine" or request.query.get("client_id") != APP_ID:
            return web.json_response({"statusCode": 400, "message": "No such identity."}, status=400)
        self.token_requests.append(dict(request.query))
        expires = str(int(time.time()) + 3600)
        answer = {"access_token": self._new_token(), "expires_on": expires, "token_type": "Bearer"}
        return web.json_response({**answer, "resource": request.query["resource"]})

    def _new_token(self) -> str:
        token = f"bot-{uuid.uuid4().hex}"
        self.tokens.add(token)
        return token

    def token(self, *, key: Key | None = None, **claims: Any) -> str:
        """A token as Teams sends it, but for what `claims` say; `None` leaves one out."""
        now = int(time.time())
        key = key or self.keys[-1]
        times = {"nbf": now - 5, "exp": now + 3600}
        all_claims = {"iss": ISSUER, "aud": APP_ID, "serviceurl": self.service_url, **times, **claims}
        facts = {name: value for name, value in all_claims.items() if value is not None}
        return jwt.encode(facts, key.private, algorithm="RS256", headers={"kid": key.kid})

    # --- The Connector ---

    def _refusal(self, request: web.Request) -> web.Response | None:
        """The answer to a call that may not be made."""
        if not self._is_known(request):
            return _error(401, "Unauthorized", "Authorization has been denied for this request.")
        if request.match_info.get("conversation") not in self.conversations:
            return _error(404, "ConversationNotFound", "Conversation not found.")
        return None

    def _is_known(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.tokens

    def _fault(self) -> tuple[web.Response | None, bool]:
        """What the next call is answered, and whether it is done in spite of that."""
        if not self._faults:
            return None, True
        fault, retry_after = self._faults.pop(0)
        match fault:
            case "rate-limited":
                response = _error(429, "TooManyRequests", "API calls quota exceeded")
                response.headers["Retry-After"] = str(retry_after)
                return response, False
            case "down":
                return _error(503, "ServiceError", "The service is unavailable."), False
            case "unsure":
                return _error(502, "BadGateway", "Bad gateway."), True
            case "gone":
                return _error(403, "BotNotInConversationRoster", "The bot is not part of the conversation."), False
            case "cancelled":
                return _error(403, "ContentStreamNotAllowed", "Content stream was canceled by user."), False
            case "unstreamed":
                return _error(403, "ContentStreamNotAllowed", "Content stream is not allowed"), False
            case _:
                return _error(401, "Unauthorized", "Authorization has been denied for this request."), False

    async def _post(self, request: web.Request) -> web.Response:
        body, conversation = await request.json(), request.match_info["conversation"]
        self.requests.append(("POST", conversation, body))
        if (refusal := self._refusal(request)) is not None:
            return refusal
        info = next((one for one in body.get("entities") or () if one["type"] == "streaminfo"), None)
        if body["type"] == "typing" and info is None:
            self.typings.append(body)
            return web.json_response({"id": self._new_id()}, status=201)
        response, is_done = self._fault()
        if response is not None and not is_done:
            return response
        if info is not None:
            streamed = self._stream(conversation, body, info)
            return response or streamed
        message = Message(self._new_id(), conversation, body, [time.monotonic()])
        self.messages[message.id] = message
        return response or web.json_response({"id": message.id}, status=201)

    def _stream(self, conversation: str, body: dict[str, Any], info: dict[str, Any]) -> web.Response:
        """Microsoft's rules: in personal chats, each piece begins with the one before, numbers rise, one end."""
        if self.conversations[conversation] != "personal":
            return _error(400, "BadRequest", "Streaming is allowed in one on one chats only.")
        kind, sequence, stream_id = info["streamType"], info.get("streamSequence", 0), info.get("streamId")
        if stream_id is None:
            if kind == "final" or sequence != 1 or not body.get("text"):
                return _error(400, "BadRequest", "A stream starts with sequence 1.")
            message = Message(self._new_id(), conversation, body, [time.monotonic()], is_streaming=True, sequence=1)
            self.messages[message.id] = message
            if kind == "informative":
                message.activity = {**body, "text": ""}
                self.typings.append(body)
            return web.json_response({"id": message.id}, status=201)
        message = self.messages[stream_id]
        if not message.is_streaming:
            return _error(403, "ContentStreamNotAllowed", "Content stream is not allowed on an already completed one.")
        if kind == "final":
            message.is_streaming = False
        elif sequence <= message.sequence or not str(body.get("text", "")).startswith(message.text):
            return _error(400, "ContentStreamSequenceOrderPreConditionFailed", "PreCondition failed exception.")
        if kind == "informative":
            self.typings.append(body)
        else:
            message.activity = body
            message.changed_at.append(time.monotonic())
        message.sequence = sequence or message.sequence
        return web.json_response({"id": message.id}, status=202)

    async def _put(self, request: web.Request) -> web.Response:
        body, conversation = await request.json(), request.match_info["conversation"]
        self.requests.append(("PUT", conversation, body))
        if (refusal := self._refusal(request)) is not None:
            return refusal
        response, is_done = self._fault()
        if response is not None and not is_done:
            return response
        message = self.messages.get(request.match_info["activity"])
        if message is None or message.is_deleted or message.is_streaming:
            return _error(404, "ActivityNotFoundInConversation", "Activity not found.")
        message.activity = body
        message.changed_at.append(time.monotonic())
        return response or web.json_response({"id": message.id})

    async def _delete(self, request: web.Request) -> web.Response:
        self.requests.append(("DELETE", request.match_info["conversation"], None))
        if (refusal := self._refusal(request)) is not None:
            return refusal
        message = self.messages.get(request.match_info["activity"])
        if message is None or message.is_deleted:
            return _error(404, "ActivityNotFoundInConversation", "Activity not found.")
        message.is_deleted = True
        return web.Response()

    async def _member(self, request: web.Request) -> web.Response:
        if (refusal := self._refusal(request)) is not None:
            return refusal
        member = self.members.get(request.match_info["member"])
        if member is None:
            return _error(404, "MemberNotFoundInConversation", "Member not found.")
        return web.json_response(member)

    async def _attachment(self, request: web.Request) -> web.Response:
        if not self._is_known(request):
            return _error(401, "Unauthorized", "Authorization has been denied for this request.")
        return web.Response(body=self.files[request.match_info["name"]])

    # --- OneDrive ---

    async def _download(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return _error(400, "BadRequest", "The address is enough.")
        return web.Response(body=self.files[request.match_info["name"]])

    async def _moved(self, request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    async def _upload(self, request: web.Request) -> web.Response:
        content = await request.read()
        held = self.uploads.setdefault(request.match_info["name"], bytearray())
        begin, _, rest = request.headers["Content-Range"].removeprefix("bytes ").partition("-")
        end, _, size = rest.partition("/")
        if int(begin) != len(held) or int(end) - int(begin) + 1 != len(content):
            return _error(416, "InvalidRange", "The range is not the next one.")
        held += content
        return web.json_response({}, status=201 if len(held) == int(size) else 202)

    # --- People ---

    def activity(
        self, kind: str = "message", *, by: str = "ann", place: str = "direct", **fields: Any
    ) -> dict[str, Any]:
        """What somebody does, as Teams sends it. `place` is `direct`, `group…` or the name of a channel."""
        conversation = self.conversation(place, by)
        return {
            "type": kind,
            "id": self._new_id(),
            "timestamp": f"2026-11-26T20:00:00.{self._count % 1000:03d}Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{by}", "name": by.title(), "aadObjectId": f"aad-{by}"},
            "recipient": {"id": f"28:{APP_ID}", "name": "Convo"},
            "conversation": conversation,
            "channelData": {"tenant": {"id": TENANT}},
            "locale": "en-US",
            **fields,
        }

    def conversation(self, place: str, by: str = "ann") -> dict[str, Any]:
        """A conversation that the bot is in."""
        if place == "direct":
            found: dict[str, Any] = {"conversationType": "personal", "id": f"a:{by}"}
        elif place.startswith("group"):
            found = {"conversationType": "groupChat", "isGroup": True, "id": f"19:{place}@thread.v2"}
        else:
            thread = f"19:{place}@thread.tacv2;messageid=1700000000000"
            found = {"conversationType": "channel", "isGroup": True, "id": thread}
        self.conversations[found["id"]] = found["conversationType"]
        return {**found, "tenantId": TENANT}

    def message(self, text: str, *, by: str = "ann", place: str = "direct", **fields: Any) -> dict[str, Any]:
        """A message; in groups and channels it mentions the bot."""
        activity = self.activity(by=by, place=place, textFormat="plain", text=text, **fields)
        if place != "direct":
            mention = "<at>Convo</at>"
            activity["text"] = f"{mention} {text}"
            mentioned = {"id": f"28:{APP_ID}", "name": "Convo"}
            activity["entities"] = [{"type": "mention", "text": mention, "mentioned": mentioned}]
        return activity

    async def send(self, activity: Mapping[str, Any], *, token: str | None = None) -> httpx.Response:
        """Let the bot have an activity; with another token than a good one, or with none if it is empty."""
        assert self.bot is not None, "`serve` says where the bot is"
        token = self.token() if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.bot.post("/teams/events", json=dict(activity), headers=headers)

    async def invoke(self, name: str, value: Any, message: Message, *, by: str = "ann", place: str = "direct") -> Any:
        """Somebody does something with a message; returns what the bot answers."""
        activity = self.activity("invoke", by=by, place=place, name=name, value=value, replyToId=message.id)
        response = await self.send(activity)
        return response.json() if response.content else None

    def said(self, place: str = "direct", by: str = "ann") -> list[Message]:
        """What the bot has said there and that is still there."""
        conversation = self.conversation(place, by)["id"]
        return [one for one in self.messages.values() if one.conversation == conversation and not one.is_deleted]

    def _new_id(self) -> str:
        self._count += 1
        return str(1_700_000_000_000 + self._count)


def _error(status: int, code: str, text: str) -> web.Response:
    return web.json_response({"error": {"code": code, "message": text}}, status=status)


def _number(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
