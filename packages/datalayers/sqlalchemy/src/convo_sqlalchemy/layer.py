"""`SQLAlchemyDataLayer`: the port `DataLayer` over SQLAlchemy's core."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
import sqlalchemy as sa
from convo.aio import call_in_thread
from convo.datalayer import (
    Changes,
    DataLayer,
    Favourite,
    FavouritePage,
    Pagination,
    SearchHit,
    SearchPage,
    Share,
    StoredThread,
    ThreadPage,
    UserPage,
)
from convo.errors import ConflictError, DataLayerError, NotFoundError, UnavailableError
from convo.protocol import Action, Ask, Call, Delivery, Element, RunInfo, State, Step, ThreadInfo, timestamp
from convo.search import Excerpt, Term, excerpt, wanted
from convo.state import is_message
from convo.user import PersistedUser, User

from convo_sqlalchemy.database import Database, open_database
from convo_sqlalchemy.errors import translated
from convo_sqlalchemy.migrations import DatabaseMigrations, prepare
from convo_sqlalchemy.schema import entries, facts, is_possible_id, shares, threads, users
from convo_sqlalchemy.search import (
    BEFORE_LATEST,
    CANDIDATES,
    find_latest,
    find_messages,
    find_titles,
    spaced,
    words,
)
from convo_sqlalchemy.signins import DatabaseSignIns, read_user, user_body
from convo_sqlalchemy.statements import FAVOURITES, HEAD, LIST, READ, WEIGHT, claim, put_entries, put_user
from convo_sqlalchemy.urls import database_url, is_in_memory

__all__ = ["SQLAlchemyDataLayer"]

T = TypeVar("T")

_NOUNS: dict[str, type[msgspec.Struct]] = {
    "runs": RunInfo,
    "steps": Step,
    "elements": Element,
    "actions": Action,
    "asks": Ask,
    "calls": Call,
    "deliveries": Delivery,
}
_EMPTY: dict[str, Any] = {collection: [] for collection in _NOUNS}


class SQLAlchemyDataLayer(DataLayer):
    """Keeps threads in the database at `url`: SQLite, PostgreSQL, MySQL or MariaDB.

    A SQLite file is in WAL mode with `synchronous=NORMAL`: it survives a killed process as it is, and a power cut
    without its last moments.
    """

    searches = "messages"
    keeps_shares = True

    def __init__(self, url: str) -> None:
        self._url = database_url(url)
        self.is_durable = not is_in_memory(self._url)
        self._dialect = self._url.get_backend_name()
        self.migrations = DatabaseMigrations(self._url)
        self._claim = claim(self._dialect)
        self._put_entries = put_entries(self._dialect)
        self._put_user = put_user(self._dialect)
        self.sign_ins = DatabaseSignIns(self, self._dialect)
        self._opened: Database | None = None
        self._changed_at = 0

    async def open(self) -> None:
        if self._opened is not None:
            return
        database = open_database(self._url)
        try:
            with translated(self._url):
                await database.write(lambda connection: prepare(connection, migrates=self.migrates))
        except BaseException:
            await database.close()
            raise
        self._opened = database

    async def close(self) -> None:
        database, self._opened = self._opened, None
        if database is not None:
            await database.close()

    async def get_secret(self) -> bytes:
        return bytes.fromhex(await self.read(lambda connection: connection.execute(_SECRET).scalar_one()))

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        def work(connection: sa.Connection) -> int:
            connection.execute(self._claim, {"id": thread_id, "process": owner})
            # The row is locked by the statement before: nobody has counted on meanwhile.
            epoch: int = connection.execute(sa.select(threads.c.epoch).where(threads.c.id == thread_id)).scalar_one()
            return epoch

        return await self.write(work)

    async def apply(self, changes: Changes) -> None:
        put = list(self._rows(changes))
        removed = [
            {"b_thread_id": changes.thread_id, "b_collection": collection, "b_id": entry_id}
            for collection, entry_id in changes.removed
        ]
        thread, store = self._thread(changes), _STORE if changes.moves else _STORE_IN_PLACE

        def work(connection: sa.Connection) -> None:
            if not connection.execute(store, thread).rowcount:
                raise ConflictError(f"The thread `{changes.thread_id}` was taken over by another process, or deleted.")
            if removed:
                connection.execute(_REMOVE, removed)
            if put:
                connection.execute(self._put_entries, put)

        await self.write(work)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        if not is_possible_id(thread_id):
            return None
        rows = await self.read(lambda connection: connection.execute(READ, {"id": thread_id}).all())
        if not rows or rows[0].position != 0:
            return None
        with translated(self._url):
            state = await call_in_thread(_state, rows)
            return StoredThread(owner_id=rows[0].label, state=state, changed_at=_moment(rows[0].changed_at))

    async def get_thread_owner(self, thread_id: str) -> str | None:
        if not is_possible_id(thread_id):
            return None
        owner = sa.select(threads.c.owner_id).where(threads.c.id == thread_id)
        return await self.read(lambda connection: connection.execute(owner).scalar())

    async def get_thread_version(self, thread_id: str) -> str | None:
        if not is_possible_id(thread_id):
            return None

        def work(connection: sa.Connection) -> list[Any] | None:
            head = connection.execute(HEAD, {"id": thread_id}).one_or_none()
            return None if head is None else [*head, *connection.execute(WEIGHT, {"id": thread_id}).one()]

        facts = await self.read(work)
        return None if facts is None else hashlib.blake2b(repr(facts).encode(), digest_size=16).hexdigest()

    async def list_threads(
        self, owner_id: str | None, pagination: Pagination, *, pinned: bool | None = None
    ) -> ThreadPage:
        page = LIST.limit(pagination.first + 1)
        if owner_id is not None:
            if not is_possible_id(owner_id):
                return ThreadPage(threads=[], cursor=None)
            page = page.where(threads.c.owner_id == owner_id)
        if pinned is not None:
            page = page.where(threads.c.pinned == pinned)
        if (after := _read_cursor(pagination.cursor)) is not None:
            changed_at, thread_id = after
            same = sa.and_(threads.c.changed_at == changed_at, threads.c.id < thread_id)
            page = page.where(sa.or_(threads.c.changed_at < changed_at, same))
        rows = await self.read(lambda connection: connection.execute(page).all())
        shown, has_more = _cut(rows, pagination)
        threads_shown = [_info(row) for row in shown]
        return ThreadPage(threads=threads_shown, cursor=f"{shown[-1].changed_at}:{shown[-1].id}" if has_more else None)

    async def search_threads(self, owner_id: str, text: str, pagination: Pagination) -> SearchPage:
        terms = wanted(text)
        if not terms or not is_possible_id(owner_id):
            return SearchPage(hits=[], cursor=None)
        start = _read_number(pagination.cursor)
        end = start + pagination.first

        def work(connection: sa.Connection) -> tuple[list[SearchHit], bool]:
            best: dict[str, int | None] = dict.fromkeys(connection.execute(find_titles(owner_id, terms)).scalars())
            if len(best) <= end:
                found = self._find_messages(connection, owner_id, terms)
                for row in sorted(found, key=lambda row: (row.rank, row.position), reverse=True):
                    best.setdefault(row.thread_id, row.position)
            return _hits(connection, list(best.items())[start:end], terms), len(best) > end

        with translated(self._url):
            hits, has_more = await self._database.read(work)
        return SearchPage(hits=hits, cursor=str(end) if has_more and pagination.first else None)

    def _find_messages(self, connection: sa.Connection, owner_id: str, terms: list[Term]) -> Sequence[sa.Row[Any]]:
        if (
            self._dialect != "sqlite"
        ):  # its index begins with the latest; others are slow with what is nearly everywhere
            after = connection.execute(BEFORE_LATEST).scalar() or 0
            found = connection.execute(find_latest(self._dialect, owner_id, terms, after)).all()
            if len(found) == CANDIDATES:
                return found
        return connection.execute(find_messages(self._dialect, owner_id, terms)).all()

    async def list_favourites(self, owner_id: str, pagination: Pagination) -> FavouritePage:
        if not is_possible_id(owner_id):
            return FavouritePage(favourites=[], cursor=None)
        page = FAVOURITES.limit(pagination.first + 1)
        at, _, position = (pagination.cursor or "").rpartition("/")
        if position and is_possible_id(at or "-"):
            same = sa.and_(entries.c.favourite == at, entries.c.position < _read_number(position))
            page = page.where(sa.or_(entries.c.favourite < at, same))
        rows = await self.read(lambda connection: connection.execute(page, {"owner_id": owner_id}).all())
        shown, has_more = _cut(rows, pagination)
        read = [(row.thread_id, _step(row)) for row in shown]
        favourites = [Favourite(thread_id, step) for thread_id, step in read if step is not None]
        return FavouritePage(favourites, cursor=f"{shown[-1].favourite}/{shown[-1].position}" if has_more else None)

    async def delete_thread(self, thread_id: str) -> None:
        if not is_possible_id(thread_id):
            return
        gone = sa.delete(threads).where(threads.c.id == thread_id)
        await self.write(lambda connection: connection.execute(gone))

    async def delete_owner(self, owner_id: str) -> list[str]:
        if not is_possible_id(owner_id):
            return []

        def work(connection: sa.Connection) -> list[str]:
            ids = _lock_ids(connection, owner_id)
            connection.execute(sa.delete(threads).where(threads.c.owner_id == owner_id))
            connection.execute(sa.delete(users).where(users.c.id == owner_id))
            return ids

        return await self.write(work)

    async def give_threads(self, owner_id: str, to: str) -> list[str]:
        if not is_possible_id(owner_id):
            return []

        def work(connection: sa.Connection) -> list[str]:
            ids = _lock_ids(connection, owner_id)
            connection.execute(sa.update(threads).where(threads.c.owner_id == owner_id).values(owner_id=to))
            return ids

        return await self.write(work)

    async def get_user(self, identifier: str) -> PersistedUser | None:
        if not is_possible_id(identifier):
            return None
        row = await self.read(lambda connection: connection.execute(_USER, {"identifier": identifier}).one_or_none())
        return None if row is None else read_user(row)

    async def list_users(self, pagination: Pagination) -> UserPage:
        page = sa.select(users).order_by(users.c.id).limit(pagination.first + 1)
        if pagination.cursor is not None and is_possible_id(pagination.cursor):
            page = page.where(users.c.id > pagination.cursor)
        rows = await self.read(lambda connection: connection.execute(page).all())
        shown, has_more = _cut(rows, pagination)
        return UserPage([read_user(row) for row in shown], shown[-1].id if has_more else None)

    async def save_user(self, user: User) -> PersistedUser:
        if not is_possible_id(user.identifier):
            raise DataLayerError("A user's identifier has 1 to 255 characters, and no U+0000 among them.")
        fresh = {
            "id": str(uuid4()),
            "identifier": user.identifier,
            "created_at": timestamp(),
            "body": user_body(user),
        }

        def work(connection: sa.Connection) -> sa.Row[Any]:
            connection.execute(self._put_user, fresh)
            return connection.execute(_USER, {"identifier": user.identifier}).one()

        return read_user(await self.write(work))

    async def add_share(self, share: Share, state: State | None) -> None:
        row = {
            "id": share.id,
            "thread_id": share.thread_id,
            "created_at": share.created_at,
            "revoked_at": share.revoked_at,
            "body": _text({"kind": share.kind, "cot": share.cot}),
            "state": None if state is None else await call_in_thread(_text, state),
        }
        there = sa.select(threads.c.id).where(threads.c.id == share.thread_id, threads.c.info.is_not(None))

        def work(connection: sa.Connection) -> None:
            if connection.execute(there.with_for_update()).one_or_none() is None:
                raise NotFoundError(f"There is no thread `{share.thread_id}` to share.")
            connection.execute(sa.insert(shares), row)

        await self.write(work)

    async def get_share(self, share_id: str) -> Share | None:
        if not is_possible_id(share_id):
            return None
        row = await self.read(lambda connection: connection.execute(_SHARES.where(shares.c.id == share_id)).first())
        return None if row is None else self._share(row)

    async def get_shared_state(self, share_id: str) -> State | None:
        if not is_possible_id(share_id):
            return None
        wanted = sa.select(shares.c.state).where(shares.c.id == share_id)
        text = await self.read(lambda connection: connection.execute(wanted).scalar())
        if text is None:
            return None
        with translated(self._url):
            state: State = await call_in_thread(_STATE.decode, text)
        return state

    async def list_shares(self, thread_id: str) -> list[Share]:
        if not is_possible_id(thread_id):
            return []
        found = _SHARES.where(shares.c.thread_id == thread_id, shares.c.revoked_at.is_(None))
        found = found.order_by(shares.c.created_at.desc(), shares.c.id)
        rows = await self.read(lambda connection: connection.execute(found).all())
        return [self._share(row) for row in rows]

    async def revoke_share(self, share_id: str, at: str) -> None:
        if not is_possible_id(share_id):
            return
        revoked = sa.update(shares).where(shares.c.id == share_id, shares.c.revoked_at.is_(None))
        await self.write(lambda connection: connection.execute(revoked.values(revoked_at=at, state=None)))

    def _share(self, row: Any) -> Share:
        with translated(self._url):
            body = msgspec.json.decode(row.body)
        return Share(row.id, row.thread_id, body["kind"], body["cot"], row.created_at, row.revoked_at)

    def _thread(self, changes: Changes) -> dict[str, Any]:
        """What of the state is not an entry."""
        fields = msgspec.to_builtins(msgspec.structs.replace(changes.state, **_EMPTY))
        info = fields.pop("thread")
        thread = changes.state.thread
        # Strictly later each time, so that the order of a list does not hang on the clock's resolution.
        if changes.changed_at is None:
            changed_at = self._changed_at = max(time.time_ns() // 1000, self._changed_at + 1)
        else:
            changed_at = round(datetime.fromisoformat(changes.changed_at).timestamp() * 1e6)
        return {
            "b_id": changes.thread_id,
            "b_epoch": changes.epoch,
            "owner_id": changes.owner_id,
            "changed_at": changed_at,
            "info": _text(info),
            "fields": _text(fields),
            "pinned": thread.pinned,
            "words": spaced(thread.name or ""),
        }

    def _rows(self, changes: Changes) -> Iterator[dict[str, str | None]]:
        for collection in _NOUNS:
            for entry in getattr(changes.state, collection):
                yield {
                    "thread_id": changes.thread_id,
                    "collection": collection,
                    "id": entry.id,
                    "body": _text(entry),
                    "favourite": (entry.created_at or "") if isinstance(entry, Step) and entry.favourite else None,
                    "words": words(self._dialect, entry.output)
                    if isinstance(entry, Step) and is_message(entry)
                    else None,
                }

    @property
    def _database(self) -> Database:
        if self._opened is None:
            raise UnavailableError("The history is not open; `await data_layer.open()` comes first.")
        return self._opened

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns, in a transaction of its own."""
        with translated(self._url):
            return await self._database.read(work)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """What `work` returns, in a transaction that may write. It may be called again, if others collide with it."""
        with translated(self._url):
            return await self._database.write(work)


