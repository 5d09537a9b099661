"""The tracer, by its contract and by itself: a toy framework that says what it does."""

import asyncio
import contextvars
import gc
import itertools
import logging
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import convo
import pytest
from convo.call import Answer, Call, Exchange
from convo.protocol import encode
from convo.testing import ChatClient, TracerSuite, draw_tree

numbers = itertools.count(1)
inside: contextvars.ContextVar[int | None] = contextvars.ContextVar("inside", default=None)


@pytest.fixture
def tracer() -> convo.Tracer:
    return convo.Tracer("toy", locate=inside.get)


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True})


def generation(text: str) -> convo.ChatGeneration:
    return convo.ChatGeneration(model="small", input_token_count=len(text.split()), output_token_count=1)


class TestToy(TracerSuite):
    golden = 'undefined chain "hello" → "HELLO"\n  llm fake (small 1+1) "hello" → "HELLO"'

    @pytest.fixture(autouse=True)
    def _tracer(self, tracer: convo.Tracer) -> None:
        self.tracer = tracer

    def around(self, text: str) -> tuple[int, int]:
        chain, model = next(numbers), next(numbers)
        self.tracer.open(chain, "chain", input=text)
        self.tracer.open(model, "fake", parent=chain, type="llm", input=text)
        return chain, model

    def ask_blocking(self, text: str) -> str:
        chain, model = self.around(text)
        self.tracer.close(model, text.upper(), generation=generation(text))
        self.tracer.close(chain, text.upper())
        return text.upper()

    async def ask(self, text: str) -> str:
        await asyncio.sleep(0)
        return self.ask_blocking(text)

    async def stream(self, text: str) -> AsyncIterator[str]:
        chain, model = self.around(text)
        for piece in text.upper():
            self.tracer.delta(model, piece)
            yield piece
        self.tracer.close(model)
        self.tracer.close(chain, text.upper())

    async def fail(self, error: Exception) -> None:
        for node in self.around("hello")[::-1]:
            self.tracer.fail(node, error)
        raise error

    async def hang(self, reached: Callable[[], object]) -> None:
        nodes = self.around("hello")
        reached()
        try:
            await asyncio.Event().wait()
        finally:
            for node in nodes[::-1]:
                self.tracer.cancel(node)


async def traced(app: convo.App, work: Callable[[], Any]) -> str:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        work()

    async with ChatClient(app) as chat:
        reply = await chat.send("go")
    assert reply.status == "done", reply.error
    return draw_tree(reply.steps)


async def test_what_is_skipped_leaves_its_place_to_what_is_in_it(app: convo.App, tracer: convo.Tracer) -> None:
    def work() -> None:
        with convo.Step("Mine"):
            tracer.skip(1)
            tracer.skip(2, parent=1)
            tracer.open(3, "tool", parent=2, type="tool")
            tracer.skip(4, parent=3)
            tracer.open(5, "inner", parent=4)
        for node in (5, 4, 3, 2, 1):
            tracer.close(node)

    assert await traced(app, work) == "undefined Mine\n  tool tool\n    undefined inner"


async def test_an_alias_is_the_place_of_its_node_also_when_that_has_ended(app: convo.App, tracer: convo.Tracer) -> None:
    def work() -> None:
        with convo.Step("Mine"):
            tracer.open(1, "chain")
            tracer.alias(2, 1)
            tracer.alias(3, "never heard of")
            tracer.open(4, "within", parent=2)
            assert not tracer.is_open(2)
            for node in (4, 2, 1):
                tracer.close(node)
            tracer.open(5, "later", parent=2)
            tracer.close(5)
            tracer.open(6, "elsewhere", parent=3)
            tracer.close(6)

    tree = await traced(app, work)

    assert tree == (
        "undefined Mine\n  undefined chain\n    undefined within\n    undefined later\n  undefined elsewhere"
    )


async def test_steps_and_messages_hang_under_the_node_that_the_code_is_in(app: convo.App, tracer: convo.Tracer) -> None:
    other = convo.Tracer("other")

    def work() -> None:
        with convo.Step("Mine"):
            tracer.open("chain", "chain")
            tracer.open("tool", "tool", parent="chain", type="tool")
            before = inside.set("tool")  # type: ignore[arg-type]  # any hashable is an id
            with convo.Step("Yours"):
                other.open("model", "model", type="llm")
                other.close("model")
            assert convo.context.current_step is not None
            assert convo.context.current_step.name == "tool"
            inside.reset(before)
            assert convo.context.current_step.name == "Mine"
            tracer.close("tool")
            tracer.close("chain")

    tree = await traced(app, work)

    assert tree == "undefined Mine\n  undefined chain\n    tool tool\n      undefined Yours\n        llm model"


