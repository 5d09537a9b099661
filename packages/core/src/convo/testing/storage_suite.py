"""`StorageSuite`: what every storage promises, as tests to inherit:

```python
class TestMyStorage(StorageSuite):
    @pytest.fixture
    def create_storage(self, tmp_path):
        return lambda: MyStorage(tmp_path / "files")
```
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tracemalloc
import urllib.request
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote

import pytest
import pytest_asyncio

from convo.app import App
from convo.element import Text
from convo.errors import NotFoundError
from convo.memory import MemoryDataLayer
from convo.message import Message as ChatMessage
from convo.principal import Principal
from convo.protocol import new_id
from convo.storage import Storage
from convo.testing.client import ChatClient

__all__ = ["StorageSuite"]

MB = 1024 * 1024
LARGE = 33 * MB + 7  # several parts, wherever it is sent in parts, and one that is not full
MOST_HELD = 30 * MB  # of a large file in memory: less than all of it

ODD_NAMES = (
    "report.pdf",
    "grüße 你好 العربية 👩‍👩‍👧.txt",
    'a "quoted"; name, with % and \\.csv',
    "100%25.txt",
    "..",
    "x" * 200,
)

NO_KEYS = ("", "/etc/passwd", "a/../b", "../a", "a/./b", ".a", "a//b", "a b", "ä", "a\0", "a/", "a%2f")


ANN = Principal("ann")


def _reading_app(storage: Storage) -> App:
    """An app that reads the file it is sent and shows another."""
    app = App(storage=storage)

    @app.on_message
    async def answer(message: ChatMessage) -> None:
        [element] = message.elements
        assert element.path is not None
        text = await asyncio.to_thread(Path(element.path).read_text)
        shown = Text(name="shown", content=text.upper())
        await ChatMessage("read", elements=[shown]).send()

    return app


async def pieces(*given: bytes) -> AsyncIterator[bytes]:
    for piece in given:
        yield piece


async def joined(source: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([piece async for piece in source])


class Stream:
    """`LARGE` bytes that are never in memory at once, and their digest."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGE
        while left:
            piece = os.urandom(min(left, 100_003))
            self.digest.update(piece)
            left -= len(piece)
            yield piece