_SECRET = sa.select(facts.c.value).where(facts.c.name == "secret")

_STORED = ("owner_id", "changed_at", "info", "fields", "pinned", "words")

_SHARES = sa.select(shares.c.id, shares.c.thread_id, shares.c.created_at, shares.c.revoked_at, shares.c.body)
_STATE = msgspec.json.Decoder(State)

_USER = sa.select(users).where(users.c.identifier == sa.bindparam("identifier"))

# Touches no row when the epoch is not the last one claimed.
_STORE = (
    sa.update(threads)
    .where(threads.c.id == sa.bindparam("b_id"), threads.c.epoch == sa.bindparam("b_epoch"))
    .values({name: sa.bindparam(name) for name in _STORED})
)
_STORE_IN_PLACE = _STORE.values(changed_at=sa.func.coalesce(threads.c.changed_at, sa.bindparam("changed_at")))

_REMOVE = sa.delete(entries).where(
    entries.c.thread_id == sa.bindparam("b_thread_id"),
    entries.c.collection == sa.bindparam("b_collection"),
    entries.c.id == sa.bindparam("b_id"),
)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _state(rows: Any) -> State:
    """The state of `READ`'s rows, the first of which is the thread's."""
    head, *found = rows
    state: dict[str, Any] = {collection: [] for collection in _NOUNS}
    for row in found:
        noun = _NOUNS.get(row.label)
        if noun is None:
            raise DataLayerError(f"What is stored holds `{row.label}`, which this version of convo does not know.")
        state[row.label].append(msgspec.json.decode(row.body, type=noun))
    plain = msgspec.convert(msgspec.json.decode(head.body) | {"thread": msgspec.json.decode(head.info)}, State)
    return msgspec.structs.replace(plain, **state)