async def test_two_handlers_of_one_framework_show_one_tree(app: convo.App, tracer: convo.Tracer) -> None:
    second = convo.Tracer("toy")

    def work() -> None:
        for one in (tracer, second):
            one.open(1, "chain")
        second.open(2, "only the second's", parent=1)
        for one in (tracer, second):
            one.delta(1, "text")
            one.close(2)
            one.close(1)

    assert await traced(app, work) == 'undefined chain → "text"\n  undefined only the second\'s'


async def test_a_handler_for_each_call_asks_no_more_often_where_the_code_is(app: convo.App) -> None:
    asked = 0

    def locate() -> int | None:
        nonlocal asked
        asked += 1
        return 1

    def work() -> None:
        for _ in range(20):
            tracer = convo.Tracer("toy", locate=locate)
            tracer.open(1, "chain")
            with convo.Step("Mine"):
                pass
            tracer.close(1)

    tree = await traced(app, work)

    assert tree == "\n".join(["undefined chain\n  undefined Mine"] * 20)
    assert asked <= 20 * 4


async def test_a_thread_without_a_context_is_known_by_the_parent(app: convo.App, tracer: convo.Tracer) -> None:
    def elsewhere() -> None:
        tracer.open(2, "inner", parent=1)
        tracer.close(2, "done")
        tracer.open(3, "a root of nobody")

    def work() -> None:
        tracer.open(1, "outer")
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        tracer.close(1)

    assert await traced(app, work) == 'undefined outer\n  undefined inner → "done"'


async def test_what_begins_after_its_parent_has_ended_has_its_place(app: convo.App, tracer: convo.Tracer) -> None:
    def work() -> None:
        tracer.open(1, "outer")
        tracer.close(1)
        tracer.open(2, "late", parent=1)
        tracer.close(2)

    assert await traced(app, work) == "undefined outer\n  undefined late"


async def test_a_node_whose_end_never_comes_ends_with_its_run(app: convo.App, tracer: convo.Tracer) -> None:
    nodes = itertools.count()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(next(nodes), "for ever")

    app.configure(".", {"limits": {"commands_per_second": 1e6}})
    async with ChatClient(app) as chat:
        for _ in range(100):
            reply = await chat.send("go")
            assert draw_tree(reply.steps) == "undefined for ever"
        gc.collect()
        assert not tracer.is_open(0)
        assert len(tracer._nodes) <= 1


async def test_what_is_abandoned_ends_a_little_later_with_what_had_come(app: convo.App, tracer: convo.Tracer) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "outer")
        tracer.abandon(1, "so far")
        tracer.abandon(2)
        assert tracer.is_open(1)
        await asyncio.sleep(0)
        assert not tracer.is_open(1)

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

    assert reply.status == "done", reply.error
    assert draw_tree(reply.steps) == 'undefined outer → "so far" (cancelled)'


async def test_odd_calls_do_nothing(app: convo.App, tracer: convo.Tracer, caplog: pytest.LogCaptureFixture) -> None:
    class Rude:
        def __str__(self) -> str:
            raise RuntimeError("no")

        __repr__ = __str__

    def work() -> None:
        tracer.delta("nobody", "x")
        tracer.close("nobody")
        tracer.fail("nobody", "x")
        tracer.cancel("nobody")
        tracer.open([], "an id that cannot be one")  # type: ignore[arg-type]  # as a framework might
        tracer.open(1, Rude())  # type: ignore[arg-type]
        tracer.close(1)
        tracer.open(2, "good", type="no such type", input=Rude(), metadata={"a": Rude()})  # type: ignore[arg-type]
        tracer.delta(2, "half \ud83d")
        tracer.close(2, {"a": {Rude()}}, generation="no generation")  # type: ignore[arg-type]
        tracer.close(2)
        assert isinstance(tracer.capture(lambda: [][0]), convo.Uncaptured)
        tracer.open(3, "error", input=tracer.capture(str, Rude()))
        tracer.fail(3, Rude())  # type: ignore[arg-type]

    with caplog.at_level(logging.WARNING, "convo.tracer"):
        tree = await traced(app, work)

    assert tree.splitlines()[0] == "undefined <Rude>"
    assert tree.splitlines()[1].startswith('undefined good (?) "<Rude>" → ')
    assert tree.splitlines()[2] == 'undefined error "(not captured: RuntimeError: no)" ✗ "<Rude>"'
    assert len(caplog.records) == 3  # once of a kind


async def test_figures_that_only_the_clock_knows(app: convo.App, tracer: convo.Tracer) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "model", type="llm")
        await asyncio.sleep(0.02)
        tracer.delta(1, "a")
        await asyncio.sleep(0.02)
        tracer.close(1, generation=convo.ChatGeneration(output_token_count=10))

    async with ChatClient(app) as chat:
        step = (await chat.send("go")).steps[0].step

    assert step.generation is not None
    assert step.generation.tt_first_token is not None
    assert step.generation.duration is not None
    assert step.generation.token_throughput_in_s == round(10 / step.generation.duration, 3)
    assert 20 <= step.generation.tt_first_token < step.generation.duration * 1000


