"""A Target: a place where an app can run, and all that is particular to it. One file of `targets` has one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import Plan

__all__ = ["Command", "Target"]

Command = Sequence[str]


def _nothing(plan: Plan) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is written for a place, which of its tools bring it there, and what is for a person to do.

    `manifests` has the main one first: the command that made it is read from there. `options` are those that mean
    something here. `before` and `after` are lines of a shell, around `commands`. `install` says how to get the tools.
    `misfits` are reasons why an app cannot run here, each with what to do.
    """

    name: str
    title: str
    manifests: Callable[[Plan], list[Manifest]]
    commands: Callable[[Plan], list[Command]]
    before: Callable[[Plan], list[str]] = _nothing
    after: Callable[[Plan], list[str]] = _nothing
    options: frozenset[str]
    install: str
    misfits: Callable[[Plan], list[str]] = _nothing
