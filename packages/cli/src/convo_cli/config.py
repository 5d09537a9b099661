"""`convo config`: the settings as they are, and whether they are right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from convo_cli.effective import Effective

__all__ = ["config"]

App = Annotated[
    str | None,
    typer.Option("--app", metavar="FILE[:APP]", help="Whose settings; without it those of the folder you are in."),
]

config = typer.Typer(name="config", help="See, check and upgrade the settings of an app.", no_args_is_help=True)


@config.command()
def show(
    app: App = None,
    origin: Annotated[bool, typer.Option("--origin", help="Say where each setting comes from.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: value and origin of each setting.")] = False,
) -> None:
    """Print the settings that count. Secrets are masked.

    convo config show --origin
    convo config show --app app.py --json
    """
    effective = _effective(app)
    typer.echo(effective.as_json() if as_json else effective.as_toml(with_origin=origin))


@config.command()
def check(app: App = None) -> None:
    """Exit with 1 unless all settings are right; every mistake is told, and how to mend it."""
    effective = _effective(app)
    typer.echo(f"All right: {effective.summary}.")


@config.command()
def schema() -> None:
    """Print the JSON Schema of convo.toml, by which editors complete it.

    convo config schema > convo.schema.json
    """
    import json  # none of it is needed for `--help` and completion

    from convo.config import json_schema

    typer.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@config.command()
def upgrade(
    directory: Annotated[str, typer.Argument(help="Where the file of settings is.")] = ".",
    apply: Annotated[bool, typer.Option("--apply", help="Write the change.")] = False,
) -> None:
    """Show what an older file of settings must change to be of this version; with --apply, change it."""
    from convo import ConvoError

    from convo_cli.console import report
    from convo_cli.rewriting import Rewriting, upgrade_of

    try:
        found = upgrade_of(directory)
        if found is None:
            typer.echo("Nothing to change: the settings are of this version.")
            return
        Rewriting([found]).show_or_write(apply=apply)
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error


def _effective(target: str | None) -> Effective:
    from convo import ConvoError  # none of it is needed for `--help` and completion

    from convo_cli.console import report
    from convo_cli.effective import Effective

    try:
        return Effective.read(target)
    except ConvoError as error:
        report(str(error))
        raise typer.Exit(1) from error
