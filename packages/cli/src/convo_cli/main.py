"""The `convo` command: one file per subcommand, put together here."""

from __future__ import annotations

from typing import Annotated

import typer

from convo_cli import db, hello, migrate, run, secret, threads
from convo_cli._version import __version__

__all__ = ["cli", "main"]

cli = typer.Typer(
    name="convo",
    help="Turn a file of Python callbacks into a chat.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
cli.command("run")(run.run)
cli.command("hello")(hello.hello)
cli.command("secret")(secret.secret)
cli.add_typer(db.db)
cli.add_typer(threads.threads)
cli.add_typer(migrate.migrate)


def _print_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"convo {__version__}")
        raise typer.Exit


@cli.callback()
def _convo(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """The console script's entry point."""
    cli(prog_name="convo")
