"""A Slack to test against: its Web API, Socket Mode and signed events over real sockets, for the real `slack_sdk`.

It refuses what Slack refuses (unknown channels, blocks out of bounds, tokens that were revoked), sends what is not
acknowledged again, and remembers all that was posted, edited and asked of it.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

import aiohttp
from aiohttp import WSMsgType, web

__all__ = ["FakeSlack", "Fault", "SlackFile", "SlackMessage", "pinged"]

TEAM, BOT, BOT_ID, APP_ID = "T0001", "U0BOT", "B0BOT", "A0APP"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-of-nobody", "xapp-of-nobody", "a signing secret of nobody's"
CLIENT_ID, CLIENT_SECRET = "1.2", "a client secret of nobody's"

_PING = re.compile(
    r"<!(?:channel|here|everyone|group|subteam\^\w+)[^>]*>|<@[UW][A-Z0-9]+(?:\|[^<>]*)?>|<#C[A-Z0-9]+[^<>]*>"
)
_STREAMED = {"im", "channel", "group"}


@dataclass
class SlackFile:
    """A file that somebody has uploaded. `channel` is where it was shared."""

    id: str
    name: str
    content: bytes
    mimetype: str = "application/octet-stream"
    channel: str | None = None
    thread_ts: str | None = None
    alt_txt: str = ""
    is_deleted: bool = False


@dataclass
class SlackMessage:
    """A message as people see it. `history` has each text it had, with the time."""

    channel: str
    ts: str
    user: str
    text: str
    thread_ts: str | None = None
    blocks: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    files: list[SlackFile] = field(default_factory=list)
    bot_id: str | None = None
    is_streaming: bool = False
    is_streamed: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)
    history: list[tuple[float, str]] = field(default_factory=list)

    @property
    def shown(self) -> str:
        """What people read, in order."""
        return "\n".join(_texts(self.blocks)) if self.blocks else self.text

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return list(_buttons(self.blocks))

    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "message", "user": self.user, "ts": self.ts, "text": self.text}
        if self.bot_id:
            found |= {"bot_id": self.bot_id, "app_id": APP_ID}
        if self.blocks:
            found["blocks"] = self.blocks
        if self.thread_ts:
            found["thread_ts"] = self.thread_ts
        if self.files:
            found["files"] = [
                {"id": file.id, "name": file.name, "size": len(file.content), "alt_txt": file.alt_txt}
                for file in self.files
            ]
        if self.reactions:
            found["reactions"] = [{"name": name, "users": [user], "count": 1} for name, user in self.reactions]
        return found


@dataclass
class Fault:
    """What goes wrong with the next `times` calls of a method. `is_done`: the call did its work before."""

    status: int = 200
    error: str | None = None
    retry_after: float | None = None
    drops: bool = False
    is_done: bool = False
    times: int = 1


class FakeSlack:
    """One workspace, or several. `async with FakeSlack() as slack:`; the bridge's `base_url` is `slack.url`."""

    def __init__(self, *, retry_seconds: float = 3.0, can_stream: bool = True) -> None:
        self.retry_seconds, self.can_stream = retry_seconds, can_stream
        self.users: dict[str, dict[str, Any]] = {}
        self.channels: dict[str, dict[str, Any]] = {}
        self.messages: dict[tuple[str, str], SlackMessage] = {}
        self.files: dict[str, SlackFile] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.ephemerals: list[dict[str, Any]] = []
        self.responses: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []
        self.homes: dict[str, dict[str, Any]] = {}
        self.statuses: list[tuple[str, str, str]] = []
        self.titles: dict[str, str] = {}
        self.prompts: dict[str, list[dict[str, Any]]] = {}
        self.installs: dict[str, dict[str, Any]] = {}
        self.tokens: dict[str, str] = {BOT_TOKEN: TEAM}
        self.app_tokens = {APP_TOKEN}
        self.revoked: set[str] = set()
        self.acks: list[str] = []
        self.opened = 0
        self.http: str | None = None
        self._faults: dict[str, list[Fault]] = defaultdict(list)
        self._sockets: list[web.WebSocketResponse] = []
        self._pending: dict[str, asyncio.Future[Any]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._changed = asyncio.Condition()
        self._last = 0
        self._count = 0
        self.add_user(BOT, "convo", is_bot=True)
        self.add_user("U0ANN", "Ann", email="ann@example.com")
        self.add_user("U0BOB", "Bob", email="bob@example.com")
        self.add_channel("C0GEN", "general", members={BOT, "U0ANN", "U0BOB"})
        self.add_channel("D0ANN", None, members={BOT, "U0ANN"})
        self.add_channel("D0BOB", None, members={BOT, "U0BOB"})

    # --- What there is ---

    def add_user(self, id: str, name: str, *, email: str | None = None, is_bot: bool = False) -> None:
        profile = {"display_name": name.lower(), "real_name": name, **({"email": email} if email else {})}
        self.users[id] = {"id": id, "team_id": TEAM, "name": name.lower(), "real_name": name, "is_bot": is_bot}
        self.users[id] |= {"tz": "Europe/Berlin", "locale": "de-DE", "profile": profile}

    def add_channel(self, id: str, name: str | None, *, members: set[str]) -> None:
        is_im = id.startswith("D")
        self.channels[id] = {"id": id, "name": name, "is_im": is_im, "is_channel": not is_im, "members": members}

    def add_file(self, name: str, content: bytes, mimetype: str = "text/plain") -> SlackFile:
        file = SlackFile(self._id("F"), name, content, mimetype)
        self.files[file.id] = file
        return file

    def in_channel(self, channel: str, thread_ts: str | None = None) -> list[SlackMessage]:
        """What the app has posted there, in order."""
        return [
            one
            for one in sorted(self.messages.values(), key=lambda one: float(one.ts))
            if one.channel == channel and one.bot_id == BOT_ID and thread_ts in (None, one.thread_ts)
        ]

    @property
    def posted(self) -> list[SlackMessage]:
        """All that the app has posted and not deleted, in order."""
        return [one for channel in self.channels for one in self.in_channel(channel)]

    @property
    def pings(self) -> list[str]:
        """Whom the app has pinged."""
        told = [(str(one.get("text", "")), one.get("blocks") or []) for one in self.ephemerals]
        told += [(one.text, one.blocks) for one in self.posted]
        return [ping for text, blocks in told for ping in pinged(text, blocks)]

    def called(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    async def until(self, found: Callable[[], Any], seconds: float = 60.0) -> Any:
        """What `found` returns, as soon as it is true."""
        async with asyncio.timeout(seconds), self._changed:
            while not (result := found()):
                await self._changed.wait()
            return result

    async def sees(self, text: str, channel: str = "D0ANN", seconds: float = 60.0) -> SlackMessage:
        """The message of the app that shows `text` and does not grow any more."""

        def found() -> SlackMessage | None:
            return next((m for m in self.in_channel(channel) if text in m.shown and not m.is_streaming), None)

        try:
            return await self.until(found, seconds)
        except TimeoutError:
            raise AssertionError(f"{text!r} is not in {[m.shown for m in self.in_channel(channel)]}") from None

    # --- What goes wrong ---

    def fail(self, method: str, **fault: Any) -> None:
        """The next calls of a method end in a `Fault`."""
        self._faults[method].append(Fault(**fault))

    def fail_any(self, methods: Sequence[str], **fault: Any) -> Fault:
        """The next calls of any of these methods together end in a `Fault`."""
        shared = Fault(**fault)
        for method in methods:
            self._faults[method].append(shared)
        return shared

    def limit(self, method: str, retry_after: int = 1, times: int = 1) -> None:
        self.fail(method, status=429, error="ratelimited", retry_after=retry_after, times=times)

    def revoke(self, token: str = BOT_TOKEN) -> None:
        self.revoked.add(token)

    async def cut(self) -> None:
        """All sockets break."""
        for socket in self._sockets:
            if (transport := socket._req.transport if socket._req is not None else None) is not None:
                transport.abort()
        self._sockets.clear()

    async def refresh(self) -> None:
        """Ask whoever is connected to connect anew, as Slack does every few hours."""
        for socket in self._sockets:
            await socket.send_json({"type": "disconnect", "reason": "refresh_requested", "debug_info": {}})

    # --- What people do ---

    async def say(
        self,
        text: str,
        user: str = "U0ANN",
        channel: str = "D0ANN",
        *,
        thread_ts: str | None = None,
        files: Sequence[SlackFile] = (),
        **more: Any,
    ) -> str:
        """Somebody writes a message; returns its `ts`. In a channel, naming the app is an event of its own."""
        message = SlackMessage(channel, self.now(), user, text, thread_ts, files=list(files))
        self.messages[channel, message.ts] = message
        event = self.message_event(message, **more)
        events = [event]
        if f"<@{BOT}>" in text and not self.channels[channel]["is_im"]:
            events.insert(
                0, {key: value for key, value in event.items() if key != "channel_type"} | {"type": "app_mention"}
            )
        for one in events:
            await self.send_event(one)
        return message.ts

    def message_event(self, message: SlackMessage, **more: Any) -> dict[str, Any]:
        kind = "im" if self.channels[message.channel]["is_im"] else "channel"
        event = {
            "type": "message",
            "user": message.user,
            "text": message.text,
            "ts": message.ts,
            "client_msg_id": f"msg-{message.ts}",
            "team": TEAM,
            "channel": message.channel,
            "event_ts": message.ts,
            "channel_type": kind,
        }
        if message.thread_ts:
            event["thread_ts"] = message.thread_ts
        if message.files:
            event["subtype"] = "file_share"
            event["files"] = [self._file_payload(file) for file in message.files]
        return event | more

    async def change(self, channel: str, ts: str, text: str) -> None:
        """Somebody edits his message."""
        message = self.messages[channel, ts]
        before, message.text = message.payload(), text
        edited = message.payload() | {"edited": {"user": message.user, "ts": self.now()}}
        event = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel, "ts": self.now()}
        event |= {"message": edited, "previous_message": before, "event_ts": self.now()}
        event["channel_type"] = "im" if self.channels[channel]["is_im"] else "channel"
        await self.send_event(event)

    async def press(self, message: SlackMessage, label: str, user: str = "U0ANN") -> None:
        """Somebody presses the button with this label."""
        button = next(one for one in message.buttons if one["text"]["text"] == label)
        await self.send_interaction(self.press_payload(message, button, user))

    def press_payload(self, message: SlackMessage, button: Mapping[str, Any], user: str) -> dict[str, Any]:
        kind = "feedback_buttons" if button.get("of") else "button"
        action = {"type": kind, "action_id": button["action_id"], "block_id": "b1", "text": button["text"]}
        action |= {"value": button.get("value"), "action_ts": self.now()}
        container = {"type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False}
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        return self.interaction("block_actions", user) | {
            "container": container,
            "channel": {"id": message.channel, "name": self.channels[message.channel]["name"] or "directmessage"},
            "message": message.payload(),
            "state": {"values": {}},
            "response_url": f"{self.root}/response/{message.channel}",
            "actions": [action],
        }

    async def submit(self, view: Mapping[str, Any], text: str, user: str = "U0ANN") -> None:
        """Somebody sends a form with one field."""
        block = next(one for one in view["blocks"] if one["type"] == "input")
        values = {block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": text}}}
        sent = {**view, "id": self._id("V"), "team_id": TEAM, "hash": "h", "state": {"values": values}}
        await self.send_interaction(self.interaction("view_submission", user) | {"view": sent})

    async def shortcut(self, callback_id: str, message: SlackMessage | None = None, user: str = "U0ANN") -> None:
        """Somebody chooses a shortcut, of a message or of none."""
        payload = self.interaction("shortcut" if message is None else "message_action", user)
        payload |= {"callback_id": callback_id, "action_ts": self.now()}
        if message is not None:
            payload |= {"channel": {"id": message.channel, "name": "general"}, "message": message.payload()}
            payload |= {"message_ts": message.ts, "response_url": f"{self.root}/response/{message.channel}"}
        await self.send_interaction(payload)

    async def command(self, name: str, text: str, channel: str = "C0GEN", user: str = "U0ANN", **more: str) -> None:
        """Somebody gives a slash command."""
        self._count += 1
        payload = {
            "token": "legacy",
            "team_id": TEAM,
            "team_domain": "example",
            "channel_id": channel,
            "channel_name": self.channels[channel]["name"] or "directmessage",
            "user_id": user,
            "user_name": self.users[user]["name"],
            "command": name,
            "text": text,
            "api_app_id": APP_ID,
            "is_enterprise_install": "false",
            "response_url": f"{self.root}/response/{channel}",
            "trigger_id": f"{self._count}.{self.now()}",
        } | more
        await self._send("slash_commands", payload, urlencode(payload))

    async def react(self, message: SlackMessage, name: str, user: str = "U0ANN") -> None:
        event = {"type": "reaction_added", "user": user, "reaction": name, "item_user": message.user}
        event |= {"item": {"type": "message", "channel": message.channel, "ts": message.ts}, "event_ts": self.now()}
        await self.send_event(event)

    async def open_home(self, user: str = "U0ANN") -> None:
        await self.send_event(
            {"type": "app_home_opened", "user": user, "channel": "D0ANN", "tab": "home", "event_ts": self.now()}
        )

    async def open_assistant(self, user: str = "U0ANN", channel: str = "D0ANN") -> str:
        """Somebody begins a thread with the assistant; returns its `thread_ts`."""
        ts = self.now()
        thread = {
            "user_id": user,
            "context": {"channel_id": "C0GEN", "team_id": TEAM},
            "channel_id": channel,
            "thread_ts": ts,
        }
        await self.send_event({"type": "assistant_thread_started", "assistant_thread": thread, "event_ts": ts})
        return ts

    # --- How it is told ---

    async def send_event(self, event: Mapping[str, Any], *, event_id: str | None = None, team: str = TEAM) -> None:
        await self.send_envelope(self.envelope(event, event_id=event_id, team=team))

    def envelope(self, event: Mapping[str, Any], *, event_id: str | None = None, team: str = TEAM) -> dict[str, Any]:
        authorization = {
            "enterprise_id": None,
            "team_id": team,
            "user_id": BOT,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": "legacy",
            "team_id": team,
            "api_app_id": APP_ID,
            "event": dict(event),
            "type": "event_callback",
            "event_id": event_id or self._id("Ev"),
            "event_time": int(time.time()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    async def send_envelope(self, payload: Mapping[str, Any]) -> None:
        await self._send("events_api", payload, json.dumps(payload))

    async def send_interaction(self, payload: Mapping[str, Any]) -> None:
        await self._send("interactive", payload, urlencode({"payload": json.dumps(payload)}))

    async def _send(self, kind: str, payload: Mapping[str, Any], body: str) -> None:
        """Until it is acknowledged, three times more at most. Returns when it is, or goes on behind one's back."""
        task = asyncio.create_task(self._deliver(kind, payload, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=self.retry_seconds)

    async def _deliver(self, kind: str, payload: Mapping[str, Any], body: str) -> None:
        for number in range(4):
            try:
                if self.http is not None:
                    if await self._post(kind, body, number) == 200:
                        return
                elif await self._push(kind, payload, number):
                    return
            except (aiohttp.ClientError, ConnectionError, TimeoutError):
                continue

    async def _push(self, kind: str, payload: Mapping[str, Any], number: int) -> bool:
        await self.until(lambda: self._sockets)
        envelope_id = self._id("env-")
        frame = {"envelope_id": envelope_id, "type": kind, "accepts_response_payload": kind != "events_api"}
        if kind == "events_api":
            frame |= {"retry_attempt": number, "retry_reason": "timeout" if number else ""}
        acknowledged = self._pending[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            await self._sockets[-1].send_json(frame | {"payload": payload})
            async with asyncio.timeout(self.retry_seconds):
                await acknowledged
        finally:
            del self._pending[envelope_id]
        return True

    async def _post(self, kind: str, body: str, number: int = 0) -> int:
        headers = self.signed(body)
        headers["Content-Type"] = "application/json" if kind == "events_api" else "application/x-www-form-urlencoded"
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": "http_timeout"}
        timeout = aiohttp.ClientTimeout(total=self.retry_seconds)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(str(self.http), data=body.encode(), headers=headers) as answer,
        ):
            await answer.read()
            return answer.status

    @staticmethod
    def signed(body: str, *, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
        """The headers by which Slack proves that it sends this."""
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}

    def interaction(self, kind: str, user: str) -> dict[str, Any]:
        """What all payloads of somebody's presses and choices have."""
        self._count += 1
        who = {"id": user, "username": self.users[user]["name"], "name": self.users[user]["name"], "team_id": TEAM}
        return {
            "type": kind,
            "user": who,
            "api_app_id": APP_ID,
            "token": "legacy",
            "trigger_id": f"{self._count}.{self.now()}",
            "team": {"id": TEAM, "domain": "example"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _file_payload(self, file: SlackFile) -> dict[str, Any]:
        url = f"{self.root}/files-pri/{TEAM}-{file.id}/{file.name}"
        return {
            "id": file.id,
            "name": file.name,
            "title": file.name,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2],
            "size": len(file.content),
            "mode": "hosted",
            "is_external": False,
            "url_private": url,
            "url_private_download": url,
        }

    def now(self) -> str:
        """A time that no message had."""
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def _id(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:06d}"

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- The server ---

    async def __aenter__(self) -> FakeSlack:
        application = web.Application(client_max_size=256 * 2**20)
        application.router.add_route("*", "/api/{method}", self._api)
        application.router.add_get("/socket", self._socket)
        application.router.add_post("/upload/{id}", self._upload)
        application.router.add_get("/files-pri/{path}/{name}", self._download)
        application.router.add_post("/response/{channel}", self._respond)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.root, self.url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/api/"
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(autoping=True)
        await socket.prepare(request)
        self._sockets.append(socket)
        await socket.send_json(
            {"type": "hello", "num_connections": 1, "connection_info": {"app_id": APP_ID}, "debug_info": {}}
        )
        await self._notify()
        try:
            async for message in socket:
                if message.type != WSMsgType.TEXT:
                    continue
                answer = json.loads(message.data)
                self.acks.append(answer["envelope_id"])
                if (waiting := self._pending.get(answer["envelope_id"])) is not None and not waiting.done():
                    waiting.set_result(answer.get("payload"))
                await self._notify()
        finally:
            if socket in self._sockets:
                self._sockets.remove(socket)
        return socket

    async def _upload(self, request: web.Request) -> web.Response:
        file = self.files[request.match_info["id"]]
        if (fault := self._fault("upload")) is not None:
            return web.Response(status=fault.status)
        file.content = await request.read()
        return web.Response(text=f"OK - {len(file.content)}")

    async def _download(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.tokens or token in self.revoked:
            return web.Response(text="<!DOCTYPE html><title>Sign in</title>", content_type="text/html")
        file = self.files[request.match_info["path"].partition("-")[2]]
        if (fault := self._fault("download")) is not None:
            return web.Response(status=fault.status)
        answer = web.StreamResponse(headers={"Content-Type": file.mimetype, "Content-Length": str(len(file.content))})
        await answer.prepare(request)
        for start in range(0, len(file.content), 2**16):
            await answer.write(file.content[start : start + 2**16])
        return answer

    async def _respond(self, request: web.Request) -> web.Response:
        self.responses.append(await request.json())
        await self._notify()
        return web.Response(text="ok")

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        self.calls.append((method, arguments))
        fault = self._fault(method)
        if fault is not None and not fault.is_done:
            return await self._broken(request, fault)
        answer = self._answer(method, arguments, token)
        await self._notify()
        if fault is not None:
            return await self._broken(request, fault)
        return web.json_response(answer)

    def _fault(self, method: str) -> Fault | None:
        waiting = self._faults[method]
        while waiting and waiting[0].times <= 0:
            waiting.pop(0)
        if not waiting:
            return None
        waiting[0].times -= 1
        return waiting[0]

    async def _broken(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        await self._notify()
        if fault.drops:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.error is None:
            return web.Response(status=fault.status, text="<html>Server error</html>", content_type="text/html")
        return web.json_response({"ok": False, "error": fault.error}, status=fault.status, headers=headers)

    def _answer(self, method: str, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        handler = getattr(self, f"_do_{method.replace('.', '_')}", None)
        if handler is None:
            return {"ok": False, "error": "unknown_method"}
        try:
            if method == "apps.connections.open":
                self._check(token in self.app_tokens and token not in self.revoked, "invalid_auth")
            elif method not in ("oauth.v2.access",):
                self._check(token not in self.revoked, "token_revoked")
                self._check(token in self.tokens, "invalid_auth")
            return {"ok": True, **(handler(arguments, token) or {})}
        except _RefusedError as error:
            return {"ok": False, "error": str(error)}

    @staticmethod
    def _check(is_right: object, error: str) -> None:
        if not is_right:
            raise _RefusedError(error)

    # --- The methods ---

    def _do_auth_test(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        told = {"url": "https://example.slack.com/", "team": "Example", "user": "convo", "user_id": BOT}
        return told | {"team_id": self.tokens[token], "bot_id": BOT_ID}

    def _do_apps_connections_open(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        self.opened += 1
        return {"url": f"{self.root.replace('http', 'ws')}/socket"}

    def _do_users_info(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        self._check(arguments["user"] in self.users, "user_not_found")
        return {"user": self.users[arguments["user"]]}

    def _do_conversations_info(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        channel = self._channel(arguments["channel"])
        return {"channel": {key: value for key, value in channel.items() if key != "members"}}

    def _do_conversations_open(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        user = arguments["users"]
        found = [id for id, one in self.channels.items() if one["is_im"] and user in one["members"]]
        self._check(found, "user_not_found")
        return {"channel": {"id": found[0]}}

    def _channel(self, id: str) -> dict[str, Any]:
        self._check(id in self.channels, "channel_not_found")
        self._check(not self.channels[id].get("is_archived"), "is_archived")
        return self.channels[id]

    def _do_chat_postMessage(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        channel = self._channel(arguments["channel"])
        self._check(BOT in channel["members"], "not_in_channel")
        self._check_content(arguments)
        message = SlackMessage(
            arguments["channel"],
            self.now(),
            BOT,
            arguments.get("text", ""),
            arguments.get("thread_ts"),
            blocks=list(arguments.get("blocks") or ()),
            metadata=arguments.get("metadata"),
            bot_id=BOT_ID,
        )
        self.messages[message.channel, message.ts] = message
        message.history.append((time.monotonic(), message.shown))
        return {"channel": message.channel, "ts": message.ts, "message": message.payload()}

    def _check_content(self, arguments: dict[str, Any]) -> None:
        blocks = arguments.get("blocks") or []
        self._check(arguments.get("text") or blocks or arguments.get("markdown_text"), "no_text")
        self._check(len(arguments.get("text") or "") <= 40_000, "msg_too_long")
        self._check_blocks(blocks)

    def _check_blocks(self, blocks: Sequence[Mapping[str, Any]], surface: str = "message") -> None:
        self._check(len(blocks) <= 50, "invalid_blocks")
        markdown = sum(len(one.get("text", "")) for one in blocks if one["type"] == "markdown")
        self._check(markdown <= 12_000, "msg_blocks_too_long")
        for block in blocks:
            self._check(_is_block(block, surface), "invalid_blocks")
        ids = [one.get("action_id") for one in _buttons(blocks) if not one.get("of")]
        self._check(len(ids) == len(set(ids)), "invalid_blocks")

    def _own(self, channel: str, ts: str) -> SlackMessage:
        self._channel(channel)
        self._check((channel, ts) in self.messages, "message_not_found")
        self._check(self.messages[channel, ts].bot_id == BOT_ID, "cant_update_message")
        return self.messages[channel, ts]

    def _do_chat_update(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        message = self._own(arguments["channel"], arguments["ts"])
        self._check(not message.is_streaming, "streaming_state_conflict")
        self._check_content(arguments)
        message.text = arguments.get("text", message.text)
        message.blocks = list(arguments.get("blocks") or ())
        message.metadata = arguments.get("metadata") or message.metadata
        message.history.append((time.monotonic(), message.shown))
        return {"channel": message.channel, "ts": message.ts, "text": message.text}

    def _do_chat_delete(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        message = self._own(arguments["channel"], arguments["ts"])
        del self.messages[message.channel, message.ts]
        return {"channel": message.channel, "ts": message.ts}

    def _do_chat_postEphemeral(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        channel = self._channel(arguments["channel"])
        self._check(arguments["user"] in channel["members"], "user_not_in_channel")
        self._check_content(arguments)
        self.ephemerals.append(arguments)
        return {"message_ts": self.now()}

    def _do_chat_startStream(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        self._check(self.can_stream, "unknown_method")
        channel = self._channel(arguments["channel"])
        self._check(arguments.get("thread_ts"), "invalid_arguments")
        if not channel["is_im"]:
            self._check(arguments.get("recipient_user_id"), "missing_recipient_user_id")
            self._check(arguments.get("recipient_team_id"), "missing_recipient_team_id")
        message = SlackMessage(arguments["channel"], self.now(), BOT, "", arguments["thread_ts"], bot_id=BOT_ID)
        message.is_streaming = message.is_streamed = True
        self.messages[message.channel, message.ts] = message
        self._append(message, arguments)
        return {"channel": message.channel, "ts": message.ts}

    def _append(self, message: SlackMessage, arguments: dict[str, Any]) -> None:
        self._check(message.is_streaming, "message_not_in_streaming_state")
        text = arguments.get("markdown_text") or ""
        self._check(len(text) <= 12_000 and len(message.text) + len(text) <= 12_000, "msg_too_long")
        message.text += text
        if text:
            message.blocks = [{"type": "markdown", "text": message.text}]
        message.history.append((time.monotonic(), message.text))

    def _do_chat_appendStream(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        self._check(arguments.get("markdown_text") or arguments.get("chunks"), "no_text")
        message = self._own(arguments["channel"], arguments["ts"])
        self._append(message, arguments)
        return {"channel": message.channel, "ts": message.ts}

    def _do_chat_stopStream(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        message = self._own(arguments["channel"], arguments["ts"])
        self._check_blocks(arguments.get("blocks") or [])
        self._append(message, arguments)
        message.is_streaming = False
        message.blocks += list(arguments.get("blocks") or ())
        message.metadata = arguments.get("metadata")
        return {"channel": message.channel, "ts": message.ts, "message": message.payload()}

    def _do_conversations_replies(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        self._channel(arguments["channel"])
        ts, there = arguments["ts"], self._in(arguments["channel"])
        found = [one for one in there if ts in (one.ts, one.thread_ts)]
        return self._page(sorted(found, key=lambda one: float(one.ts)), arguments)

    def _do_conversations_history(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        self._channel(arguments["channel"])
        found = [
            one for (channel, _), one in self.messages.items() if channel == arguments["channel"] and not one.thread_ts
        ]
        return self._page(sorted(found, key=lambda one: -float(one.ts)), arguments)

    def _in(self, channel: str) -> list[SlackMessage]:
        return [one for one in self.messages.values() if one.channel == channel]

    def _page(self, found: list[SlackMessage], arguments: dict[str, Any]) -> dict[str, Any]:
        start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
        oldest = float(arguments.get("oldest") or 0)
        found = [one for one in found if float(one.ts) > oldest]
        shown = []
        for one in found[start : start + limit]:
            payload = one.payload()
            if one.metadata and str(arguments.get("include_all_metadata")).lower() in ("1", "true"):
                payload["metadata"] = one.metadata
            shown.append(payload)
        rest = str(start + limit) if start + limit < len(found) else ""
        return {"messages": shown, "has_more": bool(rest), "response_metadata": {"next_cursor": rest}}

    def _do_reactions_add(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        message = self.messages.get((arguments["channel"], arguments["timestamp"]))
        self._check(message is not None, "message_not_found")
        assert message is not None
        self._check((arguments["name"], BOT) not in message.reactions, "already_reacted")
        message.reactions.append((arguments["name"], BOT))
        return {}

    def _do_reactions_remove(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        message = self.messages[arguments["channel"], arguments["timestamp"]]
        self._check((arguments["name"], BOT) in message.reactions, "no_reaction")
        message.reactions.remove((arguments["name"], BOT))
        return {}

    def _do_views_open(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        view = arguments["view"] if isinstance(arguments["view"], dict) else json.loads(arguments["view"])
        self._check(arguments.get("trigger_id"), "invalid_trigger_id")
        self._check(
            len(view["title"]["text"]) <= 24 and len(view.get("private_metadata", "")) <= 3000, "invalid_arguments"
        )
        self._check_blocks(view["blocks"], "view")
        self.views.append(view)
        return {"view": view | {"id": self._id("V")}}

    def _do_views_publish(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        view = arguments["view"] if isinstance(arguments["view"], dict) else json.loads(arguments["view"])
        self._check_blocks(view["blocks"], "view")
        self.homes[arguments["user_id"]] = view
        return {"view": view}

    def _do_files_getUploadURLExternal(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        self._check(arguments.get("filename"), "invalid_arguments")
        self._check(int(arguments["length"]) > 0, "invalid_arguments")
        file = self.add_file(arguments["filename"], b"")
        file.alt_txt = arguments.get("alt_txt", "")
        return {"upload_url": f"{self.root}/upload/{file.id}", "file_id": file.id}

    def _do_files_completeUploadExternal(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        files = json.loads(arguments["files"]) if isinstance(arguments["files"], str) else arguments["files"]
        channel = arguments.get("channel_id")
        found = [self.files[one["id"]] for one in files]
        if channel is not None:
            self._channel(channel)
            text = arguments.get("initial_comment") or ""
            message = SlackMessage(
                channel, self.now(), BOT, text, arguments.get("thread_ts"), files=found, bot_id=BOT_ID
            )
            self.messages[channel, message.ts] = message
        for file in found:
            file.channel, file.thread_ts = channel, arguments.get("thread_ts")
        return {"files": [{"id": file.id, "title": file.name} for file in found]}

    def _do_files_info(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        self._check(arguments["file"] in self.files, "file_not_found")
        return {"file": self._file_payload(self.files[arguments["file"]])}

    def _do_files_delete(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        file = self.files.get(arguments["file"])
        self._check(file is not None and not file.is_deleted, "file_not_found")
        assert file is not None
        file.is_deleted = True
        for key, message in list(self.messages.items()):
            if file in message.files and message.bot_id == BOT_ID:
                del self.messages[key]
        return {}

    def _do_assistant_threads_setStatus(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        self._channel(arguments["channel_id"])
        self.statuses.append((arguments["channel_id"], arguments["thread_ts"], arguments["status"]))
        return {}

    def _do_assistant_threads_setTitle(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        self.titles[arguments["thread_ts"]] = arguments["title"]
        return {}

    def _do_assistant_threads_setSuggestedPrompts(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:  # noqa: N802
        prompts = arguments["prompts"] if isinstance(arguments["prompts"], list) else json.loads(arguments["prompts"])
        self.prompts[arguments.get("thread_ts", "")] = prompts
        return {}

    def _do_oauth_v2_access(self, arguments: dict[str, Any], token: str) -> dict[str, Any]:
        found = self.installs.pop(arguments.get("code", ""), None)
        self._check(found is not None, "invalid_code")
        assert found is not None
        self.tokens[found["token"]] = found["team"]
        return {
            "access_token": found["token"],
            "token_type": "bot",
            "scope": "chat:write",
            "bot_user_id": BOT,
            "app_id": APP_ID,
            "team": {"id": found["team"], "name": found["team"]},
            "enterprise": None,
            "authed_user": {"id": "U0ANN"},
            "is_enterprise_install": False,
        }


class _RefusedError(Exception):
    pass


async def _arguments(request: web.Request) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        return found | await request.json()
    if request.can_read_body:
        found |= {key: values[-1] for key, values in parse_qs(await request.text()).items()}
    for key in ("blocks", "metadata"):
        if isinstance(found.get(key), str):
            found[key] = json.loads(found[key])
    return found


def _texts(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for block in blocks:
        text = block.get("text")
        if isinstance(text, Mapping):
            yield str(text["text"])
        elif text:
            yield str(text)
        for element in block.get("elements", ()):
            if block["type"] == "context":
                yield str(element["text"])
        for task in block.get("tasks", ()):
            yield f"{task['status']}: {task['title']}"


def pinged(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Whom a message pings."""
    return [ping for one in (text, *_pinging(blocks)) for ping in _PING.findall(one)]


def _pinging(blocks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The texts in which Slack would find somebody to ping: those of `plain_text` are none."""
    for block in blocks:
        text = block.get("text")
        if block["type"] == "markdown":
            yield str(text)
        elif isinstance(text, Mapping) and text["type"] == "mrkdwn":
            yield str(text["text"])
        for element in block.get("elements", ()):
            if element.get("type") == "mrkdwn":
                yield str(element["text"])


def _buttons(blocks: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        for element in block.get("elements", ()):
            if element.get("type") == "button":
                yield element
            for side in ("positive_button", "negative_button"):
                if side in element:
                    yield {**element[side], "action_id": element["action_id"], "of": side}


def _is_block(block: Mapping[str, Any], surface: str) -> bool:
    """Whether a block keeps to the bounds that Slack documents."""
    kind, text = block.get("type"), block.get("text")
    match kind:
        case "markdown":
            return surface == "message" and isinstance(text, str) and len(text) > 0
        case "section":
            return isinstance(text, Mapping) and 0 < len(text["text"]) <= 3000
        case "header":
            return isinstance(text, Mapping) and text["type"] == "plain_text" and 0 < len(text["text"]) <= 150
        case "context":
            return 0 < len(block["elements"]) <= 10
        case "actions":
            return 0 < len(block["elements"]) <= 25 and all(_is_button(one) for one in block["elements"])
        case "context_actions":
            return surface == "message" and 0 < len(block["elements"]) <= 5
        case "plan":
            statuses = {"pending", "in_progress", "complete", "error"}
            return all(one["status"] in statuses and one["title"] for one in block.get("tasks", ()))
        case "input":
            return 0 < len(block["label"]["text"]) <= 2000
    return kind in ("divider", "image")


def _is_button(element: Mapping[str, Any]) -> bool:
    label = element["text"]
    return (
        label["type"] == "plain_text"
        and 0 < len(label["text"]) <= 75
        and len(element.get("value", "")) <= 2000
        and len(element["action_id"]) <= 255
        and element.get("style") in (None, "primary", "danger")
    )


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[FakeSlack]:
    """A fake Slack for as long as the block lasts."""
    async with FakeSlack(**options) as slack:
        yield slack
