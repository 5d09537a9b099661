"""Runs by plain HTTP: somebody says something with one request and gets the answer in its response."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import convo
import pytest


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "fail":
            raise ValueError("secret")
        if message.content == "stay":
            await convo.Message("I am").send()
            await asyncio.sleep(3600)
        await convo.Message(message.content).send()
        await convo.Message("That is all.").send()

    return app


@pytest.fixture
async def client(start: Any, app: convo.App) -> Any:
    client = await (await start(app)).client()
    client.thread = f"api/v1/threads/{(await client.post('api/v1/threads')).json()['thread']}"
    return client


async def test_a_message_is_answered_in_its_response(client):
    reply = (await client.post(f"{client.thread}/messages?wait=30", {"content": "hello"})).json()
    assert (reply["run"]["status"], reply["text"]) == ("done", "hello\n\nThat is all.")
    assert [message["output"] for message in reply["messages"]] == ["hello", "That is all."]
    assert (await client.http.get(f"{client.thread}/runs/{reply['run']['id']}")).json() == reply


async def test_who_does_not_wait_looks_after_the_run_later(client):
    begun = (await client.post(f"{client.thread}/messages", {"content": "hello"})).json()
    assert begun["run"]["status"] in ("queued", "running")
    reply = (await client.http.get(f"{client.thread}/runs/{begun['run']['id']}?wait=30")).json()
    assert reply["text"] == "hello\n\nThat is all."


async def test_what_fails_says_so(client):
    run = (await client.post(f"{client.thread}/messages?wait=30", {"content": "fail"})).json()["run"]
    assert run["status"] == "failed"
    assert "secret" not in json.dumps(run)
    assert run["error"]["text"]


async def test_a_run_is_stopped_for_all_who_wait_and_the_next_has_its_turn(client):
    going = (await client.post(f"{client.thread}/messages?wait=0.1", {"content": "stay"})).json()
    assert going["run"]["status"] == "running"
    run = f"{client.thread}/runs/{going['run']['id']}"
    next_one = asyncio.create_task(client.post(f"{client.thread}/messages?wait=30", {"content": "next"}))
    waiting = asyncio.create_task(client.http.get(f"{run}?wait=30"))
    await client.post(f"{client.thread}/messages", {"content": "later"})  # so both of those have arrived
    stopped = (await client.post(f"{run}/stop")).json()
    assert (stopped["run"]["status"], stopped["text"]) == ("stopped", "I am")
    assert (await waiting).json()["run"]["status"] == "stopped"
    assert (await next_one).json()["text"] == "next\n\nThat is all."
    assert (await client.post(f"{run}/stop")).json()["run"] == stopped["run"]


async def test_what_is_sent_twice_with_one_key_is_said_once(client):
    def say(content: str = "hello", key: str = "mine") -> Any:
        path = f"{client.thread}/messages?wait=30"
        return client.http.post(path, json={"content": content}, headers={"Idempotency-Key": key})

    first, again, other = (await say()).json(), (await say()).json(), (await say(key="other")).json()
    assert first == again
    assert other["run"]["id"] != first["run"]["id"]
    state = (await client.http.get(client.thread)).json()["state"]
    assert [step["type"] for step in state["steps"]].count("user_message") == 2
    assert (await say(key="x" * 129)).status_code == 400
    await client.post(f"{client.thread}/commands", {"kind": "stop", "id": "of a stop"})
    assert (await say(key="of a stop")).status_code == 409


async def test_what_makes_no_sense_is_refused(client):
    messages = f"{client.thread}/messages"
    for query in ("?wait=-1", "?wait=61", "?wait=nan", "?wait=x"):
        assert (await client.post(f"{messages}{query}", {"content": "hello"})).status_code == 400, query
    for body in ({}, {"content": 1}, {"content": ""}, {"content": "x", "kind": "stop"}, []):
        assert (await client.post(messages, body)).status_code == 400, body
    for answer in (
        await client.http.get(f"{client.thread}/runs/none?wait=5"),
        await client.post(f"{client.thread}/runs/none/stop"),
        await client.post("api/v1/threads/none/messages", {"content": "hello"}),
    ):
        assert answer.json()["code"] == "not-found"
    assert (await client.http.get(client.thread)).json()["state"].get("steps") is None


async def test_who_waits_counts_as_connected(start, app):
    server = await start(app, limits={"connections_per_principal": 1})
    client = await server.client()
    thread = f"api/v1/threads/{(await client.post('api/v1/threads')).json()['thread']}"
    run = (await client.post(f"{thread}/messages?wait=0.1", {"content": "stay"})).json()["run"]["id"]
    waiting = asyncio.create_task(client.http.get(f"{thread}/runs/{run}?wait=30"))
    async with asyncio.timeout(10):
        while not sum(server.host.directory.audience.connections.values()):
            await asyncio.sleep(0.01)
    assert (await client.http.get(f"{thread}/runs/{run}?wait=1")).status_code == 429
    await client.post(f"{thread}/runs/{run}/stop")
    assert (await waiting).json()["run"]["status"] == "stopped"
    assert (await client.http.get(f"{thread}/runs/{run}?wait=1")).status_code == 200
