"""The exchange: one request of a protocol and what answers it, without any input or output."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import msgspec
from convo.protocol import Ask, Failure

from convo_protocols.prompt import Prompt
from convo_protocols.turn import Happening

__all__ = ["SSE", "About", "Active", "Exchange", "Fresh", "Named", "Place", "Reply", "sse"]

SSE: Mapping[str, str] = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new thread; the same one again for the same `key`."""

    key: str | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """The principal's own thread behind a name that a client made, or with that id."""

    name: str


@dataclass(frozen=True, slots=True)
class Active:
    """A thread of the principal's that is there, from a run of it on."""

    thread_id: str
    run_id: str | None = None


Place: TypeAlias = Fresh | Named | Active


@dataclass(frozen=True, slots=True)
class About:
    """What is answered: ids of the server's, where the app's root is seen, and when that was."""

    thread_id: str
    run_id: str
    base_url: str
    created_at: int
    ask_id: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, as JSON. One with an `error` status is not worth trying again."""

    body: bytes
    status: int = 200


class Exchange(ABC):
    """A fold of happenings into what its protocol says.

    `begin`, `tell` and `fail` give the messages of a stream, `whole` what answers without one.
    """

    protocol: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = SSE

    prompt: Prompt
    place: Place
    is_streamed: bool = True
    profile: str | None = None
    key: str | None = None
    """What makes a repeated request the same: its command's id."""
    is_kept: bool = False
    """Whether the answer goes on without its caller."""
    is_reading: bool = False
    """Whether nothing is said: what is answered is there."""
    is_detached: bool = False
    """Whether it is answered at once with how things stand."""

    def awaits(self, ask: Ask) -> bool:
        """Whether a question ends the answer, for the next request to bring the user's; else nobody answers it."""
        return ask.type != "element"

    @abstractmethod
    def begin(self, about: About) -> Iterable[bytes]:
        """The answer begins."""

    @abstractmethod
    def tell(self, happening: Happening) -> Iterable[bytes]:
        """One more thing happened."""

    @abstractmethod
    def fail(self, failure: Failure) -> Iterable[bytes]:
        """It cannot be told to the end."""

    def close(self) -> Iterable[bytes]:
        """All is told."""
        return ()

    def whole(self) -> Reply:
        """What was told, at once. For protocols that answer without a stream."""
        raise NotImplementedError


def sse(data: Any, event: str | None = None) -> bytes:
    """A server-sent event that carries JSON."""
    name = b"" if event is None else b"event: %b\n" % event.encode()
    return b"%bdata: %b\n\n" % (name, msgspec.json.encode(data))
