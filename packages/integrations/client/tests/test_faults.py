"""What happens to programs: networks that are cut, servers that restart, limits, tokens that are none."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import convo
import httpx
import pytest
from convo_client import (
    Client,
    RateLimitedError,
    UnauthenticatedError,
    UnexpectedAnswerError,
    UnreachableError,
)

from tests.harness.network import Network
from tests.harness.server import Serve, free_port

PATIENCE = 120

COUNTING = """
import asyncio
import convo

@convo.on_message
async def count(message):
    for number in range(int(message.content)):
        yield f"{number} "
        await asyncio.sleep(0.002)
"""


def numbers(count: int) -> str:
    return "".join(f"{number} " for number in range(count))


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def count(message: convo.Message):
        for number in range(int(message.content)):
            yield f"{number} "
            await asyncio.sleep(0.002)

    return app


class Tap(Network):
    """A network that loses answers: whatever is asked arrives."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.asked = b""
        self.loses = b""

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            self.asked += data
            if self.loses and self.loses in self.asked and data.startswith(b"HTTP/1.1"):
                self.loses = b""
                break
            target.write(data)
            await target.drain()
        target.transport.abort()
        self._writers.discard(target)


async def test_a_stream_that_is_cut_again_and_again_loses_and_doubles_nothing(start, app) -> None:
    port = httpx.URL(await start(app)).port
    network = Network(port)
    await network.start()
    try:
        async with Client(network.url) as client, await client.new_thread() as thread:
            run = await thread.send("1500")
            text, cuts = "", 0
            async with asyncio.timeout(PATIENCE):
                async for piece in run.stream():
                    text += piece
                    if cuts < 5 and len(text) > 600 * (cuts + 1):
                        cuts += 1
                        network.cut()
                        network.mend()
            assert cuts == 5
            assert text == numbers(1500)
            assert (await run.wait()).text == text
    finally:
        await network.end()


async def test_a_message_whose_answer_was_lost_is_sent_again_and_answered_once(start, app) -> None:
    network = Tap(httpx.URL(await start(app)).port)
    await network.start()
    try:
        async with Client(network.url) as client, await client.new_thread() as thread:
            network.loses = b'"kind":"message"'
            run = await thread.send("3")
            reply = await run.wait(timeout=PATIENCE)

            assert network.asked.count(b'"kind":"message"') == 2
            assert reply.text == numbers(3)
            assert [message.type for message in thread.messages] == ["user_message", "assistant_message"]

            again = await thread.send("3", id=reply.run.command_id)  # the program itself is restarted, as it were
            assert (await again.wait(timeout=PATIENCE)).run.id == reply.run.id
            assert len(thread.messages) == 2
    finally:
        await network.end()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_a_server_with_sqlite_that_restarts_is_followed_on(serve_by_command: Serve, how: signal.Signals) -> None:
    server = await serve_by_command("--headless", app=COUNTING, settings={"DATA__URL": "sqlite:///chats.db"})
    async with Client(server.url) as client, await client.new_thread() as thread:
        first = await (await thread.send("5")).wait(timeout=PATIENCE)
        going = await thread.send("100000")
        await thread.until(lambda: going.info is not None and len(going.reply.messages) > 0)
        await thread.until(lambda: thread.state.saved.seq > 0)

        await server.restart(how)

        ended = await going.wait(timeout=PATIENCE)
        assert ended.status in ("interrupted", "stopped")
        assert first.text in [message.output for message in thread.messages]
        assert (await (await thread.send("4")).wait(timeout=PATIENCE)).text == numbers(4)


async def test_what_is_sent_while_the_server_is_away_is_answered_when_it_is_back(serve_by_command: Serve) -> None:
    server = await serve_by_command("--headless", app=COUNTING, settings={"DATA__URL": "sqlite:///chats.db"})
    async with Client(server.url) as client, await client.new_thread() as thread:
        await (await thread.send("1")).wait(timeout=PATIENCE)
        await server.end()
        sending = asyncio.create_task(thread.send("2"))
        await server.start()

        assert (await (await sending).wait(timeout=PATIENCE)).text == numbers(2)
        assert [message.output for message in thread.messages] == ["1", "0 ", "2", "0 1 "]


async def test_a_server_that_stays_away_is_told_of() -> None:
    with pytest.raises(UnreachableError, match="No answer from"):
        async with Client(f"http://127.0.0.1:{free_port()}", patience=0.5):
            pass
    with pytest.raises(UnexpectedAnswerError, match="https://"):
        async with Client("example.org"):
            pass


async def test_what_is_no_convo_server_is_told_from_one() -> None:
    async def brew(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 418 Teapot\r\nContent-Length: 5\r\nConnection: close\r\n\r\nshort")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(brew, "127.0.0.1", 0) as teapot:
        port = teapot.sockets[0].getsockname()[1]
        async with Client(f"http://127.0.0.1:{port}", token="mine") as client:
            with pytest.raises(UnexpectedAnswerError, match="is the address right") as refusal:
                await client.app()
    assert refusal.value.status == 418


async def test_too_many_commands_wait_for_their_turn_or_fail(start, app) -> None:
    url = await start(app, limits={"commands_per_second": 5})
    async with Client(url) as client, await client.new_thread() as thread:
        runs = [await thread.send("1") for _ in range(14)]
        assert {(await run.wait(timeout=PATIENCE)).status for run in runs} == {"done"}
    async with Client(url, patience=0) as client:

        async def hammer() -> None:
            for _ in range(1000):
                await client.app()

        with pytest.raises(RateLimitedError) as refusal:
            await hammer()
        assert refusal.value.retry_after is not None


async def test_a_token_names_its_user_until_it_is_ended(start, app: convo.App) -> None:
    @app.password_auth_callback
    def check(username: str, password: str) -> convo.User | None:
        return convo.User(username) if password == "opensesame" else None

    url = await start(app, auth={"secret": "a secret of more than thirty-two characters"})
    async with httpx.AsyncClient(base_url=url) as browser:
        await browser.post("api/v1/auth/login", json={"username": "ann", "password": "opensesame"})
        made: dict[str, Any] = (await browser.post("api/v1/auth/tokens", json={"label": "script"})).json()
        async with Client(url, token=made["token"]) as client, await client.new_thread() as thread:
            assert (await (await thread.send("2")).wait(timeout=PATIENCE)).text == numbers(2)

            await browser.delete(f"api/v1/auth/tokens/{made['id']}")

            async with asyncio.timeout(PATIENCE):
                with pytest.raises(UnauthenticatedError):
                    await thread.until(lambda: False)
            with pytest.raises(UnauthenticatedError):
                await thread.send("3")

    async with Client(url, token="convo_wrong") as client:
        with pytest.raises(UnauthenticatedError) as refusal:
            await client.new_thread()
    assert refusal.value.text
