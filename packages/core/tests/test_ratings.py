"""Ratings: feedback on answers, and favourites."""

import asyncio

import convo
import pytest
from convo.datalayer import Changes
from convo.protocol import CommandError, Feedback
from convo.testing import ChatClient


@pytest.fixture
def heard() -> list[convo.Feedback]:
    return []


@pytest.fixture
def app(heard: list[convo.Feedback]) -> convo.App:
    app = convo.App({"features": {"favorites": True}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"re: {message.content}").send()

    @app.on_feedback
    def note(feedback: convo.Feedback) -> None:
        heard.append(feedback)

    return app


class Slow(convo.MemoryDataLayer):
    """Stores nothing before it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def apply(self, changes: Changes) -> None:
        await self.gate.wait()
        await super().apply(changes)


async def test_an_answer_is_rated_the_rating_changed_and_taken_back(
    app: convo.App, heard: list[convo.Feedback]
) -> None:
    layer = convo.MemoryDataLayer()
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        answer = chat.messages[1]
        await chat.rate(answer.id, 1)
        assert chat.messages[1].feedback == Feedback(value=1, by=chat.principal.id)
        await chat.rate(answer.id, 0, "  Too short. ")
        tab = await chat.tab()
        assert tab.messages[1].feedback == Feedback(value=0, comment="Too short.", by=chat.principal.id)
        await chat.until(lambda: len(heard) == 2)
        assert heard == [
            convo.Feedback(answer.id, 1, chat.thread_id, answer.id),
            convo.Feedback(forId=answer.id, value=0, threadId=chat.thread_id, id=answer.id, comment="Too short."),
        ]
    async with ChatClient(app, data_layer=layer, principal=chat.principal, thread=chat.thread_id) as later:
        assert later.messages[1].feedback == Feedback(value=0, comment="Too short.", by=chat.principal.id)
        await later.rate(answer.id, None)
        assert later.messages[1].feedback is None
    assert len(heard) == 2


async def test_the_app_hears_of_a_rating_when_it_is_stored_and_not_before(
    app: convo.App, heard: list[convo.Feedback]
) -> None:
    layer = Slow()
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.rate(chat.messages[1].id, 1)
        await chat.send("more")
        assert heard == []
        layer.gate.set()
        await chat.until(lambda: heard)
        stored = await layer.get_thread(chat.thread_id)

        assert stored is not None
        assert [step.feedback is not None for step in stored.state.steps][:2] == [False, True]


async def test_the_app_hears_of_the_last_rating_though_the_session_ends(
    app: convo.App, heard: list[convo.Feedback]
) -> None:
    async with ChatClient(app) as chat:
        await chat.send("hi")
        await chat.rate(chat.messages[1].id, 0)
    assert [feedback.value for feedback in heard] == [0]


async def test_a_greeting_can_be_rated_before_anything_was_said(heard: list[convo.Feedback]) -> None:
    app = convo.App()
    app.on_feedback(heard.append)

    @app.on_chat_start
    async def greet() -> None:
        await convo.Message("Hello!").send()

    async with ChatClient(app) as chat:
        await chat.until(lambda: chat.messages)
        await chat.rate(chat.messages[0].id, 1)
        await chat.until(lambda: heard)


async def test_on_feedback_that_fails_is_seen_and_the_rating_stays() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    @app.on_feedback
    async def note(feedback: convo.Feedback) -> None:
        raise ValueError("nowhere to note it")

    async with ChatClient(app) as chat:
        await chat.send("hi")
        await chat.rate(chat.messages[1].id, 1)
        runs = chat.state.runs
        run = await chat.until(lambda: next((run for run in runs.values() if run.callback == "on_feedback"), None))
        await chat.until(lambda: runs[run.id].status == "failed")

        assert chat.messages[1].feedback is not None


async def test_only_answers_of_this_thread_can_be_rated(app: convo.App, heard: list[convo.Feedback]) -> None:
    async with ChatClient(app) as chat:
        await chat.send("hi")
        other = await chat.new_chat()
        await other.send("there")
        position = chat.position
        question, answer = chat.messages
        for raw, code in (
            ({"stepId": question.id, "value": 1}, "invalid"),
            ({"stepId": other.messages[1].id, "value": 1}, "not-found"),
            ({"stepId": "nobody", "value": 1}, "not-found"),
            ({"stepId": answer.id, "value": 2}, "invalid"),
            ({"stepId": answer.id, "value": "good"}, "invalid"),
            ({"stepId": answer.id, "comment": "nice"}, "invalid"),
            ({"stepId": answer.id, "value": 1, "comment": "x" * 300_000}, "too-large"),
        ):
            failure = chat.raw({"kind": "feedback", "id": "1", **raw}).error
            assert failure is not None
            assert failure.code == code, raw
        assert chat.position == position
    assert heard == []


async def test_a_message_of_ones_own_becomes_a_favourite_and_no_longer(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("hi")
        question, answer = chat.messages
        await chat.favour(question.id)
        assert chat.messages[0].favourite
        await chat.favour(question.id, on=False)
        assert not chat.messages[0].favourite
        with pytest.raises(CommandError) as caught:
            await chat.favour(answer.id)
        assert caught.value.failure.code == "invalid"


async def test_an_app_that_takes_no_ratings_refuses_them() -> None:
    app = convo.App({"features": {"feedback": False}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    async with ChatClient(app) as chat:
        await chat.send("hi")
        for refused in (chat.rate(chat.messages[1].id, 1), chat.favour(chat.messages[0].id)):
            with pytest.raises(CommandError) as caught:
                await refused
            assert caught.value.failure.code == "unsupported"
        info = await app.info()
        assert (info.feedback, info.favourites) == (False, False)
