"""One thread as a file to read: what its user sees, written by the server's own exporter."""

from __future__ import annotations

from urllib.parse import urlsplit

import typer
from convo import ConvoError
from convo.directory import Directory
from convo.principal import Principal
from convo.protocol import CommandError
from convo_server.export import Exporter

from convo_cli.transfer import find_owner, opened_output, thread_owner

__all__ = ["export_thread"]


async def export_thread(
    directory: Directory, thread_id: str | None, format: str, owner: str | None, output: str, url: str | None
) -> int:
    """Write a thread in one of `convo_server.export.FORMATS`. Raises `ConvoError`."""
    if thread_id is None:
        raise ConvoError(f"`--format {format}` is for one chat; give its id, which is in: convo threads list")
    base = None if url is None else _base(url)
    owner_id, user = await find_owner(directory.data_layer, owner)
    whose = Principal(await thread_owner(directory.data_layer, thread_id, owner_id), user)
    try:
        export = await Exporter(directory).export(whose, thread_id, format, base=base)
        with opened_output(output) as file:
            async for piece in export.pieces:
                file.write(piece)
    except CommandError as error:
        raise ConvoError(f"The chat `{thread_id}` cannot be exported: {error}") from error
    typer.echo("1 chat exported.", err=True)
    return 0


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConvoError(f"`--url` is where the app is, as https://chat.example.org; not `{url}`.")
    return f"{url.rstrip('/')}/"
