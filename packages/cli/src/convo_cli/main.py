"""The `convo` command: which commands it has. Each is in a file of its own, loaded when it is run or asked for help."""

from __future__ import annotations

from typing import Annotated

import typer

from convo_cli._version import __version__
from convo_cli.commands import Commands, Own

__all__ = ["OWN", "cli", "main"]

_PASSING = {"allow_extra_args": True, "ignore_unknown_options": True}  # what `test` does not know is pytest's

OWN = {
    "run": Own("convo_cli.run:run", "Serve the app in FILE."),
    "hello": Own("convo_cli.hello:hello", "Serve a tour of convo that needs no API key."),
    "chat": Own("convo_cli.chat.command:chat", "Talk to an app in the terminal: at URL, or the one in FILE."),
    "test": Own("convo_cli.test:test", "Run the app's tests with pytest.", _PASSING),
    "create": Own("convo_cli.create:create", "Make a project of a template."),
    "deploy": Own("convo_cli.deploy:deploy", "Write what it takes to run the app elsewhere."),
    "init": Own("convo_cli.init:init", "Write a convo.toml in which every setting is explained."),
    "secret": Own("convo_cli.secret:secret", "Print a fresh secret, which signs who is logged in."),
    "doctor": Own("convo_cli.doctor.command:doctor", "Say what the app lacks, and what mends it."),
    "config": Own("convo_cli.config:config", "See, check and upgrade the settings of an app."),
    "db": Own("convo_cli.db:db", "See and change the tables that history is kept in."),
    "threads": Own("convo_cli.threads:threads", "List, export and import the chats that are kept."),
    "migrate": Own("convo_cli.migrate:migrate", "Take over projects and chats of Chainlit."),
    "translations": Own("convo_cli.translations:translations", "The app's own words for the page, in `translations/`."),
}
"""By name, in the order in which the help shows them."""


class _Convo(Commands):
    own = OWN


cli = typer.Typer(
    name="convo",
    cls=_Convo,
    help="Turn a file of Python callbacks into a chat.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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
