"""`LlamaIndexCallbackHandler`: what callback managers turn on, and events of the author's own."""

from collections.abc import Callable, Iterator
from typing import Any

import convo
import pytest
from convo.testing import draw_tree
from convo_llama_index import LlamaIndexCallbackHandler
from llama_index.core import Settings, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.callbacks import CallbackManager, CBEventType, EventPayload
from llama_index.core.tools import ToolMetadata

from tests.harness.loud_llama import Loud
from tests.harness.traced import asked


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True})


@pytest.fixture
def manager() -> CallbackManager:
    return CallbackManager([LlamaIndexCallbackHandler()])


@pytest.fixture
def for_all(manager: CallbackManager) -> Iterator[CallbackManager]:
    """The manager of LlamaIndex's settings."""
    before = Settings._callback_manager
    Settings.callback_manager = manager
    yield manager
    Settings._callback_manager = before


async def tree(app: convo.App, work: Callable[[], Any], *, texts: bool = False) -> str:
    return draw_tree((await asked(app, work)).steps, texts=texts)


async def test_components_with_the_handler_are_shown_and_others_are_not(
    app: convo.App, manager: CallbackManager
) -> None:
    async def work() -> None:
        await Loud(callback_manager=manager).acomplete("one")
        await Loud().acomplete("two")

    assert await tree(app, work, texts=True) == 'llm Loud (loud-1-0824 1+7) "one" → "ONE"'


@pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning")
@pytest.mark.usefixtures("for_all")
async def test_in_the_settings_it_shows_all(app: convo.App) -> None:
    async def work() -> None:
        await FunctionAgent(llm=Loud(), tools=[]).run("hello")

    assert await tree(app, work) == "run Agent\n  llm Loud (loud-1-0824 1+7)"


async def test_what_is_to_be_ignored_is_not_shown(app: convo.App, index: VectorStoreIndex) -> None:
    handler = LlamaIndexCallbackHandler([CBEventType.EMBEDDING, CBEventType.SYNTHESIZE, CBEventType.QUERY])

    async def work() -> None:
        engine = index.as_query_engine(llm=Loud())
        engine.callback_manager = CallbackManager([handler])
        await engine.aquery("hello")

    assert await tree(app, work) == "retrieval VectorIndexRetriever\nllm Loud (loud-1-0824 28+7)"


async def test_events_of_the_author(app: convo.App, manager: CallbackManager) -> None:
    async def work() -> None:
        payload: dict[str, Any] = {
            EventPayload.FUNCTION_CALL: {"city": "Rome"},
            EventPayload.TOOL: ToolMetadata("Weather", "weather"),
        }
        with (
            manager.as_trace("mine"),
            manager.event(CBEventType.AGENT_STEP),
            manager.event(CBEventType.FUNCTION_CALL, payload=payload) as call,
        ):
            await Loud(callback_manager=manager).acomplete("hello")
            call.on_end({EventPayload.FUNCTION_OUTPUT: "sunny"})
        with pytest.raises(ValueError), manager.event(CBEventType.QUERY, payload={EventPayload.QUERY_STR: "what"}):
            raise ValueError("no")

    assert await tree(app, work, texts=True) == (
        "undefined Agent step\n"
        '  tool weather {"city": "Rome"} → "sunny"\n'
        '    llm Loud (loud-1-0824 1+7) "hello" → "HELLO"\n'
        'undefined Query "what" ✗ "ValueError: no"'
    )


async def test_outside_a_callback_nothing_happens(manager: CallbackManager) -> None:
    with manager.event(CBEventType.FUNCTION_CALL):
        assert (await Loud(callback_manager=manager).acomplete("hello")).text == "HELLO"


def test_names_that_convo_has_when_the_package_is_installed() -> None:
    assert convo.LlamaIndexCallbackHandler is LlamaIndexCallbackHandler
    assert callable(convo.instrument_llama_index)
