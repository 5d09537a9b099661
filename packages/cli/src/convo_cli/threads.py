"""`convo threads`: the chats that are kept, as a list, as JSON Lines to take elsewhere, and one as a file to read."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

__all__ = ["threads"]

App = Annotated[
    str | None,
    typer.Option("--app", metavar="FILE[:APP]", help="Whose history it is; without it that of convo.toml here."),
]
Owner = Annotated[
    str | None, typer.Option("--owner", metavar="ID", help="One user's alone: his identifier, or a visitor's id.")
]


class Format(StrEnum):
    """What `convo threads export` writes."""

    jsonl = "jsonl"
    markdown = "markdown"
    html = "html"
    json = "json"


threads = typer.Typer(name="threads", help="List, export and import the chats that are kept.", no_args_is_help=True)


@threads.command("list")
def list_(
    app: App = None,
    owner: Owner = None,
    first: Annotated[int, typer.Option("--first", min=1, help="How many, the latest changed first.")] = 50,
) -> None:
    """Show the latest chats: when each changed, its id and its title."""
    from convo_cli.archive import with_history  # none of it is needed for `--help` and completion
    from convo_cli.transfer import print_list

    with_history(app, lambda layer: print_list(layer, owner, first))


@threads.command("export")
def export(
    thread: Annotated[
        str | None, typer.Argument(metavar="ID", help="One chat, by its id; without it all of them.")
    ] = None,
    app: App = None,
    owner: Owner = None,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="JSON Lines can be imported again; the others are for one chat.")
    ] = Format.jsonl,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is stdout.")] = "-",
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="Where the app is, so that files in a chat have links.")
    ] = None,
) -> None:
    """Write chats as JSON Lines, one a line, the oldest first; or one as Markdown, HTML or JSON, as its user sees it.

    Files that chats hold stay where they are stored; small images are in the HTML.
    """
    from convo_cli.archive import with_directory, with_history
    from convo_cli.transfer import export_threads

    if format is Format.jsonl:
        with_history(app, lambda layer: export_threads(layer, owner, output, thread))
    from convo_cli.exports import export_thread

    with_directory(app, lambda directory: export_thread(directory, thread, format.value, owner, output, url))


@threads.command("import")
def import_(
    source: Annotated[str, typer.Argument(metavar="FILE", help="What `convo threads export` wrote; - is stdin.")],
    app: App = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="ID", help="Give all of them to this user or visitor.")
    ] = None,
) -> None:
    """Store chats from JSON Lines. Those that are there already stay as they are, so it can be done again."""
    from convo_cli.archive import with_history
    from convo_cli.transfer import import_threads

    with_history(app, lambda layer: import_threads(layer, source, owner))
