"""What every bridge promises, against a receiver of webhooks in memory; and who is not let in."""

import time
from collections.abc import Mapping
from typing import Any

import httpx
import msgspec
import pytest
from convo.protocol import new_id
from convo.testing import BridgeSuite, PlatformDriver
from convo.testing import Shown as Seen
from convo.testing.platform import Fault
from convo_sample.bridge import WebhookBridge
from convo_sample.settings import WebhookSettings
from convo_sample.wire import SIGNATURE, TIME, Changed, File, Happened, Pressed, Said, Shown, Someone, sign

SECRET = "a secret of both sides"


def request(body: bytes, *, secret: str = SECRET, at: float | None = None) -> httpx.Request:
    now = str(int(time.time() if at is None else at))
    headers = {TIME: now, SIGNATURE: sign(secret, now, body)}
    return httpx.Request("POST", "http://app.test/", content=body, headers=headers)


class Receiver(PlatformDriver):
    """The other side of the webhooks."""

    can_find = True

    def __init__(self) -> None:
        self.rooms: dict[str, dict[str, tuple[Shown, Seen]]] = {}
        self.faults: list[tuple[Fault, float]] = []
        self.bridge: WebhookBridge

    def create_bridge(self) -> WebhookBridge:
        settings = WebhookSettings(url="https://rooms.test/hook", secret=SECRET)
        self.bridge = WebhookBridge(settings, httpx.MockTransport(self.answer))
        return self.bridge

    async def answer(self, request: httpx.Request) -> httpx.Response:
        assert request.headers[SIGNATURE] == sign(SECRET, request.headers[TIME], request.content)
        shown = msgspec.json.decode(request.content, type=Shown)
        if shown.do == "status":
            return httpx.Response(204)
        fault, retry_after = self.faults.pop(0) if self.faults else ("", 0.0)
        match fault:
            case "rate-limited":
                return httpx.Response(429, headers={"Retry-After": str(retry_after)})
            case "down":
                return httpx.Response(503)
            case "gone":
                return httpx.Response(410)
            case "denied":
                return httpx.Response(401)
        done = self.take(shown)
        if fault == "unsure":
            raise httpx.ReadError("The connection was lost.")
        return httpx.Response(204 if done else 404)

    def take(self, shown: Shown) -> bool:
        room = self.rooms.setdefault(shown.room, {})
        if shown.do == "remove":
            return room.pop(shown.ref, None) is not None
        if shown.do == "change" and shown.ref not in room:
            return False
        seen = room[shown.ref][1] if shown.ref in room else Seen(shown.ref, "")
        seen.text, seen.buttons = shown.text, [button["label"] for button in shown.buttons]
        seen.files = {} if shown.file is None else {shown.file.name: shown.file.content}
        seen.changed_at.append(time.monotonic())
        room[shown.ref] = (shown, seen)
        return True

    async def tell(self, happened: Happened) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.bridge.app)) as http:
            response = await http.send(request(msgspec.json.encode(happened)))
        assert response.status_code == 200, response.text

    async def say(
        self,
        text: str,
        *,
        by: str = "ann",
        place: str = "general",
        event_id: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        event_id = event_id or new_id()
        sent = [File(name, content) for name, content in (files or {}).items()]
        await self.tell(Said(event_id, place, Someone(by, by.title()), text, sent, direct=place == "direct"))
        return event_id

    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        for shown, _ in reversed(self.rooms.get(place, {}).values()):
            for button in shown.buttons:
                if button["label"] == label:
                    event = Pressed(new_id(), place, Someone(by, by.title()), button["key"], direct=place == "direct")
                    await self.tell(event)
                    return
        raise LookupError(f"There is no button `{label}` in `{place}`.")

    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        await self.tell(Changed(new_id(), place, Someone(by, by.title()), event_id, text, direct=place == "direct"))

    def shown(self, place: str = "general") -> list[Seen]:
        return [seen for ref, (_, seen) in self.rooms.get(place, {}).items() if not ref.startswith("whisper:")]

    def whispered(self, place: str = "general") -> list[str]:
        return [seen.text for ref, (_, seen) in self.rooms.get(place, {}).items() if ref.startswith("whisper:")]

    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        self.faults += [(fault, retry_after)] * times


class TestWebhook(BridgeSuite):
    @pytest.fixture
    def driver(self) -> Receiver:
        return Receiver()


SAID = msgspec.json.encode(Said("1", "general", Someone("ann", "Ann"), "count"))


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(SAID, secret="somebody else's secret"), 401),
        (request(SAID, at=time.time() - 3600), 401),
        (httpx.Request("POST", "http://app.test/", content=SAID), 401),
        (
            httpx.Request(
                "POST",
                "http://app.test/",
                content=SAID,
                headers={TIME.encode(): "²".encode(), SIGNATURE.encode(): b"x"},
            ),
            401,
        ),
        (httpx.Request("GET", "http://app.test/"), 404),
        (request(b"{"), 422),
        (request(SAID.replace(b'"count"', b'"count","admin":true')), 422),
    ],
)
async def test_what_is_not_theirs_or_not_right_is_refused(sent: Any, status: int) -> None:
    bridge = Receiver().create_bridge()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=bridge.app)) as http:
        assert (await http.send(sent)).status_code == status


@pytest.mark.parametrize(
    ("wrong", "says"), [({"url": "rooms.test"}, "is no address"), ({"secret": "short"}, "at least 16 characters")]
)
def test_settings_that_cannot_be_right_say_so(wrong: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        WebhookSettings(**({"url": "https://rooms.test", "secret": SECRET} | wrong))
