"""Who may come in by these doors, and what the others are told, each in its protocol's own words."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import convo
import httpx
import openai
import pytest
from convo_protocols import routes
from openai import AsyncOpenAI

from .conftest import PATIENCE, Events, Start, visitor

SECRET = "s" * 40
CHAT: dict[str, Any] = {"model": "any", "messages": [{"role": "user", "content": "Hi"}]}
AG_UI = {"threadId": "a", "runId": "b", "messages": [{"id": "c", "role": "user", "content": "Hi"}]}
AI_SDK = {"id": "a", "messages": [{"id": "b", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}]}
BODIES: dict[str, Any] = {
    "chat-completions": CHAT,
    "responses": {"model": "any", "input": "Hi"},
    "ag-ui": AG_UI,
    "ai-sdk": AI_SDK,
}
"""What routes take that take something; for who may come in, all of them answer well."""
OPENAI = {"models", "model", "chat-completions", "responses", "response", "response-cancel"}
GOOD = {"model": 404, "response": 404, "response-cancel": 404, "ai-sdk-stream": 204}
"""What a good request gets, where that is not 200: there is no such thing yet."""


@pytest.fixture
def app(app: convo.App) -> convo.App:
    """Users log in."""

    @app.password_auth_callback
    async def log_in(username: str, password: str) -> convo.User | None:
        return convo.User(username) if password == "right" else None

    return app


@pytest.fixture
async def url(start: Start, app: convo.App) -> str:
    return await start(
        app,
        auth={"secret": SECRET},
        server={"allowed_origins": ["https://shop.example"]},
        limits={"commands_per_second": 1e6},
        integrations={"protocols": True},
    )


@pytest.fixture
async def ann(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Ann's browser, logged in."""
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        await http.post("/api/v1/auth/login", json={"username": "ann", "password": "right"})
        yield http


async def token_of(browser: httpx.AsyncClient) -> dict[str, str]:
    made: dict[str, str] = (await browser.post("/api/v1/auth/tokens", json={"label": "test"})).json()
    return made


async def test_every_route_is_for_who_is_known_and_comes_from_a_page_of_ours(url: str, ann: httpx.AsyncClient) -> None:
    token = (await token_of(ann))["token"]
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in ann.cookies.items())}
    known = {"Authorization": f"Bearer {token}"}
    actors: dict[str, tuple[dict[str, str], bool]] = {
        "nobody": ({}, False),
        "a token that is none": ({"Authorization": "Bearer sk-123"}, False),
        "a token of another kind": ({"Authorization": f"Bearer convo_{'x' * 43}"}, False),
        "a foreign page with the cookie": (cookie | {"Origin": "https://evil.example"}, False),
        "a foreign page with the token": (known | {"Origin": "https://evil.example"}, False),
        "a form on a foreign page": (cookie | {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, False),
        "a program": (known, True),
        "our own page": (cookie | {"Origin": url}, True),
        "a page that may": (known | {"Origin": "https://shop.example"}, True),
    }
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
        for route in routes(convo.Config(integrations={"protocols": True})):
            path = route.path.replace("{id:path}", "x").replace("{id}", "x")
            for actor, (headers, may) in actors.items():
                got = await http.request(route.methods[0], path, json=BODIES.get(route.name), headers=headers)
                wanted = GOOD.get(route.name, 200) if may else 401
                assert got.status_code == wanted, (route.name, actor, got.text)
                if wanted == 401:
                    assert_shape(route.name, got.json())


def assert_shape(name: str, body: dict[str, Any]) -> None:
    """The refusal is written as the route's protocol writes errors."""
    if name in OPENAI:
        assert body["error"]["code"] == "invalid_api_key"
        assert body["error"]["message"]
    elif name == "ag-ui":
        assert (body["type"], body["code"]) == ("RUN_ERROR", "unauthenticated")
    else:
        assert body["code"] == "unauthenticated"


NASTY = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"messages": 1, "input": 1, "threadId": 1, "id": 1}',
    b'{"messages": [null], "input": [null], "threadId": "a", "runId": "b", "id": "a"}',
    b'{"messages": [], "input": [], "threadId": "", "runId": "", "id": ""}',
    b'{"messages": [{"role": "user", "content": [{}], "parts": [{"type": "text"}]}], "input": [{"content": [{}]}], '
    b'"threadId": "a", "runId": "b", "id": "a"}',
    b'{"messages": [{"role": "user", "content": [{"type": "file"}], "parts": [{"type": "file"}]}], "input": [{"role": '
    b'"user", "content": 1}], "threadId": "a", "runId": "b", "id": "a"}',
    b'{"messages": [{"role": "user", "content": "", "parts": []}], "input": "", "threadId": "a", "runId": "b", '
    b'"id": "a"}',
    b'{"messages": [], "input": "a", "conversation": "", "threadId": "a", "runId": "b", "id": "a", '
    b'"resume": [{"interruptId": "x", "status": "resolved"}]}',
    b'{"input": "a", "previous_response_id": "resp_../../x", "messages": []}',
    b"[" * 20_000,
    b'{"messages": ' + b"[" * 20_000,
]


