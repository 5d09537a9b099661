"""Trees of LangChain's and LangGraph's own runs, as they should be."""

import asyncio
import threading
from collections.abc import Callable
from operator import add
from typing import Annotated, Any, TypedDict
from uuid import uuid4

import convo
import pytest
from convo.testing import ChatClient, draw_tree
from convo_langchain import LangchainCallbackHandler, add_messages, chat_messages, run_graph
from langchain_core.documents import Document
from langchain_core.language_models import FakeListLLM
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, RunnableLambda, RunnableParallel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from tests.harness.loud import Loud, Streaming
from tests.harness.traced import reply_of, tree

Answering = Callable[[Callable[[str], Any]], convo.App]


class State(TypedDict):
    words: Annotated[list[str], add]


class Pages(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [
            Document(f"about {query}", metadata={"source": "docs/a.md"}),
            Document("more", metadata={"source": "docs/a.md"}),
            Document("else"),
        ]


async def test_a_graph_with_a_sub_graph_parallel_nodes_and_sends(answering: Answering) -> None:
    async def ask(state: State) -> State:
        return {"words": [str((await Loud().ainvoke("inner")).content)]}

    inner = StateGraph(State).add_node("ask", ask).add_edge(START, "ask").add_edge("ask", END).compile(name="Inner")

    async def one(state: State) -> State:
        await asyncio.sleep(0.01)
        return {"words": ["one"]}

    async def two(state: State) -> State:
        await asyncio.sleep(0.02)
        return {"words": [str((await Loud().ainvoke("two")).content)]}

    def spread(state: State) -> list[Send]:
        return [Send("each", {"words": [str(number)]}) for number in range(3)]

    def each(state: State) -> State:
        return {"words": []}

    graph = (
        StateGraph(State)
        .add_node("one", one)
        .add_node("two", two)
        .add_node("sub", inner)
        .add_node("each", each)
        .add_edge(START, "one")
        .add_edge(START, "two")
        .add_edge(["one", "two"], "sub")
        .add_conditional_edges("sub", spread, ["each"])
        .compile(name="Outer")
    )

    async def work(text: str) -> None:
        await graph.ainvoke({"words": []})

    assert await tree(answering(work)) == (
        "run Outer\n"
        "  undefined one\n"
        "  undefined two\n"
        "    llm Loud (loud-1-0824 1+7)\n"
        "  undefined sub\n"
        "    undefined Inner\n"
        "      undefined ask\n"
        "        llm Loud (loud-1-0824 1+7)\n"
        "    undefined spread\n"
        "  undefined each\n"
        "  undefined each\n"
        "  undefined each"
    )


async def test_an_interrupt_is_asked_in_the_chat_and_the_graph_goes_on(answering: Answering) -> None:
    def approve(state: State) -> State:
        return {"words": [str(interrupt({"question": "Send it?", "options": ["yes", "no"]}))]}

    def name(state: State) -> State:
        return {"words": [str(interrupt("Under which name?"))]}

    graph = (
        StateGraph(State)
        .add_node("approve", approve)
        .add_node("name", name)
        .add_edge(START, "approve")
        .add_edge("approve", "name")
        .compile(checkpointer=InMemorySaver())
    )

    async def work(text: str) -> str:
        found = await run_graph(graph, {"words": []}, {"configurable": {"thread_id": str(uuid4())}})
        return ", ".join(found["words"])

    async with ChatClient(answering(work)) as chat:
        run_id = await chat.post("go")
        ask = await chat.asked()
        await chat.answer("yes")
        await chat.until(lambda: next((one for one in chat.asks if one.id != ask.id), None))
        await chat.answer("Ann")
        reply = await chat.reply(run_id)

    assert reply.status == "done", reply.error
    assert reply.messages[-1].output == "yes, Ann"
    steps = [line for line in draw_tree(reply.steps).splitlines() if "interrupt" in line]
    assert len(steps) >= 2
    assert not any("✗" in line for line in draw_tree(reply.steps).splitlines())


async def test_retries_and_fallbacks(answering: Answering) -> None:
    attempts = iter([ValueError("one"), ValueError("two"), None])

    def shaky(text: str) -> str:
        error = next(attempts)
        if error is not None:
            raise error
        return text

    async def work(text: str) -> None:
        retried = RunnableLambda(shaky, name="shaky").with_retry(wait_exponential_jitter=False)
        await retried.with_config(run_name="Shaky").ainvoke(text)
        await Loud(error=ValueError("no")).with_fallbacks([Loud()]).ainvoke(text)

    assert await tree(answering(work)) == (
        "run Shaky\n"
        '  undefined shaky ✗ "ValueError: one"\n'
        '  undefined shaky ✗ "ValueError: two"\n'
        "  undefined shaky\n"
        "run RunnableWithFallbacks\n"
        '  llm Loud (loud-1) ✗ "ValueError: no"\n'
        "  llm Loud (loud-1-0824 1+7)"
    )


async def test_parallel_branches_batches_and_threads(answering: Answering) -> None:
    both = RunnableParallel(left=Loud(), right=Loud()).with_config(run_name="Both")

    async def work(text: str) -> None:
        await both.ainvoke(text)
        await both.abatch(["a", "b"])
        await convo.make_async(both.batch)(["c", "d"])

    one = "run Both\n  llm Loud (loud-1-0824 1+7)\n  llm Loud (loud-1-0824 1+7)"
    reply = await reply_of(answering(work))

    assert len(reply.steps) == 5
    assert {draw_tree([node], texts=False) for node in reply.steps} == {one}
    for node in reply.steps:
        assert {child.step.output.lower() for child in node.children} == {node.step.input}


async def test_a_thread_without_context_that_is_given_the_config(answering: Answering) -> None:
    def outer(text: str, config: RunnableConfig) -> str:
        thread = threading.Thread(target=lambda: Loud().invoke(text, config))
        thread.start()
        thread.join()
        return text

    async def work(text: str) -> None:
        await convo.make_async(RunnableLambda(outer).with_config(run_name="Outer").invoke)(text)

    assert await tree(answering(work)) == "run Outer\n  llm Loud (loud-1-0824 1+7)"


async def test_a_retriever_shows_its_documents(answering: Answering) -> None:
    async def work(text: str) -> None:
        await Pages().ainvoke(text)

    async with ChatClient(answering(work)) as chat:
        step = (await chat.send("cats")).steps[0].step
        await chat.until(lambda: len(chat.elements(step)) == 3)
        names = [element.name for element in chat.elements(step)]
        first = await chat.read(chat.elements(step)[0])

    assert (step.type, step.input) == ("retrieval", "cats")
    assert names == ["a.md", "a.md (2)", "Document 3"]
    assert first == b"about cats"


async def test_a_completion_model(answering: Answering) -> None:
    async def work(text: str) -> None:
        await FakeListLLM(responses=["as before"]).ainvoke(text)

    step = (await reply_of(answering(work))).steps[0].step

    assert (step.type, step.output) == ("llm", "as before")
    assert step.generation is not None
    assert (step.generation.type, step.generation.prompt, step.generation.completion) == (
        "completion",
        "hello",
        "as before",
    )


async def test_the_figures_are_those_the_model_reported(answering: Answering) -> None:
    async def work(text: str) -> None:
        await Streaming().ainvoke(text)
        async for _ in Streaming().astream(text):
            pass

    for node in (await reply_of(answering(work), "one two three")).steps:
        told = node.step.generation
        assert told is not None
        assert told.model == "loud-1-0824"
        assert (told.input_token_count, told.output_token_count, told.token_count) == (3, 7, 10)
        assert told.messages == [{"role": "user", "content": "one two three"}]
        assert told.message_completion == {"role": "assistant", "content": "ONE TWO THREE"}
        assert told.settings is not None
        assert told.settings["temperature"] == 0.5
        assert "api_key" not in told.settings
        assert told.duration is not None
        assert told.duration > 0
        assert node.step.output == "ONE TWO THREE"


@pytest.mark.filterwarnings("ignore:astream_events version='v1'")
async def test_events_of_every_version_change_nothing(answering: Answering) -> None:
    async def work(text: str) -> None:
        chain = RunnableLambda(lambda text: text).with_config(run_name="First") | Streaming()
        async for _ in chain.astream_events(text, version="v1"):
            pass
        async for _ in chain.astream_events(text, version="v2"):
            pass

    assert await tree(answering(work)) == "\n".join(["run First", "llm Streaming (loud-1-0824 1+7)"] * 2).replace(
        "run First", "undefined First"
    )


async def test_everything_is_shown_on_demand(answering: Answering) -> None:
    handler = LangchainCallbackHandler(to_ignore=[])

    async def work(text: str) -> None:
        chain = RunnableLambda(lambda text: text) | Loud()
        await chain.ainvoke(text, {"callbacks": [handler]})

    assert await tree(answering(work)) == (
        "run RunnableSequence\n  undefined RunnableLambda\n  llm Loud (loud-1-0824 1+7)"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"stream_final_answer": True, "answer_prefix_tokens": ["!"]}, " YES"),
        ({"stream_final_answer": True, "force_stream_final_answer": True}, "I KNOW! YES"),
        ({"stream_final_answer": True}, ""),
        ({"force_stream_final_answer": True}, ""),
    ],
)
async def test_the_final_answer_is_streamed(answering: Answering, options: dict[str, Any], said: str) -> None:
    async def work(text: str) -> None:
        await Streaming().ainvoke("i know! yes", {"callbacks": [LangchainCallbackHandler(**options)]})
        async for _ in Streaming().astream("i know! yes", {"callbacks": [LangchainCallbackHandler(**options)]}):
            pass

    reply = await reply_of(answering(work))

    streamed = [message.output for message in reply.messages]
    assert streamed == ([said] if said else [])
    assert all(message.end is not None for message in reply.messages)


