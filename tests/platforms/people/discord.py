"""People on a Discord of our own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convo.testing.platform import Fault, PlatformDriver, Shown
from convo_discord import DiscordBridge, DiscordSettings

from tests.platforms.fakes.discord import FakeDiscord

__all__ = ["DiscordPeople"]


class DiscordPeople(PlatformDriver):
    """People on our own Discord: `direct` are Ann's direct messages, all else threads that the bot began."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.people: dict[str, Any] = {}
        self.places: dict[str, Any] = {}

    def create_bridge(self) -> DiscordBridge:
        return DiscordBridge(DiscordSettings(bot_token=self.discord.token))

    async def say(
        self,
        text: str,
        *,
        by: str = "ann",
        place: str = "general",
        event_id: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        channel = await self._place(place)
        if event_id is not None:
            message = next(one for one in self.discord.messages(channel) if one["id"] == event_id)
            await self.discord.say_again(message)
            return event_id
        sent = [(name, "text/plain", content) for name, content in (files or {}).items()]
        message = await self.discord.say(self._person(by), channel, text, files=sent)
        return str(message["id"])

    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        channel = await self._place(place)
        for message in reversed(self.discord.posted(channel)):
            if label in _labels(message):
                await self.discord.press(self._person(by), message, label)
                return
        raise LookupError(f"There is no button `{label}` in `{place}`.")

    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        channel = await self._place(place)
        message = next(one for one in self.discord.messages(channel) if one["id"] == event_id)
        await self.discord.edit(message, text)

    def shown(self, place: str = "general") -> list[Shown]:
        channel = self.places.get(place)
        return [] if channel is None else [self._shown(one) for one in self.discord.posted(channel)]

    def whispered(self, place: str = "general") -> list[str]:
        return [one["content"] for one in self.discord.whispers]

    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        sending = r"^/channels/\d+/messages"
        match fault:
            case "rate-limited":
                self.discord.limit("POST", sending, retry_after, times=times)
            case "down":
                self.discord.fail("POST", sending, 503, times=times)
            case "unsure":
                self.discord.fail("POST", sending, 0, times=times, is_done=True)
            case "gone":
                self.discord.fail("POST", sending, 404, code=10003, times=times)
            case "denied":
                self.discord.fail("POST", sending, 401, times=times)

    def _person(self, name: str) -> Any:
        return self.people.setdefault(name, self.discord.person(name.title()))

    async def _place(self, name: str) -> Any:
        if name not in self.places:
            if name == "direct":
                self.places[name] = self.discord.dm(self._person("ann"))
            else:
                self.places[name] = await self.discord.begin_thread(self.discord.bot, self.discord.general, name)
        return self.places[name]

    def _shown(self, message: Any) -> Shown:
        return Shown(
            ref=message["id"],
            text=message["content"].removeprefix("-# "),
            buttons=_labels(message),
            files={one["filename"]: self.discord.content_of(one) for one in message["attachments"]},
            changed_at=[one.at for one in self._changes(message)],
        )

    def _changes(self, message: Any) -> list[Any]:
        path = f"/channels/{message['channel_id']}/messages/{message['id']}"
        made = [one for one in self.discord.requests if one.path == path and one.method == "PATCH"]
        return [one for one in made if one.status == 200]


def _labels(message: Any) -> list[str]:
    return [one["label"] for row in message["components"] for one in row["components"] if "label" in one]
