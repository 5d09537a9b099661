"""`convo deploy`: what it takes to let an app onto the net."""

from __future__ import annotations

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from convo_cli.deployment.fitness import Finding
    from convo_cli.deployment.manifest import Manifest
    from convo_cli.deployment.plan import Plan
    from convo_cli.deployment.target import Target

__all__ = ["deploy"]


class Place(StrEnum):
    """Where an app can run."""

    docker = "docker"
    compose = "compose"
    fly = "fly"
    render = "render"
    cloud_run = "cloud-run"
    kubernetes = "kubernetes"
    systemd = "systemd"


def deploy(
    place: Annotated[Place, typer.Argument(metavar="PLACE", help=f"Where to: {', '.join(Place)}.")],
    app: Annotated[
        str | None, typer.Option("--app", metavar="FILE[:APP]", help="The app's file.", show_default="app.py")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What it is called there.", show_default="the project's name")
    ] = None,
    image: Annotated[str | None, typer.Option("--image", help="The image, as registry.example.com/my-app:1.")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="Its address, as chat.example.com.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="Where the machines are, as fra.")] = None,
    replicas: Annotated[int | None, typer.Option("--replicas", min=1, help="How many.", show_default="1")] = None,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="volume|database",
            help="Where chats are kept.",
            show_default="a database if the app has one",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 unless all is current and the app is fit.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write and run nothing; show what would be written and run.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write over files that differ without asking.")] = False,
    run: Annotated[bool, typer.Option("--run", help="Run the place's own tool when all is written.")] = False,
) -> None:
    """Write what it takes to run the app at PLACE: minimal, pinned, without secrets.

    Files that are there and differ are shown and asked about. Options are remembered in what is written.
    """
    from convo import ConvoError  # none of it is needed for `--help` and completion

    from convo_cli.console import report
    from convo_cli.deployment.fitness import findings
    from convo_cli.deployment.targets import TARGETS

    target = TARGETS[place.value]
    given = {
        "app": app,
        "name": name,
        "image": image,
        "domain": domain,
        "region": region,
        "replicas": None if replicas is None else str(replicas),
        "data": data,
    }
    try:
        plan = _plan(target, {key: value for key, value in given.items() if value is not None})
        manifests, found = target.manifests(plan), findings(plan, target)
        if check:
            raise typer.Exit(_check(manifests, found, plan.project.folder))
        if dry_run:
            _show(plan, target, manifests)
        else:
            _write(manifests, plan.project.folder, is_sure=yes)
        _tell(found)
        if run and not dry_run:
            _run(plan, target, found)
        elif not dry_run:
            _explain(plan, target)
    except (ConvoError, OSError) as error:
        report(str(error))
        raise typer.Exit(1) from error


def _plan(target: Target, given: dict[str, str]) -> Plan:
    """What was asked for now, and before that by the command that made what is there."""
    from convo import ConvoError

    from convo_cli.deployment.plan import Plan, read_options
    from convo_cli.deployment.project import Project

    for option in given:
        if option != "app" and option not in target.options:
            known = ", ".join(f"--{name}" for name in sorted(target.options))
            raise ConvoError(f"`--{option}` means nothing for {target.name}; it takes {known}.")
    plan = Plan(Project.read(given.get("app", "app.py"), given.get("name")), target.name, given)
    there = target.manifests(plan)[0].read(plan.project.folder)
    options = (read_options(there, target.name) if there is not None else {}) | given
    if options == given:
        return plan
    return Plan(Project.read(options.get("app", "app.py"), options.get("name")), target.name, options)


def _check(manifests: list[Manifest], found: list[Finding], folder: Path) -> int:
    is_fit = True
    for manifest in manifests:
        there, differs = manifest.read(folder) is not None, bool(manifest.difference(folder))
        is_fit = is_fit and not differs
        state = "is current" if not differs else "differs; write it anew" if there else "is not there; write it"
        typer.echo(f"{'✗' if differs else '✓'} {manifest.name} {state}")
    for finding in found:
        is_fit = is_fit and not finding.is_problem
        typer.echo(f"{'✗' if finding.is_problem else 'i'} {finding.text}")
    return 0 if is_fit else 1


def _show(plan: Plan, target: Target, manifests: list[Manifest]) -> None:
    for manifest in manifests:
        typer.echo(manifest.difference(plan.project.folder) or f"{manifest.name} is current.\n", nl=False)
    for command in target.commands(plan):
        typer.echo(f"$ {shlex.join(command)}")


def _write(manifests: list[Manifest], folder: Path, *, is_sure: bool) -> None:
    from convo import ConvoError

    changed = [manifest for manifest in manifests if manifest.difference(folder)]
    over = [manifest for manifest in changed if manifest.read(folder) is not None]
    for manifest in over:
        typer.echo(manifest.difference(folder), nl=False, err=True)
    if over and not is_sure:
        names = ", ".join(manifest.name for manifest in over)
        if not sys.stdin.isatty():
            raise ConvoError(f"{names} would change as shown, so nothing was written; write over it with --yes.")
        typer.confirm(f"Write over {names}?", abort=True, err=True)
    for manifest in changed:
        manifest.write(folder)
        typer.echo(f"Wrote {manifest.name}")
    for manifest in manifests:
        if manifest not in changed:
            typer.echo(f"{manifest.name} is current")


def _tell(found: list[Finding]) -> None:
    for finding in found:
        word = typer.style("To put right:", fg="yellow") if finding.is_problem else "Note:"
        typer.echo(f"{word} {finding.text}", err=True)


def _run(plan: Plan, target: Target, found: list[Finding]) -> None:
    from convo import ConvoError

    from convo_cli.deployment.tool import run_tools

    if any(finding.is_problem for finding in found):
        raise ConvoError("Nothing was run; put right what is named above first.")
    run_tools(plan, target, plan.project.folder)


def _explain(plan: Plan, target: Target) -> None:
    commands = [shlex.join(command) for command in target.commands(plan)]
    typer.echo("\nWhat comes next; --run does the lines with a star:\n")
    for line in target.before(plan):
        typer.echo(f"    {line}")
    for line in commands:
        typer.echo(f"  * {line}")
    for line in target.after(plan):
        typer.echo(f"    {line}")
