"""What all tests have: a database of their own, in a file, and a client that is logged in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import convo
import pytest
from convo.loader import load_app
from convo.testing import ChatClient

ROOT = Path(__file__).parents[1]
ANN = convo.User("ann", display_name="Ann", metadata={"role": "admin"})
BOB = convo.User("bob", display_name="Bob", metadata={"role": "member"})


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database's address. The app is tried on SQLite here, and runs on PostgreSQL."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    monkeypatch.setenv("CONVO_DATA__URL", url)
    return url


@pytest.fixture
def convo_app(url: str) -> convo.App:
    return load_app(str(ROOT / "app.py"))


@pytest.fixture
async def chat(convo_app: convo.App) -> AsyncIterator[ChatClient]:
    """A client in which Bob, a member, is logged in."""
    async with ChatClient(convo_app, user=BOB) as client:
        yield client
