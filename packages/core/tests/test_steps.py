"""Steps: values of every kind, generations, decorated functions, and what of them a participant sees."""

import asyncio
import dataclasses
import datetime
import enum
import json
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import convo
import msgspec
import pydantic
import pytest
from convo.portrait import ITEMS, TEXT, plain, portray
from convo.protocol import Batch, Snapshot, encode
from convo.testing import ChatClient


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True})


def answering(app: convo.App, work: Callable[[], Any]) -> convo.App:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await work()

    return app


class Accessor(str):
    """A text as LangChain has it."""


async def test_a_text_of_another_class_is_a_text(app: convo.App) -> None:
    async def work() -> None:
        async with convo.Step("Work") as step:
            step.input = Accessor("in")
            await step.stream_token(Accessor("out"))
        message = convo.Message(Accessor("said"))
        await message.stream_token(Accessor("!"))
        await message.update()

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

    assert reply.content == "said!"
    assert [(node.step.input, node.step.output) for node in reply.steps] == [("in", "out")]
    assert encode(chat.state.view())


# --- Values ---


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int
    label: str = "here"
    secret: str = dataclasses.field(default="hidden", repr=False)


class Model(pydantic.BaseModel):
    name: str
    when: datetime.date


class Struct(msgspec.Struct):
    a: int


class Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


class RudeDict(dict[str, int]):
    def items(self) -> Any:
        raise RuntimeError("no")


CYCLE: list[Any] = [1]
CYCLE.append({"again": CYCLE})
DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Point(1), {"x": 1, "label": "here"}),
        (Model(name="m", when=datetime.date(2026, 1, 2)), {"name": "m", "when": "2026-01-02"}),
        (Struct(1), {"a": 1}),
        ({1: Colour.RED, (2, 3): None}, {"1": "red", "(2, 3)": None}),
        ([Path("a/b"), Decimal("1.5"), float("nan"), 10**30, True], ["a/b", "1.5", "nan", str(10**30), True]),
        ([b"abc", ValueError("bad"), uuid.UUID(int=1)], ["<3 bytes>", "ValueError: bad", str(uuid.UUID(int=1))]),
        (CYCLE, [1, {"again": "<the list around this>"}]),
        ([Rude(), Model], ["<Rude>", str(Model)]),
        ({"half": "\ud800"}, {"half": "\ufffd"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_shown_as_json_that_can_be_read(value: Any, shown: Any) -> None:
    text, language = portray(value)

    assert json.loads(text) == shown
    assert language == "json"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("plain", "plain"),
        (3, "3"),
        (True, "True"),
        (KeyError("x"), "KeyError: 'x'"),
        (TimeoutError(), "TimeoutError"),
        (Rude(), "<Rude>"),
    ],
)
def test_what_has_no_parts_is_shown_as_text(value: Any, text: str) -> None:
    assert portray(value) == (text, None)


def test_no_value_is_too_large_too_deep_or_too_rude() -> None:
    assert len(plain(list(range(ITEMS * 2)))) == ITEMS + 1
    assert len(portray(["x" * TEXT, "y" * TEXT])[0]) < TEXT * 1.1
    assert len(portray(DEEP)[0]) < 10_000
    assert isinstance(portray(RudeDict(a=1))[0], str)
    assert isinstance(portray(2 ** (1 << 17))[0], str)


async def test_a_step_takes_any_value_and_an_author_never_notices(app: convo.App) -> None:
    async def work() -> None:
        async with convo.Step("odd", type="tool") as step:
            step.input = {"rude": Rude(), "cycle": CYCLE}
            step.output = Point(1)
            step.output = "after all a text"
        async with convo.Step("spoken", language="python") as step:
            step.output = {"a": 1}

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        odd, spoken = (node.step for node in reply.steps)
        assert json.loads(odd.input)["rude"] == "<Rude>"
        assert (odd.output, odd.language) == ("after all a text", None)
        assert spoken.language == "python"


# --- Life ---


async def test_an_exception_marks_the_step_and_keeps_what_had_come_out(app: convo.App) -> None:
    async def fail(begin: str) -> None:
        async with convo.Step("breaks") as step:
            await step.stream_token(begin)
            raise ValueError("too bad")

    async def work() -> None:
        for begin in ("", "so far"):
            with pytest.raises(ValueError, match="too bad"):
                await fail(begin)

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        assert [(node.step.is_error, node.step.output) for node in reply.steps] == [
            (True, "too bad"),
            (True, "so far\n\ntoo bad"),
        ]


