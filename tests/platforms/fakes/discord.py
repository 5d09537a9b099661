"""A Discord of our own: its gateway and its API as discord.py meets them, and people who talk there."""

from __future__ import annotations

import asyncio
import json
import re
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import discord.gateway
import discord.http
import yarl
from aiohttp import WSMsgType, web

__all__ = ["DM", "FORUM", "TEXT", "THREAD", "FakeDiscord", "Request", "check_components", "running"]

Json = dict[str, Any]

TEXT, DM, THREAD, FORUM = 0, 1, 11, 15
"""Types of channels."""
EPOCH = 1_420_070_400_000  # of Discord's ids, which tell when they were made
PATIENCE = 60.0  # seconds that a test waits for what has to come
TOKEN = "MTEx.fake.token-of-the-bot"
REACTIONS = 1 << 10
MESSAGE_CONTENT = 1 << 15
MESSAGE_CONTENT_FLAG = 1 << 19
EPHEMERAL = 1 << 6
HAS_THREAD = 1 << 5
MOST_TEXT = 2000


@dataclass
class Request:
    """What the bot has asked for. `files` are names and contents."""

    method: str
    path: str
    body: Json
    files: list[tuple[str, bytes]]
    at: float
    query: dict[str, str] = field(default_factory=dict)
    status: int = 0


@dataclass
class Fault:
    """What the next `times` requests that match get in place of an answer."""

    method: str
    path: re.Pattern[str]
    times: int
    status: int
    body: Json
    headers: dict[str, str]
    is_done: bool = False  # whether the request is carried out all the same


