"""Components of custom elements: their frame, their source, and what nobody gets."""

from pathlib import Path

import convo
import httpx
import pytest
from convo_server import create_app
from convo_server.elements import Elements
from convo_server.page import Assets
from starlette.routing import Route

COUNTER = "export default () => <p>{props.count}</p>\n"
FRAME = '<base href="{{root}}/"><script nonce="{{nonce}}">start()</script>'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    elements = tmp_path / "public" / "elements"
    elements.mkdir(parents=True)
    (elements / "Counter.jsx").write_text(COUNTER)
    (elements / "Form.tsx").write_text("typed")
    (elements / "Both.jsx").write_text("plain")
    (elements / "Both.tsx").write_text("typed")
    (elements / "notes.txt").write_text("secret")
    (elements / ".hidden.jsx").write_text("secret")
    (tmp_path / "secret.jsx").write_text("secret")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(**more):
    return {"server": {"headless": True}} | more


def client_of(web) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://test")


async def test_a_component_is_read_by_its_name(folder):
    async with client_of(create_app(convo.App(settings()))) as http:
        got = await http.get("/elements/Counter")
        assert got.json()["source"] == COUNTER
        assert got.json()["file"] == "public/elements/Counter.jsx"
        assert got.headers["content-type"] == "application/json"
        assert got.headers["x-content-type-options"] == "nosniff"
        again = await http.get("/elements/Counter", headers={"If-None-Match": got.headers["etag"]})
        assert again.status_code == 304
        (folder / "public/elements/Counter.jsx").write_text("changed")
        changed = await http.get("/elements/Counter", headers={"If-None-Match": got.headers["etag"]})
        assert (changed.status_code, changed.json()["source"]) == (200, "changed")
        assert changed.json()["hash"] != got.json()["hash"]
        assert (await http.get("/elements/Form")).json()["file"] == "public/elements/Form.tsx"
        assert (await http.get("/elements/Both")).json()["source"] == "plain"


@pytest.mark.parametrize(
    "name",
    [
        "../secret", "..%2Fsecret", "%2e%2e/secret", "..%5Csecret", "/etc/passwd", "%2Fetc%2Fpasswd", "Counter.jsx",
        "notes", "notes.txt", ".hidden", "counter", "Counter%00", "", "%FF", "x" * 5000,
    ],
)  # fmt: skip
async def test_a_name_never_becomes_a_path(folder, name):
    async with client_of(create_app(convo.App(settings()))) as http:
        got = await http.get(f"http://test/elements/{name}")
        assert got.status_code == 404, got.text
        assert "secret" not in got.text.replace("../secret", "")
        assert str(folder) not in got.text


async def test_its_author_is_told_where_a_missing_one_was_looked_for(folder):
    async with client_of(create_app(convo.App(settings(debug=True)))) as http:
        text = (await http.get("/elements/Missing")).json()["text"]
        assert str(folder / "public" / "elements" / "Missing.jsx") in text
        assert "Both, Counter, Form" in text


async def test_a_component_that_is_too_large_is_not_sent(folder):
    (folder / "public/elements/Large.jsx").write_text("x" * 1_100_000)
    async with client_of(create_app(convo.App(settings()))) as http:
        assert (await http.get("/elements/Large")).json()["code"] == "too-large"


async def test_the_frame_has_no_origin_and_asks_nobody(folder, tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("")
    (tmp_path / "element.html").write_text(FRAME)
    app = convo.App(settings(features={"elements": {"connect": ["https://api.example.com"]}}))
    for made, connect in ((convo.App(settings()), "'none'"), (app, "https://api.example.com")):
        web = create_app(made)
        elements = Elements(web.state.host, Assets.read(tmp_path))
        web.router.routes[:0] = [Route("/frame", elements.frame)]
        async with client_of(web) as http:
            first, second = await http.get("/frame"), await http.get("/frame")
        policy = first.headers["content-security-policy"].split("; ")
        nonce = first.text.split('nonce="')[1].split('"')[0]
        assert nonce not in second.text
        assert "sandbox allow-scripts allow-forms" in policy
        assert "default-src 'none'" in policy
        assert f"script-src 'nonce-{nonce}'" in policy
        assert f"connect-src {connect}" in policy
        assert "form-action 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "unsafe-eval" not in str(policy)
        assert "set-cookie" not in first.headers


async def test_a_frame_without_an_origin_is_refused_by_the_api(start, app):
    server = await start(app)
    client = await server.client()
    for method, path in (("GET", "api/v1/app"), ("POST", "api/v1/threads")):
        got = await client.http.request(method, path, headers={"Origin": "null"})
        assert got.status_code == 401, path
    assert await client.socket().refused(headers={"Origin": "null"}) == "unauthenticated"


def test_hosts_to_connect_to_are_origins():
    for wrong in ("https://a.example/path", "a.example", "*", "'self'", "https://a.example; script-src *", "data:"):
        with pytest.raises(convo.ConfigError):
            create_app(convo.App(settings(features={"elements": {"connect": [wrong]}})))