async def test_what_is_odd_is_shown_somehow(answering: Answering) -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("no")

        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("no")

    async def work(text: str) -> str:
        await RunnableLambda(lambda odd: {"same": odd}).with_config(run_name="Odd").ainvoke(Odd())
        return "undisturbed"

    reply = await reply_of(answering(work))

    assert reply.content == "undisturbed"
    assert len(reply.steps) == 1


async def test_the_chat_as_messages_and_back(answering: Answering) -> None:
    seen: list[list[tuple[str, str]]] = []

    async def work(text: str) -> str:
        if text == "two":
            add_messages([*chat_messages(), AIMessage("I have looked."), AIMessage("")])
        seen.append([(message.type, str(message.content)) for message in chat_messages()])
        return text.upper()

    async with ChatClient(answering(work)) as chat:
        await chat.send("one")
        await chat.send("two")

    assert seen == [
        [("human", "one")],
        [("human", "one"), ("ai", "ONE"), ("human", "two"), ("ai", "I have looked.")],
    ]


def test_outside_a_chat_nothing_happens() -> None:
    assert Loud().invoke("hello", {"callbacks": [LangchainCallbackHandler()]}).content == "HELLO"


def test_a_name_that_convo_has_when_the_package_is_installed() -> None:
    assert convo.LangchainCallbackHandler is LangchainCallbackHandler


async def test_what_the_provider_still_had_costs_less() -> None:
    used = UsageMetadata(
        input_tokens=1000, output_tokens=100, total_tokens=1100, input_token_details={"cache_read": 800}
    )
    price = {"input": 10, "output": 20, "cached_input": 1}
    app = convo.App({"debug": True, "integrations": {"langchain": True}, "prices": {"loud-1": price}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await Loud(script=iter([AIMessage("Hello.", usage_metadata=used)])).ainvoke(message.content)

    generation = (await reply_of(app)).steps[0].step.generation

    assert generation is not None
    assert generation.cost == pytest.approx((200 * 10 + 800 * 1 + 100 * 20) / 1e6)
