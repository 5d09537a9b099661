"""Elements, actions and files, through an App."""

from __future__ import annotations

import asyncio
import gzip
import json
from pathlib import Path

import convo
import msgspec
import pandas
import pytest
from convo.protocol import CommandError, ElementAct, ElementRemove, ElementUpdate, new_id
from convo.testing import ChatClient

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def saying(say):
    """An App that does `say(message)` when it is spoken to."""
    app = convo.App()
    app.on_message(say)
    return app


async def test_a_message_comes_with_its_elements(tmp_path) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(PNG)

    async def say(message):
        elements = [
            convo.Image(name="cat", path=picture, size="large"),
            convo.Text(name="notes", content="# Ünïcode", display="side"),
            convo.Video(name="film", url="https://example.com/film.mp4", display="page"),
        ]
        await convo.Message("Look at notes", elements=elements).send()

    async with ChatClient(saying(say)) as chat:
        reply = await chat.send("hi")
        cat, notes, film = chat.elements(reply.messages[0])
        assert (cat.type, cat.mime, cat.bytes, cat.size, cat.display) == ("image", "image/png", 108, "large", "inline")
        assert await chat.read(cat) == PNG
        assert (await chat.read(notes)).decode() == "# Ünïcode"
        assert (film.url, film.bytes) == ("https://example.com/film.mp4", None)


@pytest.mark.parametrize(
    "beginning",
    ["<svg>", '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n<!DOCTYPE svg PUBLIC', "<!-- x -->\n<svg "],
)
async def test_a_drawing_is_known_by_its_beginning(beginning) -> None:
    async def say(message):
        await convo.Message("", elements=[convo.Image(name="chart", content=beginning)]).send()

    async with ChatClient(saying(say)) as chat:
        (chart,) = chat.elements((await chat.send("hi")).messages[0])
        assert chart.mime == "image/svg+xml"


async def test_each_kind_is_what_its_viewer_reads() -> None:
    class Figure:
        def to_json(self):
            return '{"data": []}'

        def savefig(self, out, **options):
            out.write(PNG)

    async def say(message):
        await convo.Message(
            "",
            elements=[
                convo.Plotly(figure=Figure()),
                convo.Pyplot(figure=Figure()),
                convo.Dataframe(data=pandas.DataFrame({"name": ["Ada", "Bob"], "age": [36, 41]})),
                convo.Pdf(content=b"%PDF-1.7", page=2),
                convo.Audio(content=b"ID3", auto_play=True),
                convo.File(name="data.csv", content="a,b"),
            ],
        ).send()

    async with ChatClient(saying(say)) as chat:
        shown = chat.elements((await chat.send("hi")).messages[0])
        assert [element.type for element in shown] == ["plotly", "image", "dataframe", "pdf", "audio", "file"]
        assert [element.props for element in shown if element.props] == [{"page": 2}, {"autoPlay": True}]
        assert json.loads(await chat.read(shown[0])) == {"data": []}
        head, rows = gzip.decompress(await chat.read(shown[2])).splitlines()
        assert json.loads(head)["columns"] == [{"name": "name", "type": "text"}, {"name": "age", "type": "integer"}]
        assert json.loads(rows) == [["Ada", "Bob"], [36, 41]]


async def test_an_element_is_changed_and_removed() -> None:
    async def say(message):
        text = convo.Text(name="log", content="one")
        answer = await convo.Message("here", elements=[text]).send()
        text.content = "two"
        await text.update()
        other = await convo.Text(name="other", content="x").send(for_id=answer.id)
        await other.remove()
        answer.elements.append(convo.Text(name="late", content="three"))
        await answer.update()

    async with ChatClient(saying(say)) as chat:
        log, late = chat.elements((await chat.send("hi")).messages[0])
        assert await chat.read(log) == b"two"
        assert await chat.read(late) == b"three"


async def test_a_step_has_elements_too() -> None:
    async def say(message):
        async with convo.Step("search", elements=[convo.Text(name="found", content="1")]):
            pass

    def say_blocking(message):
        with convo.Step("search", elements=[convo.Text(name="found", content="2")]):
            pass

    for callback, content in ((say, b"1"), (say_blocking, b"2")):
        async with ChatClient(saying(callback)) as chat:
            [node] = (await chat.send("hi")).steps
            [found] = chat.elements(node.step)
            assert await chat.read(found) == content


