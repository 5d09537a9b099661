"""`__all__` of every package is complete and true."""

import importlib
import types

import pytest

PACKAGES = (
    "convo",
    "convo.testing",
    "convo.protocol",
    "convo_server",
    "convo_cli",
    "convo_ui",
    "convo_sqlalchemy",
    "convo_dynamodb",
    "convo_s3",
    "convo_azure_blob",
    "convo_client",
    "convo_discord",
    "convo_gcs",
    "convo_langchain",
    "convo_llama_index",
    "convo_mistral",
    "convo_openai",
    "convo_otel",
    "convo_protocols",
    "convo_semantic_kernel",
    "convo_slack",
    "convo_teams",
)


@pytest.mark.parametrize("name", PACKAGES)
def test_every_name_in_all_is_there(name: str) -> None:
    package = importlib.import_module(name)

    assert len(package.__all__) == len(set(package.__all__))
    for public in package.__all__:
        assert getattr(package, public) is not None


@pytest.mark.parametrize("name", PACKAGES)
def test_every_public_name_is_in_all(name: str) -> None:
    package = importlib.import_module(name)
    public = {
        key
        for key, value in vars(package).items()
        if not key.startswith("_")
        and not isinstance(value, types.ModuleType)
        and str(getattr(value, "__module__", "")).startswith("convo")
    }

    assert public <= set(package.__all__)


def test_a_name_of_a_submodule_is_not_hidden_by_it() -> None:
    convo = importlib.import_module("convo")

    for name in ("step", "cache", "context", "chat_context", "user_session"):
        assert not isinstance(getattr(convo, name), types.ModuleType), name
