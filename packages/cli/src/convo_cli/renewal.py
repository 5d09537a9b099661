"""The renewal: values that earlier code has made, as the code that is loaded now knows them."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Container
from contextlib import suppress
from enum import Enum
from types import ModuleType
from typing import Any

__all__ = ["Renewal"]


class Renewal:
    """Gives instances the class that now has the name of theirs, for classes of `modules`, which were loaded anew.

    Else `isinstance` would no longer know what a `user_session` has kept. An instance stays itself, also within lists,
    dicts, sets and other such instances. Of a class that is gone, or has another layout, it stays as it was.
    """

    def __init__(self, modules: Container[str]) -> None:
        self._modules = modules
        self._seen: dict[int, Any] = {}  # what was met, so that each is looked at once, and none twice

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str | bytes | int | float | None) and not isinstance(value, Enum):
            return value
        if id(value) in self._seen:
            return value
        self._seen[id(value)] = value
        if isinstance(value, Enum):
            return self._member(value)
        if type(value) is dict:
            for key in list(value):
                value[key] = self(value[key])
        elif type(value) is list:
            value[:] = [self(one) for one in value]
        elif type(value) in (tuple, set, frozenset):
            return type(value)(self(one) for one in value)
        elif (renewed := self._renewed(type(value))) is not None:
            self._change(value, renewed)
        return value

    def _member(self, value: Enum) -> Enum:
        renewed = self._renewed(type(value))
        if renewed is None or not issubclass(renewed, Enum):
            return value
        return renewed.__members__.get(value.name, value)

    def _change(self, value: Any, renewed: type) -> None:
        with suppress(TypeError):  # its layout is another: it stays what it was
            object.__setattr__(value, "__class__", renewed)
        for name, held in list(getattr(value, "__dict__", {}).items()):
            value.__dict__[name] = self(held)
        if dataclasses.is_dataclass(renewed) and type(value) is renewed:
            for field in dataclasses.fields(renewed):
                if field.default_factory is not dataclasses.MISSING and not hasattr(value, field.name):
                    object.__setattr__(value, field.name, field.default_factory())

    def _renewed(self, kind: type) -> type | None:
        """The class that now has the name of `kind`; `None` if that is no other."""
        if kind.__module__ not in self._modules or "<locals>" in kind.__qualname__:
            return None
        found: Any = sys.modules.get(kind.__module__)
        for name in kind.__qualname__.split(".") if isinstance(found, ModuleType) else ():
            found = getattr(found, name, None)
        return found if isinstance(found, type) and found is not kind else None
