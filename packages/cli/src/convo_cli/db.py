"""`convo db`: the tables that history is kept in."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from convo.datalayer import Migrations

__all__ = ["db"]

T = TypeVar("T")

App = Annotated[
    str | None,
    typer.Option("--app", metavar="FILE[:APP]", help="Whose history it is; without it that of convo.toml here."),
]

db = typer.Typer(name="db", help="See and change the tables that history is kept in.", no_args_is_help=True)


@db.command()
def upgrade(app: App = None) -> None:
    """Bring the tables up to date, or make them."""
    migrations = _migrations(app)
    before = _run(migrations.current())
    _run(migrations.upgrade())
    newest = migrations.revisions[-1]
    typer.echo(f"{newest} already." if before == newest else f"{before or 'No tables'} → {newest}")


@db.command()
def current(app: App = None) -> None:
    """Show which revision the tables are."""
    migrations = _migrations(app)
    typer.echo(_run(migrations.current()) or "There are no tables yet.")


@db.command()
def check(app: App = None) -> None:
    """Exit with 1 unless the tables are up to date."""
    migrations = _migrations(app)
    revision, newest = _run(migrations.current()), migrations.revisions[-1]
    if revision == newest:
        typer.echo(f"{newest} is up to date.")
        return
    typer.echo(f"{revision or 'No tables yet'}, and this version needs {newest}; run `convo db upgrade`.")
    raise typer.Exit(1)


@db.command()
def downgrade(
    revision: Annotated[str, typer.Argument(help="The earlier revision; what only later ones know is lost.")],
    app: App = None,
) -> None:
    """Take the tables back to an earlier revision, for an earlier version of convo."""
    migrations = _migrations(app)
    before = _run(migrations.current())
    _run(migrations.downgrade(revision))
    typer.echo(f"{before} → {revision}")


def _migrations(target: str | None) -> Migrations:
    from convo import ConvoError  # none of it is needed for `--help` and completion

    from convo_cli.console import report
    from convo_cli.opening import open_app

    try:
        app = open_app(target)
        migrations = app.create_data_layer().migrations
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error
    if migrations is None:
        report(app.history_line or "Where this app keeps its history there are no tables to change.")
        raise typer.Exit(1)
    return migrations


def _run(work: Coroutine[object, object, T]) -> T:
    import asyncio  # with the rest, not needed for `--help`

    from convo import ConvoError

    from convo_cli.console import report

    async def main() -> T:
        return await work

    try:
        return asyncio.run(main())
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error
