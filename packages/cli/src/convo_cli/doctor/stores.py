"""The stores: history and files, spoken to as the app will do it, each for a few seconds at most."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

from convo import App, ConvoError, DataLayer, MisconfiguredError, MissingPackageError
from convo.protocol import new_id
from convo.storage import Storage

from convo_cli.doctor.finding import Finding, broken, fine, warning

__all__ = ["check_stores"]

_PROBE = b"convo doctor"


async def check_stores(app: App, seconds: float) -> list[Finding]:
    """Of an App whose settings are read. Nothing is changed but a file of a few bytes, which comes and goes."""
    try:
        layer = app.create_data_layer()
    except ConvoError as error:
        return [_refused("database", error)]
    database = await _within(seconds, "database", _database(app, layer))
    try:
        storage = app.create_storage(layer)
    except ConvoError as error:
        return [database, _refused("storage", error)]
    return [database, await _within(seconds, "storage", _storage(app, storage))]


async def _within(seconds: float, subject: str, work: Coroutine[object, object, Finding]) -> Finding:
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        return _silent(subject, seconds)
    except ConvoError as error:
        return _refused(subject, error)
    except Exception as error:  # a layer or storage of the author's own, or a driver: whatever it is, it is told
        return broken(subject, f"{type(error).__name__}: {error}", _ADVICE[subject])


_SETTINGS = {"database": "`[data] url`", "storage": "`[storage] url`, or its credentials"}
_ADVICE = {subject: f"Start it, or mend {setting}." for subject, setting in _SETTINGS.items()}


def _silent(subject: str, seconds: float) -> Finding:
    return broken(subject, f"It has not answered within {seconds:g} seconds.", _ADVICE[subject])


def _refused(subject: str, error: ConvoError) -> Finding:
    if isinstance(error, MissingPackageError):
        return broken(subject, str(error).partition(";")[0] + ".", f"pip install '{error.package}'")
    if isinstance(error, MisconfiguredError):
        return broken(subject, str(error), f"Mend {_SETTINGS[subject]}.")
    return broken(subject, str(error), _ADVICE[subject])


async def _database(app: App, layer: DataLayer) -> Finding:
    if not layer.is_durable:
        if app.has_history:
            return fine("database", "Memory, as the settings say: chats end with the process.")
        where = app.history_line or "History stays in memory."
        return warning("database", where, "Say where it is kept: `url` under `[data]`, as sqlite:///history.db.")
    if (path := _file(app, layer)) is not None and not path.exists() and os.access(path.parent, os.W_OK):
        return _of_revision(app, layer, None, f"{path} is made when the app starts.")
    if layer.migrations is not None:
        return _of_revision(app, layer, await layer.migrations.current(), None)
    layer.migrates = False  # to look is not to make tables
    try:
        await layer.open()
    finally:
        await layer.close()
    return fine("database", "It answers.")


def _of_revision(app: App, layer: DataLayer, revision: str | None, note: str | None) -> Finding:
    migrations = layer.migrations
    newest = revision if migrations is None else migrations.revisions[-1]
    if revision is not None and revision == newest:
        return fine("database", f"It answers, and its tables are of revision {newest}, the newest.")
    text = note or f"It answers, and {f'its tables are of revision {revision}' if revision else 'has no tables yet'}."
    if app.config.data.migrate:
        return fine("database", text if note else f"{text} The app brings them to {newest} when it starts.")
    return broken("database", f"{text} This version needs {newest}, and `[data] migrate` is off.", "convo db upgrade")


def _file(app: App, layer: DataLayer) -> Path | None:
    """The file of a history in SQLite: to look whether it has tables would make it."""
    url = app.config.data.url
    is_the_author_s = app.create_data_layer() is layer  # what settings ask for is made anew each time
    if is_the_author_s or layer.migrations is None or (url is not None and not url.startswith("sqlite")):
        return None
    name = ".convo/history.db" if url is None else url.partition(":///")[2].partition("?")[0]
    return Path(name) if name and name != ":memory:" else None


async def _storage(app: App, storage: Storage) -> Finding:
    key = f"doctor-{new_id()}"
    await storage.open()
    try:
        await storage.put(key, _probe())
        try:
            there = b"".join([piece async for piece in storage.read(key)])
        finally:
            await storage.delete(key)
    finally:
        await storage.close()
    if there != _PROBE:
        return broken("storage", "What was written came back as something else.", _ADVICE["storage"])
    if not storage.is_durable:
        return fine("storage", "A temporary folder, as history is not kept either.")
    return fine("storage", "A file was written, read and deleted.")


async def _probe() -> AsyncIterator[bytes]:
    yield _PROBE