class RefusedError(Exception):
    """An error of the API, by Discord's own code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass
class Session:
    """A session of the gateway: what was sent in it is kept, for one that resumes."""

    id: str
    sent: list[Json] = field(default_factory=list)
    socket: _Socket | None = None


class _Socket:
    """A connection to the gateway, compressed if that was asked for."""

    def __init__(self, ws: web.WebSocketResponse, *, is_compressed: bool) -> None:
        self.ws = ws
        self._deflate = zlib.compressobj() if is_compressed else None

    async def send(self, payload: Json) -> None:
        text = json.dumps(payload)
        if self._deflate is None:
            await self.ws.send_str(text)
            return
        data = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        await self.ws.send_bytes(data)


class FakeDiscord:
    """Discord with one server (`guild`) of one text channel (`general`) and one forum (`forum`), and people.

    What people do are methods; what the bot did is in `requests`, and as it looks now in `messages(channel)`.
    """

    def __init__(self) -> None:
        self._snowflake = (int(time.time() * 1000) - EPOCH) << 22
        self.token = TOKEN
        self.bot: Json = {**self._user("Helper"), "bot": True}
        self.application_id = self.bot["id"]
        self.flags = MESSAGE_CONTENT_FLAG
        self.requests: list[Request] = []
        self.pinged: list[str] = []
        """Who was pinged by the bot: ids, `everyone` and `here`."""
        self.commands: list[Json] = []
        self.answers: dict[str, list[Json]] = {}
        """By the interaction: what it was answered with."""
        self.whispers: list[Json] = []
        """Messages that one person alone can see."""
        self.identified: list[Json] = []
        self.resumed = 0
        self.most_bytes = 10_000_000
        self.heartbeat_ms = 40_000
        self._faults: list[Fault] = []
        self._channels: dict[str, Json] = {}
        self._messages: dict[str, dict[str, Json]] = {}
        self._by_nonce: dict[str, Json] = {}
        self._content: dict[str, bytes] = {}
        self._interactions: dict[str, Json] = {}  # by the token
        self._sessions: dict[str, Session] = {}
        self._session: Session | None = None
        self._runner: web.AppRunner | None = None
        self.url = ""
        self.guild = self._guild("Our server")
        self.general = self.add_channel("general", TEXT)
        self.forum = self.add_channel("questions", FORUM)

    # --- Its life ---

    async def start(self, port: int = 0) -> None:
        """Serve on a port of this machine, until `stop`."""
        app = web.Application(client_max_size=200_000_000)
        app.router.add_get("/gateway", self._gateway)
        app.router.add_get("/cdn/{id}/{name}", self._cdn)
        app.router.add_route("*", "/api/v10/{path:.*}", self._api)
        self._runner = web.AppRunner(app, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self.disconnect(1001)
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def prelude(self) -> str:
        """What an app of another process begins with, to meet this Discord and no other."""
        return (
            "import discord.gateway, discord.http, yarl\n"
            f"discord.http.Route.BASE = {self.url + '/api/v10'!r}\n"
            f"discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL({self._socket_url!r})\n"
        )

    @property
    def _socket_url(self) -> str:
        return f"{self.url.replace('http', 'ws', 1)}/gateway"

    async def until(self, condition: Callable[[], Any], what: str = "") -> Any:
        """What `condition` gives, once it gives something."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not (found := condition()):
                    await asyncio.sleep(0.01)
                return found
        except TimeoutError:
            raise AssertionError(f"it did not come: {what}\n{self._story()}") from None

    def _story(self) -> str:
        last = [f"{one.status} {one.method} {one.path} {json.dumps(one.body)[:300]}" for one in self.requests[-20:]]
        return "\n".join(last)

    # --- What is there ---

    def _id(self) -> str:
        self._snowflake += 1
        return str(self._snowflake)

    def _user(self, name: str) -> Json:
        return {
            "id": self._id(),
            "username": name.lower(),
            "global_name": name,
            "discriminator": "0",
            "avatar": None,
            "public_flags": 0,
        }

    def person(self, name: str) -> Json:
        """Somebody who is on the server."""
        return self._user(name)

    def _guild(self, name: str) -> Json:
        guild_id = self._id()
        everyone = {
            "id": guild_id,
            "name": "@everyone",
            "permissions": str((1 << 53) - 1),
            "position": 0,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
            "flags": 0,
        }
        return {
            "id": guild_id,
            "name": name,
            "owner_id": self._id(),
            "roles": [everyone],
            "emojis": [],
            "stickers": [],
            "features": [],
            "icon": None,
            "premium_tier": 0,
            "member_count": 2,
            "large": False,
            "unavailable": False,
            "joined_at": _now(),
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
        }

    def add_own_role(self, name: str) -> Json:
        """The role that comes with the bot."""
        role = {
            **self.guild["roles"][0],
            "id": self._id(),
            "name": name,
            "position": 1,
            "managed": True,
            "tags": {"bot_id": self.bot["id"]},
        }
        self.guild["roles"].append(role)
        return role

    def add_channel(self, name: str, type: int) -> Json:
        channel = {
            "id": self._id(),
            "type": type,
            "guild_id": self.guild["id"],
            "name": name,
            "position": len(self._channels),
            "permission_overwrites": [],
            "nsfw": False,
            "topic": None,
            "rate_limit_per_user": 0,
            "parent_id": None,
            **({"available_tags": [], "flags": 0, "default_reaction_emoji": None} if type == FORUM else {}),
        }
        self._channels[channel["id"]] = channel
        return channel

    def dm(self, person: Json) -> Json:
        """The channel of direct messages with somebody."""
        for channel in self._channels.values():
            if channel["type"] == DM and channel["recipients"][0]["id"] == person["id"]:
                return channel
        channel = {"id": self._id(), "type": DM, "recipients": [person], "last_message_id": None}
        self._channels[channel["id"]] = channel
        return channel

    def channel(self, channel_id: str) -> Json:
        return self._channels[channel_id]

    @property
    def threads(self) -> list[Json]:
        return [one for one in self._channels.values() if one["type"] == THREAD]

    def messages(self, channel: Json | str) -> list[Json]:
        """What a channel shows now."""
        channel_id = channel if isinstance(channel, str) else channel["id"]
        return list(self._messages.get(channel_id, {}).values())

    def posted(self, channel: Json | str) -> list[Json]:
        """What the bot has written there, as it is now."""
        return [one for one in self.messages(channel) if one["author"]["id"] == self.bot["id"]]

    def texts(self, channel: Json | str) -> list[str]:
        return [one["content"] for one in self.posted(channel)]

    async def until_texts(self, channel: Json | str, count: int) -> list[str]:
        """The same, once there are as many."""
        await self.until(lambda: len(self.posted(channel)) >= count, f"{count} answers")
        return self.texts(channel)

    def made(self, method: str, path: str) -> list[Request]:
        """Requests by method and pattern."""
        return [one for one in self.requests if one.method == method and re.search(path, one.path)]

    # --- What people do ---

    async def say(
        self,
        person: Json,
        channel: Json,
        text: str,
        *,
        is_mention: bool = False,
        files: Sequence[tuple[str, str, bytes]] = (),
        reply_to: Json | None = None,
        event_id: str | None = None,
        **more: Any,
    ) -> Json:
        """Somebody writes a message; `is_mention` begins it with the bot's name. `files`: name, type, content."""
        text = f"<@{self.bot['id']}> {text}" if is_mention else text
        message = self._message(person, channel, text, files)
        if event_id is not None:
            message["id"] = event_id
        if reply_to is not None:
            message |= {
                "type": 19,
                "message_reference": {"message_id": reply_to["id"], "channel_id": channel["id"]},
                "referenced_message": reply_to,
            }
        message |= more
        self._messages.setdefault(channel["id"], {})[message["id"]] = message
        await self.dispatch("MESSAGE_CREATE", self._seen(message, person, channel))
        return message

    async def say_again(self, message: Json) -> None:
        """The gateway tells of a message once more."""
        channel = self._channels[message["channel_id"]]
        await self.dispatch("MESSAGE_CREATE", self._seen(message, message["author"], channel))

    async def edit(self, message: Json, text: str) -> None:
        message |= {"content": text, "edited_timestamp": _now()}
        message["mentions"] = self._mentioned(text)
        channel = self._channels[message["channel_id"]]
        await self.dispatch("MESSAGE_UPDATE", self._seen(message, message["author"], channel))

    async def unfurl(self, message: Json) -> None:
        """Discord shows what a message links to: also an update, though nobody changed anything."""
        message["embeds"] = [{"type": "link", "url": "https://example.com"}]
        channel = self._channels[message["channel_id"]]
        await self.dispatch("MESSAGE_UPDATE", self._seen(message, message["author"], channel))

    async def delete(self, message: Json) -> None:
        self._messages[message["channel_id"]].pop(message["id"], None)
        gone = {"id": message["id"], "channel_id": message["channel_id"], "guild_id": self.guild["id"]}
        await self.dispatch("MESSAGE_DELETE", gone)

    async def delete_channel(self, channel: Json) -> None:
        del self._channels[channel["id"]]
        kind = "THREAD_DELETE" if channel["type"] == THREAD else "CHANNEL_DELETE"
        await self.dispatch(kind, channel)

    async def ask_forum(self, person: Json, title: str, text: str, *, is_mention: bool = False) -> Json:
        """Somebody begins a thread in the forum; returns the thread."""
        thread = self._thread(self.forum, person, title, self._id())
        await self.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        await self.say(person, thread, text, is_mention=is_mention, event_id=thread["id"])
        return thread

    async def begin_thread(self, person: Json, channel: Json, title: str) -> Json:
        """Somebody begins a thread without the bot."""
        thread = self._thread(channel, person, title, self._id())
        await self.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        return thread

    async def react(self, person: Json, message: Json, emoji: str) -> None:
        reaction = {
            "user_id": person["id"],
            "channel_id": message["channel_id"],
            "message_id": message["id"],
            "guild_id": self.guild["id"],
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        reaction["member"] = {**self._member(person), "user": person}
        if self.identified and self.identified[-1]["intents"] & REACTIONS:
            await self.dispatch("MESSAGE_REACTION_ADD", reaction)

    def button(self, message: Json, label: str) -> Json:
        """The button of a message by its label, or what begins so."""
        for row in message["components"]:
            for one in row["components"]:
                if str(one.get("label", "")).startswith(label):
                    return dict(one)
        raise AssertionError(f"no button {label!r} in {json.dumps(message['components'])}")

    async def press(self, person: Json, message: Json, label: str) -> str:
        """Somebody presses a button; returns the interaction's id."""
        return await self.interact(person, message, self.button(message, label)["custom_id"])

    async def interact(self, person: Json, message: Json, custom_id: str, values: Sequence[str] | None = None) -> str:
        """Somebody uses a component by its id: a button, or a list of which `values` were chosen."""
        data: Json = {"custom_id": custom_id, "component_type": 2 if values is None else 3}
        if values is not None:
            data["values"] = list(values)
        return await self._interaction(3, person, self._channels[message["channel_id"]], data, message=message)

    async def submit(self, person: Json, channel: Json, modal: Json, text: str) -> str:
        """Somebody fills in a dialogue that the bot has shown."""
        filled = [
            {"type": 1, "components": [{"type": 4, "custom_id": one["custom_id"], "value": text}]}
            for row in modal["components"]
            for one in row["components"]
        ]
        return await self._interaction(5, person, channel, {"custom_id": modal["custom_id"], "components": filled})

    async def command(
        self,
        person: Json,
        channel: Json,
        name: str,
        text: str | None = None,
        file: tuple[str, str, bytes] | None = None,
    ) -> str:
        """Somebody uses a slash command."""
        assert name in {one["name"] for one in self.commands}, f"/{name} is not offered"
        options: list[Json] = [] if text is None else [{"name": "text", "type": 3, "value": text}]
        data: Json = {"id": self._id(), "name": name, "type": 1, "options": options}
        if file is not None:
            attachment = self._attachment(*file)
            options.append({"name": "file", "type": 11, "value": attachment["id"]})
            data["resolved"] = {"attachments": {attachment["id"]: attachment}}
        return await self._interaction(2, person, channel, data)

    async def answer_to(self, interaction: str) -> Json:
        """The first answer to an interaction."""
        answers = await self.until(lambda: self.answers.get(interaction), "an answer to the interaction")
        return dict(answers[0])

    async def _interaction(self, type: int, person: Json, channel: Json, data: Json, **more: Any) -> str:
        interaction: Json = {
            "id": self._id(),
            "application_id": self.application_id,
            "type": type,
            "token": f"token-{self._id()}",
            "version": 1,
            "data": data,
            "channel": channel,
            "channel_id": channel["id"],
            "locale": "de",
            "app_permissions": str((1 << 53) - 1),
            "attachment_size_limit": self.most_bytes,
            "entitlements": [],
            "authorizing_integration_owners": {},
            "context": 1 if channel["type"] == DM else 0,
            **more,
        }
        if channel["type"] == DM:
            interaction["user"] = person
        else:
            interaction |= {
                "guild_id": self.guild["id"],
                "guild": {"id": self.guild["id"], "features": [], "locale": "en-US"},
                "guild_locale": "en-US",
                "member": {**self._member(person), "user": person, "permissions": str((1 << 53) - 1)},
            }
        self._interactions[interaction["token"]] = interaction
        await self.dispatch("INTERACTION_CREATE", interaction)
        return str(interaction["id"])

    # --- Faults ---

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        *,
        code: int = 0,
        times: int = 1,
        is_done: bool = False,
    ) -> None:
        """The next requests that match get an error; with `is_done` after they were carried out.

        Status 0 cuts the connection in place of an answer.
        """
        body = {"code": code, "message": "it fails"}
        self._faults.append(Fault(method, re.compile(path), times, status, body, {}, is_done))

    def limit(self, method: str, path: str, retry_after: float, *, times: int = 1, is_global: bool = False) -> None:
        """The next requests that match come too fast."""
        body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": is_global}
        headers = {"Retry-After": str(retry_after), "Via": "1.1 google", "X-RateLimit-Scope": "user"}
        self._faults.append(Fault(method, re.compile(path), times, 429, body, headers))

    async def disconnect(self, code: int = 1006) -> None:
        """The gateway ends the connection; the session can be resumed."""
        if self._session is not None and (socket := self._session.socket) is not None:
            self._session.socket = None
            if code == 1006:
                assert socket.ws._req is not None
                transport = socket.ws._req.transport
                if transport is not None:
                    transport.abort()
            else:
                await socket.ws.close(code=code)

    async def ask_to_reconnect(self) -> None:
        await self._send_now({"op": 7, "d": None, "s": None, "t": None})

    async def invalidate(self) -> None:
        """The session cannot be resumed."""
        session, self._session = self._session, None
        if session is not None:
            self._sessions.pop(session.id, None)
            if session.socket is not None:
                await session.socket.send({"op": 9, "d": False, "s": None, "t": None})

    # --- Gateway ---

    @property
    def is_connected(self) -> bool:
        return self._session is not None and self._session.socket is not None

    async def connected(self) -> None:
        """Until the bot is there."""
        await self.until(lambda: self.is_connected, "the bot's connection")

    async def dispatch(self, kind: str, data: Json) -> None:
        """An event, now or when the bot is back."""
        session = self._session
        if session is not None:
            payload = {"op": 0, "t": kind, "s": len(session.sent) + 1, "d": data}
            session.sent.append(payload)
            await self._send_now(payload)

    async def _send_now(self, payload: Json) -> None:
        session = self._session
        if session is None or session.socket is None:
            return
        try:
            await session.socket.send(payload)
        except ConnectionError:
            session.socket = None

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(max_msg_size=0)
        await ws.prepare(request)
        socket = _Socket(ws, is_compressed=request.query.get("compress") == "zlib-stream")
        await socket.send({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}, "s": None, "t": None})
        async for frame in ws:
            if frame.type is not WSMsgType.TEXT:
                break
            await self._hear(socket, json.loads(frame.data))
        if self._session is not None and self._session.socket is socket:
            self._session.socket = None
        return ws

    async def _hear(self, socket: _Socket, payload: Json) -> None:
        match payload["op"]:
            case 1:
                await socket.send({"op": 11, "d": None, "s": None, "t": None})
            case 2:
                await self._identify(socket, payload["d"])
            case 6:
                await self._resume(socket, payload["d"])

    async def _identify(self, socket: _Socket, data: Json) -> None:
        self.identified.append(data)
        if data["token"] != self.token:
            await socket.ws.close(code=4004, message=b"Authentication failed.")
            return
        if data["intents"] & MESSAGE_CONTENT and not self.flags & MESSAGE_CONTENT_FLAG:
            await socket.ws.close(code=4014, message=b"Disallowed intent(s).")
            return
        session = Session(id=self._id(), socket=socket)
        self._sessions[session.id] = self._session = session
        await self.dispatch(
            "READY",
            {
                "v": 10,
                "user": self.bot,
                "guilds": [{"id": self.guild["id"], "unavailable": True}],
                "session_id": session.id,
                "resume_gateway_url": self._socket_url,
                "application": {"id": self.application_id, "flags": self.flags},
            },
        )
        here = [one for one in self._channels.values() if one.get("guild_id")]
        guild = {
            **self.guild,
            "channels": [one for one in here if one["type"] != THREAD],
            "threads": [one for one in here if one["type"] == THREAD],
            "members": [{**self._member(self.bot), "user": self.bot}],
        }
        await self.dispatch("GUILD_CREATE", guild)

    async def _resume(self, socket: _Socket, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await socket.send({"op": 9, "d": False, "s": None, "t": None})
            return
        self._session, session.socket = session, socket
        self.resumed += 1
        for payload in [one for one in session.sent if one["s"] > data["seq"]]:
            await socket.send(payload)
        await self.dispatch("RESUMED", {})

    # --- Shapes ---

    def _member(self, person: Json) -> Json:
        return {"roles": [], "joined_at": _now(), "deaf": False, "mute": False, "flags": 0, "nick": None}

    def _mentioned(self, text: str) -> list[Json]:
        people = {self.bot["id"]: self.bot}
        for channel in self._messages.values():
            people |= {one["author"]["id"]: one["author"] for one in channel.values()}
        return [people[one] for one in re.findall(r"<@!?(\d+)>", text) if one in people]

    def _message(self, author: Json, channel: Json, text: str, files: Sequence[tuple[str, str, bytes]] = ()) -> Json:
        return {
            "id": self._id(),
            "channel_id": channel["id"],
            "author": author,
            "content": text,
            "timestamp": _now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": self._mentioned(text),
            "mention_roles": [],
            "attachments": [self._attachment(*one) for one in files],
            "embeds": [],
            "components": [],
            "pinned": False,
            "type": 0,
            "flags": 0,
        }

    def _seen(self, message: Json, person: Json, channel: Json) -> Json:
        """A message as the gateway sends it: without what the intents do not allow."""
        seen = dict(message)
        if channel["type"] != DM:
            seen |= {"guild_id": self.guild["id"], "member": self._member(person)}
            is_ours = any(one["id"] == self.bot["id"] for one in message["mentions"])
            intents = self.identified[-1]["intents"] if self.identified else MESSAGE_CONTENT
            if not intents & MESSAGE_CONTENT and not is_ours:
                seen |= {"content": "", "attachments": [], "embeds": [], "components": []}
        return seen

    def _attachment(self, name: str, mime: str, content: bytes) -> Json:
        one = self._id()
        self._content[one] = content
        url = f"{self.url}/cdn/{one}/{name}"
        return {"id": one, "filename": name, "content_type": mime, "size": len(content), "url": url, "proxy_url": url}

    def _thread(self, parent: Json, owner: Json, title: str, thread_id: str) -> Json:
        thread = {
            "id": thread_id,
            "type": THREAD,
            "guild_id": self.guild["id"],
            "parent_id": parent["id"],
            "owner_id": owner["id"],
            "name": title,
            "message_count": 0,
            "member_count": 1,
            "rate_limit_per_user": 0,
            "flags": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": _now(),
                "locked": False,
            },
        }
        self._channels[thread_id] = thread
        return thread

    # --- API ---

    async def _cdn(self, request: web.Request) -> web.StreamResponse:
        content = self._content.get(request.match_info["id"])
        if content is None:
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=content)

    def content_of(self, attachment: Json) -> bytes:
        """The bytes of a file that somebody has posted."""
        return self._content[attachment["id"]]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        body, files = await _read(request)
        path = f"/{request.match_info['path']}"
        seen = Request(request.method, path, body, files, asyncio.get_running_loop().time(), dict(request.query))
        self.requests.append(seen)
        fault = next((one for one in self._faults if one.method == request.method and one.path.search(path)), None)
        if fault is not None:
            fault.times -= 1
            if fault.times == 0:
                self._faults.remove(fault)
            if fault.is_done:
                await self._carry_out(request, seen)
            seen.status = fault.status
            if fault.status == 0:
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            return _json(fault.body, fault.status, fault.headers)
        return await self._carry_out(request, seen)

    async def _carry_out(self, request: web.Request, seen: Request) -> web.Response:
        try:
            if request.headers.get("Authorization") != f"Bot {self.token}" and not _is_by_token(seen.path):
                raise RefusedError(401, 0, "401: Unauthorized")
            for method, pattern, handler in self._routes():
                match = re.fullmatch(pattern, seen.path)
                if method == seen.method and match is not None:
                    answer = await handler(seen, *match.groups())
                    seen.status = 204 if answer is None else 200
                    return web.Response(status=204) if answer is None else _json(answer, 200)
            raise RefusedError(404, 0, f"no route {seen.method} {seen.path}")
        except RefusedError as error:
            seen.status = error.status
            return _json({"code": error.code, "message": error.message}, error.status)

    def _routes(self) -> list[tuple[str, str, Callable[..., Any]]]:
        return [
            ("GET", "/users/@me", self._get_me),
            ("GET", "/oauth2/applications/@me", self._get_application),
            ("GET", "/applications/@me", self._get_application),
            ("GET", "/gateway(?:/bot)?", self._get_gateway),
            ("GET", r"/channels/(\d+)", self._get_channel),
            ("GET", r"/channels/(\d+)/messages", self._get_messages),
            ("GET", r"/channels/(\d+)/messages/(\d+)", self._get_message),
            ("POST", r"/channels/(\d+)/messages", self._post_message),
            ("PATCH", r"/channels/(\d+)/messages/(\d+)", self._patch_message),
            ("DELETE", r"/channels/(\d+)/messages/(\d+)", self._delete_message),
            ("POST", r"/channels/(\d+)/messages/(\d+)/threads", self._post_thread),
            ("POST", r"/channels/(\d+)/typing", self._post_typing),
            ("GET", r"/applications/(\d+)/commands", self._get_commands),
            ("PUT", r"/applications/(\d+)/commands", self._put_commands),
            ("POST", r"/interactions/(\d+)/([\w-]+)/callback", self._post_callback),
            ("POST", r"/webhooks/(\d+)/([\w-]+)", self._post_followup),
        ]

    async def _get_me(self, _: Request) -> Json:
        return self.bot

    async def _get_application(self, _: Request) -> Json:
        return {
            "id": self.application_id,
            "name": "Helper",
            "description": "",
            "icon": None,
            "bot_public": True,
            "bot_require_code_grant": False,
            "owner": self._user("Owner"),
            "verify_key": "00",
            "flags": self.flags,
        }

    async def _get_gateway(self, _: Request) -> Json:
        limits = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
        return {"url": self._socket_url, "shards": 1, "session_start_limit": limits}

    async def _get_channel(self, _: Request, channel_id: str) -> Json:
        return self._find_channel(channel_id)

    async def _get_messages(self, request: Request, channel_id: str) -> list[Json]:
        self._find_channel(channel_id)
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 50))
        later = [_stored(one) for one in self.messages(channel_id) if int(one["id"]) > after]
        return later[:limit][::-1] if after else later[-limit:][::-1]

    async def _get_message(self, _: Request, channel_id: str, message_id: str) -> Json:
        self._find_channel(channel_id)
        return _stored(self._find_message(channel_id, message_id))

    async def _post_message(self, request: Request, channel_id: str) -> Json:
        channel = self._find_channel(channel_id)
        nonce = request.body.get("nonce")
        if nonce is not None and len(str(nonce)) > 25:
            raise RefusedError(400, 50035, "Invalid Form Body: nonce: Must be 25 or fewer in length.")
        if nonce is not None and request.body.get("enforce_nonce") and nonce in self._by_nonce:
            return self._by_nonce[nonce]
        message = self._message(self.bot, channel, "")
        self._apply(message, request)
        message["nonce"] = nonce
        self._messages.setdefault(channel_id, {})[message["id"]] = message
        self._ping(request.body)
        if nonce is not None:
            self._by_nonce[nonce] = message
        await self.dispatch("MESSAGE_CREATE", self._seen(message, self.bot, channel))
        return message

    async def _patch_message(self, request: Request, channel_id: str, message_id: str) -> Json:
        channel = self._find_channel(channel_id)
        message = self._find_message(channel_id, message_id)
        self._apply(message, request)
        message["edited_timestamp"] = _now()
        await self.dispatch("MESSAGE_UPDATE", self._seen(message, self.bot, channel))
        return message

    async def _delete_message(self, _: Request, channel_id: str, message_id: str) -> None:
        self._find_channel(channel_id)
        await self.delete(self._find_message(channel_id, message_id))

    async def _post_thread(self, request: Request, channel_id: str, message_id: str) -> Json:
        channel = self._find_channel(channel_id)
        message = self._find_message(channel_id, message_id)
        if message_id in self._channels:
            raise RefusedError(400, 160004, "A thread has already been created for this message")
        if not 1 <= len(request.body["name"]) <= 100:
            raise RefusedError(400, 50035, "Invalid Form Body: name: Must be between 1 and 100 in length.")
        if channel["type"] != TEXT:
            raise RefusedError(400, 50024, "Cannot execute action on this channel type")
        thread = self._thread(channel, self.bot, request.body["name"], message_id)
        message["flags"] |= HAS_THREAD
        await self.dispatch("MESSAGE_UPDATE", self._seen({**message, "thread": thread}, message["author"], channel))
        await self.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        return thread

    async def _post_typing(self, _: Request, channel_id: str) -> None:
        self._find_channel(channel_id)

    async def _get_commands(self, _: Request, application_id: str) -> list[Json]:
        return self.commands

    async def _put_commands(self, request: Request, application_id: str) -> list[Json]:
        commands = request.body["commands"]
        if len({one["name"] for one in commands}) != len(commands):
            raise RefusedError(400, 50035, "Invalid Form Body: APPLICATION_COMMANDS_DUPLICATE_NAME")
        for one in commands:
            is_name = re.fullmatch(r"[-_'\w]{1,32}", one["name"]) and one["name"] == one["name"].lower()
            if not is_name or not 1 <= len(one["description"]) <= 100:
                raise RefusedError(400, 50035, f"Invalid Form Body: {one['name']}")
        self.commands = [{"id": self._id(), "application_id": application_id, **one} for one in commands]
        return self.commands

    async def _post_callback(self, request: Request, interaction_id: str, token: str) -> Json:
        interaction = self._interactions.get(token)
        if interaction is None or interaction["id"] != interaction_id:
            raise RefusedError(404, 10062, "Unknown interaction")
        if interaction_id in self.answers:
            raise RefusedError(400, 40060, "Interaction has already been acknowledged.")
        self.answers[interaction_id] = [request.body]
        answer: Json = {"interaction": {"id": interaction_id, "type": interaction["type"]}}
        if request.body["type"] == 4:
            message = await self._answer(interaction, {**request.body.get("data", {})}, request)
            answer["interaction"]["response_message_id"] = message["id"]
            answer["resource"] = {"type": 4, "message": message}
        return answer

    async def _post_followup(self, request: Request, application_id: str, token: str) -> Json:
        interaction = self._interactions.get(token)
        if interaction is None:
            raise RefusedError(404, 10015, "Unknown Webhook")
        return await self._answer(interaction, request.body, request)

    async def _answer(self, interaction: Json, data: Json, request: Request) -> Json:
        channel = self._find_channel(interaction["channel_id"])
        message = self._message(self.bot, channel, "")
        self._apply(message, Request(request.method, request.path, data, request.files, request.at))
        message["flags"] = data.get("flags") or 0
        if message["flags"] & EPHEMERAL:
            self.whispers.append(message)
            return message
        self._ping(data)
        self._messages.setdefault(channel["id"], {})[message["id"]] = message
        await self.dispatch("MESSAGE_CREATE", self._seen(message, self.bot, channel))
        return message

    def _find_channel(self, channel_id: str) -> Json:
        if channel_id not in self._channels:
            raise RefusedError(404, 10003, "Unknown Channel")
        return self._channels[channel_id]

    def _find_message(self, channel_id: str, message_id: str) -> Json:
        message = self._messages.get(channel_id, {}).get(message_id)
        if message is None:
            raise RefusedError(404, 10008, "Unknown Message")
        return message

    def _apply(self, message: Json, request: Request) -> None:
        """Take what a message shall be; refuses what Discord refuses."""
        body = request.body
        content = body.get("content", message["content"]) or ""
        if len(content.encode("utf-16-le")) // 2 > MOST_TEXT:
            raise RefusedError(400, 50035, "Invalid Form Body: content: Must be 2000 or fewer in length.")
        if sum(len(data) for _, data in request.files) > self.most_bytes:
            raise RefusedError(413, 40005, "Request entity too large")
        components = body.get("components", message["components"])
        check_components(components)
        if not content.strip() and not request.files and not message["attachments"]:
            raise RefusedError(400, 50006, "Cannot send an empty message")
        message |= {"content": content, "components": components}
        if request.files or "attachments" in body:
            message["attachments"] = [self._attachment(name, "", data) for name, data in request.files]

    def _ping(self, body: Mapping[str, Any]) -> None:
        allowed = body.get("allowed_mentions", {"parse": ["users", "roles", "everyone"]})
        content = body.get("content") or ""
        if "everyone" in allowed.get("parse", ()):
            self.pinged += re.findall(r"@(everyone|here)", content)
        if "users" in allowed.get("parse", ()):
            self.pinged += re.findall(r"<@!?(\d+)>", content)
        self.pinged += [one for one in allowed.get("users", ()) if one in content]


