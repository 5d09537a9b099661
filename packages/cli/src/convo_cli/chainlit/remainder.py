"""A Remainder: one thing that a conversion leaves to its author."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Remainder"]


class Remainder(NamedTuple):
    """`where` is a file, with its line if there is one; `what` says what is there and what to do."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
