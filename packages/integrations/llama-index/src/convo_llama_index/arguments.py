"""What a method was called with, as LlamaIndex binds it: wrappers take `*args` and `**kwargs`."""

from __future__ import annotations

from inspect import BoundArguments
from typing import Any

__all__ = ["first_argument", "keywords"]


def keywords(bound: BoundArguments) -> dict[str, Any]:
    """All that has a name."""
    named = {name: value for name, value in bound.arguments.items() if name not in ("self", "args", "kwargs")}
    return named | dict(bound.arguments.get("kwargs") or {})


def first_argument(bound: BoundArguments, *names: str) -> Any:
    """The first that has one of `names`; else the first without a name."""
    arguments = bound.arguments
    for given in (arguments.get("kwargs") or {}, arguments):
        for name in names:
            if name in given:
                return given[name]
    return next(iter(arguments.get("args") or ()), None)
