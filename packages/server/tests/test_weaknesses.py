"""Weaknesses that systems of this kind have had, each tried here as it was used there.

Who may do what with whose is in `test_matrix.py`; here is one story for each kind.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import convo
import pytest
from convo.memory import MemoryDataLayer

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


class Seen:
    """What the app was given, and what it has been made to do."""

    def __init__(self) -> None:
        self.messages: list[convo.Message] = []
        self.windows: list[Any] = []


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
def app(seen: Seen) -> convo.App:
    app = convo.App(data_layer=MemoryDataLayer())

    @app.on_message
    async def answer(message: convo.Message) -> None:
        seen.messages.append(message)
        await convo.Message("I see.", elements=[convo.CustomElement("Part", props={"n": 1})]).send()

    @app.on_window_message
    async def hear(data: Any) -> None:
        seen.windows.append(data)

    return app


async def talking(client: Any) -> Any:
    tab = await client.socket().connect()
    await tab.ask("hi")
    return tab


async def test_a_session_is_not_taken_over_by_its_id(start, app):
    server = await start(app)
    tab = await talking(await server.client())
    thief = await server.client()
    for fields in ({"session": tab.hello["session"]}, {"thread": tab.hello["thread"]}):
        assert await thief.socket().refused(**fields) == "not-found"
    # An id of the client's own choice is none: nobody can be led into a session that somebody else knows.
    for fields in ({"sessionId": "chosen"}, {"id": "chosen"}, {"principal": tab.hello["principal"]["id"]}):
        assert await thief.socket().refused(**fields) == "invalid"
    assert await thief.socket().refused(session="chosen") == "not-found"


async def test_no_field_is_taken_for_a_path(start, app, seen, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the key is under the mat")
    server = await start(app)
    client = await server.client()
    tab = await talking(client)
    [put] = [event["element"] for event in tab.events if event["kind"] == "element-put"]
    path, url = str(secret), secret.as_uri()
    named = {"path": path, "url": url, "objectKey": path, "chainlitKey": path, "content": path}
    assert (await tab.command("message", content="", files=[path]))["error"]["code"] == "not-found"
    for name, value in (named | {"elements": [named], "file": named}).items():
        refused = await tab.command("message", **{"content": "look", name: value} if name != "content" else {name: {}})
        assert refused["error"]["code"] == "invalid", name
    assert (await tab.command("element-update", elementId=put["id"], props=named))["ok"]
    await tab.ask(f"read {path} and {url}")
    assert all(not message.elements for message in seen.messages)
    for way in (path, url, f"../../{secret.name}", path.replace("/", "%2f"), f"..%2f..%2f{secret.name}"):
        answer = await client.http.get(f"api/v1/threads/{tab.hello['thread']}/files/{way}")
        assert answer.status_code in (404, 405)
        assert "under the mat" not in answer.text
    up = await client.http.post(f"api/v1/threads/{tab.hello['thread']}/files", params={"name": path}, content=b"text")
    assert up.json()["name"] == "secret.txt"
    assert secret.read_text() == "the key is under the mat"
    # What its props say stays what they say: nobody reads it.
    stored = (await client.http.get(f"api/v1/threads/{tab.hello['thread']}")).text
    assert "under the mat" not in stored


async def test_no_field_is_taken_for_an_address_to_ask(start, app):
    asked: list[bytes] = []

    async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    trap = await asyncio.start_server(note, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{trap.sockets[0].getsockname()[1]}/secret"
    server = await start(app, features={"allow_thread_sharing": True})
    client = await server.client()
    tab = await talking(client)
    [put] = [event["element"] for event in tab.events if event["kind"] == "element-put"]
    named = {"url": url, "src": url, "avatar": url, "endpoint": url, "server": url, "webhook": url}
    thread = f"api/v1/threads/{tab.hello['thread']}"
    assert (await tab.command("message", content=f"![]({url}) <img src={url}> {url}"))["ok"]
    assert (await tab.command("element-update", elementId=put["id"], props=named))["ok"]
    await tab.command("element-act", elementId=put["id"], name="x", payload=named)
    assert (await tab.command("window-message", data=named))["ok"]
    await tab.command("mcp-connect", name=url)
    await tab.command("settings", values=named)
    for path in (f"?next={url}", f"api/v1/app?profile={url}", f"avatars/{url}", f"public/{url}", f"{thread}/export"):
        await client.http.get(path, headers={"Referer": url, "X-Forwarded-Host": url})
    await client.http.post(f"{thread}/files?name={url}", content=PNG, headers={"Content-Location": url})
    await client.http.patch(thread, json={"name": url})
    await client.http.post(f"{thread}/shares", json={"kind": "live", "callback": url})
    await tab.until(lambda: sum(event["kind"] == "run-ended" for event in tab.events) >= 2)
    await asyncio.sleep(0.1)  # nothing is awaited: there is nothing to come
    trap.close()
    assert asked == []


async def test_nothing_is_written_by_an_id_of_anothers(start, app):
    server = await start(app)
    tab, thief = await talking(await server.client()), await talking(await server.client())
    session = server.host.directory.live(tab.hello["thread"])
    question, answer = session.state.steps
    [element] = session.state.elements
    before = session.log.seq
    for kind, fields in {
        "edit": {"messageId": question, "content": "forged"},
        "regenerate": {"messageId": answer},
        "show-branch": {"leafId": question},
        "feedback": {"stepId": answer, "value": 1},
        "element-update": {"elementId": element, "props": {}},
        "element-remove": {"elementId": element},
    }.items():
        refused = await thief.command(kind, **fields)
        assert refused["error"]["code"] == "not-found", kind
    # A message of one's own is not written into another's thread either, whatever it names.
    for field in ("thread", "threadId", "session"):
        refused = await thief.command("message", content="x", **{field: tab.hello["thread"]})
        assert refused["error"]["code"] == "invalid"
    assert (await thief.command("message", content="x", priorId=question))["error"]["code"] == "not-found"
    assert session.log.seq <= before + 1  # that it is stored may come meanwhile
    assert [step.step.output for step in session.state.steps.values()] == ["hi", "I see."]


async def test_nobody_says_who_wrote_something_and_what_it_is(start, app):
    server = await start(app)
    client = await server.client()
    tab = await client.socket().connect()
    forged = {
        "author": "Assistant",
        "type": "system_message",
        "by": "somebody",
        "role": "admin",
        "createdAt": "1999-01-01T00:00:00Z",
        "metadata": {"role": "admin"},
        "user": {"identifier": "admin"},
        "isError": True,
        "stepId": "chosen",
        "parentId": "chosen",
    }
    for field, value in forged.items():
        refused = await tab.command("message", content="forged", **{field: value})
        assert refused["error"]["code"] == "invalid", field
    await tab.ask("hi")
    step = next(event["step"] for event in tab.events if event["kind"] == "step-opened")
    assert (step["type"], step["by"], step["output"]) == ("user_message", tab.hello["principal"]["id"], "hi")
    assert step.get("author") in (None, "User")
    assert not step["createdAt"].startswith("1999")
    assert not {"admin", "chosen", "somebody"} & set(json.dumps(step).split('"'))


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_page_of_another_site_opens_no_socket_in_a_users_name(start, app, transport):
    server = await start(app)
    client = await server.client()
    for origin in ("https://evil.example", "null", f"{server.url.rstrip('/')}.evil.example", "file://"):
        tab = client.socket(transport=transport)
        assert await tab.refused(headers={"Origin": origin}) == "unauthenticated"
        await tab.release()


async def test_no_tool_that_a_client_describes_is_run(start, app, tmp_path):
    server = await start(app)
    tab = await talking(await server.client())
    mark = tmp_path / "was-here"
    argv = [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]
    for fields in (
        {"name": "x", "command": argv[0], "args": argv[1:], "clientType": "stdio"},
        {"name": " ".join(argv), "fullCommand": " ".join(argv), "transport": "stdio"},
        {"name": "x", "env": {"LD_PRELOAD": str(mark)}, "command": "npx", "url": f"file://{mark}"},
    ):
        answer = await tab.command("mcp-connect", **fields)
        assert answer["error"]["code"] in ("unsupported", "invalid", "not-found")
    assert not mark.exists()


async def test_a_socket_does_not_outlive_what_let_it_in(start, app):
    app.password_auth_callback(lambda name, password: convo.User(name) if password == "sesame" else None)
    server = await start(app, auth={"secret": "a secret of more than thirty-two characters"})
    here, elsewhere = await server.client(), await server.client()
    for client in (here, elsewhere):
        await client.post("api/v1/auth/login", {"username": "ann", "password": "sesame"})
    tab = await talking(here)
    thread, position = tab.hello["thread"], tab.position
    assert (await elsewhere.post("api/v1/auth/logout-everywhere")).status_code == 204
    await tab.until(lambda: tab.is_closed)
    assert await here.socket().refused(thread=thread, **position) == "unauthenticated"
    session = server.host.directory.live(thread)
    assert session is None or not session.connections


async def test_a_stream_is_not_resumed_by_another(start, app):
    server = await start(app)
    tab, thief = await talking(await server.client()), await server.client()
    position = tab.position
    assert await thief.socket().refused(session=tab.hello["session"], **position) == "not-found"
    last = {"Last-Event-ID": f"{position['log']}:0"}
    stream = await thief.http.get(f"api/v1/threads/{tab.hello['thread']}/events", headers=last)
    assert (stream.status_code, stream.json()["code"]) == (404, "not-found")


async def test_an_error_tells_its_id_and_nothing_of_the_machine(start, seen, caplog):
    app = convo.App()

    @app.on_message
    async def fail(message: convo.Message) -> None:
        raise RuntimeError(f"password=hunter2 in {Path(__file__)}")

    client = await (await start(app)).client()
    tab = await client.socket().connect()
    await tab.command("message", content="hi")
    await tab.until(lambda: tab.has("run-ended"))
    shown = json.dumps([event for event in tab.events if event["kind"] == "run-ended"])
    error = next(event["error"] for event in tab.events if event["kind"] == "run-ended")
    assert "hunter2" not in shown
    assert "test_weaknesses" not in shown
    assert error["id"] in caplog.text
