"""What all tests have: a model that needs no network, and a key that is nobody's."""

from __future__ import annotations

import sys
from pathlib import Path

import agent
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fake_model import FakeModel


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    fake = FakeModel(streaming=True)
    monkeypatch.setattr(agent, "chat_model", lambda: fake)
    monkeypatch.setattr(agent, "stock", {"lamps": 3, "chairs": 12})
    monkeypatch.setenv("OPENAI_API_KEY", "a key of nobody's")
    return fake
