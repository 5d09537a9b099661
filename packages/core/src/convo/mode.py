"""Modes: what a user picks beside the message box, such as a model or a depth."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from convo.icon import check_icon

__all__ = ["Mode", "ModeOption"]


@dataclass(slots=True)
class ModeOption:
    """One of a mode's choices. `icon` is a Lucide name or an image's address."""

    id: str
    name: str
    description: str | None = None
    icon: str | None = None
    default: bool = False

    def __post_init__(self) -> None:
        check_icon(self.icon)


@dataclass(slots=True)
class Mode:
    """A choice that goes with each message: `message.modes[mode.id]` is the chosen option's id.

    The default is the option that says so, else the first. Raises `ValueError` without options, and when two of
    them share an id.
    """

    id: str
    name: str
    options: list[ModeOption] = field(default_factory=list)

    def __post_init__(self) -> None:
        for option in self.options:
            if not isinstance(option, ModeOption):
                raise TypeError(
                    f"The options of the mode `{self.id}` are `ModeOption`s, not a `{type(option).__name__}`."
                )
        ids = [option.id for option in self.options]
        if not ids:
            raise ValueError(f"The mode `{self.id}` has no options; give it at least one `ModeOption`.")
        if len(ids) != len(set(ids)):
            raise ValueError(f"Two options of the mode `{self.id}` have the same id.")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)
