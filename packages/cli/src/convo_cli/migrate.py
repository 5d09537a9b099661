"""`convo migrate`: chats and projects of other frameworks, taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["migrate"]

migrate = typer.Typer(name="migrate", help="Take over projects and chats of Chainlit.", no_args_is_help=True)


@migrate.callback()
def _migrate() -> None:
    pass  # so that the framework's name is an argument, though there is one alone


@migrate.command()
def chainlit(
    source: Annotated[
        str,
        typer.Argument(
            metavar="[FOLDER|URL]",
            help="The folder of the project; or its database, sqlite:///file.db or postgresql://user:password@host/name.",
            show_default="here",
        ),
    ] = ".",
    apply: Annotated[bool, typer.Option("--apply", help="Of a project: write what is shown.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Of a project: write over files that are there.")] = False,
    app: Annotated[
        str | None,
        typer.Option(
            "--app",
            metavar="FILE[:APP]",
            help="Of a database: whose history takes it; without it that of convo.toml here.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Of a database: read everything, store nothing.")] = False,
) -> None:
    """Take over a project of Chainlit (settings, words, pages, imports), or its chats from a database."""
    is_database = "://" in source or ((dry_run or app is not None) and not Path(source).is_dir())
    if not is_database:
        _project(source, apply=apply, force=force, alien="--app" if app else "--dry-run" if dry_run else None)
        return
    if apply or force:
        raise typer.BadParameter("--apply and --force are for a folder; a database is stored unless --dry-run is said.")
    from convo_cli.archive import with_history, without_history  # none of it is needed for `--help` and completion
    from convo_cli.migration import Migration

    migration = Migration("chainlit", source)
    if dry_run:
        without_history(lambda: migration.run(None))
    else:
        with_history(app, migration.run)


def _project(folder: str, *, apply: bool, force: bool, alien: str | None) -> None:
    if alien is not None:
        raise typer.BadParameter(
            f"{alien} is for a database; `{folder}` is a folder, where nothing is written unless --apply."
        )
    from convo import ConvoError  # none of it is needed for `--help` and completion

    from convo_cli.console import report
    from convo_cli.moving import Moving

    try:
        Moving(folder).run(apply=apply, force=force)
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error
