"""People in a fake Teams."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from convo.testing.platform import Fault, PlatformDriver, Shown
from convo_teams.bridge import TeamsBridge
from convo_teams.settings import TeamsSettings

from tests.platforms.fakes.teams import CONSENT, DOWNLOAD, INFO, FakeTeams, Message

__all__ = ["TeamsPeople"]


class TeamsPeople(PlatformDriver):
    """Drives an app through a fake of Teams. `general` is a thread of a channel."""

    can_find: ClassVar[bool] = False
    shows_ratings: ClassVar[bool] = False

    def __init__(self, fake: FakeTeams, **settings: Any) -> None:
        self.fake = fake
        self._settings = settings

    def create_bridge(self) -> TeamsBridge:
        bridge = TeamsBridge(TeamsSettings.model_validate(self.fake.settings(**self._settings)))
        self.fake.serve(app=bridge.app)
        return bridge

    async def say(
        self,
        text: str,
        *,
        by: str = "ann",
        place: str = "general",
        event_id: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        activity = self.fake.message(text, by=by, place=place)
        if event_id is not None:
            activity["id"] = event_id
        for name, content in (files or {}).items():
            self.fake.files[name] = content
            address = f"{self.fake.url}/files/{name}"
            facts = {"downloadUrl": address, "uniqueId": name, "fileType": name.rpartition(".")[2]}
            one = {"contentType": DOWNLOAD, "contentUrl": address, "name": name, "content": facts}
            activity.setdefault("attachments", []).append(one)
        await self.fake.send(activity)
        return str(activity["id"])

    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        for message in reversed(self.fake.said(place, by)):
            if label in ("👍", "👎") and "feedbackLoop" in (message.activity.get("channelData") or {}):
                said = {"reaction": "like" if label == "👍" else "dislike", "feedback": '{"feedbackText":""}'}
                value = {"actionName": "feedback", "actionValue": said}
                await self.fake.invoke("message/submitAction", value, message, by=by, place=place)
                return
            for action in message.actions:
                if action["title"] == label:
                    pressed = {"action": action, "trigger": "manual"}
                    await self.fake.invoke("adaptiveCard/action", pressed, message, by=by, place=place)
                    return
        raise LookupError(f"There is no button `{label}` in `{place}`.")

    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        activity = {**self.fake.message(text, by=by, place=place), "type": "messageUpdate", "id": event_id}
        activity["channelData"] = {**activity["channelData"], "eventType": "editMessage"}
        await self.fake.send(activity)

    def shown(self, place: str = "general") -> list[Shown]:
        return [self._shown(message) for message in self.fake.said(place)]

    def whispered(self, place: str = "general") -> list[str]:
        return []

    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        self.fake.fail(fault, times=times, retry_after=retry_after)

    async def accept(self, name: str, *, by: str = "ann", place: str = "direct") -> None:
        """Somebody takes a file that the bot offers."""
        for message in self.fake.said(place, by):
            for one in message.attachments:
                if one["contentType"] == CONSENT and one["name"] == name:
                    await self.fake.invoke("fileConsent/invoke", self.acceptance(one), message, by=by, place=place)
                    return
        raise LookupError(f"No file `{name}` is offered in `{place}`.")

    def acceptance(self, consent: Mapping[str, Any]) -> dict[str, Any]:
        """What Teams says when somebody takes a file."""
        name = str(consent["name"])
        info = {
            "contentUrl": f"{self.fake.url}/files/{name}",
            "name": name,
            "uploadUrl": f"{self.fake.url}/uploads/{name}",
            "uniqueId": "1",
            "fileType": name.rpartition(".")[2],
        }
        context = consent["content"]["acceptContext"]
        return {"type": "fileUpload", "action": "accept", "context": context, "uploadInfo": info}

    def _shown(self, message: Message) -> Shown:
        lines = [message.text]
        blocks = [block for block in message.card.get("body", ()) if block["type"] == "RichTextBlock"]
        lines += ["".join(run["text"] for run in block["inlines"]) for block in blocks]
        buttons = [action["title"] for action in message.actions]
        if "feedbackLoop" in (message.activity.get("channelData") or {}):
            buttons += ["👍", "👎"]
        text = "\n".join(line for line in lines if line)
        return Shown(message.id, text, buttons, dict(self._files(message)), message.changed_at)

    def _files(self, message: Message) -> Iterator[tuple[str, bytes]]:
        for one in message.attachments:
            if one["contentType"] == INFO:
                yield one["name"], bytes(self.fake.uploads[one["name"]])
            elif str(one.get("contentUrl", "")).startswith("data:"):
                yield one["name"], b64decode(one["contentUrl"].partition(",")[2])
