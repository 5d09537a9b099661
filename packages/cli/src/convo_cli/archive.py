"""The history that a command is about: the data layer of an app, opened for a while."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import typer
from convo import ConvoError, DataLayer
from convo.directory import Directory

from convo_cli.console import report
from convo_cli.opening import open_app

__all__ = ["with_directory", "with_history", "without_history"]


def with_history(target: str | None, work: Callable[[DataLayer], Awaitable[int]]) -> None:
    """Do `work` with the history of the app in `target`, or of `convo.toml` here; exit with what it returns."""

    _exit(lambda: asyncio.run(_opened(_directory(target).data_layer, work)))


def with_directory(target: str | None, work: Callable[[Directory], Awaitable[int]]) -> None:
    """The same for what is done with threads as the app shows them, and with their files."""
    _exit(lambda: asyncio.run(_started(_directory(target), work)))


def without_history(work: Callable[[], Coroutine[Any, Any, int]]) -> None:
    """The same for work that needs none."""
    _exit(lambda: asyncio.run(work()))


def _exit(run: Callable[[], int]) -> NoReturn:
    try:
        code = run()
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error
    except KeyboardInterrupt:
        report("Interrupted. What was stored before stays; to do it again does the rest.")
        raise typer.Exit(130) from None
    raise typer.Exit(code)


def _directory(target: str | None) -> Directory:
    app = open_app(target)
    directory = app.create_directory()
    if not directory.data_layer.is_durable:
        where = app.history_line or "This app's history stays in memory."
        raise ConvoError(f"{where} There is nothing to read or write; say where it is kept, or name the --app.")
    return directory


async def _opened(layer: DataLayer, work: Callable[[DataLayer], Awaitable[int]]) -> int:
    try:
        await layer.open()
        return await work(layer)
    finally:
        await layer.close()


async def _started(directory: Directory, work: Callable[[Directory], Awaitable[int]]) -> int:
    try:
        await directory.start()
        return await work(directory)
    finally:
        await directory.stop()
