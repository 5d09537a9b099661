"""Routes of packages beside the server: whoever is let in to its own is let in there, and nobody else."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

import convo
import httpx
import pytest
from convo.protocol import Failure
from convo.routes import VISIT, Route, Shape, Visit
from convo_server import create_app

ON = {"count": True}


async def count(scope: Any, receive: Any, send: Any) -> None:
    """Says who asks, from where, and what for."""
    visit: Visit = scope[VISIT]
    said = {"base": visit.base_url, "me": visit.principal.id, "path": scope["path_params"].get("id")}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(said).encode()})


def refusal(failure: Failure) -> bytes:
    return json.dumps({"no": failure.code}).encode()


class Said(TypedDict):
    base: str
    me: str
    path: str | None


class Leaf:
    """What the package `count` announces."""

    routes = (
        Route("one", "/count/{id}", ("GET", "POST"), "thread:list", count, refusal),
        Route("all", "/count", ("GET",), "thread:list", count, shape=Shape(Said, query={"of": {"type": "string"}})),
    )

    def __call__(self, config: convo.Config) -> list[Route]:
        assert config.integrations["count"] is True
        return list(self.routes)


@pytest.fixture
def leaf(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Leaf:
    """It is installed."""
    about = tmp_path / "count-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: count\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[convo.routes]\ncount = count_leaf:routes\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    module, leaf = ModuleType("count_leaf"), Leaf()
    module.routes = leaf  # type: ignore[attr-defined]  # what its file would say
    monkeypatch.setitem(sys.modules, "count_leaf", module)
    return leaf


async def test_who_is_known_gets_there_and_is_who_he_is(start: Any, app: convo.App, leaf: Leaf) -> None:
    server = await start(app, integrations=ON)
    async with httpx.AsyncClient(base_url=server.url) as nobody:
        refused = await nobody.get("/count/7")
        assert (refused.status_code, refused.json()) == (401, {"no": "unauthenticated"})
        assert (await nobody.get("/count")).json()["code"] == "unauthenticated"  # as the server's own

    client = await server.client()
    said = (await client.http.post("/count/7")).json()

    assert said["base"] == client.url.rstrip("/")
    assert said["path"] == "7"
    assert said["me"] == (await client.http.get("/count")).json()["me"]
    foreign = await client.http.post("/count/7", headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 401
    assert (await client.http.delete("/count/7")).status_code == 405


async def test_what_has_a_shape_is_described(start: Any, app: convo.App, leaf: Leaf) -> None:
    client = await (await start(app, integrations=ON)).client()
    described = (await client.http.get("/api/v1/openapi.json")).json()
    assert "/count/{id}" not in described["paths"]
    shown = described["paths"]["/count"]["get"]
    assert (shown["operationId"], shown["tags"], shown["x-convo-verb"]) == ("count-all", ["count"], "thread:list")
    assert shown["description"] == "Says who asks, from where, and what for."
    assert shown["parameters"] == [{"name": "of", "in": "query", "schema": {"type": "string"}}]
    [(name, media)] = shown["responses"]["200"]["content"].items()
    assert (name, media["schema"]) == ("application/json", {"$ref": "#/components/schemas/Said"})
    assert set(described["components"]["schemas"]["Said"]["properties"]) == {"base", "me", "path"}


async def test_too_many_requests_are_refused_as_everywhere(start: Any, app: convo.App, leaf: Leaf) -> None:
    client = await (await start(app, integrations=ON, limits={"commands_per_second": 1})).client()
    got = [await client.http.get("/count/7") for _ in range(30)]
    assert {one.status_code for one in got} == {200, 429}
    assert got[-1].json() == {"no": "rate-limited"}
    assert int(got[-1].headers["retry-after"]) > 0


async def test_routes_are_there_while_their_name_is_on(start: Any, app: convo.App, leaf: Leaf) -> None:
    client = await (await start(app, integrations={"count": False})).client()
    assert (await client.http.get("/count")).status_code == 404


@pytest.mark.parametrize(
    ("route", "said"),
    [
        (Route("all", "/count", ("GET",), "count:read", count), "No policy says who may `count:read`"),
        (Route("all", "/health", ("GET",), "app:read", count), "`/health` of `count` is a path of the server's own"),
    ],
)
def test_a_route_that_nobody_may_mount_is_an_error_at_the_start(
    app: convo.App, leaf: Leaf, monkeypatch: pytest.MonkeyPatch, route: Route, said: str
) -> None:
    monkeypatch.setattr(leaf, "routes", (route,), raising=False)
    with pytest.raises(RuntimeError, match=said):
        create_app(app, {"server": {"headless": True}, "integrations": ON})
