"""`ChatClient`, as somebody who tests an app of their own meets it."""

from __future__ import annotations

import asyncio

import convo
import pytest
from convo.follower import GapError
from convo.protocol import CommandError
from convo.testing import ChatClient


def app_of(on_message=None, on_chat_start=None) -> convo.App:
    app = convo.App()
    app.on_message(on_message or (lambda: None))
    if on_chat_start is not None:
        app.on_chat_start(on_chat_start)
    return app


async def test_who_waits_in_vain_reads_what_there_is_instead() -> None:
    async def answer() -> None:
        async with convo.Step("Think"):
            await convo.Message("half", actions=[convo.Action("stop")]).send()
            await convo.AskUserMessage("Well?").send()

    async with ChatClient(app_of(answer), timeout=0.05) as chat:
        await chat.post("hi")
        await chat.asked()
        with pytest.raises(TimeoutError) as waited:
            await chat.see("whole")
    assert str(waited.value).splitlines() == [
        "Waited 0.05 s for a message with 'whole'.",
        f"Connection: open, at event {chat.position}",
        "Runs: `on_message running`",
        "Asks: `text (open)`",
        "Buttons: `stop`",
        "Steps: `Think`",
        "Messages:",
        "  user_message: 'hi'",
        "  assistant_message: 'half'",
        "  assistant_message: 'Well?'",
    ]


async def test_who_waits_for_a_callback_that_failed_reads_why() -> None:
    def fail() -> None:
        raise ValueError("no")

    app = convo.App({"debug": True})
    app.on_message(fail)
    async with ChatClient(app, timeout=0.05) as chat:
        assert (await chat.send("hi")).error == "ValueError: no"
        with pytest.raises(TimeoutError, match="on_message failed: ValueError: no"):
            await chat.asked()


async def test_who_waits_on_a_cut_connection_reads_that() -> None:
    async with ChatClient(app_of(), timeout=0.05) as chat:
        chat.drop()
        with pytest.raises(TimeoutError, match="Connection: cut"):
            await chat.see("anything")
        with pytest.raises(ConnectionError, match=r"connect\(\)"):
            await chat.send("hi")


async def test_what_breaks_the_reader_is_raised_where_the_test_waits() -> None:
    async with ChatClient(app_of(lambda message: convo.run_sync(convo.Message("hi").send()))) as chat:
        chat.follower.position -= 1
        with pytest.raises(GapError):
            await chat.send("hi")


async def test_what_a_chat_begins_with_is_waited_for() -> None:
    async def greet() -> None:
        await asyncio.sleep(0.01)
        await convo.Message("Hello!", actions=[convo.Action("go", label="Go on")]).send()

    app = app_of(on_chat_start=greet)

    @app.action_callback("go")
    async def go(action: convo.Action) -> str:
        await action.remove()
        return "gone"

    async with ChatClient(app) as chat:
        assert (await chat.click("Go on")).value == "gone"
        assert (await chat.see("Hello")).type == "assistant_message"
        await chat.rest()
        assert [run.callback for run in chat.runs] == ["on_chat_start", "action:go"]


async def test_a_button_that_is_not_there_is_refused_and_the_others_are_named() -> None:
    async def answer() -> None:
        await convo.Message("?", actions=[convo.Action("yes"), convo.Action("no")]).send()

    async with ChatClient(app_of(answer)) as chat:
        await chat.send("hi")
        with pytest.raises(CommandError) as refused:
            await chat.click("maybe")
    assert refused.value.__notes__ == ["Offered are `yes`, `no`; this was `maybe`."]


async def test_an_app_that_asks_is_at_rest() -> None:
    async def answer() -> None:
        await convo.AskUserMessage("Well?").send()

    async with ChatClient(app_of(answer)) as chat:
        run = await chat.post("hi")
        await chat.rest()
        assert [ask.type for ask in chat.asks] == ["text"]
        await chat.answer("yes")
        assert (await chat.reply(run)).status == "done"


async def test_files_are_given_as_paths(tmp_path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("milk")

    async def answer(message: convo.Message) -> None:
        files = await convo.AskFileMessage("More?", accept=["text/plain"]).send()
        await convo.Message(f"{message.elements[0].name} {files[0].name}").send()

    async with ChatClient(app_of(answer)) as chat:
        run = await chat.post("look", files=[note])
        await chat.answer(note)
        assert (await chat.reply(run)).messages[-1].output == "note.txt note.txt"


async def test_another_tab_may_be_another_kind_of_client() -> None:
    async def answer() -> None:
        language, kind = (convo.user_session.get(key) for key in ("language", "client_type"))
        await convo.Message(f"{language} {kind}").send()

    async with ChatClient(app_of(answer), language="de") as chat:
        tab = await chat.tab(client="copilot")
        assert (await chat.send("hi")).content == "de test"
        assert (await tab.send("hi")).content == "de copilot"
        other = await chat.new_chat(language="fr")
        assert (await other.send("hi")).content == "fr test"


async def test_a_client_is_a_user_and_a_visitor_who_logs_in_takes_his_chat_along() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        user = convo.user_session.get("user")
        await convo.Message("nobody" if user is None else f"{user.identifier}, {user.metadata}").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("Who am I?")).content == "nobody"
        ann = await chat.log_in(convo.User("ann", metadata={"role": "admin"}))
        assert (await ann.send("And now?")).content == "ann, {'role': 'admin'}"
        taken = await ann.resume(chat.thread_id)
        assert [message.output for message in taken.messages] == ["Who am I?", "nobody"]
        assert {thread.id for thread in await ann.threads()} == {chat.thread_id, ann.thread_id}
        with pytest.raises(CommandError, match="not yours"):
            await chat.send("Still mine?")

    async with ChatClient(app, user=convo.User("bob")) as chat:
        assert chat.hello.principal.identifier == "bob"


async def test_what_a_visitor_began_goes_on_and_is_answered_by_the_user_he_became() -> None:
    app = convo.App()
    layer = convo.MemoryDataLayer()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        asked = await convo.AskUserMessage("Your name?").send()
        await convo.Message(f"Hello {asked['output']}").send()

    async with ChatClient(app, data_layer=layer) as chat:
        run = await chat.post("hi")
        ask = await chat.asked()
        assert await layer.get_thread_owner(chat.thread_id) in (None, chat.principal.id)
        ann = await chat.log_in(convo.User("ann"))
        taken = await ann.resume(chat.thread_id)
        await taken.answer("Ann", ask)
        assert (await taken.reply(run)).content.endswith("Hello Ann")
        editing = asyncio.create_task(taken.edit(taken.messages[0].id, "hi again"))
        await taken.answer("Ada")
        assert (await editing).content.endswith("Hello Ada")
        assert {thread.id for thread in await taken.threads()} == {chat.thread_id}
        assert await layer.get_thread_owner(chat.thread_id) == ann.principal.id


async def test_an_app_that_refuses_the_client_is_shut_down_as_it_was_started() -> None:
    happened = []
    app = app_of()
    app.on_app_startup(lambda: happened.append("started"))
    app.on_app_shutdown(lambda: happened.append("ended"))

    with pytest.raises(CommandError):
        async with ChatClient(app, thread="nobody's"):
            pass

    assert happened == ["started", "ended"]
