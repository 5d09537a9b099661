"""Starters: first messages to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field

from convo.icon import check_icon
from convo.protocol import Category
from convo.protocol import Starter as StarterNoun

__all__ = ["Starter", "StarterCategory"]


@dataclass(slots=True)
class Starter:
    """A card on the empty thread; choosing it sends `message`, with `command`.

    `icon` is a Lucide name or an image's address.
    """

    label: str
    message: str
    command: str | None = None
    icon: str | None = None

    def __post_init__(self) -> None:
        check_icon(self.icon)

    @property
    def noun(self) -> StarterNoun:
        return StarterNoun(label=self.label, message=self.message, command=self.command, icon=self.icon)


@dataclass(slots=True)
class StarterCategory:
    """Starters under one heading."""

    label: str
    icon: str | None = None
    starters: list[Starter] = field(default_factory=list)

    def __post_init__(self) -> None:
        check_icon(self.icon)

    @property
    def noun(self) -> Category:
        return Category(label=self.label, icon=self.icon, starters=[starter.noun for starter in self.starters])
