"""`convo migrate`: chats of other frameworks, taken over."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["migrate"]

migrate = typer.Typer(name="migrate", help="Take over the chats of another framework.", no_args_is_help=True)


@migrate.callback()
def _migrate() -> None:
    pass  # so that the framework's name is an argument, though there is one alone


@migrate.command()
def chainlit(
    url: Annotated[
        str, typer.Argument(help="Its database: sqlite:///file.db or postgresql://user:password@host/name.")
    ],
    app: Annotated[
        str | None,
        typer.Option(
            "--app", metavar="FILE[:APP]", help="Whose history takes them; without it that of convo.toml here."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything, store nothing.")] = False,
) -> None:
    """Take over users, chats, steps, elements and feedback of Chainlit. Nothing is written to its database."""
    from convo_cli.archive import with_history, without_history  # none of it is needed for `--help` and completion
    from convo_cli.migration import Migration

    migration = Migration("chainlit", url)
    if dry_run:
        without_history(lambda: migration.run(None))
    else:
        with_history(app, migration.run)
