"""Threads on their way: from a data layer to JSON Lines, and from there, or from another app, into a data layer.

Each line is a JSON object of its own:

- `version`: of this format, 1;
- `owner`: the principal whose thread it is, and `user`, when that is one who signed in and can be looked up:
  `{identifier, displayName, metadata}`;
- `changedAt`: when the thread changed last;
- `state`: the thread with all in it, the `State` of `docs/protocol.schema.json`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
import typer
from convo import ConvoError, DataLayer, User
from convo.datalayer import Changes, Pagination
from convo.protocol import State, ThreadInfo, new_id
from convo.user import PersistedUser

from convo_cli.progress import Progress, counted

__all__ = [
    "VERSION",
    "Copier",
    "export_threads",
    "find_owner",
    "import_threads",
    "opened_output",
    "print_list",
    "thread_owner",
]

VERSION = 1
PAGE = 500


class Person(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """Somebody who signed in."""

    identifier: str
    display_name: str | None = None
    metadata: dict[str, Any] = {}


class Line(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """A thread as it is exported."""

    version: int
    owner: str
    changed_at: str | None = None
    user: Person | None = None
    state: State


class _Head(msgspec.Struct):
    version: int


class Copier:
    """Stores threads that come from elsewhere. One that is there already stays as it is."""

    def __init__(self, layer: DataLayer) -> None:
        self._layer = layer
        self._process = f"import-{new_id()}"
        self._users: dict[str, str] = {}  # ids by identifier
        self.stored = 0
        self.there = 0

    async def store(self, owner_id: str, state: State, changed_at: str | None) -> bool:
        """Store a thread; `False` when one with its id was there. Raises `DataLayerError`."""
        thread_id = state.thread.id
        if await self._layer.get_thread_owner(thread_id) is not None:
            self.there += 1
            return False
        epoch = await self._layer.claim_thread(thread_id, self._process)
        await self._layer.apply(
            Changes(
                thread_id=thread_id,
                owner_id=owner_id,
                epoch=epoch,
                seq=state.saved.seq,
                state=state,
                removed=[],
                changed_at=changed_at,
            )
        )
        self.stored += 1
        return True

    async def user_id(self, user: User) -> str:
        """The id here of somebody who signs in; he is saved if he is not known."""
        if user.identifier not in self._users:
            known = await self._layer.get_user(user.identifier) or await self._layer.save_user(user)
            self._users[user.identifier] = known.id
        return self._users[user.identifier]


async def print_list(layer: DataLayer, owner: str | None, first: int) -> int:
    owner_id, _ = await find_owner(layer, owner)
    count = 0
    async for info in _listed(layer, owner_id):
        typer.echo(f"{info.changed_at or '':24}  {info.id:22}  {' '.join((info.name or '').split())[:80]}")
        count += 1
        if count == first:
            break
    if not count:
        typer.echo("There are no chats.", err=True)
    return 0


async def export_threads(layer: DataLayer, owner: str | None, output: str, only: str | None = None) -> int:
    """All threads, or the one with the id `only`; only those of `owner`, if that is given."""
    owner_id, user = await find_owner(layer, owner)
    if only is not None:
        await thread_owner(layer, only, owner_id)
    people = {} if user is None else {user.id: _person(user)}
    if owner is None:
        people = {one.id: _person(one) async for one in _users(layer)}
    # Ids alone are held, so that the oldest can come first; what changes meanwhile moves up, and is looked for again.
    found: dict[str, str | None] = {}
    while True:
        before = len(found)
        async for info in _listed(layer, owner_id):
            if before and info.id in found:
                break
            if only in (None, info.id):
                found.setdefault(info.id, info.changed_at)
        if len(found) == before:
            break
    progress = Progress("chats", len(found))
    written = 0
    with opened_output(output) as file:
        for thread_id, changed_at in reversed(found.items()):
            stored = await layer.get_thread(thread_id)
            if stored is None:  # deleted meanwhile
                continue
            line = Line(
                version=VERSION,
                owner=stored.owner_id,
                changed_at=changed_at,
                user=people.get(stored.owner_id),
                state=stored.state,
            )
            file.write(msgspec.json.encode(line) + b"\n")
            written += 1
            progress.at(written)
    typer.echo(f"{counted(written, 'chat')} exported.", err=True)
    return 0


async def import_threads(layer: DataLayer, source: str, owner: str | None) -> int:
    owner_id, _ = await find_owner(layer, owner)
    copier, progress = Copier(layer), Progress("chats")
    number = 0
    try:
        with _opened_input(source) as file:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                line = _read(text, number)
                to = owner_id
                if to is None:
                    to = line.owner if line.user is None else await copier.user_id(_user(line.user))
                await copier.store(to, line.state, line.changed_at)
                progress.at(number)
    except ConvoError as error:
        done = f"Imported before: {counted(copier.stored, 'chat')}, left as stored; to do it again does the rest."
        raise ConvoError(f"{error} {done}") from error
    there = f", {copier.there:,} there already, left as before" if copier.there else ""
    typer.echo(f"{counted(copier.stored, 'chat')} imported{there}.", err=True)
    return 0


def _read(text: bytes, number: int) -> Line:
    try:
        version = msgspec.json.decode(text, type=_Head).version
        if version > VERSION:
            raise ConvoError(
                f"Line {number} has version {version} of the format, and this convo-run knows {VERSION}; "
                "update it with: pip install -U convo-run"
            )
        return msgspec.json.decode(text, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConvoError(f"Line {number} is no chat that `convo threads export` wrote: {error}.") from error


async def find_owner(layer: DataLayer, owner: str | None) -> tuple[str | None, PersistedUser | None]:
    """The principal whom an identifier or a visitor's id means, and the user if he signed in."""
    if owner is None:
        return None, None
    user = await layer.get_user(owner)
    return (owner, None) if user is None else (user.id, user)


