"""Trees of LlamaIndex's own components, as they should be."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import convo
import pytest
from convo.protocol import Step as StepNoun
from convo.testing import ChatClient, StepNode, draw_tree
from convo_llama_index import chat_messages, node_elements
from convo_llama_index.span import Span
from llama_index.core import Document, MockEmbedding, PromptTemplate, VectorStoreIndex
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.chat_engine import ContextChatEngine, SimpleChatEngine
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # of another package
from llama_index.core.llms import MockLLM
from llama_index.core.memory import ChatMemoryBuffer
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.schema import MetadataMode
from llama_index.core.tools import FunctionTool, QueryEngineTool
from llama_index.core.workflow import Context, Event, StartEvent, StopEvent, Workflow, step
from workflows.errors import WorkflowCancelledByUser

from tests.harness.loud_llama import Loud, calling
from tests.harness.traced import reply_of, tree

# LlamaIndex looks at all attributes of an agent's class, and so at what pydantic deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecationWarning")

Answering = Callable[[Callable[[str], Any]], convo.App]

QUERY = (
    "run RetrieverQueryEngine\n"
    "  retrieval VectorIndexRetriever\n"
    "    embedding MockEmbedding (?)\n"
    "  undefined CompactAndRefine\n"
    "    llm Loud (loud-1-0824 28+7)"
)
CHAT = (
    "run ContextChatEngine\n"
    "  retrieval VectorIndexRetriever\n"
    "    embedding MockEmbedding (?)\n"
    "  undefined CompactAndRefine\n"
    "    llm Loud (loud-1-0824 1+7)"
)


class Half(Event):
    number: int


class Done(Event):
    number: int


class Halves(Workflow):
    @step
    async def begin(self, ctx: Context, ev: StartEvent) -> Half | None:
        for number in range(2):
            ctx.send_event(Half(number=number))
        return None

    @step(num_workers=2)
    async def work(self, ev: Half) -> Done:
        await Loud().acomplete(f"half {ev.number}")
        return Done(number=ev.number)

    @step
    async def end(self, ctx: Context, ev: Done) -> StopEvent | None:
        return StopEvent(result="whole") if ctx.collect_events(ev, [Done] * 2) else None


async def weather(city: str) -> str:
    """The weather in a city."""
    async with convo.Step("Look out"):
        return f"sunny in {city}"


def agent(*script: Any, **options: Any) -> FunctionAgent:
    return FunctionAgent(llm=Loud(script=iter(script)), **{"tools": [weather], **options})


def chatting(index: VectorStoreIndex, model: Loud) -> ContextChatEngine:
    """With a memory that is no database."""
    memory = ChatMemoryBuffer.from_defaults(token_limit=1000)
    return ContextChatEngine.from_defaults(index.as_retriever(), llm=model, memory=memory)


def all_steps(nodes: list[StepNode]) -> list[StepNoun]:
    return [found for node in nodes for found in (node.step, *all_steps(node.children))]


# --- Queries and chats ---


async def test_a_query_engine(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> str:
        await convo.make_async(index.as_query_engine(llm=Loud()).query)(text)
        return str(await index.as_query_engine(llm=Loud()).aquery(text))

    reply = await reply_of(answering(work))

    assert draw_tree(reply.steps, texts=False) == f"{QUERY}\n{QUERY}"
    assert {node.step.input for node in reply.steps} == {"hello"}
    assert {node.step.output for node in reply.steps} == {reply.content}


async def test_a_streamed_query_ends_when_its_text_has_come(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> str:
        answer: Any = await index.as_query_engine(llm=Loud(), streaming=True).aquery(text)
        said = "".join([piece async for piece in answer.async_response_gen()])
        answer = index.as_query_engine(llm=Loud(), streaming=True).query(text)
        assert "".join(answer.response_gen) == said
        return said

    reply = await reply_of(answering(work))

    assert draw_tree(reply.steps, texts=False) == f"{QUERY}\n{QUERY}"
    for node in reply.steps:
        query, model = node.step, node.children[-1].children[0].step
        assert query.output == model.output == reply.content
        assert query.end is not None
        assert model.end is not None
        assert query.end >= model.end


async def test_a_model_whose_class_asks_itself_is_shown_once(answering: Answering) -> None:
    async def work(text: str) -> None:
        model = MockLLM()
        await model.acomplete(text)
        async for _ in await model.astream_complete(text):
            pass
        for _ in model.stream_chat(chat_messages()):
            pass
        async for _ in await model.astream_chat(chat_messages()):
            pass
        model.predict(PromptTemplate("{text}"), text=text)

    assert await tree(answering(work)) == "\n".join(["llm MockLLM (?)"] * 5)


async def test_chat_engines_stream(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> str:
        engine = chatting(index, Loud())
        answer: Any = await engine.astream_chat(text)
        said = "".join([piece async for piece in answer.async_response_gen()])
        engine.reset()
        answer = engine.stream_chat(text)
        assert "".join(answer.response_gen) == said
        return said

    reply = await reply_of(answering(work))

    assert draw_tree(reply.steps, texts=False) == f"{CHAT}\n{CHAT}"
    assert [(node.step.input, node.step.output) for node in reply.steps] == [("hello", "HELLO")] * 2
    assert all(found.end is not None and not found.is_error for found in all_steps(reply.steps))


async def test_a_chat_engine_hears_the_chat(answering: Answering) -> None:
    async def work(text: str) -> str:
        memory = ChatMemoryBuffer.from_defaults(chat_history=chat_messages()[:-1], token_limit=1000)
        engine = SimpleChatEngine.from_defaults(llm=Loud(), memory=memory)
        return str(await engine.achat(text))

    async with ChatClient(answering(work)) as chat:
        await chat.send("one")
        reply = await chat.send("two")

    generation = reply.steps[0].children[0].step.generation
    assert generation is not None
    assert generation.messages == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": "ONE"},
        {"role": "user", "content": "two"},
    ]


# --- Agents and workflows ---


async def test_an_agent_with_a_tool(answering: Answering) -> None:
    async def work(text: str) -> str:
        return str(await agent(calling("weather", city="Rome"), "It is sunny.").run(text))

    reply = await reply_of(answering(work))

    assert reply.content == "It is sunny."
    assert draw_tree(reply.steps) == (
        'run Agent {"user_msg": "hello"} → "It is sunny."\n'
        '  llm Loud (loud-1-0824 1+7) [{"role": "user", "content": "hello"}]'
        ' → [{"id": "call-1", "t…{"city": "Rome"}}}]\n'
        '  tool weather {"city": "Rome"} → "sunny in Rome"\n'
        "    undefined Look out\n"
        '  llm Loud (loud-1-0824 3+7) [{"role": "user", "c…all_id": "call-1"}] → "It is sunny."'
    )


async def test_of_several_agents_it_is_shown_which_one_speaks(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        engine = index.as_query_engine(llm=Loud(), node_postprocessors=[SimilarityPostprocessor(similarity_cutoff=0.1)])
        docs = QueryEngineTool.from_defaults(engine, name="docs", description="What is written.")
        reader = agent(
            calling("docs", input="cats"), calling("handoff", to_agent="writer", reason="read"),
            name="reader", description="Reads.", tools=[docs], can_handoff_to=["writer"],
        )  # fmt: skip
        writer = agent("Done.", name="writer", description="Writes.", tools=[])
        await AgentWorkflow(agents=[reader, writer], root_agent="reader").run(text)

    assert await tree(answering(work)) == (
        "run AgentWorkflow\n"
        "  undefined reader\n"
        "    llm Loud (loud-1-0824 1+7)\n"
        "  tool docs\n"
        "    undefined RetrieverQueryEngine\n"
        "      retrieval VectorIndexRetriever\n"
        "        embedding MockEmbedding (?)\n"
        "      rerank SimilarityPostprocessor\n"
        "      undefined CompactAndRefine\n"
        "        llm Loud (loud-1-0824 28+7)\n"
        "  undefined reader\n"
        "    llm Loud (loud-1-0824 28+7)\n"
        "  tool handoff\n"
        "  undefined writer\n"
        "    llm Loud (loud-1-0824 19+7)"
    )


async def test_a_workflow_with_parallel_steps(answering: Answering) -> None:
    async def work(text: str) -> str:
        return str(await Halves().run(topic=text))

    reply = await reply_of(answering(work))

    assert reply.content == "whole"
    halves = [node for node in reply.steps[0].children if node.name == "work"]
    assert draw_tree(halves) == "\n".join(
        f'undefined work {{"Half": {{"number": {number}}}}} → {{"Done": {{"number": {number}}}}}\n'
        f'  llm Loud (loud-1-0824 2+7) "half {number}" → "HALF {number}"'
        for number in range(2)
    )
    assert draw_tree([*reply.steps[:1]]).splitlines()[0] == 'run Halves {"topic": "hello"} → "whole"'
    assert sorted(node.name for node in reply.steps[0].children) == ["begin", "end", "end", "work", "work"]


async def test_a_hundred_agents_at_once_keep_their_parents(answering: Answering) -> None:
    async def one(number: int) -> None:
        async with convo.Step(f"Step {number}"):
            await agent(calling("weather", city=f"city {number}"), f"sunny {number}").run(f"question {number}")

    async def work(text: str) -> None:
        await asyncio.gather(*(one(number) for number in range(100)))

    reply = await reply_of(answering(work))

    assert len(reply.steps) == 100
    for node in reply.steps:
        number = node.name.removeprefix("Step ")
        assert draw_tree(node.children, texts=False) == (
            "run Agent\n"
            "  llm Loud (loud-1-0824 2+7)\n"
            "  tool weather\n"
            "    undefined Look out\n"
            "  llm Loud (loud-1-0824 4+7)"
        )
        tool = node.children[0].children[1].step
        assert tool.output == f"sunny in city {number}"


# --- Sources ---


async def test_a_retriever_shows_its_nodes(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        await index.as_retriever().aretrieve(text)

    async with ChatClient(answering(work)) as chat:
        found = (await chat.send("cats")).steps[0].step
        await chat.until(lambda: len(chat.elements(found)) == 2)
        texts = {element.name: (await chat.read(element)).decode() for element in chat.elements(found)}

    assert (found.type, found.name, found.input) == ("retrieval", "VectorIndexRetriever", "cats")
    assert texts.keys() == {"a.md", "a.md (2)"}
    assert set(texts.values()) == {"about cats", "about dogs"}


async def test_sources_are_elements_for_a_message_too(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        answer = await index.as_query_engine(llm=Loud(), similarity_top_k=1).aquery(text)
        await convo.Message(str(answer), elements=node_elements(answer.source_nodes)).send()
        assert answer.source_nodes[0].node.get_content(MetadataMode.NONE).startswith("about")

    async with ChatClient(answering(work)) as chat:
        message = (await chat.send("cats")).messages[-1]
        elements = await chat.until(lambda: chat.elements(message))

    assert len(elements) == 1


async def test_an_index_that_is_built_in_a_callback(answering: Answering) -> None:
    async def work(text: str) -> None:
        VectorStoreIndex.from_documents([Document(text=text)], embed_model=MockEmbedding(embed_dim=4))

    assert await tree(answering(work), texts=True) == (
        'undefined SentenceSplitter {"nodes": 1} → {"nodes": 1}\n'
        'embedding MockEmbedding (?) ["hello"] → {"vectors": 1, "dimensions": 4}'
    )


# --- Figures ---


async def test_the_figures_are_those_the_model_reported(answering: Answering) -> None:
    async def work(text: str) -> None:
        model = Loud()
        await model.achat(chat_messages(), max_tokens=9)
        async for _ in await model.astream_chat(chat_messages(), max_tokens=9):
            pass
        async for _ in await Loud(script=iter([calling("x")])).astream_chat(chat_messages()):
            pass

    plain, streamed, tool = (node.step.generation for node in (await reply_of(answering(work), "one two three")).steps)
    for told in (plain, streamed):
        assert told is not None
        assert told.model == "loud-1-0824"
        assert told.provider == "Loud"
        assert (told.input_token_count, told.output_token_count, told.token_count) == (3, 7, 10)
        assert told.messages == [{"role": "user", "content": "one two three"}]
        assert told.message_completion == {"role": "assistant", "content": "ONE TWO THREE"}
        assert told.settings is not None
        assert told.settings == {"temperature": 0.5, "max_tokens": 9}
        assert told.duration is not None
        assert told.duration > 0
    assert plain is not None
    assert plain.tt_first_token is None
    assert streamed is not None
    assert tool is not None
    assert streamed.tt_first_token is not None
    assert tool.tt_first_token is not None
    assert tool.message_completion is not None


# --- Ends ---


async def test_a_tool_that_fails_is_shown_and_its_agent_goes_on(answering: Answering) -> None:
    def broken(city: str) -> str:
        """Fails."""
        raise ValueError("no such city")

    async def work(text: str) -> str:
        return str(await agent(calling("broken", city="Rome"), "Sorry.", tools=[broken]).run(text))

    reply = await reply_of(answering(work))

    assert reply.content == "Sorry."
    assert draw_tree(reply.steps, texts=False) == (
        "run Agent\n"
        "  llm Loud (loud-1-0824 1+7)\n"
        '  tool broken ✗ "ValueError: no such city"\n'
        "  llm Loud (loud-1-0824 3+7)"
    )


async def test_an_error_of_a_stream_is_shown_all_the_way_up(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        answer: Any = await index.as_query_engine(llm=Loud(error=LookupError("no")), streaming=True).aquery(text)
        with pytest.raises(LookupError):
            [piece async for piece in answer.async_response_gen()]
        answer = await chatting(index, Loud(error=LookupError("no"))).astream_chat(text)
        with pytest.raises(LookupError):
            [piece async for piece in answer.async_response_gen()]
        await asyncio.gather(answer.awrite_response_to_history_task or asyncio.sleep(0), return_exceptions=True)

    failed = [found for found in all_steps((await reply_of(answering(work))).steps) if found.is_error]

    assert [(found.name, found.output) for found in failed] == [
        ("RetrieverQueryEngine", "LookupError: no"),
        ("CompactAndRefine", "LookupError: no"),
        ("Loud", "LookupError: no"),
        ("ContextChatEngine", "LookupError: no"),
        ("CompactAndRefine", "LookupError: no"),
        ("Loud", "LookupError: no"),
    ]


async def test_a_stream_that_is_dropped_shows_what_had_come(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        engine = index.as_query_engine(llm=Loud(), streaming=True)
        answer: Any = engine.query(text)
        assert next(answer.response_gen)
        del answer
        answer = await engine.aquery(text)
        async for _ in answer.response_gen:
            break
        await answer.response_gen.aclose()
        engine.query(text)  # nobody reads it
        await asyncio.sleep(0)

    steps = (await reply_of(answering(work))).steps

    for node in steps[:2]:
        query, model = node.step, node.children[-1].children[0].step
        assert (query.output, model.output) == ("C", "C")
        assert (query.metadata or {}).get("cancelled")
    assert (steps[0].children[-1].children[0].step.metadata or {}).get("cancelled")
    assert [child.name for child in steps[2].children] == ["VectorIndexRetriever", "CompactAndRefine"]
    assert all(found.end is not None and not found.is_error for found in all_steps(steps))


async def test_a_workflow_that_is_cancelled(answering: Answering) -> None:
    reached = asyncio.Event()

    async def work(text: str) -> None:
        handler = FunctionAgent(llm=Loud(reached=reached.set), tools=[weather]).run(text)
        await reached.wait()
        await handler.cancel_run()
        with pytest.raises(WorkflowCancelledByUser):
            await handler

    steps = (await reply_of(answering(work))).steps

    assert draw_tree(steps, texts=False) == "run Agent (cancelled)\n  llm Loud (loud-1) (cancelled)"


async def test_a_stopped_run_leaves_nothing_open(answering: Answering) -> None:
    reached = asyncio.Event()

    async def work(text: str) -> None:
        await FunctionAgent(llm=Loud(reached=reached.set), tools=[weather]).run(text)

    async with ChatClient(answering(work)) as chat:
        run_id = await chat.post("hello")
        await reached.wait()
        await chat.stop()
        reply = await chat.reply(run_id)

    assert reply.status == "stopped"
    steps = all_steps(reply.steps)
    assert [found.name for found in steps] == ["Agent", "Loud"]
    assert all(found.end is not None and not found.is_error for found in steps)


async def test_nothing_is_kept_of_streams_workflows_and_errors(answering: Answering, index: VectorStoreIndex) -> None:
    async def work(text: str) -> None:
        await Halves().run()
        answer: Any = index.as_query_engine(llm=Loud(), streaming=True).query(text)
        next(answer.response_gen)
        kept.append(answer)  # the app's own
        with pytest.raises(ValueError):
            await Loud(error=ValueError("no")).acomplete(text)
        async for _ in await Loud().astream_complete(text):
            break

    kept: list[Any] = []
    others = {id(one) for one in gc.get_objects() if isinstance(one, Span)}
    async with ChatClient(answering(work)) as chat:
        for _ in range(20):
            await chat.send("go")
        kept.clear()
    for _ in range(2):  # the first closes what goes round in circles
        gc.collect()
        await asyncio.sleep(0)
    spans = [one for one in gc.get_objects() if isinstance(one, Span)]

    assert [one for one in spans if id(one) not in others] == []


# --- What is the author's own ---


async def test_spans_of_the_author(answering: Answering) -> None:
    dispatcher = get_dispatcher("mine")

    class Mine:
        @dispatcher.span
        def look(self, where: str) -> str:
            return str(Loud().complete(where))

    @dispatcher.span
    async def search(what: str) -> str:
        return Mine().look(what)

    async def work(text: str) -> None:
        await search(text)

    assert await tree(answering(work), texts=True) == (
        'undefined search {"what": "hello"} → "HELLO"\n'
        '  undefined look {"where": "hello"} → "HELLO"\n'
        '    llm Loud (loud-1-0824 1+7) "hello" → "HELLO"'
    )


async def test_what_is_odd_is_shown_somehow(answering: Answering) -> None:
    class Odd:
        def __repr__(self) -> str:
            raise RuntimeError("no")

        __str__ = __repr__

    def odd(value: str) -> Any:
        return Odd()

    async def work(text: str) -> str:
        with pytest.raises(RuntimeError):
            FunctionTool.from_defaults(odd).call(value="x")
        return "undisturbed"

    reply = await reply_of(answering(work))

    assert reply.content == "undisturbed"
    assert draw_tree(reply.steps, texts=False) == 'tool odd ✗ "RuntimeError: no"'


async def test_an_app_whose_settings_do_not_say_so_shows_nothing(answering: Answering) -> None:
    quiet = convo.App({"debug": True})

    @quiet.on_message
    async def answer(message: convo.Message) -> None:
        await work(message.content)

    async def work(text: str) -> None:
        await Loud().acomplete(text)

    async with ChatClient(answering(work)) as loud, ChatClient(quiet) as silent:
        shown, hidden = await asyncio.gather(loud.send("hello"), silent.send("hello"))

    assert len(shown.steps) == 1
    assert hidden.steps == []
