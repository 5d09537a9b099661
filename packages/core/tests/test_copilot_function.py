"""Functions of the page around an embedded chat: called by the app, answered once."""

from __future__ import annotations

from typing import Any

import convo
import pytest
from convo.protocol import CallResult, CommandError, new_id
from convo.testing import ChatClient


def calling(timeout: float = 5.0) -> convo.App:
    app = convo.App({"debug": True})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        value = await convo.CopilotFunction(name="total", args={"cart": [1, 2]}).acall(timeout=timeout)
        await convo.Message(f"got {value!r}").send()

    return app


async def refusal(chat: ChatClient, **fields: Any) -> str:
    with pytest.raises(CommandError) as refused:
        await chat.command(CallResult(id=new_id(), **fields))
    return refused.value.failure.code


async def test_the_page_runs_a_function_and_returns() -> None:
    async with ChatClient(calling()) as chat:
        run = await chat.post("hi")
        call = await chat.called()
        assert (call.name, call.args, call.to) == ("total", {"cart": [1, 2]}, chat.hello.connection)
        assert call.expires_at is not None
        await chat.return_call({"sum": 3})
        assert (await chat.reply(run)).content == "got {'sum': 3}"
        assert chat.state.calls[call.id].outcome == "returned"


async def test_a_call_waits_through_a_lost_connection_and_a_reload() -> None:
    async with ChatClient(calling()) as chat:
        run = await chat.post("hi")
        call = await chat.called()
        chat.drop()
        reloaded = await chat.resume(chat.thread_id)
        assert (await reloaded.called()) == call
        await reloaded.return_call(3)
        await chat.connect()
        assert (await chat.reply(run)).content == "got 3"


async def test_the_first_result_counts() -> None:
    async with ChatClient(calling()) as chat:
        run = await chat.post("hi")
        call = await chat.called()
        other = await chat.tab()
        await chat.return_call(1, call=call)
        assert await refusal(other, call_id=call.id, value=2) == "conflict"
        assert await refusal(other, call_id="no-such-call", value=2) == "not-found"
        assert (await chat.reply(run)).content == "got 1"


async def test_a_function_that_fails_is_an_error_of_its_own() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        try:
            await convo.CopilotFunction("pay", {}).acall()
        except convo.CallFailed as error:
            await convo.Message(f"{error.name}: {error.reason}").send()

    async with ChatClient(app) as chat:
        run = await chat.post("hi")
        await chat.return_call(error="no card")
        assert (await chat.reply(run)).content == "pay: no card"


async def test_a_function_that_nobody_runs_times_out() -> None:
    async with ChatClient(calling(timeout=0.02)) as chat:
        reply = await chat.send("hi")
        assert reply.run.error is not None
        assert reply.run.error.text == "TimeoutError: No page ran `total` within 0.02 s."
        [call] = chat.state.calls.values()
        assert call.outcome == "timed-out"
        assert await refusal(chat, call_id=call.id, value=3) == "expired"


async def test_a_call_is_cancelled_with_its_run() -> None:
    async with ChatClient(calling()) as chat:
        await chat.post("hi")
        call = await chat.called()
        await chat.stop()
        await chat.until(lambda: chat.state.calls[call.id].outcome == "cancelled")
        assert await refusal(chat, call_id=call.id, value=3) == "expired"


async def test_a_restart_leaves_no_call_open() -> None:
    data_layer = convo.MemoryDataLayer()
    async with ChatClient(calling(), data_layer=data_layer) as chat:
        await chat.post("hi")
        call = await chat.called()
        session = chat.directory.sessions[0]
        await chat.until(lambda: chat.state.saved.seq > 1 and session.recorder.is_saved)
        async with ChatClient(
            calling(), data_layer=data_layer, thread=chat.thread_id, principal=chat.principal
        ) as again:  # another process reads what was stored
            assert again.state.calls[call.id].outcome == "cancelled"


@pytest.mark.parametrize(("name", "timeout"), [("", 1.0), ("total", 0.0)])
async def test_a_call_that_makes_no_sense_is_refused(name: str, timeout: float) -> None:
    with pytest.raises(ValueError):
        await convo.CopilotFunction(name, {}).acall(timeout=timeout)


async def test_arguments_that_are_no_json_are_refused() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        with pytest.raises(TypeError):
            await convo.CopilotFunction("total", {"a": object()}).acall()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).status == "done"
        assert not chat.state.calls
