"""An app in a fake Slack, and the people who use it there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convo.testing.platform import Fault, PlatformDriver, Shown
from convo.testing.process import until
from convo_slack import SlackBridge, SlackSettings

from tests.platforms.fakes.slack import APP_TOKEN, BOT, BOT_TOKEN, FakeSlack, SlackMessage

__all__ = ["SlackPeople", "settings"]

POSTING = (
    "chat.postMessage",
    "chat.update",
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
)
PEOPLE = {"ann": ("U0ANN", "D0ANN"), "bob": ("U0BOB", "D0BOB")}
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "rate-limited": {"status": 429, "error": "ratelimited"},
    "down": {"status": 503},
    "unsure": {"drops": True, "is_done": True},
    "gone": {"error": "channel_not_found"},
    "denied": {"error": "token_revoked"},
}


def settings(slack: FakeSlack, **more: Any) -> SlackSettings:
    """Those of an app that connects by Socket Mode."""
    told = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "base_url": slack.url} | more
    return SlackSettings.model_validate(told)


class SlackPeople(PlatformDriver):
    """People who write to the app in one thread of a channel, or directly."""

    def __init__(self, slack: FakeSlack, **more: Any) -> None:
        self.slack = slack
        self._more = more
        self._threads: dict[str, str] = {}
        self._gone: Any = None

    def create_bridge(self) -> SlackBridge:
        return SlackBridge(settings(self.slack, **self._more))

    async def say(
        self,
        text: str,
        *,
        by: str = "ann",
        place: str = "general",
        event_id: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        user, direct = PEOPLE[by]
        channel = direct if place == "direct" else "C0GEN"
        if event_id is not None:
            message = self.slack.messages[channel, event_id]
            await self.slack.send_event(self.slack.message_event(message))
            return event_id
        uploads = [self.slack.add_file(name, content) for name, content in (files or {}).items()]
        said = text if place == "direct" else f"<@{BOT}> {text}"
        ts = await self.slack.say(said, user, channel, thread_ts=self._threads.get(place), files=uploads)
        if place != "direct":
            self._threads.setdefault(place, ts)
        if self._gone is not None:  # it concerns the place where this was said
            await until(lambda: self._gone.times <= 0)
            self._gone = None
        return ts

    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        for message in reversed(self._messages(place)):
            if any(button["text"]["text"] == label for button in message.buttons):
                await self.slack.press(message, label, PEOPLE[by][0])
                return
        raise LookupError(f"There is no button `{label}` in `{place}`.")

    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        channel = PEOPLE[by][1] if place == "direct" else "C0GEN"
        await self.slack.change(channel, event_id, text if place == "direct" else f"<@{BOT}> {text}")

    def shown(self, place: str = "general") -> list[Shown]:
        return [
            Shown(
                ref=message.ts,
                text=message.shown,
                buttons=[button["text"]["text"] for button in message.buttons],
                files={file.name: file.content for file in message.files},
                changed_at=[at for at, _ in message.history],
            )
            for message in self._messages(place)
        ]

    def _messages(self, place: str) -> list[SlackMessage]:
        return self.slack.in_channel("D0ANN" if place == "direct" else "C0GEN", self._threads.get(place))

    def whispered(self, place: str = "general") -> list[str]:
        return [one["text"] for one in self.slack.ephemerals]

    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        more = dict(FAULTS[fault])
        if fault == "rate-limited":
            more["retry_after"] = retry_after
        shared = self.slack.fail_any(POSTING, times=times, **more)
        self._gone = shared if fault == "gone" else None