@asynccontextmanager
async def running() -> AsyncIterator[FakeDiscord]:
    """A Discord, which discord.py in this process meets in place of the real one."""
    fake = FakeDiscord()
    await fake.start()
    base, gateway = discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY
    discord.http.Route.BASE = f"{fake.url}/api/v10"
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(fake._socket_url)
    try:
        yield fake
    finally:
        discord.http.Route.BASE, discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
        await fake.stop()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _stored(message: Json) -> Json:
    """A message as it is read later: Discord does not keep its nonce."""
    return {key: value for key, value in message.items() if key != "nonce"}


def _is_by_token(path: str) -> bool:
    """Whether a route has its own token, of an interaction."""
    return path.startswith(("/interactions/", "/webhooks/"))


def _json(body: Any, status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    response = web.Response(body=json.dumps(body).encode(), status=status, headers=headers)
    response.headers["Content-Type"] = "application/json"  # without a charset: discord.py compares it whole
    return response


async def _read(request: web.Request) -> tuple[Json, list[tuple[str, bytes]]]:
    """The body, and the files that came with it."""
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        body = json.loads(raw) if raw else {}
        return (body if isinstance(body, dict) else {"commands": body}), []
    body, files = {}, []
    async for part in await request.multipart():
        assert not isinstance(part, str)
        data = bytes(await part.read(decode=False))  # type: ignore[union-attr, call-arg]
        if part.name == "payload_json":  # type: ignore[union-attr]
            body = json.loads(data)
        else:
            files.append((part.filename or "", data))  # type: ignore[union-attr]
    return body, files


def check_components(rows: Sequence[Json]) -> None:
    """Raise for components that Discord refuses."""
    ids = []
    if len(rows) > 5:
        raise RefusedError(400, 50035, "Invalid Form Body: components: Must be 5 or fewer in length.")
    for row in rows:
        inner = row["components"]
        is_list = any(one["type"] == 3 for one in inner)
        if row["type"] != 1 or not 1 <= len(inner) <= (1 if is_list else 5):
            raise RefusedError(400, 50035, "Invalid Form Body: components: a row has 1 to 5 buttons or one list")
        for one in inner:
            if one["type"] == 2 and not 1 <= len(one["label"]) <= 80:
                raise RefusedError(400, 50035, "Invalid Form Body: label: Must be between 1 and 80 in length.")
            if one["type"] == 3:
                _check_options(one["options"])
            if "url" not in one:
                ids.append(one["custom_id"])
    if len(set(ids)) != len(ids) or any(not 1 <= len(one) <= 100 for one in ids):
        raise RefusedError(400, 50035, "Invalid Form Body: custom_id: COMPONENT_CUSTOM_ID_DUPLICATED or too long")


def _check_options(options: Sequence[Json]) -> None:
    values = [one["value"] for one in options]
    if not 1 <= len(options) <= 25 or len(set(values)) != len(values):
        raise RefusedError(400, 50035, "Invalid Form Body: options: 1 to 25, each with a value of its own")
    for one in options:
        if not (
            1 <= len(one["label"]) <= 100 and len(one["value"]) <= 100 and len(one.get("description") or "x") <= 100
        ):
            raise RefusedError(400, 50035, "Invalid Form Body: options: too long")