async def test_what_can_never_be_shown_fails_at_the_authors_line(tmp_path) -> None:
    with pytest.raises(ValueError, match="one of `content`, `path` and `url`"):
        convo.Image(name="nothing")
    with pytest.raises(ValueError, match="`display`"):
        convo.Text(content="x", display="somewhere")
    for url in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,<b>", "C:\\cat.png"):
        with pytest.raises(ValueError, match="begins with `http:`"):
            convo.Image(url=url)
    for url in ("https://example.com/a.png", "data:image/png;base64,AAAA", "/public/a.png", "public/a.png?x=a:b"):
        assert convo.Image(url=url).url == url
    with pytest.raises(TypeError, match="figure"):
        convo.Plotly(figure=1)
    with pytest.raises(TypeError, match="data frame"):
        convo.Dataframe(data=[1])
    with pytest.raises(ValueError, match="a number from 1"):
        convo.Pdf(content=b"%PDF-1.7", page=0)
    with pytest.raises(TypeError, match="what JSON can hold"):
        convo.CustomElement("Chart", props={"x": object()})
    with pytest.raises(TypeError, match="what JSON can hold"):
        convo.Action("go", {"x": object()})
    seen = []

    async def say(message):
        with pytest.raises(IsADirectoryError, match="is a folder"):
            await convo.Message("x", elements=[convo.File(path=tmp_path)]).send()
        with pytest.raises(FileNotFoundError, match="`path` of `File` `plan` leads nowhere"):
            await convo.File("plan", path=tmp_path / "missing").send()
        with pytest.raises(FileNotFoundError):
            await convo.Message("x", elements=[convo.File(path=tmp_path / "missing")]).send()
        with pytest.raises(TypeError, match="no element"):
            await convo.Message("x", elements=["a.png"]).send()
        with pytest.raises(ValueError, match="no message or step"):
            await convo.Text(content="x").send(for_id="nobody")
        seen.append(True)

    async with ChatClient(saying(say)) as chat:
        assert not (await chat.send("hi")).messages
    assert seen