async def test_a_step_sent_by_hand_streams_changes_and_goes(app: convo.App) -> None:
    async def work() -> None:
        step = convo.Step("by hand", type="llm", metadata={"n": 1}, tags=["t"], icon="bot", show_input="python")
        assert await step.send() is step
        assert step.thread_id == convo.context.session.thread_id
        await step.stream_token("print(", is_input=True)
        await step.stream_token("1)", is_input=True)
        await step.stream_token("one")
        await step.stream_token("two", is_sequence=True)
        step.name = "renamed"
        assert await step.update() is True
        gone = await convo.Step("gone").send()
        assert await gone.remove() is True

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        assert [str(node) for node in reply.steps] == ["renamed"]
        step = reply.steps[0].step
        assert (step.input, step.output, step.end is not None) == ("print(1)", "two", True)
        assert (step.metadata, step.tags, step.icon, step.show_input) == ({"n": 1}, ["t"], "bot", "python")


async def test_a_step_of_another_thread_or_of_no_type_is_refused_where_it_stands(app: convo.App) -> None:
    with pytest.raises(ValueError, match="no step of the type `function`"):
        convo.Step(type="function")  # type: ignore[arg-type]  # what is tested

    async def work() -> None:
        with pytest.raises(ValueError, match=r"app\.thread"):
            await convo.Step("lost", thread_id="elsewhere").send()

    async with ChatClient(answering(app, work)) as chat:
        assert (await chat.send("go")).steps == []


async def test_the_open_step_is_at_hand(app: convo.App) -> None:
    @convo.step(type="tool")
    async def search(query: str) -> str:
        step = convo.context.current_step
        assert step is not None
        step.input = f"looked for {query}"
        step.output = "an output of its own"
        return "returned"

    async def work() -> None:
        assert convo.context.current_step is None
        assert await search("x") == "returned"
        assert convo.context.current_step is None

    async with ChatClient(answering(app, work)) as chat:
        step = (await chat.send("go")).steps[0].step

        assert (step.input, step.output) == ("looked for x", "an output of its own")


async def test_a_generator_is_the_open_step_only_while_it_works(app: convo.App) -> None:
    @convo.step
    def inner() -> None: ...

    @convo.step
    def numbers() -> Iterator[int]:
        inner()
        yield 1
        inner()
        yield 2

    @convo.step
    async def words() -> AsyncIterator[str]:
        inner()
        yield "a"
        inner()
        yield "b"

    async def work() -> None:
        for _ in numbers():
            inner()
        async for _ in words():
            inner()

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        below = "(inner, inner)"
        assert [str(step) for step in reply.steps] == [
            f"numbers{below}",
            "inner",
            "inner",
            f"words{below}",
            "inner",
            "inner",
        ]


async def test_generators_stay_generators(app: convo.App) -> None:
    @convo.step
    def echo() -> Any:
        heard = []
        try:
            while len(heard) < 2:
                heard.append((yield "?"))
        except KeyError:
            yield "caught"
        return heard

    @convo.step
    async def left_early() -> AsyncIterator[str]:
        yield "first"
        yield "never"

    got: list[Any] = []

    def outer() -> Any:
        got.append((yield from echo()))

    async def work() -> None:
        generator = outer()
        next(generator)
        generator.send("a")
        with pytest.raises(StopIteration):
            generator.send("b")
        thrown = echo()
        next(thrown)
        got.append(thrown.throw(KeyError()))
        thrown.close()
        early = left_early()
        got.append(await anext(early))
        await early.aclose()  # type: ignore[attr-defined]  # it is an async generator

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        assert reply.status == "done", reply.run.error
        assert got == [["a", "b"], "caught", "first"]
        assert [(node.step.output, node.step.is_error) for node in reply.steps] == [
            ("??", False),
            ("?caught", False),
            ("first", False),
        ]


async def test_decorated_functions_run_outside_a_callback_too() -> None:
    @convo.step
    def plain_one(n: int) -> int:
        return n + 1

    @convo.step(type="tool")
    async def async_one(n: int) -> int:
        return n + 1

    @convo.step
    def many() -> Iterator[int]:
        yield 1

    @convo.step
    async def later() -> AsyncIterator[int]:
        yield 1

    assert (plain_one(1), await async_one(1)) == (2, 2)
    assert [*many(), *[n async for n in later()]] == [1, 1]


async def test_a_mistake_in_a_decorator_is_told_at_its_line() -> None:
    with pytest.raises(TypeError, match="kind"):
        convo.step(kind="tool")(print)  # type: ignore[call-overload]  # what is tested


async def test_parents_are_right_in_threads_of_every_making(app: convo.App) -> None:
    @convo.step
    def leaf(n: int) -> int:
        with convo.Step("below"):
            convo.run_sync(convo.sleep(0))
        return n

    async def work() -> None:
        async with convo.Step("top"):
            async with convo.Step("made"):
                await convo.make_async(leaf)(1)
            async with convo.Step("to_thread"):
                await asyncio.to_thread(leaf, 2)
            async with asyncio.TaskGroup() as group:
                group.create_task(convo.make_async(leaf)(3))

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        one = "leaf(below)"
        assert [str(step) for step in reply.steps] == [f"top(made({one}), to_thread({one}), {one})"]


