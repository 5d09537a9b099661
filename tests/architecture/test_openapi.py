"""The description of the HTTP API is what the routes are, and whole."""

import subprocess
import sys
from pathlib import Path

import convo
import pytest
from convo_server import create_app
from convo_server.openapi import DESCRIBED, describe
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def app() -> Starlette:
    return create_app(convo.App(), {"server": {"headless": True}})


def test_the_description_is_fresh() -> None:
    result = subprocess.run(
        [sys.executable, "scripts/openapi.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stderr


def test_every_route_says_what_it_takes_and_gives(app: Starlette) -> None:
    names = {route.name for route in app.routes if isinstance(route, Route)}
    assert names - DESCRIBED.keys() == set(), "describe them in `convo_server/openapi.py`"
    assert DESCRIBED.keys() - names == set()


def test_every_route_is_described_once(app: Starlette) -> None:
    document = describe(app.routes, root="/chat")
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    assert all(operation["description"] for operation in operations)
    routes = [route for route in app.routes if not isinstance(route, WebSocketRoute)]
    assert len(routes) <= len(operations)
    assert document["servers"] == [{"url": "/chat"}]
