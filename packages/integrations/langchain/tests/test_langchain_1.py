"""What there is since LangChain 1: `conftest.py` leaves it out beside an older one."""

from collections.abc import Callable
from typing import Any

import convo
import pytest
from convo.testing import draw_tree
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool

from tests.harness.loud import Loud, Streaming
from tests.harness.traced import reply_of

Answering = Callable[[Callable[[str], Any]], convo.App]


@tool
def weather(city: str) -> str:
    """The weather in a city."""
    with convo.Step("Look out"):
        return f"sunny in {city}"


async def test_an_agent_with_a_tool(answering: Answering) -> None:
    call = AIMessage("", tool_calls=[{"name": "weather", "args": {"city": "Rome"}, "id": "1"}])

    async def work(text: str) -> str:
        agent = create_agent(Loud(script=iter([call, AIMessage("It is sunny.")])), [weather])
        found = await agent.ainvoke({"messages": [HumanMessage(text)]})
        return str(found["messages"][-1].content)

    reply = await reply_of(answering(work))

    assert reply.content == "It is sunny."
    assert draw_tree(reply.steps, texts=False) == (
        "run LangGraph\n"
        "  undefined model\n"
        "    llm Loud (loud-1)\n"
        "  undefined tools\n"
        "    tool weather\n"
        "      undefined Look out\n"
        "  undefined model\n"
        "    llm Loud (loud-1)"
    )


@pytest.mark.filterwarnings("ignore:The method .* is in beta")
async def test_content_blocks_of_streaming_v3_are_shown_as_they_come(answering: Answering) -> None:
    seen: list[str] = []

    async def work(text: str) -> None:
        async for _ in await Streaming().astream_events(text, version="v3"):
            seen.extend(entry.step.output for entry in convo.context.session.state.steps.values())

    step = (await reply_of(answering(work))).steps[0].step

    assert step.output == "HELLO"
    assert "HE" in seen
    assert step.generation is not None
    assert step.generation.output_token_count == 7