# --- Generations ---


CHAT = convo.ChatGeneration(
    provider="openai",
    model="gpt-4o",
    settings={"temperature": 0.2, "stop": None, "odd": Colour.RED},
    tools=[{"type": "function", "function": {"name": "search"}}],
    messages=[
        convo.GenerationMessage(role="system", content="Be brief."),
        convo.GenerationMessage(role="user", content=[{"type": "text", "text": "hi"}], name="ada"),
    ],
    message_completion=convo.GenerationMessage(
        role="assistant", content=None, tool_calls=[{"id": "1", "function": {"name": "search", "arguments": "{}"}}]
    ),
    token_count=30,
    input_token_count=20,
    output_token_count=10,
    tt_first_token=180.5,
    token_throughput_in_s=50.0,
    duration=0.2,
    cost=0.0004,
)


async def test_a_generation_travels_with_its_step(app: convo.App) -> None:
    async def work() -> None:
        async with convo.Step("model", type="llm") as step:
            step.generation = CHAT
        async with convo.Step("completion", type="llm") as step:
            step.generation = later = convo.CompletionGeneration(prompt="Once upon", provider="local")
            later.completion = " a time"

    async with ChatClient(answering(app, work)) as chat:
        reply = await chat.send("go")

        chatted, completed = (node.step.generation for node in reply.steps)
        assert chatted is not None
        assert completed is not None
        assert (chatted.type, chatted.model, chatted.input_token_count, chatted.cost) == ("chat", "gpt-4o", 20, 0.0004)
        assert chatted.settings == {"temperature": 0.2, "stop": None, "odd": "red"}
        assert chatted.messages is not None
        assert [message["role"] for message in chatted.messages] == ["system", "user"]
        assert chatted.message_completion is not None
        assert chatted.message_completion["tool_calls"][0]["function"]["name"] == "search"
        assert (completed.type, completed.prompt, completed.completion) == ("completion", "Once upon", " a time")


