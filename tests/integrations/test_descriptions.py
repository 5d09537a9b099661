"""An app describes what packages serve beside it, and what they answer is what it describes."""

from __future__ import annotations

import asyncio
from typing import Any

import convo
import httpx
import pytest
from hypothesis import strategies as st

from tests.harness import listening
from tests.harness.promises import PROMISES, keeps_its_promises, operations

start = listening.start
PROTOCOLS = {"/v1/models", "/v1/models/{id}", "/v1/chat/completions", "/v1/responses", "/v1/responses/{id}"}
PROTOCOLS |= {"/v1/responses/{id}/cancel", "/ag-ui", "/ai-sdk", "/ai-sdk/{id}/stream"}
MCP = {"/mcp/{name}/sign-in", "/mcp/callback"}
STRANGE = st.sampled_from(["..", "%2e%2e", "a/../b", "\0", "x" * 5000, "resp_a.b"])
SAID = [{"role": "user", "content": "Good morning"}]
ASKED: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"messages": SAID},
    "/v1/responses": {"input": "Good morning"},
    "/ag-ui": {"threadId": "t", "runId": "r", "messages": [{"id": "1", **SAID[0]}]},
    "/ai-sdk": {"id": "c", "messages": [{"role": "user", "parts": [{"type": "text", "text": "Good morning"}]}]},
}


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("I see.").send()

    return app


@pytest.fixture
async def url(start: listening.Start, app: convo.App) -> str:
    return await start(
        app,
        integrations={"protocols": True},
        mcp={"servers": {"weather": {"url": "http://127.0.0.1:9/mcp"}}},
        limits={"commands_per_second": 1e9, "sessions_per_principal": 100_000},
    )


@pytest.fixture
async def cookie(url: str) -> str:
    """A visitor's."""
    async with httpx.AsyncClient(base_url=url) as http:
        await http.get("/")
        [(name, value)] = http.cookies.items()
    return f"{name}={value}"


@pytest.fixture
async def described(url: str) -> dict[str, list[Any]]:
    """The operations of packages, by the package."""
    async with httpx.AsyncClient(base_url=url) as http:
        found = operations((await http.get("/api/v1/openapi.json")).content)
    return {tag: [one for one in found if one.definition.raw["tags"] == [tag]] for tag in ("protocols", "mcp")}


def test_what_packages_serve_is_described(described: dict[str, list[Any]]) -> None:
    assert {one.path for one in described["protocols"]} == PROTOCOLS
    assert {one.path for one in described["mcp"]} == MCP
    assert all(one.definition.raw["description"] for one in (*described["protocols"], *described["mcp"]))


async def test_right_requests_are_answered_as_described(url: str, cookie: str, described: dict[str, list[Any]]) -> None:
    posts = {one.path: one for one in described["protocols"] if one.method == "post"}
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}, timeout=60) as http:
        for path, body in ASKED.items():
            for more in ({}, {"stream": True}):
                answer = await http.post(path, json=body | more)
                assert (answer.status_code, "I see." in answer.text) == (200, True), answer.text
                posts[path].Case(body=body | more).validate_response(answer, checks=PROMISES)


async def test_whatever_is_asked_is_answered_as_described(
    url: str, cookie: str, described: dict[str, list[Any]], campaign: Any
) -> None:
    tried = campaign.of("requests", 10_000, 250) // len(PROTOCOLS | MCP)
    async with httpx.AsyncClient(base_url=url, headers={"Cookie": cookie}, timeout=60) as http:
        await http.post("/ai-sdk", json=ASKED["/ai-sdk"])
        own = {
            "protocols-response": (await http.post("/v1/responses", json=ASKED["/v1/responses"])).json()["id"],
            "protocols-model": (await http.get("/v1/models")).json()["data"][0]["id"],
            "protocols-ai-sdk-stream": "c",
        }
    own["protocols-response-cancel"] = own["protocols-response"]

    def check(operation: Any) -> None:
        ids = {"id": own.get(operation.definition.raw["operationId"], "none"), "name": "weather"}
        with httpx.Client(base_url=url, headers={"Cookie": cookie}, timeout=60) as http:
            keeps_its_promises(operation, http, times=tried, own=ids, strange=STRANGE)

    for operation in (*described["protocols"], *described["mcp"]):
        await asyncio.to_thread(check, operation)
