"""Files over HTTP."""

from __future__ import annotations

from pathlib import Path

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
    assert same.headers["content-disposition"] == "attachment; filename=\"c_t.png\"; filename*=UTF-8''c%C3%A4t.png"
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
    client = await (await start(app, features={"uploads": {"max_size_mb": 0.01}})).client()
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


class Distant(convo.LocalStorage):
    """A storage whose bytes must be fetched, and that has addresses of its own."""

    is_away = False

    def path(self, key):
        return None

    def _at(self, key):
        if self.is_away:
            raise convo.UnavailableError("The storage is away.")
        return convo.LocalStorage.path(self, key)

    async def put(self, key, source, *, mime=""):
        path = self._at(key)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"".join([piece async for piece in source]))
        return path.stat().st_size

    async def read(self, key, start=0, end=None):
        if not self._at(key).exists():
            raise convo.NotFoundError(key)
        for byte in self._at(key).read_bytes()[start:end]:
            yield bytes([byte])

    async def delete(self, key):
        self._at(key).unlink(missing_ok=True)

    async def link(self, key, *, name, mime, inline, seconds):
        return f"https://bucket.example/{key}?signed&inline={inline}&seconds={seconds}"


@pytest.fixture
def storage(tmp_path: Path) -> Distant:
    return Distant(tmp_path)


async def distant(start, kept, **sections):
    """A client, and the address of a file of its, which this server has no copy of."""
    server = await start(convo.App(storage=kept), **sections)
    client = await server.client()
    path = await thread(client)
    info = (await client.http.post(f"{path}/files?name=a.png", content=PNG)).json()
    await server.host.directory.files.release(path.rpartition("/")[2])
    return client, info["url"]


async def test_what_is_elsewhere_is_streamed_whole_and_in_parts(start, storage):
    client, url = await distant(start, storage)
    whole = await client.http.get(url)
    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, PNG, "108")
    head = await client.http.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "108")
    for wanted, part, said in (
        ("bytes=8-11", PNG[8:12], "bytes 8-11/108"),
        ("bytes=100-", PNG[100:], "bytes 100-107/108"),
        ("bytes=-8", PNG[-8:], "bytes 100-107/108"),
        ("bytes=100-999", PNG[100:], "bytes 100-107/108"),
        ("bytes=-999", PNG, "bytes 0-107/108"),
    ):
        answer = await client.http.get(url, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (206, part), wanted
        assert answer.headers["content-range"] == said
    for wanted in ("bytes=108-", "bytes=500-600", "bytes=-0"):
        beyond = await client.http.get(url, headers={"Range": wanted})
        assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */108"), wanted
    for wanted in ("bytes=", "bytes=-", "bytes=9-3", "lines=1-2", "bytes=0-1,4-5", "bytes=" + "9" * 400 + "-"):
        answer = await client.http.get(url, headers={"Range": wanted})
        assert (answer.status_code, answer.content) == (200, PNG), wanted


async def test_what_a_browser_has_is_not_sent_again(start, storage):
    client, url = await distant(start, storage)
    tag = (await client.http.get(url)).headers["etag"]
    same = await client.http.get(url, headers={"If-None-Match": f'"other", {tag}'})
    assert (same.status_code, same.content) == (304, b"")
    part = await client.http.get(url, headers={"Range": "bytes=0-0", "If-Range": tag})
    assert (part.status_code, part.content) == (206, PNG[:1])
    other = await client.http.get(url, headers={"Range": "bytes=0-0", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, PNG)


async def test_a_storage_that_is_away_or_empty_is_told(start, storage):
    client, url = await distant(start, storage)
    storage.is_away = True
    away = await client.http.get(url)
    assert (away.status_code, away.json()["code"]) == (503, "unavailable")
    up = await client.http.post(f"{url.rpartition('/')[0]}?name=b.png", content=PNG)
    assert (up.status_code, up.json()["code"]) == (503, "unavailable")
    storage.is_away = False
    await storage.delete("/".join(url.split("/")[3::2]))
    gone = await client.http.get(url)
    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")


async def test_a_browser_is_sent_to_the_storage_only_where_no_script_reads(start, storage):
    client, url = await distant(start, storage, storage={"redirect": True})

    async def get(dest: str, mode: str, **params: str):
        headers = {"Sec-Fetch-Dest": dest, "Sec-Fetch-Mode": mode}
        return await client.http.get(url, headers=headers, params=params)

    for dest, mode in (("image", "no-cors"), ("video", "no-cors"), ("document", "navigate")):
        sent = await get(dest, mode)
        assert (sent.status_code, sent.content) == (302, b""), dest
        assert sent.headers["location"].startswith("https://bucket.example/")
        assert "inline=True" in sent.headers["location"]
        assert sent.headers["cache-control"] == "private, max-age=300"
        assert sent.headers["referrer-policy"] == "no-referrer"
    assert "inline=False" in (await get("document", "navigate", download="1")).headers["location"]
    for dest, mode in (("empty", "cors"), ("image", "cors"), ("iframe", "navigate"), ("empty", "same-origin")):
        streamed = await get(dest, mode)
        assert (streamed.status_code, streamed.content) == (200, PNG), dest
    assert (await client.http.get(url)).content == PNG


async def test_nobody_is_sent_to_the_storage_unless_that_is_set(start, storage):
    client, url = await distant(start, storage)
    answer = await client.http.get(url, headers={"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"})
    assert (answer.status_code, answer.content) == (200, PNG)


async def test_a_stranger_is_sent_nowhere(start, storage):
    client, url = await distant(start, storage, storage={"redirect": True})
    client.http.cookies.clear()
    stranger = await client.http.get(url, headers={"Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"})
    assert stranger.status_code in (401, 404)
    assert "location" not in stranger.headers