async def test_nonsense_is_refused_and_breaks_nothing(ann: httpx.AsyncClient) -> None:
    for path in ("v1/chat/completions", "v1/responses", "ag-ui", "ai-sdk"):
        for body in NASTY:
            got = await ann.post(f"/{path}", content=body)
            assert 400 <= got.status_code < 500, (path, body[:80], got.text)
    half = b'{"model": "\\ud800", "messages": [{"role": "user", "content": "\\ud800"}]}'
    assert (await ann.post("/v1/chat/completions", content=half)).status_code == 200
    for key in ("", "k" * 101):
        assert (
            await ann.post("/v1/responses", json={"input": "a"}, headers={"Idempotency-Key": key})
        ).status_code == 400
    assert (await ann.get("/v1/responses/resp_a.b?stream=true&starting_after=x")).status_code == 400
    assert (await ann.get("/ai-sdk/%2e%2e%2fx/stream")).status_code in (204, 404)


async def test_other_methods_and_paths_are_not_there(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/v1/chat/completions")).status_code == 405
        assert (await http.post("/v1/embeddings")).status_code == 404


async def test_a_page_elsewhere_may_ask_with_a_key(url: str) -> None:
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    async with httpx.AsyncClient(base_url=url) as http:
        got = await http.options("/v1/responses", headers=asked)
    assert got.status_code == 200
    assert got.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_users_thread_is_in_the_history_and_goes_on_in_another_front_end(
    url: str, ann: httpx.AsyncClient
) -> None:
    token = (await token_of(ann))["token"]
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
        response = await client.responses.create(model="any", input="one")
    thread_id = response.id.removeprefix("resp_").partition(".")[0]
    state = (await ann.get(f"/api/v1/threads/{thread_id}")).json()["state"]
    assert [step["output"] for step in state["steps"]] == ["one", "one "]

    body = AG_UI | {"threadId": thread_id, "messages": [{"id": "c", "role": "user", "content": "context"}]}
    got = await ann.post("/ag-ui", json=body)
    assert "user: one | assistant: one  | user: context" in got.text

    await ann.delete(f"/api/v1/threads/{thread_id}")
    async with AsyncOpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as client:
        with pytest.raises(openai.NotFoundError):
            await client.responses.create(model="any", input="on", previous_response_id=response.id)


async def test_a_name_whose_thread_was_deleted_says_so(ann: httpx.AsyncClient, events: Events) -> None:
    got = await ann.post("/ag-ui", json=AG_UI)
    snapshot = next(line for line in got.text.splitlines() if "STATE_SNAPSHOT" in line)
    thread_id = json.loads(snapshot.removeprefix("data: "))["snapshot"]["thread"]
    assert (await ann.delete(f"/api/v1/threads/{thread_id}")).status_code == 200

    got = await ann.post("/ag-ui", json=AG_UI | {"runId": "another"})

    assert (got.status_code, got.json()["message"]) == (404, "That chat was deleted; begin another one.")
    assert events.seen == ["asked Hi"]


async def test_a_token_that_is_ended_ends_the_answer(url: str, ann: httpx.AsyncClient, events: Events) -> None:
    made = await token_of(ann)
    body = CHAT | {"messages": [{"role": "user", "content": "wait"}], "stream": True}
    headers = {"Authorization": f"Bearer {made['token']}"}
    async with (
        httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http,
        http.stream("POST", "/v1/chat/completions", json=body, headers=headers) as answer,
    ):
        lines = answer.aiter_lines()
        async for line in lines:
            if "one " in line:
                break
        await ann.delete(f"/api/v1/auth/tokens/{made['id']}")
        rest = [line async for line in lines if line]
    assert "signed out" in rest[-2]
    assert rest[-1] == "data: [DONE]"
    await events.until("stopped")


async def test_only_the_doors_that_are_open_are_there(start: Start) -> None:
    url = await start(convo.App(), integrations={"protocols": {"doors": ["ag-ui"]}})
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {await visitor(url)}"}) as http:
        assert (await http.post("/ag-ui", json=AG_UI)).status_code == 200
        for path in ("/v1/chat/completions", "/v1/responses", "/v1/models", "/ai-sdk"):
            assert (await http.post(path, json={})).status_code == 404
    url = await start(convo.App(), integrations={"protocols": False})
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.post("/ag-ui", json=AG_UI)).status_code == 404


async def test_an_app_below_a_path_has_its_doors_there(start: Start, app: convo.App) -> None:
    url = await start(app, auth={"secret": SECRET}, server={"root_path": "/bot"}, integrations={"protocols": True})
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/v1/models")).status_code == 401


async def test_curl_reads_a_stream(url: str, ann: httpx.AsyncClient, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    token = (await token_of(ann))["token"]
    seen = {}
    for path, body in BODIES.items():
        address = {"chat-completions": "v1/chat/completions", "responses": "v1/responses"}.get(path, path)
        given = json.dumps(body | ({"stream": True} if address.startswith("v1/") else {}))
        arguments = ["-sN", f"{url}/{address}", "-H", f"Authorization: Bearer {token}", "-d", given, "-D", "-"]
        process = await asyncio.create_subprocess_exec("curl", *arguments, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
        seen[path] = out.decode()
    for text in seen.values():
        assert "content-type: text/event-stream" in text.lower()
    assert seen["chat-completions"].rstrip().endswith("data: [DONE]")
    assert "event: response.completed" in seen["responses"]
    assert '"type":"RUN_FINISHED"' in seen["ag-ui"]
    assert "x-vercel-ai-ui-message-stream: v1" in seen["ai-sdk"].lower()
    assert seen["ai-sdk"].rstrip().endswith("data: [DONE]")