class StorageSuite:
    """Inherit, and say in a fixture `create_storage` how to make a storage.

    It returns a function, because some stories make a second one of the same bytes. The suite opens and closes them,
    and never looks at what other tests have left there.
    """

    pytestmark = pytest.mark.asyncio

    @pytest.fixture
    def create_storage(self) -> Callable[[], Storage]:
        raise NotImplementedError("Give your test class a fixture `create_storage`.")

    @pytest_asyncio.fixture
    async def storage(self, create_storage: Callable[[], Storage]) -> AsyncIterator[Storage]:
        storage = create_storage()
        await storage.open()
        try:
            yield storage
        finally:
            await storage.close()

    @pytest.fixture
    def folder(self) -> str:
        """What the keys of a test begin with: it finds nothing there, wherever it is."""
        return new_id()

    # --- Writing and reading ---

    async def test_what_was_put_is_read(self, storage: Storage, folder: str) -> None:
        key = f"{folder}/a.txt"

        assert await storage.put(key, pieces(b"one, ", b"", b"two"), mime="text/plain") == 8

        assert await joined(storage.read(key)) == b"one, two"
        assert await storage.size(key) == 8

    @pytest.mark.parametrize("source", [(), (b"",), (b"", b"")])
    async def test_an_empty_file_is_a_file(self, storage: Storage, folder: str, source: tuple[bytes, ...]) -> None:
        key = f"{folder}/empty"

        assert await storage.put(key, pieces(*source)) == 0

        assert await storage.size(key) == 0
        assert await joined(storage.read(key)) == b""

    async def test_every_byte_comes_back(self, storage: Storage, folder: str) -> None:
        content = bytes(range(256)) * 3 + b"\r\n\0\xff"

        await storage.put(f"{folder}/bytes", pieces(content))

        assert await joined(storage.read(f"{folder}/bytes")) == content

    async def test_a_part_is_read_by_its_first_byte_and_the_one_after_its_last(
        self, storage: Storage, folder: str
    ) -> None:
        key = f"{folder}/digits"
        await storage.put(key, pieces(b"0123456789"))

        assert await joined(storage.read(key, 3)) == b"3456789"
        assert await joined(storage.read(key, 0, 1)) == b"0"
        assert await joined(storage.read(key, 3, 7)) == b"3456"
        assert await joined(storage.read(key, 8, 99)) == b"89"
        assert await joined(storage.read(key, 10)) == b""
        assert await joined(storage.read(key, 99, 100)) == b""
        assert await joined(storage.read(key, 5, 5)) == b""

    async def test_a_key_is_put_again(self, storage: Storage, folder: str) -> None:
        key = f"{folder}/again"
        await storage.put(key, pieces(b"the first, which is long"))

        await storage.put(key, pieces(b"second"))

        assert await joined(storage.read(key)) == b"second"
        assert await storage.size(key) == 6

    async def test_an_apps_files_are_there_after_a_restart(self, create_storage: Callable[[], Storage]) -> None:
        layer = MemoryDataLayer()
        async with ChatClient(_reading_app(create_storage()), data_layer=layer, principal=ANN) as chat:
            await chat.send("look", files=[await chat.upload(b"a,b", "grüße.csv")])
            thread, question = chat.thread_id, chat.messages[0].id

        storage = create_storage()
        if not storage.is_durable:
            return
        async with ChatClient(_reading_app(storage), data_layer=layer, principal=ANN, thread=thread) as chat:
            assert [(one.name, await chat.read(one)) for one in chat.elements()] == [
                ("grüße.csv", b"a,b"),
                ("shown", b"A,B"),
            ]
            assert (await chat.edit(question, "look again")).content == "read"
            await chat.directory.files.delete_thread(thread)
            assert await storage.size("/".join((chat.elements()[0].url or "").split("/")[3::2])) is None

    async def test_what_one_kept_another_finds(self, create_storage: Callable[[], Storage], folder: str) -> None:
        first, second = create_storage(), create_storage()
        await first.open()
        await first.put(f"{folder}/kept", pieces(b"kept"))
        is_durable = first.is_durable
        await first.close()

        await second.open()
        try:
            if is_durable:
                assert await joined(second.read(f"{folder}/kept")) == b"kept"
        finally:
            await second.close()

    async def test_keys_of_every_kind_of_character(self, storage: Storage, folder: str) -> None:
        for key in (f"{folder}/a-b_C.9.tar.gz", f"{folder}/deep/er/still", f"{folder}/-_-", f"{folder}/{'k' * 100}"):
            await storage.put(key, pieces(key.encode()))
            assert await joined(storage.read(key)) == key.encode()

    @pytest.mark.parametrize(
        "key", ["", "/etc/passwd", "a/../b", "../a", "a/./b", ".a", "a b", "ä", "a\0", "a/", "a%2f"]
    )
    async def test_what_is_no_key_is_refused(self, storage: Storage, key: str) -> None:
        with pytest.raises(ValueError, match="is no key"):
            await storage.put(key, pieces(b"x"))
        with pytest.raises(ValueError, match="is no key"):
            await joined(storage.read(key))
        for refuse in (storage.size, storage.delete):
            with pytest.raises(ValueError, match="is no key"):
                await refuse(key)

    # --- What is not there ---

    async def test_what_is_not_there_is_not_found(self, storage: Storage, folder: str) -> None:
        assert await storage.size(f"{folder}/missing") is None
        with pytest.raises(NotFoundError):
            await joined(storage.read(f"{folder}/missing"))
        with pytest.raises(NotFoundError):
            await joined(storage.read(f"{folder}/missing", 3, 7))

    async def test_to_forget_is_to_forget_once_and_again(self, storage: Storage, folder: str) -> None:
        await storage.put(f"{folder}/a", pieces(b"a"))

        await storage.delete(f"{folder}/a")
        await storage.delete(f"{folder}/a")

        assert await storage.size(f"{folder}/a") is None

    async def test_all_below_a_prefix_is_forgotten_and_nothing_beside_it(self, storage: Storage, folder: str) -> None:
        below = [f"{folder}/t/{number}" for number in range(25)] + [f"{folder}/t/deep/er"]
        beside = [f"{folder}/t2/a", f"{folder}/ta", f"{folder}/u/t/a"]
        await asyncio.gather(*(storage.put(key, pieces(b"x")) for key in below + beside))

        await storage.delete_all(f"{folder}/t/")
        await storage.delete_all(f"{folder}/t/")
        await storage.delete_all(f"{folder}/never/")

        assert [key for key in below if await storage.size(key) is not None] == []
        assert [key for key in beside if await storage.size(key) is None] == []

    @pytest.mark.parametrize("prefix", ["", "/", "a", "../", "a//", "a/../"])
    async def test_what_is_no_prefix_deletes_nothing(self, storage: Storage, folder: str, prefix: str) -> None:
        await storage.put(f"{folder}/a", pieces(b"a"))

        with pytest.raises(ValueError, match=r"is no key|must end with"):
            await storage.delete_all(prefix)

        assert await storage.size(f"{folder}/a") == 1

    # --- Large files ---

    async def test_a_large_file_goes_and_comes_whole_and_is_never_in_memory(
        self, storage: Storage, folder: str
    ) -> None:
        key, source, back, size = f"{folder}/large.bin", Stream(), hashlib.sha256(), 0
        tracemalloc.start()
        try:
            assert await storage.put(key, source) == LARGE
            async for piece in storage.read(key):
                back.update(piece)
                size += len(piece)
            held = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

        assert (size, back.digest()) == (LARGE, source.digest.digest())
        assert held < MOST_HELD
        assert len(await joined(storage.read(key, LARGE - 10))) == 10

    async def test_a_reader_may_leave_in_the_middle(self, storage: Storage, folder: str) -> None:
        await storage.put(f"{folder}/large", Stream())

        for _ in range(30):
            reading = storage.read(f"{folder}/large")
            assert await anext(reading)
            await reading.aclose()

        assert await storage.size(f"{folder}/large") == LARGE

    # --- What is cut off ---

    @pytest.mark.parametrize("before", [0, 3, 20 * MB])
    async def test_a_source_that_fails_leaves_nothing(self, storage: Storage, folder: str, before: int) -> None:
        class TornError(Exception):
            pass

        async def torn() -> AsyncIterator[bytes]:
            for start in range(0, before, MB):
                yield b"x" * min(MB, before - start)
            raise TornError

        with pytest.raises(TornError):
            await storage.put(f"{folder}/torn", torn())

        assert await storage.size(f"{folder}/torn") is None

    async def test_what_was_there_stays_when_the_new_fails(self, storage: Storage, folder: str) -> None:
        async def torn() -> AsyncIterator[bytes]:
            yield b"new"
            raise EOFError

        await storage.put(f"{folder}/a", pieces(b"old"))
        with pytest.raises(EOFError):
            await storage.put(f"{folder}/a", torn())

        assert await joined(storage.read(f"{folder}/a")) == b"old"

    @pytest.mark.parametrize("before", [3, 20 * MB])
    async def test_a_cancelled_upload_leaves_nothing(self, storage: Storage, folder: str, before: int) -> None:
        has_begun = asyncio.Event()

        async def stuck() -> AsyncIterator[bytes]:
            for start in range(0, before, MB):
                yield b"x" * min(MB, before - start)
            has_begun.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(storage.put(f"{folder}/stuck", stuck()))
        await has_begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert await storage.size(f"{folder}/stuck") is None
        await storage.put(f"{folder}/stuck", pieces(b"again"))
        assert await joined(storage.read(f"{folder}/stuck")) == b"again"

    async def test_nobody_sees_what_is_not_whole(self, storage: Storage, folder: str) -> None:
        has_begun, may_end = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield b"x" * (9 * MB)
            has_begun.set()
            await may_end.wait()
            yield b"y"

        task = asyncio.create_task(storage.put(f"{folder}/slow", slow()))
        await has_begun.wait()
        assert await storage.size(f"{folder}/slow") is None
        may_end.set()

        assert await task == 9 * MB + 1
        assert await joined(storage.read(f"{folder}/slow", 9 * MB - 1)) == b"xy"

    # --- Side by side ---

    async def test_many_put_side_by_side(self, storage: Storage, folder: str) -> None:
        contents = {f"{folder}/{number}": os.urandom(number * 1000) for number in range(40)}

        await asyncio.gather(*(storage.put(key, pieces(content)) for key, content in contents.items()))

        read = await asyncio.gather(*(joined(storage.read(key)) for key in contents))
        assert read == list(contents.values())

    async def test_of_two_at_one_key_one_is_there_whole(self, storage: Storage, folder: str) -> None:
        contents = [letter * 200_000 for letter in (b"a", b"b", b"c")]

        await asyncio.gather(*(storage.put(f"{folder}/one", pieces(content[:7], content[7:])) for content in contents))

        assert await joined(storage.read(f"{folder}/one")) in contents

    async def test_the_loop_goes_on_meanwhile(self, storage: Storage, folder: str) -> None:
        longest, last = 0.0, asyncio.get_running_loop().time()

        async def watch() -> None:
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.005)
                now = asyncio.get_running_loop().time()
                longest, last = max(longest, now - last), now

        watching = asyncio.create_task(watch())
        await storage.put(f"{folder}/large", pieces(*[b"x" * MB] * 32))
        watching.cancel()

        assert longest < 1  # of the seconds that a blocking upload takes; a busy machine needs some of it

    # --- Links ---

    @pytest.mark.parametrize("name", ODD_NAMES)
    @pytest.mark.parametrize("inline", [True, False])
    async def test_a_link_brings_the_file_under_its_name(
        self, storage: Storage, folder: str, name: str, inline: bool
    ) -> None:
        key = f"{folder}/linked"
        await storage.put(key, pieces(b"linked"), mime="text/plain")

        link = await storage.link(key, name=name, mime="text/plain", inline=inline, seconds=60)

        if link is None:  # then the server streams
            return
        content, headers = await asyncio.to_thread(_get, link)
        assert content == b"linked"
        assert headers.get_content_type() == "text/plain"
        disposition = headers["Content-Disposition"]
        assert disposition.startswith("inline;" if inline else "attachment;")
        assert unquote(disposition.rpartition("filename*=UTF-8''")[2]) == name

    async def test_a_link_to_nothing_leads_nowhere(self, storage: Storage, folder: str) -> None:
        link = await storage.link(f"{folder}/missing", name="a", mime="text/plain", inline=True, seconds=60)

        if link is not None:
            with pytest.raises(HTTPError) as caught:
                await asyncio.to_thread(_get, link)
            caught.value.close()
            assert caught.value.code in (403, 404)


def _get(link: str) -> tuple[bytes, Message]:
    with urllib.request.urlopen(link, timeout=10) as response:  # noqa: S310 - what the storage signed
        content: bytes = response.read()
        return content, response.headers
