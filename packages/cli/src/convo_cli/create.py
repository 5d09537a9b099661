"""`convo create`: a project to begin with."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from convo_cli.template import Template

__all__ = ["create"]

HARMLESS = frozenset({".git", ".hg", ".idea", ".vscode", ".venv", ".DS_Store", "LICENSE"})
"""What may be in a folder that counts as empty: none of it is of a template's files."""


def create(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The folder to make, as my-app; . is this one.")
    ] = None,
    template: Annotated[
        str | None, typer.Option("--template", "-t", metavar="TEMPLATE", help="What to begin with; see --list.")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the templates that are installed.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that is not empty, over files of the same names.")
    ] = False,
) -> None:
    """Make a project: an app with its settings, tests, README and Dockerfile.

    What was not given is asked for, at a terminal.
    """
    from convo import ConvoError  # none of it is needed for `--help` and completion

    from convo_cli.console import report
    from convo_cli.template import list_templates

    try:
        if list_:
            _print(list_templates(report))
        else:
            _create(name, template, is_forced=force)
    except (ConvoError, OSError) as error:
        report(str(error))
        raise typer.Exit(1) from error


def _create(name: str | None, template_name: str | None, *, is_forced: bool) -> None:
    from convo import ConvoError

    from convo_cli.template import find_template, project_name, project_title

    template = find_template(template_name or _ask_template())
    folder = Path(name or _ask_name())
    text = folder.resolve().name
    project = project_name(text)
    if project in template.needs():
        raise ConvoError(f"`{project}` is a package that the project needs; choose another name.")
    if folder.exists() and not folder.is_dir():
        raise ConvoError(f"`{folder}` is a file; choose another name.")
    there = sorted({entry.name for entry in folder.iterdir()} - HARMLESS) if folder.exists() else []
    if there and not is_forced:
        shown = ", ".join(there[:3]) + (", …" if len(there) > 3 else "")
        raise ConvoError(
            f"The folder `{folder}` is not empty ({shown}); choose another name, or write into it with --force."
        )
    written = template.write(folder, project, project_title(text))
    typer.echo(f"Created {folder} from the template {template.name}, {len(written)} files. What comes next:\n")
    for line in _next(folder):
        typer.echo(f"    {line}")


def _next(folder: Path) -> list[str]:
    activate = r".venv\Scripts\activate" if sys.platform == "win32" else ". .venv/bin/activate"
    there = [] if folder.resolve() == Path.cwd() else [f"cd {shlex.quote(str(folder))}"]
    return [*there, f"python -m venv .venv && {activate}", 'pip install -e ".[test]"', "convo run app.py -w"]


def _print(templates: list[Template]) -> None:
    width = max((len(template.name) for template in templates), default=0)
    for template in templates:
        typer.echo(f"{template.name:{width}}  {template.summary}")


def _ask_name() -> str:
    if not sys.stdin.isatty():
        raise typer.BadParameter("which folder? Give it, as: convo create my-app", param_hint="NAME")
    return str(typer.prompt("The folder to make", default="my-app"))


def _ask_template() -> str:
    from convo_cli.console import report
    from convo_cli.template import list_templates

    templates = list_templates(report)
    names = [template.name for template in templates]
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"which? There are: {', '.join(names)}", param_hint="--template")
    _print(templates)
    return str(typer.prompt("What to begin with", default=names[0]))