async def thread_owner(layer: DataLayer, thread_id: str, owner_id: str | None) -> str:
    """Whose the thread is. Raises `ConvoError` when there is none, or `owner_id` is given and another."""
    found = await layer.get_thread_owner(thread_id)
    if found is None or owner_id not in (None, found):
        whose = "" if owner_id is None else " of this owner"
        raise ConvoError(f"There is no chat `{thread_id}`{whose}; the ids are in: convo threads list")
    return found


async def _listed(layer: DataLayer, owner_id: str | None) -> AsyncIterator[ThreadInfo]:
    cursor: str | None = None
    while True:
        page = await layer.list_threads(owner_id, Pagination(PAGE, cursor))
        for info in page.threads:
            yield info
        cursor = page.cursor
        if cursor is None:
            return


async def _users(layer: DataLayer) -> AsyncIterator[PersistedUser]:
    cursor: str | None = None
    while True:
        page = await layer.list_users(Pagination(PAGE, cursor))
        for user in page.users:
            yield user
        cursor = page.cursor
        if cursor is None:
            return


def _person(user: User) -> Person:
    return Person(identifier=user.identifier, display_name=user.display_name, metadata=user.metadata)


def _user(person: Person) -> User:
    return User(person.identifier, person.display_name, person.metadata)


@contextmanager
def opened_output(output: str) -> Iterator[IO[bytes]]:
    """stdout, or a file that is there when all of it is."""
    if output == "-":
        try:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python flushes at the end
            raise typer.Exit(1) from error
        return
    target = Path(output)
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        os.replace(part, target)
    except OSError as error:
        raise ConvoError(f"`{output}` cannot be written: {error.strerror or error}.") from error
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _opened_input(source: str) -> Iterator[IO[bytes]]:
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - below
    except OSError as error:
        raise ConvoError(f"`{source}` cannot be read: {error.strerror or error}.") from error
    with file:
        yield file