@pytest.mark.parametrize(
    ("generation", "complaint"),
    [
        ("gpt-4o", "not `str`"),
        ({"modell": "x"}, "no field `modell`"),
        (convo.ChatGeneration(token_count="many"), "tokenCount"),  # type: ignore[arg-type]
        (convo.ChatGeneration(output_token_count=-1), "outputTokenCount"),
        (convo.ChatGeneration(message_completion="hi"), "messageCompletion"),  # type: ignore[arg-type]
    ],
)
def test_a_generation_of_another_shape_is_refused_where_it_is_set(generation: Any, complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        convo.Step().generation = generation


def test_a_generation_as_a_dict_is_one_too() -> None:
    step = convo.Step()
    step.generation = CHAT.to_dict() | {"tokenThroughputInSeconds": 50.0, "type": "CHAT"}

    assert step.to_dict()["generation"] == CHAT.to_dict()


# --- Who sees what ---


def thinker(cot: str, **config: Any) -> convo.App:
    app = convo.App({"ui": {"cot": cot}, **config})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("agent secret", type="llm") as agent:
            agent.input = "secret input"
            await agent.stream_token("secret output")
            async with convo.Step("search", type="tool") as tool:
                tool.output = "tool output"
                tool.elements = [convo.Text(name="found", content="tool text")]
                async with convo.Step("secret below", type="retrieval"):
                    await convo.Message("from deep below").send()
            agent.elements = [convo.Text(name="secret text", content="x")]
        await convo.Message("the end").send()

    return app


@pytest.mark.parametrize(
    ("cot", "tree"),
    [("hidden", []), ("tool_call", ["search"]), ("full", ["agent secret(search(secret below))"])],
)
async def test_cot_decides_on_the_server_which_steps_a_reader_gets(cot: str, tree: list[str]) -> None:
    async with ChatClient(thinker(cot)) as chat:
        reply = await chat.send("go")
        tab = await chat.tab()
        read = await chat.directory.read(chat.principal, chat.thread_id)

        assert isinstance(read, Snapshot)
        assert [str(step) for step in reply.steps] == tree
        assert [str(step) for step in tab.steps] == tree
        assert [message.output for message in chat.messages][1:] == ["from deep below", "the end"]
        assert chat.state.view() == tab.state.view()
        told = b"".join(encode(frame) for frame in [*chat.frames, *tab.frames, read])
        assert (b"secret" in told) == (cot == "full")
        assert (b"tool output" in told) == (cot != "hidden")
        assert all(frame.start <= frame.to for frame in chat.frames if isinstance(frame, Batch))


async def test_an_input_that_is_not_shown_never_leaves_the_server() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("quiet", show_input=False) as step:
            step.input = "secret input"
            await step.update()
            await step.stream_token(" secret too", is_input=True)
            step.output = "out"
        late = await convo.Step("late", show_input=False).send()
        late.input = "told later"
        await late.update()
        late.show_input = True
        await late.update()

    async with ChatClient(app) as chat:
        await chat.send("go")
        tab = await chat.tab()
        read = await chat.directory.read(chat.principal, chat.thread_id)

        for state in (chat.state, tab.state):
            steps = [(step.name, step.input, step.output) for step in state.view().steps if step.type == "undefined"]
            assert steps == [("quiet", "", "out"), ("late", "told later", "")]
        assert b"secret" not in b"".join(encode(frame) for frame in [*chat.frames, *tab.frames, read])
        whole = chat.directory.sessions[-1].state
        assert [entry.step.input for entry in whole.steps.values()][1:] == ["secret input secret too", "told later"]


async def test_a_stored_thread_hides_the_same() -> None:
    layer = convo.MemoryDataLayer()
    app = thinker("hidden")
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("go")
        thread_id, principal = chat.thread_id, chat.principal
    async with ChatClient(app, data_layer=layer, principal=principal) as chat:
        read = await chat.directory.read(principal, thread_id)
        resumed = await chat.resume(thread_id)

        assert isinstance(read, Snapshot)
        assert len(read.state.steps) == 3
        assert b"secret" not in encode(read)
        assert b"secret" not in b"".join(encode(frame) for frame in resumed.frames)
        assert len(chat.directory.sessions[-1].state.steps) == 6, "the store has them all"


async def test_a_profile_may_show_more() -> None:
    app = thinker("hidden")

    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        return [
            convo.ChatProfile("user", "…", default=True),
            convo.ChatProfile("developer", "…", config_overrides={"ui": {"cot": "full"}}),
        ]

    async with ChatClient(app) as chat:
        assert (await chat.send("go")).steps == []
    async with ChatClient(app, profile="developer") as chat:
        assert len((await chat.send("go")).steps) == 1


# --- Posting into a thread ---


async def _post(app: convo.App, thread_id: str, text: str) -> None:
    async with app.thread(thread_id):
        async with convo.Step("job", type="tool") as step:
            step.output = {"done": text}
            step.elements = [convo.Text(name="report", content="all of it")]
        await convo.Message(text).send()
        await convo.context.emitter.send_toast(f"{text} is here")


@pytest.mark.parametrize("way", ["task", "thread pool"])
async def test_any_code_of_the_process_posts_into_a_live_thread(app: convo.App, way: str) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("hello").send()

    def from_a_thread(thread_id: str) -> None:
        with app.thread(thread_id):
            with convo.Step("job", type="tool") as step:
                step.output = {"done": "report"}
                step.elements = [convo.Text(name="report", content="all of it")]
            convo.run_sync(convo.Message("report").send())
            convo.run_sync(convo.context.emitter.send_toast("report is here"))

    async with ChatClient(app) as chat:
        await chat.send("hi")
        tab = await chat.tab()
        if way == "task":
            await asyncio.create_task(_post(app, chat.thread_id, "report"))
        else:
            with ThreadPoolExecutor() as pool:
                await asyncio.get_running_loop().run_in_executor(pool, from_a_thread, chat.thread_id)

        for one in (chat, tab):
            message = await one.until(lambda one=one: next((m for m in one.messages if m.output == "report"), None))
            assert message.run_id is None
            await one.until(lambda one=one: any(str(step) == "job" for step in one.steps))
            job = next(step.step for step in one.steps if step.name == "job")
            assert [element.name for element in await _elements(one, job)] == ["report"]
        assert "report is here" in str(list(tab.frames))


async def _elements(chat: ChatClient, step: Any) -> Any:
    return await chat.until(lambda: chat.elements(step))


async def test_a_stored_thread_is_posted_into_and_keeps_it(app: convo.App) -> None:
    layer = convo.MemoryDataLayer()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("hello").send()

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        thread_id, principal = chat.thread_id, chat.principal
    async with ChatClient(app, data_layer=layer):
        await _post(app, thread_id, "while you were away")
    async with ChatClient(app, data_layer=layer, principal=principal, thread=thread_id) as chat:
        assert [message.output for message in chat.messages] == ["hi", "hello", "while you were away"]
        assert [str(step) for step in chat.steps] == ["job"]


async def test_posting_says_what_is_wrong(app: convo.App) -> None:
    with pytest.raises(RuntimeError, match="running"):
        app.thread("t")
    async with ChatClient(app) as chat:
        with pytest.raises(Exception, match="no thread"):
            async with app.thread("nowhere"):
                pass
        with pytest.raises(RuntimeError, match="async with"), app.thread(chat.thread_id):
            pass
        with pytest.raises(convo.NoContextError):
            await convo.Message("nobody hears this").send()
