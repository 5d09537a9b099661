"""The commands of `convo`: its own, and those that other packages announce under `convo.commands`.

Each is a function, which becomes a command, or a `typer.Typer`, which becomes a group of them. It is loaded when it is
run or asked for its own `--help`, so that the help of `convo` is there at once; until then its name is all that is
known, and of convo's own what they do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from convo_cli.examples import illustrate

__all__ = ["GROUP", "Commands", "Own"]

GROUP = "convo.commands"


@dataclass(frozen=True)
class Own:
    """A command of convo's own: where its function or `typer.Typer` is, and what it does, in a line."""

    target: str
    help: str
    settings: Mapping[str, Any] = field(default_factory=dict)


class Commands(TyperGroup):
    """Convo's own commands first, then those of other packages. A name of convo's own is not given away."""

    own: Mapping[str, Own] = {}

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands.update({name: _OwnCommand(name, own) for name, own in self.own.items()})

    def list_commands(self, ctx: Any) -> list[str]:
        own = list(super().list_commands(ctx))
        return own + sorted({point.name for point in entry_points(group=GROUP)} - set(own))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        points = entry_points(group=GROUP, name=cmd_name)
        return _Announced(next(iter(points))) if points else None

    def make_context(self, *args: Any, **extra: Any) -> Any:
        if os.environ.get("NO_COLOR"):  # https://no-color.org; commands below inherit it
            extra["color"] = False
        return super().make_context(*args, **extra)


class _Later(TyperCommand):
    """Stands for a command until somebody wants more than its name and what it does."""

    def __init__(self, name: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode=None)
        self._name = name

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        return self.load().make_context(info_name, args, parent, **extra)

    def load(self) -> Any:
        """The command."""
        raise NotImplementedError

    def _made(self, found: Any, **settings: Any) -> Any:
        commands = typer.Typer(add_completion=False, rich_markup_mode=None)
        commands.callback()(lambda: None)
        if isinstance(found, typer.Typer):
            commands.add_typer(found, name=self._name)
        else:
            commands.command(self._name, **settings)(found)
        return typer.main.get_group(commands).commands[self._name]


class _OwnCommand(_Later):
    def __init__(self, name: str, own: Own) -> None:
        super().__init__(name, own.help)
        self._own = own

    def load(self) -> Any:
        module, _, attribute = self._own.target.partition(":")
        command = self._made(getattr(import_module(module), attribute), context_settings=dict(self._own.settings))
        illustrate(command, self._name)
        return command


class _Announced(_Later):
    """One of another package."""

    def __init__(self, point: EntryPoint) -> None:
        self._package = point.dist.name if point.dist is not None else point.value
        super().__init__(point.name, f"Of the package {self._package}.")
        self._point = point

    def load(self) -> Any:
        try:
            announced = self._point.load()
            if not callable(announced):
                raise TypeError(f"`{self._point.value}` is neither a function nor a typer.Typer")
            return self._made(announced)
        except Exception as error:  # whatever another package does wrong, convo and its other commands go on
            from convo_cli.console import report

            report(
                f"The command `{self._name}` of the package {self._package} cannot be loaded: "
                f"{type(error).__name__}: {error}. Install another version of it: pip install --upgrade {self._package}"
            )
            raise typer.Exit(1) from error
