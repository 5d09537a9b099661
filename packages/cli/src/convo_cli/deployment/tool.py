"""The tools of the places an app can run at: run as a person would, in the app's folder, each line shown before."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

import typer
from convo import ConvoError

from convo_cli.deployment.plan import Plan
from convo_cli.deployment.target import Target

__all__ = ["run_tools"]


def run_tools(plan: Plan, target: Target, folder: Path) -> int:
    """Run them one after the other, until one fails; the last exit code. Raises `ConvoError` if one is not there."""
    commands = target.commands(plan)
    for command in commands:
        if shutil.which(command[0]) is None:
            lines = "\n".join(f"    {shlex.join(command)}" for command in commands)
            raise ConvoError(
                f"`{command[0]}` is not installed ({target.install}), so nothing was run. It would have been:\n{lines}"
            )
    for command in commands:
        typer.echo(f"→ {shlex.join(command)}", err=True)
        code = subprocess.run(command, cwd=folder, check=False).returncode  # noqa: S603 - no shell, our own words
        if code:
            raise ConvoError(f"`{shlex.join(command)}` ended with {code}; put right what it says, and do it again.")
    return 0
