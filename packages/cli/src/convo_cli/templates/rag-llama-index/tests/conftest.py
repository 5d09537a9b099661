"""What all tests have: models that need no network, documents of their own, and a key that is nobody's."""

from __future__ import annotations

import sys
from pathlib import Path

import library
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fake_models import FakeEmbedding, FakeModel


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "cats.md").write_text("Cats sleep sixteen hours a day.")
    (tmp_path / "dogs.txt").write_text("Dogs bark at strangers.")
    monkeypatch.setattr(library, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    fake = FakeModel()
    monkeypatch.setattr(library, "chat_model", lambda: fake)
    monkeypatch.setattr(library, "embedding_model", FakeEmbedding)
    monkeypatch.setenv("OPENAI_API_KEY", "a key of nobody's")
    return fake
