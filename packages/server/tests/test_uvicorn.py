"""The same app on uvicorn, which has its own ways with sockets, streams and ends."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_an_answer_streams(start_on_uvicorn, app, numbers, transport):
    tab = await (await (await start_on_uvicorn(app)).client()).socket(transport=transport).connect()
    await tab.ask("100")
    assert tab.text == numbers(100)
    assert len(tab.batches) > 3
    await tab.close()


@pytest.mark.parametrize("cut", [1, 40, 99])
async def test_a_cut_connection_goes_on_with_nothing_lost_and_nothing_doubled(start_on_uvicorn, app, numbers, cut):
    client = await (await start_on_uvicorn(app)).client()
    before = await client.socket().connect()
    await before.command("message", content="100")
    await before.until(lambda: f"{cut} " in before.text)
    await before.io.eio.ws.close()
    await before.until(lambda: before.is_closed)
    after = client.socket()
    await after.connect(session=before.hello["session"], thread=before.hello["thread"], **before.position)
    await after.until(lambda: before.has("run-ended") or after.has("run-ended"))
    assert not after.snapshots
    assert before.text + after.text == numbers(100)


async def test_an_answer_streams_by_sse(start_on_uvicorn, app, numbers):
    client = await (await start_on_uvicorn(app)).client()
    thread = f"api/v1/threads/{(await client.post('api/v1/threads')).json()['thread']}"
    text = ""

    def said(event):
        if event["kind"] == "step-opened" and event["step"]["type"] == "assistant_message":
            return event["step"].get("output", "")
        return event["text"] if event["kind"] == "step-delta" else ""

    async with asyncio.timeout(10), client.http.stream("GET", f"{thread}/events") as response:
        answer = await client.post(f"{thread}/commands", json={"kind": "message", "id": "1", "content": "100"})
        assert answer.json()["ok"]
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                text += "".join(said(event) for event in json.loads(line[6:]).get("events", ()))
            if '"run-ended"' in line:
                break
    assert text == numbers(100)


async def test_it_ends_with_sockets_open_and_a_clean_log(start_on_uvicorn, app, caplog):
    server = await start_on_uvicorn(app)
    client = await server.client()
    tabs = [await client.socket().connect() for _ in range(2)]
    await tabs[0].command("message", content="10000")
    await tabs[0].until(lambda: "10 " in tabs[0].text)
    server.shutdown.set()
    async with asyncio.timeout(5):
        await server.task
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not server.host.pump.readers


async def test_it_ends_with_a_poll_open_which_uvicorn_cancels(start_on_uvicorn, app, caplog):
    server = await start_on_uvicorn(app)
    await (await server.client()).socket(transport="polling").connect()
    server.shutdown.set()
    async with asyncio.timeout(5):
        await server.task
    assert {record.name for record in caplog.records if record.levelno >= logging.ERROR} == {"uvicorn.error"}
    assert not server.host.pump.readers