async def test_a_large_generation_is_cut_and_kept_whole(app: convo.App, tracer: convo.Tracer) -> None:
    messages = [convo.GenerationMessage(role="user", content="ä" * 300_000)] * 2

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "model", type="llm", input="x" * 70_000)
        tracer.close(1, generation=convo.ChatGeneration(model="small", messages=messages))

    async with ChatClient(app) as chat:
        step = (await chat.send("go")).steps[0].step
        names = await chat.until(
            lambda: len(chat.elements(step)) == 2 and sorted(one.name for one in chat.elements(step))
        )
        sizes = {one.name: len(await chat.read(one)) for one in chat.elements(step)}

    assert names == ["generation.json", "input.txt"]
    assert len(encode(step.generation)) <= app.config.limits.traced_bytes
    assert step.generation is not None
    assert step.generation.model == "small"
    assert sizes["input.txt"] == 70_000
    assert sizes["generation.json"] > 1_200_000


async def test_an_input_may_become_known_late(app: convo.App, tracer: convo.Tracer) -> None:
    app.redact(lambda text: text.replace("pssst", "***"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "agent")
        tracer.patch(1, input="pssst, hello")
        tracer.open(2, "tool", type="tool")
        tracer.patch(2, name="look", input={"at": "sky"})
        tracer.patch(2)
        tracer.close(2)
        tracer.close(1)

    async with ChatClient(app) as chat:
        reply = await chat.send("go")

    assert draw_tree(reply.steps) == 'undefined agent "***, hello"\ntool look {"at": "sky"}'
    assert [node.step.show_input for node in reply.steps] == [True, "json"]


async def test_large_metadata_is_cut(app: convo.App, tracer: convo.Tracer) -> None:
    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "chain", metadata={"number": 1})
        tracer.close(1, metadata={"prompt": "ä" * 1_000_000})
        tracer.open(2, "chain", metadata={str(number): number for number in range(100_000)})
        tracer.close(2)

    async with ChatClient(app) as chat:
        steps = [node.step for node in (await chat.send("go")).steps]

    metadata = steps[0].metadata
    assert metadata is not None
    assert metadata["number"] == 1
    assert str(metadata["prompt"]).endswith("ä…")
    assert len(encode(metadata)) <= app.config.limits.traced_bytes
    assert steps[1].metadata is None


async def test_what_a_framework_asks_by_a_client_is_shown_once(app: convo.App, tracer: convo.Tracer) -> None:
    class Question(Exchange):
        name = "client"

        def __init__(self) -> None:
            self.generation = generation("one two")

        def finish(self, result: Any) -> Answer:
            return Answer(output=result)

    client = convo.Tracer("client")

    def ask() -> None:
        call = Call.begin(client, Question)
        assert call is not None
        call.finish("said")

    def work() -> None:
        tracer.open(1, "in it", type="llm")
        ask()
        ask()  # a second one is no part of it
        tracer.close(1, generation=convo.ChatGeneration(output_token_count=7))
        tracer.open(2, "no model", type="tool")
        ask()
        tracer.close(2)
        tracer.open(3, "with a step between", type="llm")
        with convo.Step("mine"):
            ask()
        tracer.close(3)
        ask()

    assert await traced(app, work) == (
        'llm in it (small 2+7)\nllm client (small 2+1) → "said"\ntool no model\nllm client (small 2+1) → "said"\n'
        'llm with a step between\nundefined mine\n  llm client (small 2+1) → "said"\nllm client (small 2+1) → "said"'
    )


async def test_redaction_covers_generations_metadata_elements_and_errors(app: convo.App, tracer: convo.Tracer) -> None:
    app.redact(lambda text: text.replace("pssst", "***"))

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "model", metadata={"who": "pssst"}, tags=["a"])
        tracer.delta(1, "pssst")
        tracer.close(
            1,
            "pssst",
            generation=convo.CompletionGeneration(prompt="pssst", completion="pssst"),
            elements=[convo.Text(name="page", content="pssst!")],
        )
        tracer.open(2, "other")
        tracer.delta(2, "pssst")
        tracer.fail(2, ValueError("pssst"))

    async with ChatClient(app) as chat:
        reply = await chat.send("go")
        element = await chat.until(lambda: next(iter(chat.elements(reply.steps[0].step)), None))
        content = await chat.read(element)
        seen = encode(chat.state.view()).decode()

    assert content == b"***!"
    assert "pssst" not in seen
    assert draw_tree(reply.steps).splitlines()[1] == 'undefined other ✗ "ValueError: ***"'


def test_redaction_cannot_wait(app: convo.App) -> None:
    async def redact(text: str) -> str:
        return text

    with pytest.raises(TypeError, match="`redact` takes a `def`"):
        app.redact(redact)
