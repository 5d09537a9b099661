"""Icons: what an author learns of a name that nothing is drawn for."""

from __future__ import annotations

import logging

import convo
import pytest


def offer(name: str) -> None:
    convo.Action("a", {}, icon=name)


@pytest.fixture(autouse=True)
def _web_app() -> None:
    pytest.importorskip("convo_ui")


def test_an_unknown_icon_is_told_once_for_each_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "convo"):
        offer("coffe")
        offer("coffe")
        convo.Starter("Tea", "tea", icon="coffe")
    first, second = caplog.messages
    line = offer.__code__.co_firstlineno + 1
    assert first == (
        f"There is no icon `coffe` (test_icon.py:{line}). Did you mean `coffee`?"
        " All names are on https://lucide.dev/icons."
    )
    assert f"test_icon.py:{line}" not in second


@pytest.mark.parametrize(
    "name", ["coffee", "ImagePlus", "axis-3d", "/public/logo.svg", "https://example.org/a.png", ""]
)
def test_what_can_be_shown_is_not_told_of(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "convo"):
        offer(name)
    assert caplog.messages == []