async def test_a_user_sends_files(tmp_path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("to do")

    async def say(message):
        for element in message.elements:
            kept = Path(element.path).read_bytes()
            await convo.Message(f"{type(element).__name__} {element.name} {element.mime} {len(kept)}").send()
        await convo.Message(str([len(said.elements) for said in convo.chat_context.get()])).send()

    async with ChatClient(saying(say)) as chat:
        files = [
            await chat.upload(PNG, "../../cat.png", "image/png"),
            await chat.upload(b"%PDF-1.7", "paper"),
            await chat.upload(notes),
            await chat.upload(b"x", "/etc/passwd"),
        ]
        reply = await chat.send("", files=files)
        assert [message.output for message in reply.messages] == [
            "Image cat.png image/png 108",
            "Pdf paper application/pdf 8",
            "File notes.txt text/plain 5",
            "File passwd application/octet-stream 1",
            "[4, 0, 0, 0, 0]",
        ]
        assert chat.state.thread.name == "cat.png, paper, notes.txt, passwd"
        with pytest.raises(CommandError, match="attach it again"):
            await chat.send("again", files=files[:1])


async def test_files_wait_with_their_message() -> None:
    release = asyncio.Event()

    async def say(message):
        if message.content == "first":
            await release.wait()
        await convo.Message(f"{len(message.elements)}").send()

    layer = convo.MemoryDataLayer()
    app = saying(say)
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.post("first")
        back = await chat.post("second", files=[await chat.upload(PNG, "a.png")])
        await chat.dequeue(back)
        files = [await chat.upload(PNG, "b.png")]
        waiting = await chat.post("third", files=files)
        assert chat.state.runs[waiting].message.files == [files[0].id]
        release.set()
        assert (await chat.reply(waiting)).content == "1"
        release.clear()
        await chat.post("first")
        await chat.post("last", files=[await chat.upload(PNG, "c.png")])
        principal, thread = chat.principal, chat.thread_id
    async with ChatClient(app, data_layer=layer) as other:
        mine = await other.resume(thread, principal)
        last = mine.messages[-1]
        assert last.output == "last"
        assert [element.name for element in mine.elements(last)] == ["c.png"]


async def test_files_an_app_does_not_want() -> None:
    settings = {"features": {"uploads": {"accept": ["image/*", ".csv"], "max_size_mb": 0.0002, "max_files": 2}}}
    app = convo.App(settings)
    app.on_message(lambda message: None)
    async with ChatClient(app) as chat:
        await chat.upload(b"a,b", "data.CSV")
        for content, name, mime, code in (
            (b"text", "a.txt", None, "invalid"),
            (b"%PDF-1.7", "a.png", "image/png", "invalid"),
            (b"not a png", "a.png", None, "invalid"),
            (PNG + PNG, "a.png", None, "too-large"),
            (b"", "a.csv", None, "invalid"),
        ):
            with pytest.raises(CommandError) as refused:
                await chat.upload(content, name, mime)
            assert refused.value.failure.code == code
        pictures = [await chat.upload(PNG, f"{number}.png") for number in range(3)]
        with pytest.raises(CommandError, match="wait to be sent"):
            await chat.upload(PNG, "one too many.png")
        with pytest.raises(CommandError, match="At most 2"):
            await chat.send("all of them", files=pictures)
        await chat.send("two", files=pictures[:2])


async def test_another_users_file_is_not_found() -> None:
    async def say(message):
        await convo.Message("x", elements=[convo.Text(name="secret", content="42")]).send()

    async with ChatClient(saying(say)) as mine, ChatClient(mine.app) as other:
        [secret] = mine.elements((await mine.send("hi")).messages[0])
        other._directory = mine.directory
        with pytest.raises(CommandError) as refused:
            await other.read(secret)
        assert refused.value.failure.code == "not-found"


async def test_files_end_with_the_process_unless_history_is_kept(tmp_path) -> None:
    async def say(message):
        await convo.Message("x", elements=[convo.Text(name="t", content="42")]).send()

    async with ChatClient(saying(say)) as chat:
        await chat.send("hi")
        unsent = await chat.upload(b"x", "unsent.bin")
        path = (await chat.directory.files.get(chat.thread_id, unsent.id)).path
        assert path.exists()
    assert not path.parent.exists()


async def test_a_button_runs_its_callback() -> None:
    app = convo.App()

    @app.on_message
    async def offer(message):
        actions = [
            convo.Action("count", {"by": 2}, label="Count", tooltip="Counts", icon="plus"),
            convo.Action("fail", label="Fail"),
            convo.Action("nobody", label="Nobody"),
        ]
        await convo.Message("choose", actions=actions).send()

    @app.action_callback("count")
    async def count(action):
        await convo.Message(f"+{action.payload['by']}").send()
        await action.remove()
        return {"done": action.payload["by"]}

    @app.on_action("fail")
    def fail(action):
        raise ValueError("broken")

    async with ChatClient(app) as chat:
        message = (await chat.send("hi")).messages[0]
        assert [(action.label, action.payload) for action in chat.actions(message)] == [
            ("Count", None),
            ("Fail", None),
            ("Nobody", None),
        ]
        run = await chat.click("count")
        assert (run.status, run.value) == ("done", {"done": 2})
        assert chat.messages[-1].output == "+2"
        assert (await chat.click("fail")).error is not None
        for name, code in (("nobody", "unsupported"), ("count", "not-found"), ("invented", "not-found")):
            with pytest.raises(CommandError) as refused:
                await chat.click(name)
            assert refused.value.failure.code == code


async def test_buttons_are_taken_away() -> None:
    async def say(message):
        answer = await convo.Message("choose", actions=[convo.Action("a"), convo.Action("b")]).send()
        await answer.remove_actions()

    async with ChatClient(saying(say)) as chat:
        assert not chat.actions((await chat.send("hi")).messages[0])


async def test_a_component_changes_itself() -> None:
    app = convo.App()

    @app.on_message
    async def show(message):
        counter = convo.CustomElement("Counter", props={"count": 1})
        await convo.Message("", elements=[counter, convo.Text(name="t", content="x")]).send()
        counter.props["count"] = 2
        await counter.update()

    @app.action_callback("double")
    async def double(action):
        return action.payload["count"] * 2

    async with ChatClient(app) as chat:
        counter, text = chat.elements((await chat.send("hi")).messages[0])
        assert counter.props == {"count": 2}
        await chat.command(ElementUpdate(id=new_id(), element_id=counter.id, props={"count": 3}))
        assert chat.state.elements[counter.id].props == {"count": 3}
        answer = await chat.command(ElementAct(id=new_id(), element_id=counter.id, name="double", payload={"count": 3}))
        run_id = answer.data["runId"]
        run = await chat.until(lambda: (run := chat.state.runs.get(run_id)) and run.ended_at and run)
        assert run.value == 6
        with pytest.raises(CommandError, match="no such element"):
            await chat.command(ElementUpdate(id=new_id(), element_id=text.id, props={}))
        with pytest.raises(CommandError, match="action_callback"):
            await chat.command(ElementAct(id=new_id(), element_id=counter.id, name="unknown"))
        await chat.command(ElementRemove(id=new_id(), element_id=counter.id))
        assert counter.id not in chat.state.elements


async def test_a_task_list_and_the_sidebar() -> None:
    async def say(message):
        tasks = convo.TaskList()
        task = convo.Task("Think", status=convo.TaskStatus.RUNNING)
        await tasks.add_task(task)
        await tasks.send()
        task.status = convo.TaskStatus.DONE
        tasks.status = "Done"
        await tasks.send()
        await convo.ElementSidebar.set_title("Sources")
        await convo.ElementSidebar.set_elements([convo.Text(name="a", content="1")], key="k")

    async with ChatClient(saying(say)) as chat:
        await chat.send("hi")
        tasks, source = chat.state.elements.values()
        assert tasks.props == {"status": "Done", "tasks": [{"title": "Think", "status": "done", "forId": None}]}
        panel = chat.state.fields["sidebar"]
        assert (panel["title"], panel["elements"], panel["key"]) == ("Sources", [source.id], "k")


async def test_the_sidebar_opens_is_replaced_and_closes() -> None:
    """An author opens it anew by another key, and nothing is left of it once it is closed."""
    panels = []

    async def say(message):
        sidebar = convo.ElementSidebar
        seen = lambda: panels.append(convo.context.session.state.fields.get("sidebar"))  # noqa: E731
        await sidebar.set_title("Cart")
        seen()
        await sidebar.set_elements([convo.Text(name="a", content="1")], key="cart")
        seen()
        await sidebar.set_elements([convo.Text(name="b", content="2")], key="cart")
        seen()
        await sidebar.set_elements([convo.Text(name="c", content="3")], key="other")
        seen()
        answer = await convo.Message("x", elements=[shared := convo.Text(name="d", content="4")]).send()
        await sidebar.set_elements([shared])
        seen()
        await sidebar.set_elements([])
        seen()
        assert convo.context.session.state.elements[shared.id].for_id == answer.id

    async with ChatClient(saying(say)) as chat:
        assert (await chat.send("hi")).messages
        empty, cart, same, other, shown, closed = panels
        assert (empty["title"], empty["elements"]) == ("Cart", [])
        assert (cart["title"], len(cart["elements"])) == ("Cart", 1)
        assert same == cart
        assert other["id"] != cart["id"]
        assert len(shown["elements"]) == 1
        assert closed is None
        assert [element.name for element in chat.state.elements.values()] == ["d"]


async def test_a_web_route_and_a_thread_pool_post_into_a_thread() -> None:
    app = convo.App()
    app.on_message(lambda message: "fine")

    async with ChatClient(app) as chat:
        await chat.send("hi")

        def work() -> None:
            with app.thread(chat.thread_id):
                convo.run_sync(convo.Message("from a pool").send())

        async with app.thread(chat.thread_id):
            await convo.Message("from a route", elements=[convo.Text(name="t", content="x")]).send()
        await asyncio.to_thread(work)
        await chat.until(lambda: chat.messages[-1].output == "from a pool")
        assert chat.messages[-2].output == "from a route"
        with pytest.raises(convo.NoContextError):
            await convo.Message("outside").send()
        with pytest.raises(CommandError, match="There is no thread"):
            async with app.thread("nobody"):
                pass
    with pytest.raises(RuntimeError, match="running"):
        app.thread("any")


async def test_a_posted_thread_need_not_be_open() -> None:
    layer = convo.MemoryDataLayer()
    app = convo.App()
    app.on_message(lambda message: None)
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        principal, thread = chat.principal, chat.thread_id
    async with ChatClient(app, data_layer=layer) as other:
        async with app.thread(thread):
            await convo.Message("while you were away").send()
        mine = await other.resume(thread, principal)
        assert mine.messages[-1].output == "while you were away"


async def test_dicts_of_elements_and_actions() -> None:
    text = convo.Text(name="t", content="x", id="e1")
    assert msgspec.to_builtins(text.to_dict())["type"] == "text"
    assert convo.Action("go", {"a": 1}, id="a1").to_dict()["payload"] == {"a": 1}
