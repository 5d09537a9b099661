"""The port to histories of other frameworks: what `convo migrate` reads."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from convo.user import User

__all__ = ["Source", "SourceThread"]


@dataclass(frozen=True, slots=True)
class SourceThread:
    """A thread in the shape of a `ThreadDict`, whose it is (`None`: nobody's), and when it changed last."""

    thread: Mapping[str, Any]
    user: User | None
    changed_at: str | None


class Source(ABC):
    """Reads a history, and never writes to it. All methods raise `DataLayerError`, as those of a `DataLayer` do.

    A package announces one in the group `convo.sources`: a class, made with the address of what to read.
    """

    title: str = ""
    """What was found there, in a few words; known when it is open."""

    @abstractmethod
    async def open(self) -> None:
        """Look what is there. Raises `MisconfiguredError` when it is no such history."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections."""

    @abstractmethod
    async def count(self) -> dict[str, int]:
        """How many rows there are of users, threads, steps, elements and feedback."""

    @abstractmethod
    def users(self) -> AsyncIterator[User]:
        """All users."""

    @abstractmethod
    def threads(self) -> AsyncIterator[SourceThread]:
        """All threads, by id; those that their app has marked as deleted are left out."""
