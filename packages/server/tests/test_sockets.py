from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import aiohttp
import convo
import httpx
import pytest
import socketio
from convo_server.pace import WINDOW, WINDOW_BYTES
from convo_server.wire import _ping


async def test_an_answer_streams_over_a_socket(start, app, numbers):
    tab = await (await (await start(app)).client()).socket().connect()
    await tab.ask("100")
    assert tab.text == numbers(100)
    assert tab.hello["protocol"] == 1
    assert len(tab.batches) > 3


async def test_an_answer_streams_by_long_polling(start, app, numbers):
    tab = await (await (await start(app)).client()).socket(transport="polling").connect()
    await tab.ask("100")
    assert tab.text == numbers(100)
    await tab.close()


@pytest.mark.parametrize("cut", [1, 10, 40, 70, 99])
async def test_a_cut_connection_goes_on_with_nothing_lost_and_nothing_doubled(start, app, numbers, cut):
    client = await (await start(app)).client()
    before = await client.socket().connect()
    await before.command("message", content="100")
    await before.until(lambda: f"{cut} " in before.text)
    await before.io.eio.ws.close()
    await before.until(lambda: before.is_closed)
    after = client.socket()
    await after.connect(session=before.hello["session"], thread=before.hello["thread"], **before.position)
    await after.until(lambda: before.has("run-ended") or after.has("run-ended"))
    assert not after.snapshots
    assert not after.batches or after.batches[0]["from"] == before.position["after"] + 1
    assert before.text + after.text == numbers(100)


async def test_a_second_tab_sees_the_same_stream(start, app, numbers):
    client = await (await start(app)).client()
    first = await client.socket().connect()
    await first.command("message", content="100")
    await first.until(lambda: "20 " in first.text)
    second = await client.socket().connect(thread=first.hello["thread"])
    await second.until(lambda: second.has("run-ended"))
    assert second.hello["session"] == first.hello["session"]
    assert second.text == numbers(100)


async def test_what_is_anothers_is_not_found(start, app):
    server = await start(app)
    mine = await (await server.client()).socket().connect()
    await mine.ask("1")
    stranger = await server.client()
    assert await stranger.socket().refused(session=mine.hello["session"]) == "not-found"
    assert await stranger.socket().refused(thread=mine.hello["thread"]) == "not-found"
    thread = f"api/v1/threads/{mine.hello['thread']}"
    stop = {"kind": "stop", "id": "1"}
    responses = [
        await stranger.http.get(thread),
        await stranger.http.get(f"{thread}/events"),
        await stranger.post(f"{thread}/commands", json=stop),
    ]
    assert [(r.status_code, r.json()["code"]) for r in responses] == [(404, "not-found")] * 3


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_foreign_page_is_refused(start, app, transport):
    client = await (await start(app)).client()
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1"):
        tab = client.socket(transport=transport)
        assert await tab.refused(headers={"Origin": origin}) == "unauthenticated"
    own = client.url.rstrip("/")
    await client.socket(transport=transport).connect(headers={"Origin": own})


async def test_a_page_that_is_allowed_may_connect(start, app):
    server = await start(app, server={"allowed_origins": ("https://shop.example",)})
    client = await server.client()
    await client.socket().connect(headers={"Origin": "https://shop.example"})
    response = await client.http.options(
        "api/v1/threads",
        headers={"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"},
    )
    assert response.headers["access-control-allow-origin"] == "https://shop.example"