def _info(row: Any) -> ThreadInfo:
    """The facts of a thread in a list; of one that cannot be read there is only its id: to open it says why."""
    try:
        info = msgspec.json.decode(row.info, type=ThreadInfo)
    except msgspec.DecodeError:
        info = ThreadInfo(id=row.id)
    return msgspec.structs.replace(info, changed_at=_moment(row.changed_at))


def _moment(microseconds: int) -> str:
    at = datetime.fromtimestamp(microseconds / 1e6, UTC).isoformat(timespec="milliseconds")
    return at.removesuffix("+00:00") + "Z"


def _step(row: Any) -> Step | None:
    """A step in a list; `None` when it cannot be read."""
    try:
        return msgspec.json.decode(row.body, type=Step)
    except msgspec.DecodeError:
        return None


def _hits(connection: sa.Connection, best: list[tuple[str, int | None]], terms: list[Term]) -> list[SearchHit]:
    """The hits of (thread, position of the message that matched); what is gone by now is left out."""
    ids = [thread_id for thread_id, _ in best]
    positions = [position for _, position in best if position is not None]
    infos = {row.id: _info(row) for row in connection.execute(LIST.where(threads.c.id.in_(ids)))}
    bodies = sa.select(entries.c.position, entries.c.body).where(entries.c.position.in_(positions))
    steps = {row.position: step for row in connection.execute(bodies) if (step := _step(row)) is not None}
    hits: list[SearchHit] = []
    for thread_id, position in best:
        thread, step = infos.get(thread_id), None if position is None else steps.get(position)
        if thread is not None and (position is None) == (step is None):
            text = (thread.name or "") if step is None else step.output
            found = excerpt(text, terms) or Excerpt(text[:160], [])
            hits.append(SearchHit(thread, None if step is None else step.id, found.snippet, found.marks))
    return hits


def _lock_ids(connection: sa.Connection, owner_id: str) -> list[str]:
    """The owner's threads, which nobody changes before this transaction ends."""
    return list(
        connection.execute(sa.select(threads.c.id).where(threads.c.owner_id == owner_id).with_for_update()).scalars()
    )


def _cut(rows: Sequence[T], pagination: Pagination) -> tuple[Sequence[T], bool]:
    """The rows of this page, of which one more was asked for, and whether there are more."""
    shown = rows[: pagination.first]
    return shown, bool(shown) and len(rows) > len(shown)


def _read_number(text: str | None) -> int:
    """A number in a cursor; 0 for what is none of ours."""
    return int(text) if text is not None and text.isdecimal() and len(text) < 19 else 0


def _read_cursor(cursor: str | None) -> tuple[int, str] | None:
    """Where the page before ended; a cursor that is none of ours begins at the top."""
    changed_at, _, thread_id = (cursor or "").partition(":")
    if not changed_at.isdecimal() or len(changed_at) > 18 or not is_possible_id(thread_id):
        return None
    return int(changed_at), thread_id
