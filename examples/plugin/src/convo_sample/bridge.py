"""A platform of webhooks: whatever happens comes as a signed POST to `/webhook/`, and what is shown goes out as one."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import httpx
import msgspec
from convo.bridge import ASGI, Author, Bridge, Incoming, Part, Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from convo.protocol import Answer

from convo_sample.settings import WebhookSettings
from convo_sample.wire import SIGNATURE, TIME, Changed, File, Happened, Pressed, Said, Shown, sign

__all__ = ["WebhookBridge"]

MOST_BYTES = 16 * 1024 * 1024
LATE_SECONDS = 300
"""How old a request may be: later it may be somebody's who has seen it pass."""


class WebhookBridge(Bridge):
    """Rooms of any program that speaks HTTP. What it sends and gets is in `wire.py`."""

    platform = "webhook"
    edit_seconds = 0.5
    file_limit = 4 * 1024 * 1024

    def __init__(self, settings: WebhookSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__(settings)
        self._url = settings.url
        self._secret = settings.secret.get_secret_value()
        self._transport = transport
        self._http: httpx.AsyncClient | None = None

    @property
    def app(self) -> ASGI:
        return self._serve

    async def open(self) -> None:
        self._http = httpx.AsyncClient(transport=self._transport, timeout=10)

    async def run(self) -> None:
        self.connected()
        await asyncio.Event().wait()  # what happens comes to `app`

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()

    # --- What is shown ---

    async def post(self, place: Place, part: Part) -> str:
        await self._deliver_out(await self._as_shown("show", place, part.key, part))
        return part.key  # it never changes, so what is sent twice is one message

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        await self._deliver_out(await self._as_shown("change", place, ref, part))

    async def delete(self, place: Place, ref: str) -> None:
        await self._deliver_out(Shown("remove", place.path[-1], ref))

    async def show_status(self, place: Place, text: str | None) -> None:
        await self._deliver_out(Shown("status", place.path[-1], text="" if text is None else text or "…"))

    async def _as_shown(self, do: Any, place: Place, ref: str, part: Part) -> Shown:
        lines = [part.text, *(f"[{task.status}] {task.title}" for task in part.tasks)]
        file = None
        if part.attachment is not None:
            if part.attachment.url is not None:
                lines.append(part.attachment.url)
            else:
                content = b"".join([piece async for piece in self.read(part.attachment)])
                file = File(part.attachment.name, content)
        buttons = [
            {"label": button.label, **({"url": button.url} if button.url else {"key": button.key})}
            for button in part.buttons
        ]
        return Shown(do, place.path[-1], ref, "\n".join(line for line in lines if line), buttons, file)

    async def _deliver_out(self, shown: Shown) -> None:
        assert self._http is not None, "a bridge is opened before it shows anything"
        body, now = msgspec.json.encode(shown), str(int(time.time()))
        headers = {"Content-Type": "application/json", TIME: now, SIGNATURE: sign(self._secret, now, body)}
        try:
            response = await self._http.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise PlatformBusyError(f"`{self._url}` does not answer: {error}", is_unsure=True) from error
        if not response.is_success:
            raise _refusal(self._url, response)

    # --- What happens ---

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        status, answer = await self._respond(scope, receive)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": msgspec.json.encode(answer)})

    async def _respond(self, scope: Any, receive: Any) -> tuple[int, object]:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/":
            return 404, {"error": "Send what happens by POST to the address that ends with `/webhook/`."}
        body = await _body(receive)
        if body is None:
            return 413, {"error": f"A request may have {MOST_BYTES:,} bytes."}
        if not self._is_theirs(dict(scope["headers"]), body):
            return 401, {"error": f"The signature in `{SIGNATURE}` or the time in `{TIME}` is not right."}
        try:
            happened: Happened = msgspec.json.decode(body, type=Happened)
        except msgspec.DecodeError as error:
            return 422, {"error": f"This is not what can happen: {error}."}
        answer = await self._on(happened)
        return 200, {"ok": answer.error is None}

    async def _on(self, happened: Happened) -> Answer:
        place = Place(self.platform, (happened.room,), is_direct=happened.direct)
        author = Author(happened.by.id, happened.by.name)
        match happened:
            case Said():
                files = [
                    Incoming(file.name, _opening(file.content), bytes=len(file.content)) for file in happened.files
                ]
                return await self.say(place, author, happened.id, happened.text, files=files)
            case Changed():
                return await self.revise(place, author, happened.id, happened.said, happened.text)
            case Pressed():
                return await self.press(place, author, happened.id, happened.key)

    def _is_theirs(self, headers: dict[bytes, bytes], body: bytes) -> bool:
        time_sent = headers.get(TIME.lower().encode(), b"").decode("latin-1")
        signature = headers.get(SIGNATURE.lower().encode(), b"")
        if not (time_sent.isascii() and time_sent.isdigit()) or abs(time.time() - int(time_sent[:12])) > LATE_SECONDS:
            return False
        return hmac.compare_digest(sign(self._secret, time_sent, body).encode(), signature)


def _refusal(url: str, response: httpx.Response) -> PlatformError:
    """What an answer means for the bridge."""
    status = response.status_code
    if status == 429 or status >= 500:
        after = response.headers.get("Retry-After", "")
        return PlatformBusyError(f"`{url}` answers {status}.", retry_after=float(after) if _is_number(after) else None)
    if status in (401, 403):
        return PlatformDeniedError(f"`{url}` answers {status}. Give both sides the same `secret`.")
    if status in (404, 410):
        return PlatformGoneError(f"`{url}` answers {status}: the room or the message is not there any more.")
    return PlatformError(f"`{url}` answers {status}.")


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


async def _body(receive: Callable[[], Awaitable[Any]]) -> bytes | None:
    """A request's body; `None` when it is too large."""
    body = b""
    while True:
        message = await receive()
        body += cast(bytes, message.get("body", b""))
        if len(body) > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return body


def _opening(content: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return pieces
