"""`LegacyDataLayer`: the port `DataLayer` over a data layer of an existing app."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakValueDictionary

from msgspec.structs import replace

from convo.data.base import BaseDataLayer
from convo.data.dicts import listed, mapping, moment
from convo.data.kept import KEY
from convo.data.ledger import Ledger, changed_at, element_for, info_of, stored_step
from convo.data.pages import ThreadFilter
from convo.datalayer import (
    Changes,
    DataLayer,
    Favourite,
    FavouritePage,
    Pagination,
    SearchHit,
    SearchPage,
    StoredThread,
    ThreadPage,
)
from convo.errors import ConflictError, DataLayerError, MisconfiguredError, UnavailableError
from convo.files import Files
from convo.protocol import Step, timestamp
from convo.ratings import Feedback
from convo.search import excerpt, wanted
from convo.user import PersistedUser, User

__all__ = ["LegacyDataLayer"]

logger = logging.getLogger("convo.data")

LEDGERS = 200  # threads whose rows are remembered
USERS = 10_000  # whose ids are
PAGE = 100  # threads that are read at a time, where all are wanted
SECRET = "convo:secret"  # noqa: S105 - the identifier of the user whose metadata hold it
VISITOR = "visitor"


class LegacyDataLayer(DataLayer):
    """Keeps threads in a `BaseDataLayer`. `@data_layer` and `App(data_layer=…)` make one of it by themselves.

    Steps and runs are rows, created once and updated from then on; what the interface has no place for (branches,
    actions, asks, settings …) is a text under `convo` in the metadata of its row, so that a thread comes back as it
    was. A thread that an existing app has written is read as it is, and gets that text when somebody goes on with it.
    An anonymous visitor who writes is a user there, whose identifier is the visitor's id; the key that signs their
    cookies stands in the metadata of a user `convo:secret`.

    What the interface cannot do: it has no transactions, so a process that dies while it writes may leave the last
    words without their place in the conversation; it has no claims, so nothing keeps two processes from writing to one
    thread; it deletes steps by an id alone, so ids are unique over all threads (those that convo makes are); it keeps
    a user whose threads are all forgotten, though without metadata; it has no place for sign-ins, so everybody logs in
    again after a restart. Only titles are searched, one by one.
    """

    def __init__(self, layer: BaseDataLayer) -> None:
        self.layer = layer
        self.files: Files | None = None
        """Where the bytes of elements are. An `App` that starts with this data layer says so."""
        self._epochs: dict[str, int] = {}
        self._ledgers: OrderedDict[str, Ledger] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._users: OrderedDict[str, str] = OrderedDict()  # ids of users there, by principal
        self._identifiers: OrderedDict[str, str] = OrderedDict()  # by ids there
        self._secret: bytes | None = None

    async def close(self) -> None:
        await self._call("close")

    async def get_secret(self) -> bytes:
        if self._secret is None:
            self._secret = await self._stored_secret()
        return self._secret

    async def _stored_secret(self) -> bytes:
        user = await self._call("get_user", SECRET)
        if user is None:
            fresh = secrets.token_hex(32)
            await self._call("create_user", User(SECRET, metadata={"secret": fresh}))
            user = await self._call("get_user", SECRET)  # of processes that start together, the last one's
        try:
            return bytes.fromhex(mapping(user.metadata)["secret"])
        except (AttributeError, KeyError, ValueError):
            logger.warning("The data layer keeps no users: who is not signed in has a new history after a restart.")
            return secrets.token_bytes(32)

    # --- Threads ---

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        async with self._alone(thread_id):
            self._ledgers.pop(thread_id, None)
            self._epochs[thread_id] = self._epochs.get(thread_id, 0) + 1
            return self._epochs[thread_id]

    async def apply(self, changes: Changes) -> None:
        thread_id = changes.thread_id
        async with self._alone(thread_id):
            if changes.epoch != self._epochs.get(thread_id):
                raise ConflictError(f"The thread `{thread_id}` was taken over, or deleted.")
            ledger = self._ledgers.pop(thread_id, None)
            if ledger is None:  # also after a failure: what was written before it is seen then
                ledger = await self._read(thread_id) or Ledger.new(changes.state.thread)
            await self._write(ledger, changes)
            self._ledgers[thread_id] = ledger
            if len(self._ledgers) > LEDGERS:
                self._ledgers.popitem(last=False)

    async def _read(self, thread_id: str) -> Ledger | None:
        thread = await self._call("get_thread", thread_id)
        return None if not thread else Ledger.read(thread)

    async def _write(self, ledger: Ledger, changes: Changes) -> None:
        """Row after row, each after those it names. The thread's metadata, which say what counts, come last."""
        thread_id, thread = changes.thread_id, changes.state.thread
        before = {step.id: _rated(ledger, step.id) for step in changes.state.steps}
        gone, rows = ledger.merge(changes)
        ledger.owner_id = changes.owner_id
        told = (thread.name, thread.tags, changes.owner_id)
        news = await self._news(ledger, told)
        at = changes.changed_at or timestamp()
        if not changes.moves and ledger.changed_at is not None:
            at = ledger.changed_at
        if not ledger.exists:  # its metadata already now: whose it is must be known however far this gets
            await self._call("update_thread", thread_id, **news, metadata=ledger.metadata(at))
            ledger.exists, news = True, {}
        for name, entry_id in changes.removed:
            if name == "elements" and entry_id in ledger.elements:
                await self._call("delete_element", entry_id, thread_id)
                ledger.elements.discard(entry_id)
        for row_id in gone:
            await self._call("delete_step", row_id)
            ledger.rows.discard(row_id)
        for row_id in rows:
            await self._call("update_step" if row_id in ledger.rows else "create_step", ledger.row(row_id))
            ledger.rows.add(row_id)
        for element in changes.state.elements:
            if element.for_id in ledger.rows:
                await self._call("create_element", await element_for(element, thread_id, self.files))
                ledger.elements.add(element.id)
        for step in changes.state.steps:
            await self._rate(ledger, step, before[step.id])
        await self._call("update_thread", thread_id, **news, metadata=ledger.metadata(at))
        ledger.told, ledger.is_foreign, ledger.changed_at = told, False, at

    async def _news(self, ledger: Ledger, told: tuple[Any, ...]) -> dict[str, Any]:
        """What `update_thread` has to be told. An empty name takes a name away: `None` would leave it."""
        name, tags, owner_id = told
        news: dict[str, Any] = {}
        if name != ledger.told[0]:
            news["name"] = name or ""
        if tags != ledger.told[1]:
            news["tags"] = tags or []
        if owner_id != ledger.told[2]:
            news["user_id"] = await self._user_id(owner_id, is_made=True)
        return news

    async def _rate(self, ledger: Ledger, step: Step, before: tuple[Any, bool]) -> None:
        """Store what a user thinks of a message, where that changed."""
        rated, favoured = before
        if step.feedback is not None and step.feedback != rated:
            feedback = Feedback(
                forId=step.id,
                value=step.feedback.value,
                threadId=ledger.state.thread.id,
                id=ledger.ratings.get(step.id, step.id),
                comment=step.feedback.comment,
            )
            ledger.ratings[step.id] = str(await self._call("upsert_feedback", feedback) or step.id)
        elif step.feedback is None and rated is not None:
            await self._call("delete_feedback", ledger.ratings.pop(step.id, step.id))
        if step.favourite != favoured and type(self.layer).set_step_favorite is not BaseDataLayer.set_step_favorite:
            await self._call("set_step_favorite", ledger.row(step.id), step.favourite)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        ledger = await self._read(thread_id)
        if ledger is None:
            return None
        return StoredThread(ledger.owner_id or "", ledger.state.view(), ledger.changed_at)

    async def get_thread_owner(self, thread_id: str) -> str | None:
        try:
            identifier = await self._call("get_thread_author", thread_id)
        except DataLayerError:  # some raise for a thread that is not there: look, to tell that from an outage
            identifier = None
        user = await self._call("get_user", identifier) if identifier else None
        if user is not None:
            return identifier if _is_visitor(user) else str(user.id)
        thread = await self.get_thread(thread_id)
        return None if thread is None else thread.owner_id

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        if pagination.first < 1:
            return ThreadPage([], None)
        size, skip, cursor = _read_cursor(pagination)
        threads: list[Any] = []
        async for page, at in self._pages(owner_id, size, cursor):
            for i, found in enumerate(page.data[skip:], skip + 1):
                info = replace(info_of(found), changed_at=changed_at(found))
                if pinned in (None, info.pinned):
                    threads.append(info)
                if len(threads) < pagination.first:
                    continue
                if i < len(page.data):
                    return ThreadPage(threads, f"{size}:{i}:{at or ''}")
                more = page.pageInfo.hasNextPage and page.pageInfo.endCursor
                return ThreadPage(threads, f"{size}:0:{page.pageInfo.endCursor}" if more else None)
            skip = 0
        return ThreadPage(threads, None)

    async def _pages(
        self, owner_id: str | None, size: int, cursor: str | None
    ) -> AsyncIterator[tuple[Any, str | None]]:
        """Pages of threads as the layer has them, each with the cursor it was asked for with."""
        user_id = None if owner_id is None else await self._user_id(owner_id)
        if owner_id is not None and user_id is None:
            return
        while True:
            page = await self._call("list_threads", Pagination(size, cursor), ThreadFilter(userId=user_id))
            yield page, cursor
            if not page.pageInfo.hasNextPage or page.pageInfo.endCursor in (None, cursor):
                return
            cursor = page.pageInfo.endCursor

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        cursor = pagination.cursor or ""
        start = int(cursor[:9]) if cursor.isdecimal() else 0
        found: list[SearchHit] = []
        if not terms:
            return SearchPage([], None)
        async for page, _ in self._pages(owner_id, PAGE, None):
            for thread in page.data:
                info = info_of(thread)
                if (match := excerpt(info.name or "", terms)) is not None:
                    info = replace(info, changed_at=changed_at(thread))
                    found.append(SearchHit(info, None, match.snippet, match.marks))
            if len(found) > start + pagination.first:
                break
        end = start + pagination.first
        return SearchPage(found[start:end], str(end) if len(found) > end else None)

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        user_id = await self._user_id(owner_id)
        if user_id is None:
            return FavouritePage([], None)
        rows = listed(await self._call("get_favorite_steps", user_id))
        found = [Favourite(str(row.get("threadId")), replace(stored_step(row), favourite=True)) for row in rows]
        found.sort(key=lambda favourite: favourite.step.created_at or "", reverse=True)
        keys = [f"{favourite.thread_id}/{favourite.step.id}" for favourite in found]
        start = keys.index(pagination.cursor) + 1 if pagination.cursor in keys else 0
        end = start + pagination.first
        return FavouritePage(found[start:end], keys[end - 1] if start < end < len(found) else None)

    async def delete_thread(self, thread_id: str) -> None:
        async with self._alone(thread_id):
            self._epochs.pop(thread_id, None)
            self._ledgers.pop(thread_id, None)
            await self._call("delete_thread", thread_id)

    # --- Owners ---

    async def delete_owner(self, owner_id: str) -> list[str]:
        user_id = await self._user_id(owner_id)
        ids = await self._all_ids(owner_id)
        await self.sign_ins.end(owner_id)
        for thread_id in ids:
            await self.delete_thread(thread_id)
        identifier = self._identifiers.get(user_id or "")
        if identifier is not None and identifier != owner_id:
            await self._call("create_user", User(identifier))
        return ids

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        ids = await self._all_ids(owner_id)
        for thread_id in reversed(ids):  # so that they stay in order, where this counts as a change
            async with self._alone(thread_id):
                ledger = self._ledgers.pop(thread_id, None) or await self._read(thread_id)
                if ledger is None:
                    continue
                ledger.owner_id = to
                user_id = await self._user_id(to, is_made=True)
                metadata = ledger.metadata(timestamp()) if not ledger.is_foreign else None
                await self._call("update_thread", thread_id, user_id=user_id, metadata=metadata)
        return ids

    async def _all_ids(self, owner_id: str) -> list[str]:
        return [str(thread["id"]) async for page, _ in self._pages(owner_id, PAGE, None) for thread in page.data]

    async def get_user(self, identifier: str) -> PersistedUser | None:
        if identifier == SECRET:
            return None
        user = await self._call("get_user", identifier)
        return None if user is None or _is_visitor(user) else self._known(user)

    async def save_user(self, user: User) -> PersistedUser:
        if user.identifier == SECRET:
            raise MisconfiguredError(f"Nobody can sign in as `{SECRET}`: the key that signs cookies is kept there.")
        metadata = dict(user.metadata)
        if user.display_name is not None:  # which many layers have no place for
            metadata[KEY] = json.dumps({"display_name": user.display_name})
        saved = await self._call("create_user", User(user.identifier, user.display_name, metadata))
        saved = saved or await self._call("get_user", user.identifier)
        if saved is None:
            raise MisconfiguredError(
                f"`create_user` and `get_user` of `{type(self.layer).__name__}` give no user back; log-in needs one."
            )
        return self._known(saved)

    def _known(self, user: PersistedUser) -> PersistedUser:
        """The user as it was saved. Whose threads are stored under his id is remembered."""
        user_id, metadata = str(user.id), mapping(user.metadata)
        _remember(self._users, user_id, user_id)
        _remember(self._identifiers, user_id, user.identifier)
        beside = mapping(metadata.pop(KEY, None))
        display_name = getattr(user, "display_name", None) or beside.get("display_name")
        at = moment(user.createdAt) or timestamp()
        return PersistedUser(user.identifier, display_name, metadata, id=user_id, createdAt=at)

    async def _user_id(self, owner_id: str, *, is_made: bool = False) -> str | None:
        """The id of the user there who is this principal; `None` when there is none, and none can be made.

        Users who signed in are known by the id they got there. Visitors are users whose identifier is theirs.
        """
        known = self._users.get(owner_id)
        if known is not None:
            return known
        user = await self._call("get_user", owner_id)
        if user is not None and _is_visitor(user):
            return self._remembered(owner_id, user)
        page = await self._call("list_threads", Pagination(1), ThreadFilter(userId=owner_id))
        if any(str(thread.get("userId")) == owner_id for thread in page.data):
            _remember(self._users, owner_id, owner_id)
            return owner_id
        if not is_made or user is not None:
            return None
        user = await self._call("create_user", User(owner_id, metadata={KEY: VISITOR}))
        return None if user is None else self._remembered(owner_id, user)

    def _remembered(self, owner_id: str, user: PersistedUser) -> str:
        _remember(self._users, owner_id, str(user.id))
        _remember(self._identifiers, str(user.id), user.identifier)
        return str(user.id)

    # --- Asking ---

    def _alone(self, thread_id: str) -> asyncio.Lock:
        """While this alone writes to the thread."""
        return self._locks.setdefault(thread_id, asyncio.Lock())

    async def _call(self, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """What a method of the layer returns. Whatever it raises is an `UnavailableError`: it may work later."""
        try:
            result = getattr(self.layer, name)(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result
        except DataLayerError:
            raise
        except Exception as error:
            raise UnavailableError(
                f"`{name}` of the data layer `{type(self.layer).__name__}` raised {type(error).__name__}: {error}"
            ) from error


def _is_visitor(user: PersistedUser) -> bool:
    return mapping(user.metadata).get(KEY) == VISITOR


def _rated(ledger: Ledger, step_id: str) -> tuple[Any, bool]:
    entry = ledger.state.steps.get(step_id)
    return (None, False) if entry is None else (entry.facts.feedback, entry.facts.favourite)


def _read_cursor(pagination: Pagination) -> tuple[int, int, str | None]:
    """The size of the layer's pages, how many of the first one were shown, and its cursor."""
    size, _, rest = (pagination.cursor or "").partition(":")
    skip, separator, cursor = rest.partition(":")
    if not separator or not size.isdecimal() or not skip.isdecimal() or not 0 < int(size[:6]) <= 100_000:
        return pagination.first, 0, None
    return int(size[:6]), int(skip[:6]), cursor or None


def _remember(known: OrderedDict[str, str], key: str, value: str) -> None:
    known[key] = value
    known.move_to_end(key)
    if len(known) > USERS:
        known.popitem(last=False)
