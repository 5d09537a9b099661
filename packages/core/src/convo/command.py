"""Commands: what a user may name with a message, by `/` or a button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Required, TypedDict

from convo.icon import check_icon

__all__ = ["CommandDict", "command_dicts"]


class CommandDict(TypedDict, total=False):
    """A command as `emitter.set_commands` takes it. `message.command` is the `id` of the one that was chosen."""

    id: Required[str]
    description: str
    icon: str  # a Lucide name or an image's address
    button: bool  # also shown as a button
    persistent: bool  # stays chosen after a message
    selected: bool  # chosen from the start


_TYPES: dict[str, type] = {
    "id": str,
    "description": str,
    "icon": str,
    "button": bool,
    "persistent": bool,
    "selected": bool,
}


def command_dicts(commands: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`commands` as the wire has them. Raises `ValueError`, which names the command and what is wrong with it."""
    checked: dict[str, dict[str, Any]] = {}
    for number, command in enumerate(commands, 1):
        if not isinstance(command, Mapping):
            raise ValueError(f"Command {number} is a `{type(command).__name__}`; a command is a dict.")
        name = command.get("id")
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"Command {number} has no `id`.")
        if name in checked:
            raise ValueError(f"Two commands have the id `{name}`.")
        for key, value in command.items():
            if key not in _TYPES:
                raise ValueError(f"The command `{name}` has an unknown key `{key}`; there are {', '.join(_TYPES)}.")
            if value is not None and not isinstance(value, _TYPES[key]):
                raise ValueError(f"`{key}` of the command `{name}` must be a `{_TYPES[key].__name__}`.")
        check_icon(command.get("icon"))
        checked[name] = {key: value for key, value in command.items() if value is not None}
    if sum(command.get("selected", False) for command in checked.values()) > 1:
        raise ValueError("Only one command can be `selected`.")
    return list(checked.values())
