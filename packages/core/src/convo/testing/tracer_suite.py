"""`TracerSuite`: what every tracing adapter promises, as tests to inherit.

A subclass says how its framework, with a fake model, is used; each of these is called inside a callback:

```python
class TestMyFramework(TracerSuite):
    golden = 'undefined chain "hello" → "HELLO"\\n  llm fake (small 1+1) "hello" → "HELLO"'

    async def ask(self, text): ...
```
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any, ClassVar

import pytest

from convo.aio import make_async
from convo.app import App
from convo.message import Message
from convo.protocol import Step as StepNoun
from convo.protocol import encode
from convo.run import current_run
from convo.session import current_session
from convo.step import Step
from convo.testing.client import ChatClient
from convo.testing.reply import Reply, StepNode
from convo.testing.tree import draw_tree

__all__ = ["TracerSuite"]

LARGE = 10_000_000
HUSHED = "s3cr3t-of-mine"
PATIENCE = 60  # seconds: a hundred calls at once take some clients long
_AFTER_NAME = re.compile(r' (?=[("{\[✗→])')


class TracerSuite:
    """Inherit from it, and say how the framework is used: `ask`, and what of the rest the framework has.

    The fake model answers any text with that text in capitals.
    """

    golden: ClassVar[str]
    """The tree of `ask("hello")`, as `draw_tree` writes it."""

    rounds: ClassVar[int] = 200
    """After how many runs there must be nothing left of them."""

    async def ask(self, text: str) -> str:
        """Ask the model, inside something else of the framework's: at least two nodes. Returns its answer."""
        raise NotImplementedError  # abstract: a subclass says

    def ask_blocking(self, text: str) -> str:
        """The same from blocking code."""
        pytest.skip("The framework has no blocking calls.")

    def stream(self, text: str) -> AsyncIterator[str]:
        """Stream the model's answer, in more than one piece."""
        pytest.skip("The framework streams nothing.")

    async def fail(self, error: Exception) -> None:
        """As `ask`, of a model that raises `error`."""
        raise NotImplementedError  # abstract: a subclass says

    async def hang(self, reached: Callable[[], object]) -> None:
        """As `ask`, of a model that calls `reached` and then waits for ever."""
        raise NotImplementedError  # abstract: a subclass says

    def create_app(self) -> App:
        """The App that is traced: with whatever switches the adapter on."""
        return App({"debug": True})

    # --- Trees ---

    async def test_the_tree_is_that_of_the_framework(self) -> None:
        reply = await self._reply(lambda: self.ask("hello"))

        assert draw_tree(reply.steps) == self.golden
        assert reply.status == "done"

    async def test_it_hangs_under_the_step_that_is_open(self) -> None:
        async def work() -> None:
            async with Step("Mine"):
                await self.ask("hello")

        reply = await self._reply(work)

        assert [node.name for node in reply.steps] == ["Mine"]
        assert draw_tree(reply.steps[0].children) == self.golden

    async def test_calls_side_by_side_keep_their_parents(self) -> None:
        async def one(number: int) -> None:
            async with Step(f"Step {number}"):
                assert await self.ask(f"question {number}") == f"QUESTION {number}"

        async def work() -> None:
            await asyncio.gather(*(one(number) for number in range(100)))

        reply = await self._reply(work)

        assert len(reply.steps) == 100
        shape = _shape(self.golden)
        for node in reply.steps:
            number = node.name.removeprefix("Step ")
            assert _shape(draw_tree(node.children)) == shape
            texts = [text for step in _all(node.children) for text in (step.input, step.output) if text]
            assert texts
            assert all(f"question {number}" in text.lower().replace("\\n", " ") for text in texts)

    async def test_calls_in_threads_keep_their_parents(self) -> None:
        def blocking(number: int) -> None:
            with Step(f"Step {number}"):
                assert self.ask_blocking(f"question {number}") == f"QUESTION {number}"

        async def work() -> None:
            await asyncio.gather(*(make_async(blocking)(number) for number in range(16)))

        reply = await self._reply(work)

        assert reply.status == "done", reply.error
        assert len(reply.steps) == 16
        for node in reply.steps:
            number = node.name.removeprefix("Step ")
            assert _shape(draw_tree(node.children)) == _shape(self.golden)
            texts = [text for step in _all(node.children) for text in (step.input, step.output) if text]
            assert all(f"question {number}" in text.lower() for text in texts)

    async def test_chats_at_the_same_time_each_get_their_own(self) -> None:
        app = self._answering(lambda text: self.ask(text))
        async with ChatClient(app) as first:
            others = [await first.new_chat() for _ in range(5)]
            chats = [first, *others]
            replies = await asyncio.gather(*(chat.send(f"chat {number}") for number, chat in enumerate(chats)))

        for number, reply in enumerate(replies):
            assert reply.content == f"CHAT {number}"
            assert _shape(draw_tree(reply.steps)) == _shape(self.golden)
            assert all(f"chat {number}" in step.input.lower() for step in _all(reply.steps) if step.input)

    async def test_every_step_ends_and_takes_its_time(self) -> None:
        reply = await self._reply(lambda: self.ask("hello"))

        for step in _all(reply.steps):
            assert step.start is not None
            assert step.end is not None
            assert step.start <= step.end

    # --- While it goes on ---

    async def test_text_is_shown_as_it_comes(self) -> None:
        shown: list[str] = []

        async def work() -> None:
            session = current_session.get()
            assert session is not None
            pieces = []
            async for piece in self.stream("hello"):
                pieces.append(piece)
                models = [entry.step for entry in session.state.steps.values() if entry.facts.type == "llm"]
                shown.append(models[0].output)
            assert "".join(pieces) == "HELLO"
            assert len(pieces) > 1

        reply = await self._reply(work)

        assert reply.status == "done", reply.error
        assert shown[0]
        assert shown[0] != "HELLO"
        assert next(step for step in _all(reply.steps) if step.type == "llm").output == "HELLO"

    # --- When it goes wrong ---

    async def test_an_error_is_shown_where_it_happened_and_reaches_the_app(self) -> None:
        raised: list[Exception] = []

        async def work() -> None:
            try:
                await self.fail(LookupError("no such model"))
            except Exception as error:
                raised.append(error)

        reply = await self._reply(work)

        assert "no such model" in str(raised[0])
        steps = _all(reply.steps)
        assert steps
        assert all(step.is_error and step.end is not None for step in steps)
        assert all("no such model" in step.output for step in steps)

    async def test_a_stopped_run_leaves_nothing_open(self) -> None:
        reached = asyncio.Event()
        app = self._answering(lambda text: self.hang(reached.set))
        async with ChatClient(app) as chat:
            run_id = await chat.post("hello")
            await reached.wait()
            await chat.stop()
            reply = await chat.reply(run_id)

        assert reply.status == "stopped"
        steps = _all(reply.steps)
        assert len(steps) > 1
        assert all(step.end is not None and not step.is_error for step in steps)

    async def test_outside_a_callback_nothing_happens(self) -> None:
        assert current_run.get() is None
        assert await self.ask("hello") == "HELLO"
        with pytest.raises(Exception, match="no such model"):
            await self.fail(LookupError("no such model"))

    async def test_what_redaction_raises_does_not_disturb(self) -> None:
        app = self.create_app()

        @app.redact
        def redact(text: str) -> str:
            raise RuntimeError("no")

        reply = await self._reply(lambda: self.ask("hello"), app)

        assert reply.content == "HELLO"
        assert _shape(draw_tree(reply.steps)) == _shape(self.golden)
        assert "hello" not in draw_tree(reply.steps).lower()
        assert all("not captured" in step.input for step in _all(reply.steps) if step.input)

    # --- What is kept ---

    async def test_a_large_text_is_shown_in_part_and_kept_whole(self) -> None:
        text = "x" * LARGE
        app = self._answering(lambda _: self.ask(text), show=False)
        async with ChatClient(app) as chat:
            reply = await chat.send("go")
            steps = _all(reply.steps)
            model = next(step for step in steps if step.type == "llm")
            element = await chat.until(
                lambda: next((one for one in chat.elements(model) if one.name == "output.txt"), None), "the whole text"
            )
            whole = await chat.read(element)

        assert reply.status == "done", reply.error
        limit = app.config.limits.traced_bytes
        assert all(len(step.input) <= limit + 100 and len(step.output) <= limit + 100 for step in steps)
        assert sum(len(encode(step)) for step in steps) < 20 * limit
        assert b"X" * LARGE in whole

    async def test_what_is_redacted_is_nowhere(self) -> None:
        app = self._answering(lambda text: self.ask(f"my key is {HUSHED}"), show=False)
        app.redact(lambda text: text.replace(HUSHED, "***").replace(HUSHED.upper(), "***"))
        async with ChatClient(app) as chat:
            reply = await chat.send("go")
            seen = encode(chat.state.view()).decode()

        assert reply.status == "done", reply.error
        assert "my key is ***" in seen
        assert HUSHED not in seen
        assert HUSHED.upper() not in seen

    async def test_nothing_is_kept_of_runs_that_are_over(self) -> None:
        app = self._answering(lambda text: self.ask(text), show=False)
        app.configure(".", {"limits": {"commands_per_second": 1e6}})
        async with ChatClient(app) as chat:
            await chat.send("go")
            before = _kept()
            for _ in range(self.rounds):
                await chat.send("go")
            after = _kept()

        assert after["Run"] <= before["Run"] + 2
        assert after["_Node"] == before["_Node"] == 0

    # --- Helpers ---

    def _answering(self, work: Callable[[str], Any], app: App | None = None, *, show: bool = True) -> App:
        app = app or self.create_app()

        @app.on_message
        async def answer(message: Message) -> None:
            said = await work(message.content)
            if show and isinstance(said, str):
                await Message(said).send()

        return app

    async def _reply(self, work: Callable[[], Any], app: App | None = None) -> Reply:
        async with ChatClient(self._answering(lambda _: work(), app), timeout=PATIENCE) as chat:
            return await chat.send("go")


def _all(nodes: list[StepNode]) -> list[StepNoun]:
    return [step for node in nodes for step in (node.step, *_all(node.children))]


def _shape(tree: str) -> list[str]:
    """The lines of a tree up to the name: what does not differ from text to text."""
    return [_AFTER_NAME.split(line)[0] for line in tree.splitlines()]


def _kept() -> Counter[str]:
    gc.collect()
    found = (type(one) for one in gc.get_objects())
    return Counter(kind.__name__ for kind in found if kind.__module__ in ("convo.run", "convo.tracer"))
