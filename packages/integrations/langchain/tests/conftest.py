"""An App that traces LangChain by its settings."""

from importlib.util import find_spec

import convo
import pytest

# `langchain` itself needs its version 1 of `langchain-core`: the environment of the whole repository has it.
collect_ignore = [] if find_spec("langchain") else ["test_langchain_1.py"]


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True, "integrations": {"langchain": True}})
