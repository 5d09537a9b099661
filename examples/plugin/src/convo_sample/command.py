"""`convo shelf FILE`: what is on a shelf."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from convo.datalayer import Pagination

from convo_sample.shelf import SCHEME, ShelfDataLayer

__all__ = ["shelf"]


def shelf(
    file: Annotated[Path, typer.Argument(help="Where `[data] url` says, as history.db.", dir_okay=False)],
) -> None:
    """List the chats on a shelf, the latest first."""
    if not file.is_file():
        typer.echo(f"There is no `{file}`; give the file that `url` under [data] names.", err=True)
        raise typer.Exit(1)
    for line in asyncio.run(_lines(file)):
        typer.echo(line)


async def _lines(file: Path) -> list[str]:
    layer = ShelfDataLayer(f"{SCHEME}{file}")
    await layer.open()
    try:
        threads = (await layer.list_threads(None, Pagination(first=50))).threads
    finally:
        await layer.close()
    return [f"{thread.changed_at}  {thread.id}  {thread.name or '(no title)'}" for thread in threads]
