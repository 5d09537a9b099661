"""The port to history: what a data layer promises. `convo.testing.DataLayerSuite` is its contract as tests."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from convo.protocol import State, ThreadInfo
from convo.state import Key

__all__ = ["Changes", "DataLayer", "Pagination", "StoredThread", "ThreadPage"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in a thread since it was last stored.

    `state` holds only the entries that were touched, each whole, and every plain field; `removed` the
    (collection, id) of entries to drop first: one in both was removed and put again. Applying the same changes twice
    is harmless.
    """

    thread_id: str
    owner_id: str
    epoch: int
    seq: int
    state: State
    removed: list[Key]


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread as history has it: its whole state and the principal it belongs to."""

    owner_id: str
    state: State


@dataclass(frozen=True, slots=True)
class Pagination:
    """Which page: at most `first` items after the opaque `cursor` of the page before."""

    first: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of threads, the latest changed first; `cursor` is `None` on the last one."""

    threads: list[ThreadInfo]
    cursor: str | None


class DataLayer(ABC):
    """Keeps threads. All methods raise `DataLayerError`: `UnavailableError` for "could not look", never "not there"."""

    is_durable: bool = True
    """Whether what is stored outlives the process."""

    async def open(self) -> None:  # noqa: B027 - optional to override
        """Get ready: connect, migrate. Called once before anything else."""

    async def close(self) -> None:  # noqa: B027 - optional to override
        """Let go of connections. Called once, last."""

    @abstractmethod
    async def get_secret(self) -> bytes:
        """The key that signs anonymous visitors' cookies: 32 random bytes, made once and kept with the data."""

    @abstractmethod
    async def claim_thread(self, thread_id: str, owner: str) -> int:
        """Make the process `owner` the only writer of a thread (stored or not yet); returns its new epoch, from 1."""

    @abstractmethod
    async def apply(self, changes: Changes) -> None:
        """Store all of `changes` or nothing, in one transaction.

        Raises `ConflictError` when the thread was claimed with another epoch since, or deleted.
        """

    @abstractmethod
    async def get_thread(self, thread_id: str) -> StoredThread | None:
        """The whole thread, entries in the order they were first stored; `None` when there is none."""

    @abstractmethod
    async def get_thread_owner(self, thread_id: str) -> str | None:
        """The id of the principal a thread belongs to, without reading the thread; `None` when there is none."""

    @abstractmethod
    async def list_threads(self, owner_id: str, pagination: Pagination) -> ThreadPage:
        """A principal's threads, the latest changed first."""

    @abstractmethod
    async def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and all in it. Idempotent."""
