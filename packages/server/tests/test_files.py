"""Files over HTTP."""

from __future__ import annotations

import convo
import pytest

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(100))


@pytest.fixture
def app():
    app = convo.App()

    @app.on_message
    async def answer(message):
        elements = [convo.File(name="pägé.html", content="<script>alert(1)</script>", mime="text/html")]
        await convo.Message(f"{len(message.elements)} files", elements=elements).send()

    return app


async def thread(client):
    answer = await client.post("api/v1/threads")
    return f"api/v1/threads/{answer.json()['thread']}"


async def test_a_file_goes_up_and_comes_down_whole_and_in_parts(start, app):
    client = await (await start(app)).client()
    path = await thread(client)
    headers = {"Content-Type": "image/png"}
    up = await client.http.post(f"{path}/files", params={"name": "cät.png"}, content=PNG, headers=headers)
    assert up.status_code == 201
    info = up.json()
    assert (info["name"], info["mime"], info["bytes"]) == ("cät.png", "image/png", 108)
    whole = await client.http.get(info["url"])
    assert whole.content == PNG
    assert whole.headers["content-type"] == "image/png"
    assert whole.headers["content-disposition"].startswith("inline")
    part = await client.http.get(info["url"], headers={"Range": "bytes=8-11"})
    assert (part.status_code, part.content) == (206, PNG[8:12])
    beyond = await client.http.get(info["url"], headers={"Range": "bytes=500-"})
    assert beyond.status_code == 416
    same = await client.http.get(info["url"], params={"download": "1"})
    assert same.headers["content-disposition"] == "attachment; filename*=utf-8''c%C3%A4t.png"
    assert (await client.http.delete(info["url"])).status_code == 204
    assert (await client.http.get(info["url"])).status_code == 404


async def test_what_a_user_made_never_runs(start, app):
    client = await (await start(app)).client()
    tab = await client.socket().connect()
    await tab.ask("hi")
    [put] = [event for event in tab.events if event["kind"] == "element-put"]
    page = await client.http.get(put["element"]["url"])
    assert page.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_a_message_brings_its_files(start, app):
    client = await (await start(app)).client()
    tab = await client.socket().connect()
    path = f"api/v1/threads/{tab.hello['thread']}"
    info = (await client.http.post(f"{path}/files?name=a.png", content=PNG)).json()
    answer = await tab.command("message", content="", files=[info["id"]])
    assert answer["ok"]
    await tab.until(lambda: tab.has("run-ended"))
    assert tab.text == "1 files"
    repeated = await tab.command("message", content="", files=[info["id"]])
    assert repeated["error"]["code"] == "not-found"


async def test_files_that_are_refused(start, app):
    client = await (await start(app, uploads={"max_size_mb": 0.01})).client()
    path = await thread(client)
    large = await client.http.post(f"{path}/files?name=a.bin", content=b"x" * 10_001)
    assert (large.status_code, large.json()["code"]) == (413, "too-large")
    lies = await client.http.post(f"{path}/files?name=a.png", content=b"x", headers={"Content-Type": "image/png"})
    assert (lies.status_code, lies.json()["code"]) == (400, "invalid")
    asked = await client.http.post(f"{path}/files?name=a.png&ask=nobody", content=PNG)
    assert (asked.status_code, asked.json()["code"]) == (404, "not-found")


async def test_what_is_anothers_is_not_found(start, app):
    server = await start(app)
    client, stranger = await server.client(), await server.client()
    path = await thread(client)
    info = (await client.http.post(f"{path}/files?name=a.png", content=PNG)).json()
    for ways in ("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e", "x" * 500):
        assert (await client.http.get(f"{path}/files/{ways}")).status_code == 404
    assert (await stranger.http.get(info["url"])).status_code == 404
    assert (await stranger.http.delete(info["url"])).status_code == 404
    assert (await stranger.http.post(f"{path}/files?name=a.png", content=PNG)).status_code == 404
    assert (await client.http.get(info["url"])).content == PNG
