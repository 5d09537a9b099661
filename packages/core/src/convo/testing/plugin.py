"""The pytest plugin: the fixture `chat`, a `ChatClient` of the App under test.

Say which App with a fixture `convo_app` that returns it, or with the ini option `convo_app = "app.py"`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from convo.app import App
    from convo.testing.client import ChatClient

__all__ = ["chat", "convo_app", "pytest_addoption"]

try:
    import pytest_asyncio

    _async_fixture: Any = pytest_asyncio.fixture
except ImportError:
    _async_fixture = pytest.fixture


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("convo_app", "The App that the fixture `chat` drives, as `app.py` or `app.py:app`.", default="")


@pytest.fixture
def convo_app(pytestconfig: pytest.Config) -> App:
    """The App under test: that of the ini option `convo_app`. Override it to give another."""
    from convo.loader import load_app  # pytest loads this plugin in every project; convo itself only where it is used

    target = pytestconfig.getini("convo_app")
    if not target:
        raise pytest.UsageError("Which App? Set pytest's option `convo_app = app.py`, or write a fixture `convo_app`.")
    return load_app(str(pytestconfig.rootpath / target))


@_async_fixture  # type: ignore[untyped-decorator]  # pytest's or pytest-asyncio's, whichever there is
async def chat(convo_app: App) -> AsyncIterator[ChatClient]:
    """A client of the App under test, connected."""
    from convo.testing.client import ChatClient

    async with ChatClient(convo_app) as client:
        yield client
