"""Files of chats, in a storage that is elsewhere: what stays, what is fetched, what is forgotten, what fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import convo
import pytest
from convo import LocalStorage, MemoryDataLayer, Storage, UnavailableError
from convo.files import Files, FileTooLargeError
from convo.principal import Principal
from convo.protocol import CommandError
from convo.testing import ChatClient
from convo.testing.storage_suite import joined


class Distant(Storage):
    """A storage whose bytes must be fetched, and that can be away."""

    def __init__(self, folder: Path) -> None:
        self.near = LocalStorage(folder)
        self.is_away = False
        self.is_away_for_facts = False
        self.reads: list[str] = []

    def _look(self) -> None:
        if self.is_away:
            raise UnavailableError("The storage is away.")

    async def open(self):
        self._look()

    async def put(self, key, source, *, mime=""):
        self._look()
        if self.is_away_for_facts and key.endswith(".facts"):
            raise UnavailableError("The storage is away.")
        return await self.near.put(key, source)

    async def read(self, key, start=0, end=None):
        self._look()
        self.reads.append(key)
        async for piece in self.near.read(key, start, end):
            yield piece

    async def link(self, key, **_):
        return None

    async def size(self, key):
        self._look()
        return await self.near.size(key)

    async def delete(self, key):
        self._look()
        await self.near.delete(key)

    async def delete_all(self, prefix):
        self._look()
        await self.near.delete_all(prefix)

    @property
    def keys(self) -> list[str]:
        root = self.near.path("x").parent
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture
def storage(tmp_path: Path) -> Distant:
    return Distant(tmp_path / "kept")


@pytest.fixture
def data_layer() -> MemoryDataLayer:
    return MemoryDataLayer()


ANN = Principal("ann")


def reading(storage: Storage) -> convo.App:
    """An app that says what the files of a message hold, and shows them as a text of its own."""
    app = convo.App(storage=storage)

    @app.on_message
    async def answer(message):
        texts = [Path(element.path).read_text() if element.path else "nothing" for element in message.elements]
        suffixes = [Path(element.path).suffix for element in message.elements if element.path]
        shown = [convo.Text(name="shown", content="".join(texts))] if suffixes else []
        await convo.Message(f"{texts} {suffixes}", elements=shown).send()

    return app


def opened(storage: Storage, data_layer: MemoryDataLayer, thread: str | None = None) -> ChatClient:
    return ChatClient(reading(storage), data_layer=data_layer, principal=ANN, thread=thread)


async def test_after_a_restart_with_an_empty_disk_everything_is_still_there(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("look", files=[await chat.upload(b"a,b", "grüße.csv")])
        [sent] = [element for element in chat.elements() if element.by is not None]
        copies = chat.directory.files.at(sent.url, name="", mime=None, bytes=None).path
        assert copies.read_text() == "a,b"
        thread, question = chat.thread_id, chat.messages[0].id
    assert not copies.exists()

    async with opened(storage, data_layer, thread) as chat:
        assert [element.name for element in chat.elements()] == ["grüße.csv", "shown"]
        assert [await chat.read(element) for element in chat.elements()] == [b"a,b", b"a,b"]
        stored = await chat.directory.read_file(ANN, *sent.url.split("/")[3::2])
        assert (stored.name, stored.mime, stored.bytes) == ("grüße.csv", "text/csv", 3)
        edited = await chat.edit(question, "look again")
        assert edited.content == "['a,b'] ['.csv']"


async def test_a_file_of_an_older_message_is_fetched_when_it_is_wanted(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("keep this", files=[await chat.upload(b"old", "old.txt")])
        thread = chat.thread_id

    app = reading(storage)

    @app.on_message
    async def find(message):
        [element] = convo.chat_context.get()[0].elements
        before = element.path
        path = await element.fetch()
        await convo.Message(f"{before} {Path(path).read_text()} {element.path == path}").send()

    async with ChatClient(app, data_layer=data_layer, principal=ANN, thread=thread) as chat:
        assert (await chat.send("what was it?")).content == "None old True"


async def test_what_is_kept_is_keys_that_the_server_made(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("x", files=[await chat.upload(b"x", "../../évil/../a b;c.TXT")])
        kept = [key for key in storage.keys if not key.endswith(".facts")]

    assert [key.partition("/")[0] for key in kept] == [chat.thread_id] * 2
    assert {Path(key).suffix for key in kept} == {".txt"} | {Path(key).suffix for key in kept if "." not in key}
    assert not [key for key in kept if "evil" in key or " " in key]


async def test_a_deleted_thread_takes_its_files_along(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("x", files=[await chat.upload(b"x", "a.txt")])
        [sent, _] = chat.elements()
        file = await chat.directory.read_file(ANN, *sent.url.split("/")[3::2])
        assert len(storage.keys) == 4

        await chat.directory.files.delete_thread(chat.thread_id)
        await chat.directory.files.delete_thread(chat.thread_id)

        assert storage.keys == []
        assert not file.path.exists()
        with pytest.raises(CommandError) as refused:
            await chat.read(sent)
        assert refused.value.failure.code == "not-found"


async def test_what_nobody_sent_is_forgotten(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("hi")
        await chat.upload(b"unsent", "a.txt")
        assert len(storage.keys) == 2

    assert storage.keys == []


async def test_files_of_a_chat_that_was_never_stored_are_forgotten(storage, data_layer) -> None:
    app = reading(storage)

    @app.on_chat_start
    async def greet():
        await convo.Message("hello", elements=[convo.Text(name="news", content="news")]).send()

    async with ChatClient(app, data_layer=data_layer) as chat:
        await chat.see("hello")
        assert len(storage.keys) == 2

    assert storage.keys == []


async def test_without_the_storage_the_chat_goes_on(storage, data_layer) -> None:
    storage.is_away = True
    async with opened(storage, data_layer) as chat:
        with pytest.raises(CommandError) as refused:
            await chat.upload(b"x", "a.txt")
        assert refused.value.failure.code == "unavailable"
        assert (await chat.send("hi")).content == "[] []"

        storage.is_away = False
        await chat.send("x", files=[await chat.upload(b"x", "a.txt")])
        thread, question = chat.thread_id, chat.messages[2].id

    async with opened(storage, data_layer, thread) as chat:
        storage.is_away = True
        [sent, _] = chat.elements()
        with pytest.raises(CommandError) as refused:
            await chat.read(sent)
        assert refused.value.failure.code == "unavailable"
        assert (await chat.edit(question, "again")).content == "['nothing'] []"
        storage.is_away = False
        assert await chat.read(sent) == b"x"


async def test_a_file_that_is_gone_is_not_found_and_the_chat_goes_on(storage, data_layer) -> None:
    async with opened(storage, data_layer) as chat:
        await chat.send("x", files=[await chat.upload(b"x", "a.txt")])
        thread, question = chat.thread_id, chat.messages[0].id
    for key in storage.keys:
        if not key.endswith(".facts"):
            await storage.delete(key)

    async with opened(storage, data_layer, thread) as chat:
        [sent, _] = chat.elements()
        with pytest.raises(CommandError) as refused:
            await chat.read(sent)
        assert refused.value.failure.code == "not-found"
        assert (await chat.edit(question, "again")).content == "['nothing'] []"


async def test_what_a_callback_cannot_store_is_its_error(storage, data_layer) -> None:
    app = convo.App(storage=storage)

    @app.on_message
    async def show(message):
        storage.is_away = message.content == "away"
        await convo.Message("here", elements=[convo.Text(name="t", content="t")]).send()

    async with ChatClient(app, data_layer=data_layer) as chat:
        failed = await chat.send("away")
        assert failed.error is not None
        assert (await chat.send("back")).content == "here"


async def test_facts_are_read_once_and_a_working_copy_is_read_instead(storage) -> None:
    files, later = Files(storage), Files(storage)
    file = await files.put("t", b"0123456789", name="a.txt")
    assert await joined(files.read(file, 2, 5)) == b"234"
    assert storage.reads == []

    for _ in range(3):
        found = await later.get("t", file.id)
        assert await joined(later.read(found)) == b"0123456789"
    assert storage.reads == [f"t/{file.id}.facts"] + [f"t/{file.id}"] * 3

    path = await later.fetch(found)
    assert path.read_bytes() == b"0123456789"
    assert (path, path.suffix) == (await later.fetch(found), ".txt")
    assert len(storage.reads) == 5
    await later.release("t")
    assert not path.exists()
    await files.close()
    await later.close()


@pytest.mark.parametrize("failure", ["too large", "lies", "torn", "cancelled", "away for its facts"])
async def test_a_file_that_does_not_come_whole_leaves_nothing(storage, failure, tmp_path) -> None:
    files = Files(storage)

    async def source():
        yield b"x" * 100
        if failure == "torn":
            raise ConnectionResetError
        if failure == "cancelled":
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        yield b"x" * 100
        storage.is_away_for_facts = failure == "away for its facts"

    error = {
        "too large": FileTooLargeError,
        "lies": ValueError,
        "torn": ConnectionResetError,
        "cancelled": asyncio.CancelledError,
        "away for its facts": UnavailableError,
    }[failure]
    kind = "image/png" if failure == "lies" else None
    putting = asyncio.create_task(
        files.put("t", source(), name="a", mime=kind, limit=150 if failure == "too large" else None)
    )
    with pytest.raises(error):
        await putting

    assert storage.keys == []
    assert files._copies is None or not [path for path in Path(files._copies.name).rglob("*") if path.is_file()]
    await files.close()


async def test_what_is_no_id_is_not_looked_for(storage) -> None:
    files = Files(storage)
    for thread, file in (
        ("..", "passwd"),
        ("t", "../x"),
        ("t", "a.facts.facts"),
        ("t/u", "a"),
        ("t", "a.T"),
        ("t", ""),
    ):
        assert await files.get(thread, file) is None
        await files.delete(thread, file)
        assert files.at(f"api/v1/threads/{thread}/files/{file}", name="", mime=None, bytes=None) is None
    assert storage.reads == []
    with pytest.raises(ValueError, match="cannot be the id"):
        await files.put("../up", b"x")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://host/x", r"one of `s3://…`, `azure://…`, `gs://…`; not `ftp://…`"),
    ],
)
async def test_a_storage_that_cannot_be_says_what_can(url, says) -> None:
    app = convo.App({"storage": {"url": url}})
    with pytest.raises(convo.MisconfiguredError, match=says):
        app.create_storage(MemoryDataLayer())


async def test_a_folder_is_a_storage(tmp_path) -> None:
    app = convo.App({"storage": {"url": str(tmp_path / "here")}})
    storage = app.create_storage(MemoryDataLayer())
    assert storage.path("t/a") == tmp_path / "here" / "t" / "a"
