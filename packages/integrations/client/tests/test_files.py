"""Files, both ways."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
from contextlib import suppress
from pathlib import Path

import convo
import httpx
import pytest
from convo_client import Client, TooLargeError, UnexpectedAnswerError

from tests.harness.network import Network

PATIENCE = 120
MEGABYTE = 1_048_576


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "link":
            await convo.Message("", elements=[convo.Image(name="far", url="https://example.org/far.png")]).send()
            return
        if message.content == "ask":
            files = await convo.AskFileMessage("A file?", accept=["text/plain"], timeout=300).send()
            await convo.Message(files[0].name).send()
            return
        names = ", ".join(element.name for element in message.elements)
        elements = [convo.File(name="back", path=element.path, mime=element.mime) for element in message.elements]
        await convo.Message(names, elements=elements).send()

    return app


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        for number in range(20):
            file.write(bytes([number]) * MEGABYTE)
    return path


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def test_twenty_megabytes_go_both_ways_in_pieces(serve_by_command, large: Path, tmp_path: Path) -> None:
    server = await serve_by_command("--headless", app=ECHO)
    async with Client(server.url) as client, await client.new_thread() as thread:
        tracemalloc.start()
        try:
            run = await thread.send("here", files=[large])
            reply = await run.wait(timeout=PATIENCE)
            assert reply.text == "large.bin"
            back = next(element for element in thread.elements if element.name == "back")
            await thread.save_file(back, tmp_path / "back.bin")
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert digest(tmp_path / "back.bin") == digest(large)
    assert most < 8 * MEGABYTE


async def test_bytes_are_files_as_well(client: Client) -> None:
    async with await client.new_thread() as thread:
        info = await thread.upload(b"three", name="3.txt")
        run = await thread.send("", files=[b"one", ("two.txt", b"two"), info])

        assert (await run.wait(timeout=PATIENCE)).text == "file, two.txt, 3.txt"
        assert info.mime == "text/plain"
        assert b"".join([piece async for piece in thread.read_file(info)]) == b"three"


async def test_a_name_alone_is_no_file_which_is_said_before_anything_is_sent(client: Client) -> None:
    async with await client.new_thread() as thread:
        with pytest.raises(TypeError, match="is no file: give a `Path`"):
            await thread.send("here", files=["notes.txt"])  # type: ignore[list-item]
        assert thread.messages == []


async def test_a_question_is_answered_with_a_file(client: Client) -> None:
    async with await client.new_thread() as thread:
        run = await thread.send("ask")
        await thread.answer(await thread.asked(), files=[("notes.txt", b"mine")])

        assert (await run.wait(timeout=PATIENCE)).messages[-1].output == "notes.txt"


async def test_a_download_that_is_cut_goes_on_where_it_was(start, app: convo.App, large: Path) -> None:
    network = Network(httpx.URL(await start(app)).port)
    await network.start()
    try:
        async with Client(network.url) as client:
            thread = await client.new_thread()
            info = await thread.upload(large)
            seen, cuts = hashlib.sha256(), 0
            async for piece in thread.read_file(info):
                seen.update(piece)
                if cuts < 3:
                    cuts += 1
                    network.cut()
                    network.mend()
            assert seen.hexdigest() == digest(large)
    finally:
        await network.end()


async def test_what_is_kept_elsewhere_is_not_asked_for_with_our_token(client: Client, tmp_path: Path) -> None:
    async with await client.new_thread() as thread:
        await (await thread.send("link")).wait(timeout=PATIENCE)
        with pytest.raises(UnexpectedAnswerError, match="not kept by the server"):
            await thread.save_file(thread.elements[0], tmp_path / "far.png")
    assert list(tmp_path.glob("*far*")) == []


async def test_a_file_that_is_too_large_is_refused_before_it_is_sent(start, app: convo.App, large: Path) -> None:
    network = Counting(httpx.URL(await start(app, features={"uploads": {"max_size_mb": 1}})).port)
    await network.start()
    try:
        async with Client(network.url) as client:
            there = await client.new_thread()
            async with client.thread(there.id) as followed:
                for thread in (there, followed):
                    with pytest.raises(TooLargeError, match=r"large\.bin") as refusal:
                        await thread.upload(large)
                    assert refusal.value.details == {"limit": 1_000_000, "size": 20 * MEGABYTE}
                await followed.send("ask")
                ask = await followed.asked()
                for thread in (there, followed):
                    with pytest.raises(TooLargeError) as refusal:
                        await thread.upload(large, ask=ask)
                    assert refusal.value.details["limit"] == 2_000_000
    finally:
        await network.end()
    assert network.sent < MEGABYTE


class Counting(Network):
    """A network that counts what it carries."""

    sent = 0

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65536):
                self.sent += len(data)
                target.write(data)
                await target.drain()
        target.transport.abort()
        self._writers.discard(target)


ECHO = """
import convo

@convo.on_message
async def answer(message):
    elements = [convo.File(name="back", path=element.path, mime=element.mime) for element in message.elements]
    await convo.Message(", ".join(one.name for one in message.elements), elements=elements).send()
"""
