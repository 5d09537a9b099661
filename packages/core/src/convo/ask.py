"""Asks: messages that wait for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from convo.action import Action
from convo.context import context
from convo.element import CustomElement
from convo.files import StoredFile
from convo.media import flatten_accept
from convo.message import Message, MessageType
from convo.protocol import AskOpened, Step, new_id, timestamp
from convo.run import current_run
from convo.thread import StepDict, step_dict

__all__ = [
    "AskActionMessage",
    "AskActionResponse",
    "AskElementMessage",
    "AskElementResponse",
    "AskFileMessage",
    "AskFileResponse",
    "AskUserMessage",
]

MOST_SECONDS = 10 * 365 * 24 * 3600.0


class AskActionResponse(TypedDict):
    """The button that was chosen."""

    name: str
    payload: dict[str, Any]
    label: str
    tooltip: str
    forId: str
    id: str


class AskElementResponse(TypedDict, total=False):
    """What was submitted: `submitted`, and the props the component handed over."""

    submitted: bool


@dataclass(frozen=True, slots=True)
class AskFileResponse:
    """A file that a user gave: its bytes are at `path`."""

    id: str
    name: str
    path: str
    size: int
    type: str

    @classmethod
    def of_file(cls, file: StoredFile) -> AskFileResponse:
        return cls(file.id, file.name, str(file.path), file.bytes, file.mime)


class _Ask(Message):
    """What all have in common: `send` shows the message and waits for the answer."""

    _type: Literal["text", "file", "action", "element"]

    def __init__(
        self,
        content: str,
        author: str | None = None,
        type: MessageType = "assistant_message",
        timeout: float = 60,
        raise_on_timeout: bool = False,
    ) -> None:
        super().__init__(content=content, author=author, type=type)
        self.timeout = min(float(_positive("timeout", timeout)), MOST_SECONDS)
        self.raise_on_timeout = raise_on_timeout

    def _spec(self) -> dict[str, Any]:
        """What readers need to know to answer."""
        return {}

    async def _wait(self) -> Any:
        """Show it and wait. `None` when it was cancelled, or not answered in time. Raises `TimeoutError` if wanted."""
        await Message.send(self)
        session, run = context.session, current_run.get()
        opened = AskOpened(
            id=new_id(),
            step_id=self.id,
            run_id="" if run is None else run.id,
            type=self._type,
            spec=self._spec(),
            expires_at=timestamp(self.timeout),
        )
        value = await session.questions.settle(opened, self.timeout)
        if session.state.asks[opened.id].outcome == "timed-out" and self.raise_on_timeout:
            raise TimeoutError(f"Nobody answered within {self.timeout:g} s.")
        return value


class AskUserMessage(_Ask):
    """Asks for a text. `send` returns the user's message as a `StepDict`, or `None`."""

    _type = "text"

    async def send(self) -> StepDict | None:  # type: ignore[override]  # existing apps know it so
        step: Step | None = await self._wait()
        return None if step is None else step_dict(step, context.session.thread_id)


class AskFileMessage(_Ask):
    """Asks for files. `accept`: types (`image/*`), endings (`.csv`) or `{"text/plain": [".txt"]}`.

    `send` returns `AskFileResponse`s, or `None`.
    """

    _type = "file"

    def __init__(
        self,
        content: str,
        accept: list[str] | Mapping[str, Sequence[str]],
        max_size_mb: float = 2,
        max_files: int = 1,
        author: str | None = None,
        type: MessageType = "assistant_message",
        timeout: float = 90,
        raise_on_timeout: bool = False,
    ) -> None:
        super().__init__(content, author, type, timeout, raise_on_timeout)
        if _is_text(accept) or not all(map(_is_text, accept)):
            raise TypeError("`accept` is a list of types, as `image/*`, and endings, as `.csv`.")
        self.accept = accept
        self.max_size_mb = _positive("max_size_mb", max_size_mb)
        self.max_files = int(_positive("max_files", max_files))

    def _spec(self) -> dict[str, Any]:
        return {
            "accept": flatten_accept(self.accept),
            "maxFiles": self.max_files,
            "maxBytes": int(self.max_size_mb * 1_000_000),
        }

    async def send(self) -> list[AskFileResponse] | None:  # type: ignore[override]
        files: list[StoredFile] | None = await self._wait()
        return None if files is None else [AskFileResponse.of_file(file) for file in files]


class AskActionMessage(_Ask):
    """Asks to choose a button. `send` returns the chosen one as a dict, or `None`."""

    _type = "action"

    def __init__(
        self,
        content: str,
        actions: list[Action],
        author: str | None = None,
        timeout: float = 90,
        raise_on_timeout: bool = False,
    ) -> None:
        super().__init__(content, author, timeout=timeout, raise_on_timeout=raise_on_timeout)
        if not actions:
            raise ValueError("`AskActionMessage` needs at least one action to choose.")
        self.actions = actions

    def _spec(self) -> dict[str, Any]:
        return {"actions": [action.id for action in self.actions]}

    async def send(self) -> AskActionResponse | None:  # type: ignore[override]
        chosen = await self._wait()
        if chosen is None:
            return None
        return AskActionResponse(
            name=chosen.name,
            payload=chosen.payload or {},
            label=chosen.label,
            tooltip=chosen.tooltip,
            forId=self.id,
            id=chosen.id,
        )


class AskElementMessage(_Ask):
    """Asks by a component of the author's own. `send` returns `{"submitted": True, …}` with its props, or `None`."""

    _type = "element"

    def __init__(
        self,
        content: str,
        element: CustomElement,
        author: str | None = None,
        timeout: float = 90,
        raise_on_timeout: bool = False,
    ) -> None:
        super().__init__(content, author, timeout=timeout, raise_on_timeout=raise_on_timeout)
        if not isinstance(element, CustomElement):
            raise TypeError(f"`AskElementMessage` asks by a `CustomElement`, not by a `{_kind(element)}`.")
        self.element = element
        self.elements = [element]

    def _spec(self) -> dict[str, Any]:
        return {"elementId": self.element.id}

    async def send(self) -> AskElementResponse | None:  # type: ignore[override]
        props: dict[str, Any] | None = await self._wait()
        return None if props is None else AskElementResponse(**(props | {"submitted": True}))  # type: ignore[typeddict-item]


def _kind(value: Any) -> str:
    return type(value).__name__


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _positive(name: str, value: float) -> float:
    if not isinstance(value, int | float):
        raise TypeError(f"`{name}` is a number, not a `{_kind(value)}`.")
    if not value > 0:
        raise ValueError(f"`{name}` is a number, more than 0.")
    return value
