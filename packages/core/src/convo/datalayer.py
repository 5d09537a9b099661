"""The port to history: what a data layer promises. `convo.testing.DataLayerSuite` is its contract as tests."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from convo.errors import MisconfiguredError
from convo.protocol import State, Step, ThreadInfo
from convo.signin import MemorySignIns, SignIns
from convo.state import Key
from convo.user import PersistedUser, User

__all__ = [
    "Changes",
    "DataLayer",
    "Favourite",
    "FavouritePage",
    "Migrations",
    "Pagination",
    "SearchHit",
    "SearchPage",
    "Share",
    "StoredThread",
    "ThreadPage",
    "UserPage",
]


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in a thread since it was last stored.

    `state` holds only the entries that were touched, each whole, and every plain field; `removed` the
    (collection, id) of entries to drop first: one in both was removed and put again. Applying the same changes twice
    is harmless. `changed_at` says when it was that they changed, for a thread that comes from elsewhere; `None`: now.
    Without `moves` a thread that is stored keeps its place in lists: nothing was said, it has another name or pin.
    """

    thread_id: str
    owner_id: str
    epoch: int
    seq: int
    state: State
    removed: list[Key]
    changed_at: str | None = None
    moves: bool = True


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread as history has it: its whole state, the principal it belongs to, and when it changed, as lists say."""

    owner_id: str
    state: State
    changed_at: str | None = None


@dataclass(frozen=True, slots=True)
class Pagination:
    """Which page: at most `first` items after the opaque `cursor` of the page before."""

    first: int = 20
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of threads, each with `changed_at`, the latest first; `cursor` is `None` on the last one."""

    threads: list[ThreadInfo]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A thread that was searched for, and where it matched best.

    `step_id` is the message that did; `None`: the title. `snippet` is plain text around the match, about 160 characters
    at most; `marks` are the ranges of it that matched, counted in characters (code points), in order.
    """

    thread: ThreadInfo
    step_id: str | None
    snippet: str
    marks: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of hits, the best first; `cursor` is `None` on the last one."""

    hits: list[SearchHit]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Favourite:
    """A message that its owner marked, and its thread."""

    thread_id: str
    step: Step


@dataclass(frozen=True, slots=True)
class FavouritePage:
    """One page of favourites, the latest message first; `cursor` is `None` on the last one."""

    favourites: list[Favourite]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """A link under which others may read a thread: as it was when it was made (`snapshot`), or as it grows (`live`).

    `cot` says which steps were shown when it was made: it never shows more. `revoked_at` is when it stopped working.
    """

    id: str
    thread_id: str
    kind: Literal["snapshot", "live"]
    cot: Literal["hidden", "tool_call", "full"]
    created_at: str
    revoked_at: str | None = None


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page of users; `cursor` is `None` on the last one."""

    users: list[PersistedUser]
    cursor: str | None


class Migrations(ABC):
    """The revisions of a store's tables. They are changed while no data layer needs to be open."""

    revisions: Sequence[str]
    """All that this version of the data layer knows, the oldest first."""

    @abstractmethod
    async def current(self) -> str | None:
        """The revision the store has; `None`: there are no tables. Raises `MisconfiguredError` for an unknown one."""

    @abstractmethod
    async def upgrade(self) -> None:
        """Get the store to the newest revision. Idempotent."""

    @abstractmethod
    async def downgrade(self, to: str) -> None:
        """Get the store back to an earlier revision; what only a later one knows is lost."""


class DataLayer(ABC):
    """Keeps threads. All methods raise `DataLayerError`: `UnavailableError` for "could not look", never "not there"."""

    is_durable: bool = True
    """Whether what is stored outlives the process."""

    migrates: bool = True
    """Whether `open` may make or change tables (`[data] migrate`); if not, it raises `MisconfiguredError` instead."""

    migrations: Migrations | None = None
    """The revisions of its tables, if it has some that change."""

    searches: Literal["messages", "titles"] = "titles"
    """What `search_threads` looks through: titles alone, or messages too."""

    keeps_shares: bool = False
    """Whether threads can be shared: the methods about shares raise `MisconfiguredError` where not."""

    @cached_property
    def sign_ins(self) -> SignIns:
        """Who is signed in. A data layer that has no place for it forgets it when the process ends."""
        return MemorySignIns(self)

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

    async def get_thread_version(self, thread_id: str) -> str | None:
        """A short text that is another one once the thread is stored otherwise; `None` when there is none.

        Asked for every few seconds by who follows a thread that another process writes: it should cost less than to
        read the thread, which is what this does.
        """
        stored = await self.get_thread(thread_id)
        if stored is None:
            return None
        encoded = msgspec.json.encode((stored.state, stored.changed_at))
        return hashlib.blake2b(encoded, digest_size=16).hexdigest()

    @abstractmethod
    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        """A principal's threads, the latest changed first; `None`: everybody's, for who runs the app.

        With `pinned`, only those that are pinned, or only those that are not.
        """

    @abstractmethod
    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        """A principal's threads in whose title or in one of whose messages every word of `text` begins a word.

        Case and accents make no difference (`convo.search` has the rules). Titles come before messages, the best match
        first; a thread comes once. Never raises because of `text`; one without words finds nothing.
        """

    @abstractmethod
    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        """The messages marked as `favourite` in a principal's threads, the latest by `created_at` first."""

    @abstractmethod
    async def delete_thread(self, thread_id: str) -> None:
        """Forget a thread and all in it. Idempotent."""

    @abstractmethod
    async def delete_owner(self, owner_id: str) -> list[str]:
        """Forget a principal: the threads, whose ids it returns, and the user who has this id, if any. Idempotent."""

    @abstractmethod
    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        """Make all threads of one principal another's (a visitor signed in); returns their ids. Idempotent.

        Whoever still writes to one says with each `Changes` whose it is: sessions that are live have to be told.
        """

    @abstractmethod
    async def get_user(self, identifier: str) -> PersistedUser | None:
        """The user who signs in as `identifier`; `None` when there is none."""

    async def list_users(self, pagination: Pagination) -> UserPage:
        """All users, in any order that stays. A store that cannot list them has none to show."""
        return UserPage([], None)

    @abstractmethod
    async def save_user(self, user: User) -> PersistedUser:
        """Insert or replace a user by `identifier`; `id`, which is the principal's, and `createdAt` stay."""

    # --- Shares ---

    async def add_share(self, share: Share, state: State | None) -> None:
        """Keep a share of a stored thread, a snapshot with its `state`. It goes when the thread is deleted.

        Raises `NotFoundError` when the thread is not there.
        """
        raise self._no_shares()

    async def get_share(self, share_id: str) -> Share | None:
        """The share of this id, revoked or not, whoever's; `None` when there is none, or its thread is gone."""
        raise self._no_shares()

    async def get_shared_state(self, share_id: str) -> State | None:
        """What a snapshot shows, exactly as it was added; `None` for a live one, a revoked one, and one not there."""
        raise self._no_shares()

    async def list_shares(self, thread_id: str) -> list[Share]:
        """The shares of a thread that are not revoked, the latest by `created_at` first."""
        raise self._no_shares()

    async def revoke_share(self, share_id: str, at: str) -> None:
        """Let a share be revoked since `at`, and forget its state. Idempotent: the first time counts."""
        raise self._no_shares()

    def _no_shares(self) -> MisconfiguredError:
        return MisconfiguredError(
            f"`{type(self).__name__}` keeps no shares; for `[features] allow_thread_sharing`, keep history with "
            "convo-sqlalchemy or convo-dynamodb."
        )
