"""What an author calls wrongly: a typed error at the line that does it, and nobody sees anything of it."""

from __future__ import annotations

from typing import Any

import convo
import pytest
from convo import input_widget as widgets
from convo.testing import ChatClient

TEXT = convo.Text(name="notes", content="milk")
ACTION = convo.Action("go", {})


async def in_step(**options: Any) -> None:
    async with convo.Step(**options):
        pass


def emitter() -> Any:
    return convo.context.emitter


CALLS: dict[str, tuple[Any, type[Exception], str]] = {
    # messages
    "an action that is none": (lambda: convo.Message("a", actions=["go"]).send(), TypeError, "no action"),
    "one action, not a list": (lambda: convo.Message("a", actions=ACTION).send(), TypeError, "iterable"),
    "an element that is none": (lambda: convo.Message("a", elements=["x"]).send(), TypeError, "no element"),
    "a type there is not": (lambda: convo.Message("a", type="shout").send(), TypeError, "shout"),
    "metadata that is no dict": (lambda: convo.Message("a", metadata="x").send(), TypeError, "metadata"),
    "metadata that is no JSON": (lambda: convo.Message("a", metadata={"x": object()}).send(), TypeError, "object"),
    "tags that are no list": (lambda: convo.Message("a", tags="x").send(), TypeError, "tags"),
    "a language that is no text": (lambda: convo.Message("a", language=5).send(), TypeError, "language"),
    "an author that is no text": (lambda: convo.Message("a", author=5).send(), TypeError, "author|name"),
    "an id that is no text": (lambda: convo.Message("a", id=5).send(), TypeError, "id"),
    "modes that are no texts": (lambda: convo.Message("a", modes={"x": 5}).send(), TypeError, "modes"),
    "a token that is no text": (lambda: convo.Message("").stream_token(5), TypeError, "int"),
    "an update of what was not sent": (lambda: convo.Message("a").update(), RuntimeError, "send"),
    "removing what was not sent": (lambda: convo.Message("a").remove(), RuntimeError, "send"),
    # steps
    "a step of unknown type": (lambda: in_step(type="shout"), ValueError, "shout"),
    "a step without a name": (lambda: in_step(name=None), TypeError, "name"),
    "a step's icon that is no text": (lambda: in_step(icon=5), TypeError, "icon"),
    "a step's tags that are no list": (lambda: in_step(tags="x"), TypeError, "tags"),
    # elements
    "a missing file": (
        lambda: convo.Message("a", elements=[convo.Image(path="gone.png")]).send(),
        FileNotFoundError,
        "gone.png",
    ),
    "content that is a number": (lambda: convo.Image(content=5).send(), TypeError, "content"),
    "a name that is no text": (lambda: convo.Text(name=5, content="x").send(), TypeError, "name"),
    "a url that is no text": (lambda: convo.Message("a", elements=[convo.Image(url=5)]).send(), TypeError, "url"),
    "a mime that is no text": (lambda: convo.Text(content="x", mime=5).send(), TypeError, "mime"),
    "a player that is no JSON": (
        lambda: convo.Message("a", elements=[convo.Video(url="x", player_config={"a": object()})]).send(),
        TypeError,
        "player_config|object",
    ),
    "props that are no dict": (lambda: convo.CustomElement(name="Form", props="x").send(), TypeError, "props"),
    "an element of no message": (lambda: TEXT.send(for_id="nobody"), ValueError, "nobody"),
    "a sidebar of texts": (lambda: convo.ElementSidebar.set_elements(["x"]), TypeError, "no element"),
    "a sidebar's title that is none": (lambda: convo.ElementSidebar.set_title(5), TypeError, "title"),
    "a task that is none": (lambda: convo.TaskList(["x"]).send(), TypeError, "Task"),
    "a task's status that is none": (lambda: convo.TaskList([convo.Task("a", "begun")]).send(), TypeError, "begun"),
    # actions
    "an action without a name": (lambda: convo.Action("", {}).send("x"), ValueError, "name"),
    "a payload that is no dict": (lambda: convo.Action("go", "x").send("x"), TypeError, "payload"),
    "a label that is no text": (
        lambda: convo.Message("a", actions=[convo.Action("go", {}, label=5)]).send(),
        TypeError,
        "label",
    ),
    "an action of no message": (lambda: ACTION.send("nobody"), ValueError, "nobody"),
    # asks
    "no time to answer": (lambda: convo.AskUserMessage("?", timeout=0).send(), ValueError, "timeout"),
    "a time that is no number": (lambda: convo.AskUserMessage("?", timeout="soon").send(), TypeError, "timeout"),
    "accept as a text": (lambda: convo.AskFileMessage("?", accept="text/plain").send(), TypeError, "accept"),
    "accept of numbers": (lambda: convo.AskFileMessage("?", accept=[5]).send(), TypeError, "accept"),
    "no file at most": (lambda: convo.AskFileMessage("?", accept=["*/*"], max_files=0).send(), ValueError, "max_files"),
    "files of no size": (
        lambda: convo.AskFileMessage("?", accept=["*/*"], max_size_mb=-1).send(),
        ValueError,
        "max_size_mb",
    ),
    "a size that is no number": (
        lambda: convo.AskFileMessage("?", accept=["*/*"], max_size_mb="big").send(),
        TypeError,
        "max_size_mb",
    ),
    "nothing to choose": (lambda: convo.AskActionMessage("?", actions=[]).send(), ValueError, "at least one"),
    "choices that are none": (lambda: convo.AskActionMessage("?", actions=["x"]).send(), TypeError, "no action"),
    "an ask by a text": (lambda: convo.AskElementMessage("?", element=TEXT).send(), TypeError, "CustomElement"),
    # settings, commands, modes
    "settings of texts": (lambda: convo.ChatSettings(["x"]).send(), TypeError, "str"),
    "a tab of texts": (lambda: convo.ChatSettings([widgets.Tab("a", "A", ["x"])]).send(), TypeError, "str"),
    "an initial beyond the slider": (
        lambda: convo.ChatSettings([widgets.Slider("a", "A", 50)]).send(),
        ValueError,
        "10",
    ),
    "a slider from a text": (lambda: convo.ChatSettings([widgets.Slider("a", "A", min="0")]).send(), ValueError, "min"),
    "an index that is a text": (
        lambda: convo.ChatSettings([widgets.Select("a", "A", values=["x"], initial_index="0")]).send(),
        ValueError,
        "initial_index",
    ),
    "a tooltip that is none": (
        lambda: convo.ChatSettings([widgets.Switch("a", "A", tooltip=5)]).send(),
        ValueError,
        "tooltip",
    ),
    "a command without an id": (lambda: emitter().set_commands([{"icon": "x"}]), ValueError, "id"),
    "modes of texts": (lambda: emitter().set_modes(["x"]), TypeError, "Mode"),
    "options of texts": (lambda: emitter().set_modes([convo.Mode("a", "A", ["x"])]), TypeError, "ModeOption"),
    # the page
    "a toast of no type": (lambda: emitter().send_toast("a", "loud"), ValueError, "loud"),
    "half a token": (lambda: emitter().update_token_count(0.5), ValueError, "0.5"),
    "a window message that is no JSON": (lambda: convo.send_window_message(object()), TypeError, "object"),
    "a function without a name": (lambda: convo.CopilotFunction(5, {}).acall(), TypeError, "name"),
    "arguments that are no dict": (lambda: convo.CopilotFunction("a", "x").acall(), TypeError, "args"),
    "a context of texts": (lambda: convo.chat_context.add("x"), TypeError, "Message"),
}


@pytest.mark.parametrize("what", CALLS)
async def test_a_wrong_call_is_an_error_where_it_is_made_and_changes_nothing(what: str) -> None:
    call, kind, says = CALLS[what]
    raised: list[BaseException] = []
    written: list[int] = []
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        before = convo.context.session.log.seq
        try:
            await call()
        except Exception as error:
            raised.append(error)
        written.append(convo.context.session.log.seq - before)
        await convo.Message("still here").send()

    async with ChatClient(app) as chat:
        assert (await chat.send("hi")).content == "still here"
        assert (chat.elements(), chat.actions(), chat.asks) == ([], [], [])
    [error] = raised
    assert type(error) is kind
    with pytest.raises(kind, match=says):
        raise error
    assert written == [0]


async def test_a_message_that_is_known_by_its_id_alone_can_be_changed_and_removed() -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        sent = await convo.Message("draft", language="text", author="Ada").send()
        await convo.Message(id=sent.id, content="final").update()
        gone = await convo.Message("gone").send()
        await convo.Message(id=gone.id, content="").remove()

    async with ChatClient(app) as chat:
        [said] = (await chat.send("hi")).messages
        assert (said.output, said.language, said.author) == ("final", "text", "Ada")
