"""What the apps of `apps/` are opened with: they are written for Chainlit, and only their import is replaced."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from convo.loader import load_app
from convo.testing import ChatClient

APPS = Path(__file__).parent / "apps"

Open = Callable[..., ChatClient]


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Gives a client of the app of a name, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def open_app(name: str, **options: Any) -> ChatClient:
        path = tmp_path / f"{name}_app.py"
        source = (APPS / f"{name}.py").read_text("utf-8")
        path.write_text(re.sub(r"^(import|from) chainlit\b", r"\1 convo", source, flags=re.MULTILINE), "utf-8")
        return ChatClient(load_app(str(path)), **options)

    return open_app
