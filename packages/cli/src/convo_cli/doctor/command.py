"""`convo doctor`: whether all is there that an app needs to run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["doctor"]

FILE = "app.py"
BROKEN = 1

Target = Annotated[
    str | None,
    typer.Argument(metavar="[FILE[:APP]]", help="The app's file.", show_default="app.py, or the settings here alone"),
]


def doctor(
    target: Target = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON: a list of what was looked at.")] = False,
    seconds: Annotated[
        float,
        typer.Option("--timeout", min=0.1, max=600, help="How long database and storage may take, in seconds."),
    ] = 5.0,
) -> None:
    """Look at packages, settings, port, proxies, secrets, database and storage, and say how to mend what is wrong.

    The app's file is loaded, not started. Nothing is changed: a file of a few bytes is stored and deleted again. The
    exit code is 1 when something is broken; what is only doubtful does not count.
    """
    from convo_cli.doctor.examination import Examination  # none of it is needed for `--help` and completion
    from convo_cli.doctor.table import as_lines, to_json

    if target is None and Path(FILE).is_file():
        target = FILE
    findings = list(Examination(target, seconds).findings())
    typer.echo(to_json(findings) if as_json else as_lines(findings))
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(BROKEN)
