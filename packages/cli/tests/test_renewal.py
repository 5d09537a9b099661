"""What a session keeps of classes that are loaded anew."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from convo_cli.renewal import Renewal

CODE = """
from dataclasses import dataclass, field
from enum import Enum

class Size(Enum):
    SMALL = 1
    LARGE = 2

@dataclass(frozen=True)
class Tea:
    size: Size
    def says(self): return "WORD"

@dataclass
class Basket:
    teas: list
    EXTRA
"""


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Loads the author's module `shop`, as it is with other words in it."""

    def load(word: str, extra: str = "pass") -> Any:
        module = ModuleType("shop")
        monkeypatch.setitem(sys.modules, "shop", module)
        exec(CODE.replace("WORD", word).replace("EXTRA", extra), module.__dict__)
        return module

    return load


def test_instances_stay_and_have_the_class_of_now(shop: Any) -> None:
    old = shop("old")
    tea = old.Tea(old.Size.LARGE)
    basket = old.Basket([tea])
    kept = {"basket": basket, "all": (tea, [tea])}
    new = shop("new", "notes: list = field(default_factory=list)")

    renewed = Renewal({"shop"})(kept)

    assert renewed["basket"] is basket
    assert isinstance(basket, new.Basket)
    assert basket.notes == []
    assert renewed["all"][1][0] is basket.teas[0] is tea
    assert (tea.says(), tea.size) == ("new", new.Size.LARGE)


def test_what_is_gone_or_not_the_author_s_stays_as_it_was(shop: Any) -> None:
    old = shop("old")
    tea = old.Tea(old.Size.LARGE)
    module = shop("new")
    del module.Tea
    text, itself = "text", [tea]
    itself.append(itself)  # type: ignore[arg-type]  # what holds itself is looked at once

    assert Renewal({"shop"})(itself) is itself
    assert type(tea) is old.Tea
    assert Renewal({"shop"})(text) is text
