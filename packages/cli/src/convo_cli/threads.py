"""`convo threads`: the chats that are kept, as a list and as JSON Lines to take elsewhere."""

from __future__ import annotations

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
    app: App = None,
    owner: Owner = None,
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Where to; - is stdout.")] = "-",
) -> None:
    """Write chats as JSON Lines, one a line, the oldest first. Files that they hold stay where they are stored."""
    from convo_cli.archive import with_history
    from convo_cli.transfer import export_threads

    with_history(app, lambda layer: export_threads(layer, owner, output))


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