async def test_a_proxy_is_believed_only_where_it_is_trusted(start, app):
    headers = {"Origin": "https://chat.example", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example"}
    plain = await (await start(app)).client()
    assert await plain.socket().refused(headers=headers) == "unauthenticated"
    server = await start(app, server={"trust_proxy": True})
    async with httpx.AsyncClient(headers=headers) as page:
        response = await page.get(server.url)
    assert "secure" in response.headers["set-cookie"].lower()
    cookie = response.headers["set-cookie"].split(";")[0]
    proxied = await (await server.client()).socket().connect(headers=headers, cookie=cookie)
    assert proxied.hello


async def test_without_a_cookie_nobody_gets_in_and_no_tampered_one_helps(start, app):
    server = await start(app)
    client = await server.client()
    name, _, value = client.cookie.partition("=")
    other, _, signature = (await server.client()).cookie.partition("=")[2].partition(".")
    principal = value.partition(".")[0]
    forged = [
        "",
        f"{name}=",
        f"{name}={principal}",
        f"{name}={principal}.{signature}",
        f"{name}={value}x",
        f"{name}={'x' * 5000}",
    ]
    for cookie in forged:
        assert await client.socket().refused(cookie=cookie) == "unauthenticated"
    async with httpx.AsyncClient() as nobody:
        assert (await nobody.post(f"{server.url}api/v1/threads")).status_code == 401
    assert other != principal


async def test_a_connect_frame_that_is_not_one_gets_a_typed_error(start, app):
    client = await (await start(app)).client()
    for auth in ("hello", [1], {"protocol": "1"}, {"protocol": 1, "what": 2}, {"protocol": 1, "after": "x"}):
        assert await client.socket().refused(auth=auth) == "invalid"
    assert await client.socket().refused(auth={"protocol": 99}) == "unsupported"


async def test_bad_commands_get_typed_errors_change_nothing_and_keep_the_connection(start, app, numbers):
    server = await start(app, limits={"message_bytes": 1000, "commands_per_second": 1000})
    tab = await (await server.client()).socket().connect()
    seq = tab.position["after"]
    bad = [
        (None, "invalid"),
        (17, "invalid"),
        ("{", "invalid"),
        ([], "invalid"),
        ({}, "invalid"),
        ({"kind": "message"}, "invalid"),
        ({"kind": "message", "id": "", "content": "1"}, "invalid"),
        ({"kind": "message", "id": "x" * 200, "content": "1"}, "invalid"),
        ({"kind": "message", "id": "a", "content": 1}, "invalid"),
        ({"kind": "message", "id": "b", "content": "1", "more": 1}, "invalid"),
        ({"kind": "message", "id": "c", "content": "   "}, "invalid"),
        ({"kind": "message", "id": "d", "content": "x" * 1001}, "too-large"),
        ({"kind": "dance", "id": "e"}, "unsupported"),
        ({"kind": "edit", "id": "f", "messageId": "none", "content": "1"}, "not-found"),
    ]
    for data, code in bad:
        answer = await tab.io.call("command", data)
        assert answer["error"]["code"] == code, (data, answer)
        assert "Traceback" not in str(answer)
    assert (await tab.io.call("dance", 1))["error"]["code"] == "unsupported"
    assert (await tab.io.call("received", "x"))["error"]["code"] == "invalid"
    assert tab.position["after"] == seq
    await tab.ask("5")
    assert tab.text == numbers(5)


async def test_a_repeated_command_is_done_once(start, app, numbers):
    tab = await (await (await start(app)).client()).socket().connect()
    command = {"kind": "message", "id": "same", "content": "5"}
    answers = [await tab.io.call("command", command) for _ in range(3)]
    assert answers[0]["ok"]
    assert answers == [answers[0]] * 3
    await tab.until(lambda: tab.has("run-ended"))
    assert tab.text == numbers(5)


async def test_too_many_commands_and_connections_are_told_to_wait(start, app):
    server = await start(app, limits={"commands_per_second": 2, "connections_per_principal": 2})
    client = await server.client()
    tab = await client.socket().connect()
    answers = await asyncio.gather(*(tab.command("stop") for _ in range(10)))
    refused = [answer["error"] for answer in answers if "error" in answer]
    assert len(refused) >= 5
    assert {error["code"] for error in refused} == {"rate-limited"}
    assert all(error["retryAfter"] > 0 for error in refused)
    await client.socket().connect()
    assert await client.socket().refused() == "rate-limited"


async def test_frames_that_are_no_socket_io_end_at_most_their_own_socket(start, app, numbers, caplog):
    server = await start(app, limits={"frame_bytes": 10_000})
    client = await server.client()
    tab = await client.socket().connect()
    for garbage in (
        "",
        "x",
        "9",
        "4",
        "42",
        "42[",
        "4zzz",
        "451-",
        '42{"a":1}',
        "40" + "[" * 2000,
        "4" + "x" * 20_000,
        "\u0000",
        "42[1]",
    ):
        other = await client.socket().connect()
        await other.io.eio.ws.send_str(garbage)
        await other.close()
    async with httpx.AsyncClient(headers={"Cookie": client.cookie}) as http:
        for query in ("", "?EIO=4", "?EIO=4&transport=polling&sid=nobody", "?EIO=4&transport=carrier-pigeon"):
            assert (await http.get(f"{server.url}ws/socket.io/{query}")).status_code in (200, 400)
            assert (await http.post(f"{server.url}ws/socket.io/{query}", content="zz")).status_code == 400
    await tab.ask("5")
    assert tab.text == numbers(5)
    assert "Traceback" not in caplog.text


async def test_a_socket_that_connects_twice_is_one_connection(start, app):
    server = await start(app)
    tab = await (await server.client()).socket().connect()
    await tab.io.eio.send('0{"protocol":1}')
    await tab.command("stop")
    assert len(server.host.pump.readers) == 1
    await tab.close()
    await _empty(server)


async def test_a_reader_that_does_not_read_costs_its_cursor_alone(start, app, numbers):
    server = await start(app, limits={"tail_events": 100})
    client = await server.client()
    slow = await client.socket(reads=False).connect()
    fast = await client.socket().connect(thread=slow.hello["thread"])
    await fast.ask("400")
    assert fast.text == numbers(400)
    assert len(slow.frames) <= WINDOW
    slow.read_on()
    for log, to in {frame["log"]: frame["to"] for _, frame in slow.frames}.items():
        await slow.io.emit("received", {"log": log, "to": to})
    await slow.until(lambda: any(run["status"] == "done" for s in slow.snapshots for run in s["state"].get("runs", ())))


async def test_a_reader_that_does_not_read_is_sent_no_more_large_frames(start, monkeypatch):
    monkeypatch.setattr("convo_server.pace.WINDOW", 100)
    app = convo.App()
    piece = "x" * (WINDOW_BYTES + 1000)

    @app.on_message
    async def talk(message: convo.Message) -> AsyncIterator[str]:
        for number in range(1, 6):
            yield piece
            await fast.until(lambda number=number: fast.text == number * piece)  # so that each is a frame

    client = await (await start(app, limits={"tail_bytes": 8 << 20})).client()
    slow = await client.socket(reads=False).connect()
    fast = await client.socket().connect(thread=slow.hello["thread"])
    await fast.ask("hello")
    assert fast.text == 5 * piece
    assert slow.text == piece


async def test_what_a_user_does_shows_without_waiting_for_the_tick(start, app, monkeypatch):
    monkeypatch.setattr("convo_server.pace.TICKS", ((0.0, 3600.0),))
    server = await start(app)
    server.host.pump._ticked_at = asyncio.get_running_loop().time()
    tab = await (await server.client()).socket(reads=False).connect()  # so what came first is in flight for ever
    await tab.command("message", content="0")
    await tab.until(lambda: tab.has("run-started"))


async def test_a_reader_that_stays_silent_is_closed_and_its_session_is_not(start, app):
    server = await start(app)
    server.host.pump._timeout = 0.2
    tab = await (await server.client()).socket(reads=False).connect()
    await tab.until(lambda: tab.is_closed)
    assert len(server.host.directory.sessions) == 1
    assert not server.host.pump.readers


async def test_a_closed_socket_leaves_nothing_behind(start, app):
    server = await start(app)
    client = await server.client()
    for transport in ("websocket", "polling"):
        tab = await client.socket(transport=transport).connect()
        timers = [timer for timer in _timers() if timer._callback is _ping]
        assert len(timers) == 1
        await tab.close()
        await _empty(server)
        assert timers[0].cancelled()


def _timers() -> list[asyncio.TimerHandle]:
    """Those that will go off."""
    return [timer for timer in asyncio.get_running_loop()._scheduled if not timer.cancelled()]


async def _empty(server) -> None:
    async with asyncio.timeout(10):
        while server.host.pump.readers or any(s.connections for s in server.host.directory.sessions):
            await asyncio.sleep(0.01)


async def test_a_callback_that_fails_is_said_in_the_chat_and_the_socket_stays(start, caplog):
    app = convo.App()

    @app.on_message
    async def fail(message: convo.Message) -> None:
        raise LookupError("nothing")

    tab = await (await (await start(app)).client()).socket().connect()
    await tab.ask("1")
    ended = next(event for event in tab.events if event["kind"] == "run-ended")
    assert ended["status"] == "failed"
    assert "Traceback" not in str(tab.frames)


async def test_a_socket_that_gives_no_sign_of_life_is_lost_after_the_time_that_was_set(start, app):
    server = await start(app, server={"heartbeat_seconds": 1, "heartbeat_timeout_seconds": 1})
    client = await server.client()
    url = client.url + "ws/socket.io/?EIO=4&transport=websocket"
    async with aiohttp.ClientSession() as http, http.ws_connect(url, headers={"Cookie": client.cookie}) as silent:
        opened = json.loads((await silent.receive_str())[1:])
        await silent.send_str('40{"protocol":1}')
        async with asyncio.timeout(10):
            async for _ in silent:
                pass

    assert (opened["pingInterval"], opened["pingTimeout"]) == (1000, 1000)
    await _empty(server)


async def test_only_the_transports_that_were_set_are_served(start, app):
    server = await start(app, server={"transports": ["polling"]})
    client = await server.client()

    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.socket(transport="websocket").connect()
    tab = await client.socket(transport="polling").connect()
    await tab.ask("2")
    assert tab.text == "0 1 "
