"""A platform in memory: the reference of the `Bridge` port, and what its contract suite drives."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypeAlias

from convo.bridge import Author, Bridge, Incoming, Part, Place
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from convo.protocol import new_id

__all__ = ["Fault", "MemoryBridge", "MemoryPlatform", "PlatformDriver", "Shown"]

Fault: TypeAlias = Literal["rate-limited", "down", "unsure", "gone", "denied"]
"""`unsure`: it does what is asked, and then nobody hears of it."""


@dataclass(slots=True)
class Shown:
    """A message of the app, as people on the platform see it now."""

    ref: str
    text: str
    buttons: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    changed_at: list[float] = field(default_factory=list)
    """When it was posted and each time it was changed, by `time.monotonic`."""


class PlatformDriver(ABC):
    """Acts as people on a platform do, and looks at what they see. Places are names that the driver gives a meaning.

    `direct` is a place of direct messages; every other is a channel or a thread in one.
    """

    can_find: ClassVar[bool] = True
    """Whether a bridge can tell after a restart what was posted before (`Bridge.find`)."""
    shows_ratings: ClassVar[bool] = True
    """Whether the button says that it was pressed; else the platform does that in its own way."""
    has_edits: ClassVar[bool] = True
    """Whether people can change what they said."""

    @abstractmethod
    def create_bridge(self) -> Bridge:
        """A bridge to this platform, as a process that starts has it."""

    @abstractmethod
    async def say(
        self,
        text: str,
        *,
        by: str = "ann",
        place: str = "general",
        event_id: str | None = None,
        files: Mapping[str, bytes] | None = None,
    ) -> str:
        """Somebody says something to the app; returns the id of the event. With an `event_id` it comes again."""

    @abstractmethod
    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        """Somebody presses the last button with this label."""

    @abstractmethod
    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        """Somebody changes what he said."""

    @abstractmethod
    def shown(self, place: str = "general") -> list[Shown]:
        """What the app has posted and that is still there, the oldest first; texts as near to Markdown as can be."""

    @abstractmethod
    def whispered(self, place: str = "general") -> list[str]:
        """What only one person was told."""

    @abstractmethod
    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        """Answer the next `times` calls that post or edit with a fault."""


class MemoryPlatform(PlatformDriver):
    """Keeps what is posted in lists."""

    def __init__(self) -> None:
        self.bridge: MemoryBridge | None = None
        self.messages: dict[str, dict[str, tuple[Part, Shown]]] = {}  # by place, then by reference
        self.told: dict[str, list[str]] = {}
        self.statuses: list[str | None] = []
        self.commands: list[dict[str, Any]] = []
        self._faults: list[tuple[Fault, float]] = []

    def create_bridge(self) -> MemoryBridge:
        from convo.bridge import PlatformSettings

        self.bridge = MemoryBridge(PlatformSettings.model_validate({}), self)
        return self.bridge

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
        incoming = [Incoming(name, _opening(content)) for name, content in (files or {}).items()]
        await self._bridge.say(_place(place), _author(by), event_id, text, files=incoming)
        return event_id

    async def press(self, label: str, *, by: str = "ann", place: str = "general") -> None:
        for part, _ in reversed(self.messages.get(place, {}).values()):
            for button in part.buttons:
                if button.label == label:
                    await self._bridge.press(_place(place), _author(by), new_id(), button.key)
                    return
        raise LookupError(f"There is no button `{label}` in `{place}`.")

    async def revise(self, event_id: str, text: str, *, by: str = "ann", place: str = "general") -> None:
        await self._bridge.revise(_place(place), _author(by), new_id(), event_id, text)

    def shown(self, place: str = "general") -> list[Shown]:
        return [shown for _, shown in self.messages.get(place, {}).values()]

    def whispered(self, place: str = "general") -> list[str]:
        return self.told.get(place, [])

    def fail(self, fault: Fault, *, times: int = 1, retry_after: float = 0.3) -> None:
        self._faults += [(fault, retry_after)] * times

    @property
    def _bridge(self) -> MemoryBridge:
        assert self.bridge is not None, "the app has no bridge to this platform yet"
        return self.bridge

    def next_fault(self) -> PlatformError | None:
        """What the next call raises."""
        if not self._faults:
            return None
        fault, retry_after = self._faults.pop(0)
        match fault:
            case "rate-limited":
                return PlatformBusyError("Too many messages.", retry_after=retry_after)
            case "down":
                return PlatformBusyError("The platform has a fault.")
            case "unsure":
                return PlatformBusyError("The connection was lost.", is_unsure=True)
            case "gone":
                return PlatformGoneError("The channel is not there any more.")
            case "denied":
                return PlatformDeniedError("The token was revoked. Make a new one.")


class MemoryBridge(Bridge):
    """The bridge to a `MemoryPlatform`."""

    platform = "test"
    text_limit = 2000
    edit_seconds = 0.2
    has_forms = True

    def __init__(self, settings: Any, there: MemoryPlatform) -> None:
        super().__init__(settings)
        self._there = there

    async def run(self) -> None:
        self.connected()
        await asyncio.Event().wait()

    async def post(self, place: Place, part: Part) -> str:
        if part.key.startswith("whisper:"):
            self._there.told.setdefault(place.path[-1], []).append(part.text)
            return part.key
        error = self._there.next_fault()
        if error is not None and not (isinstance(error, PlatformBusyError) and error.is_unsure):
            raise error
        ref = new_id()
        shown = Shown(ref, "")
        self._there.messages.setdefault(place.path[-1], {})[ref] = (part, shown)
        await self._show(shown, part)
        if error is not None:
            raise error
        return ref

    async def edit(self, place: Place, ref: str, part: Part) -> None:
        if (error := self._there.next_fault()) is not None:
            raise error
        known = self._there.messages.get(place.path[-1], {})
        if ref not in known:
            raise PlatformGoneError("The message is not there any more.")
        shown = known[ref][1]
        known[ref] = (part, shown)
        await self._show(shown, part)

    async def delete(self, place: Place, ref: str) -> None:
        if self._there.messages.get(place.path[-1], {}).pop(ref, None) is None:
            raise PlatformGoneError("The message is not there any more.")

    async def find(self, place: Place, part: Part) -> str | None:
        known = self._there.messages.get(place.path[-1], {})
        return next((ref for ref, (there, _) in known.items() if there.key == part.key), None)

    async def show_status(self, place: Place, text: str | None) -> None:
        self._there.statuses.append(text)

    async def show_commands(self, place: Place, commands: list[dict[str, Any]]) -> None:
        self._there.commands = commands

    async def _show(self, shown: Shown, part: Part) -> None:
        tasks = "".join(f"\n[{task.status}] {task.title}" for task in part.tasks)
        shown.text = f"{part.text}{tasks}"
        shown.buttons = [button.label for button in part.buttons]
        if part.attachment is not None and part.attachment.url is None:
            shown.files = {part.attachment.name: b"".join([piece async for piece in self.read(part.attachment)])}
        shown.changed_at.append(time.monotonic())


def _place(name: str) -> Place:
    return Place("test", ("here", name), is_direct=name == "direct")


def _author(name: str) -> Author:
    return Author(name, name.title())


def _opening(content: bytes) -> Callable[[], AsyncIterator[bytes]]:
    async def pieces() -> AsyncIterator[bytes]:
        yield content

    return pieces
