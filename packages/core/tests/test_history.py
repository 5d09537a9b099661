"""A user's threads: listed, found, renamed, pinned, deleted and restored, with every tab knowing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import convo
import pytest
from convo import history
from convo.datalayer import Changes, Pagination, StoredThread
from convo.errors import UnavailableError
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import CommandError, ThreadInfo, ThreadListed, ThreadUnlisted
from convo.testing import ChatClient


class Kept(MemoryDataLayer):
    """Keeps threads for as long as the test lasts, and breaks on demand."""

    is_durable = True
    is_away = False
    claims = 0

    def __init__(self) -> None:
        super().__init__()
        self.refused = asyncio.Event()

    async def claim_thread(self, thread_id: str, owner: str) -> int:
        self.claims += 1
        return await super().claim_thread(thread_id, owner)

    async def apply(self, changes: Changes) -> None:
        self._check()
        await super().apply(changes)

    async def get_thread(self, thread_id: str) -> StoredThread | None:
        self._check()
        return await super().get_thread(thread_id)

    async def delete_thread(self, thread_id: str) -> None:
        self._check()
        await super().delete_thread(thread_id)

    def _check(self) -> None:
        if self.is_away:
            self.refused.set()
            raise UnavailableError("The database is away.")


@pytest.fixture
def app(tmp_path: Any) -> convo.App:
    app = convo.App({"storage": {"url": str(tmp_path / "files")}, "features": {"favorites": True}})

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "wait":
            await convo.AskUserMessage("For what?", timeout=30).send()
        await convo.Message(f"You said {message.content}.").send()

    return app


@pytest.fixture
def layer() -> Kept:
    return Kept()


@pytest.fixture
async def chat(app: convo.App, layer: Kept, tmp_path: Any, monkeypatch: Any) -> AsyncIterator[ChatClient]:
    monkeypatch.chdir(tmp_path)
    async with ChatClient(app, data_layer=layer) as chat:
        yield chat


def listed(chat: ChatClient) -> dict[str, ThreadInfo]:
    """What a tab that was there from the beginning shows."""
    shown: dict[str, ThreadInfo] = {}
    for event in chat.listings:
        if isinstance(event, ThreadListed):
            shown[event.thread.id] = event.thread
        else:
            shown.pop(event.id, None)
    return shown


async def test_a_thread_is_listed_in_every_tab_once_something_is_said(chat: ChatClient) -> None:
    other = await chat.new_chat()
    assert await chat.threads() == []
    await chat.send("What is a log?")
    await other.until(lambda: chat.thread_id in listed(other), "the thread in the other tab")
    thread = listed(other)[chat.thread_id]
    assert thread.name == "What is a log?"
    assert thread.changed_at is not None
    assert [one.id for one in await other.threads()] == [chat.thread_id]


async def test_a_thread_says_whether_the_app_is_at_work_in_it(chat: ChatClient) -> None:
    other = await chat.new_chat()
    await chat.post("wait")
    await other.until(lambda: any(one.running for one in listed(other).values()), "the sign")
    assert [one.running for one in await other.threads()] == [True]
    await chat.answer("nothing")
    await other.until(lambda: not any(one.running for one in listed(other).values()), "its end")
    assert [one.running for one in await other.threads()] == [False]


async def test_nobody_is_told_of_what_is_not_kept(app: convo.App) -> None:
    async with ChatClient(app) as chat:
        await chat.send("hi")
        assert (await chat.info()).history is None
        assert chat.listings == []


async def test_the_page_learns_that_threads_are_kept_unless_the_app_does_not_want_it(layer: Kept) -> None:
    async with ChatClient(convo.App(), data_layer=layer) as chat:
        info = (await chat.info()).history
        assert info is not None
        assert info.searches == "messages"
    async with ChatClient(convo.App({"features": {"history": False}}), data_layer=layer) as chat:
        assert (await chat.info()).history is None
        for ask in (chat.threads(), chat.search("tea")):
            with pytest.raises(CommandError, match="shows nobody earlier chats"):
                await ask


async def test_others_neither_list_nor_find_nor_touch_a_thread(chat: ChatClient, app: convo.App) -> None:
    await chat.send("a secret")
    stranger = ChatClient(app, principal=Principal("somebody-else"))
    stranger._directory = chat.directory
    await stranger.connect()
    assert await stranger.threads() == []
    assert await stranger.search("secret") == []
    for touch in (
        stranger.rename("mine", chat.thread_id),
        stranger.pin(thread_id=chat.thread_id),
        stranger.delete(chat.thread_id),
        stranger.restore(chat.thread_id),
    ):
        with pytest.raises(CommandError) as caught:
            await touch
        assert caught.value.failure.code == "not-found"
    await chat.delete()
    with pytest.raises(CommandError):
        await stranger.restore(chat.thread_id)
    assert stranger.listings == []
    stranger.drop()


async def test_searching_shows_where_it_matched(chat: ChatClient) -> None:
    await chat.send("The quick brown fox")
    await chat.until(lambda: chat.thread_id in listed(chat), "the thread")
    found = (await chat.search("said fox"))[0]
    assert found.thread.id == chat.thread_id
    assert found.step_id == chat.messages[-1].id
    assert [found.snippet[start:end] for start, end in found.marks] == ["said", "fox"]


@pytest.mark.parametrize("is_live", [True, False])
async def test_a_thread_is_renamed_and_pinned_whether_or_not_it_is_open(
    chat: ChatClient, layer: Kept, is_live: bool
) -> None:
    await chat.send("hi")
    other = await chat.new_chat()
    if not is_live:
        await end(chat)
    await other.rename("  A better\nname ", chat.thread_id)
    await other.pin(thread_id=chat.thread_id)
    await other.until(lambda: _pinned(listed(other), chat.thread_id), "the name in the list")
    assert listed(other)[chat.thread_id].name == "A better name"
    assert [one.name for one in await other.threads(pinned=True)] == ["A better name"]
    assert await other.threads(pinned=False) == []
    again = await other.resume(chat.thread_id)
    assert (again.state.thread.name, again.state.thread.pinned) == ("A better name", True)
    assert [step.output for step in again.messages] == ["hi", "You said hi."]


async def test_favourites_of_all_threads_are_at_hand_until_their_thread_is_deleted(chat: ChatClient) -> None:
    await chat.send("Say this again")
    await chat.favour(chat.messages[0].id)
    other = await chat.new_chat()
    await other.send("And this")
    await other.favour(other.messages[0].id)
    found = await other.favourites()
    assert [(one.thread_id, one.text) for one in found] == [
        (other.thread_id, "And this"),
        (chat.thread_id, "Say this again"),
    ]
    assert [one.text for one in await other.favourites(first=1)] == ["And this"]
    await other.delete(chat.thread_id)
    assert [one.text for one in await other.favourites()] == ["And this"]


@pytest.mark.parametrize("is_live", [True, False])
async def test_only_what_is_said_brings_a_thread_to_the_top(chat: ChatClient, layer: Kept, is_live: bool) -> None:
    await chat.send("first")
    latest = await chat.new_chat()
    await latest.send("second")
    before = await latest.threads()
    assert [one.name for one in before] == ["second", "first"]
    if not is_live:
        await end(chat)
    await latest.rename("renamed", chat.thread_id)
    await latest.pin(thread_id=chat.thread_id)
    await latest.until(lambda: _pinned(listed(latest), chat.thread_id), "the pin in the list")
    again = await latest.resume(chat.thread_id)  # to look at it, and to rate what was said, is to say nothing
    await again.favour(again.messages[0].id)
    await again.rate(again.messages[1].id, 1)
    await end(again)
    after = await latest.threads()
    assert [one.name for one in after] == ["second", "renamed"]
    assert [one.changed_at for one in after] == [one.changed_at for one in before]
    assert (await layer.list_favourites(chat.principal.id, Pagination())).favourites != []
    more = await latest.resume(chat.thread_id)
    await more.send("more")
    assert [one.name for one in await latest.threads()] == ["renamed", "second"]
    await latest.until(lambda: _order(listed(latest)) == ["renamed", "second"], "the same in the other tab")


async def test_a_restored_thread_is_where_it_was(chat: ChatClient) -> None:
    await chat.send("first")
    latest = await chat.new_chat()
    await latest.send("second")
    before = await latest.threads()
    await latest.delete(chat.thread_id)
    await latest.until(lambda: chat.thread_id not in listed(latest), "its end")
    await latest.restore(chat.thread_id)
    await latest.until(lambda: chat.thread_id in listed(latest), "its return")
    assert _order(listed(latest)) == ["second", "first"]
    assert await latest.threads() == before


def _order(threads: dict[str, ThreadInfo]) -> list[str | None]:
    """Names as a list has them."""
    return [one.name for one in sorted(threads.values(), key=lambda one: one.changed_at or "", reverse=True)]


def _pinned(threads: dict[str, ThreadInfo], thread_id: str) -> bool:
    return thread_id in threads and threads[thread_id].pinned


@pytest.mark.parametrize(("name", "code"), [("", "invalid"), (" \n ", "invalid"), ("x" * 201, "too-large")])
async def test_a_name_that_cannot_be_one_changes_nothing(chat: ChatClient, name: str, code: str) -> None:
    await chat.send("hi")
    with pytest.raises(CommandError) as caught:
        await chat.rename(name)
    assert caught.value.failure.code == code
    assert chat.state.thread.name == "hi"


async def test_a_deleted_thread_is_gone_at_once_and_its_tabs_are_told_why(chat: ChatClient) -> None:
    await chat.send("hi")
    tab, other = await chat.tab(), await chat.new_chat()
    removal = await other.delete(chat.thread_id)
    await tab.until(lambda: tab.state.ended == "deleted", "the end")
    await other.until(lambda: chat.thread_id in other.notices.removals, "what can be restored")
    assert other.notices.removals[chat.thread_id] == removal
    assert removal.name == "hi"
    assert await other.threads() == []
    assert await other.search("hi") == []
    for asked in (other.resume(chat.thread_id), other.directory.read(other.principal, chat.thread_id)):
        with pytest.raises(CommandError) as caught:
            await asked
        assert caught.value.failure.code == "not-found"
    assert await other.delete(chat.thread_id) == removal


async def test_a_thread_can_be_restored_also_by_a_tab_that_came_later(chat: ChatClient, layer: Kept) -> None:
    await chat.send("hi")
    other = await chat.new_chat()
    await other.delete(chat.thread_id)
    later = await chat.new_chat()
    assert list(later.notices.removals) == [chat.thread_id]
    await later.restore(chat.thread_id)
    await other.until(lambda: chat.thread_id in listed(other), "the thread, listed again")
    await other.until(lambda: not other.notices.removals, "nothing to restore")
    again = await other.resume(chat.thread_id)
    assert [step.output for step in again.messages] == ["hi", "You said hi."]
    assert layer.claims == 2  # by each of its sessions; to delete and to restore claims nothing


async def test_after_its_grace_a_thread_is_gone_for_good_with_its_files(
    chat: ChatClient, layer: Kept, monkeypatch: Any, tmp_path: Any
) -> None:
    monkeypatch.setattr(history, "GRACE_SECONDS", 0.05)
    (tmp_path / "note.txt").write_text("words")
    await chat.post("hi", files=[tmp_path / "note.txt"])
    await chat.until(lambda: chat.elements(), "the file")
    element = chat.elements()[0]
    other = await chat.new_chat()
    await other.delete(chat.thread_id)
    await other.until(lambda: _is_final(other), "its end")
    assert await layer.get_thread(chat.thread_id) is None
    assert await chat.directory.files.get(*(element.url or "").split("/")[3::2]) is None
    assert not other.notices.removals
    with pytest.raises(CommandError):
        await other.restore(chat.thread_id)


def _is_final(chat: ChatClient) -> bool:
    return any(isinstance(event, ThreadUnlisted) and event.removal is None for event in chat.listings)


async def test_a_process_that_ends_deletes_what_was_to_be_deleted(app: convo.App, layer: Kept) -> None:
    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.delete()
    assert await layer.get_thread(chat.thread_id) is None


async def test_a_thread_that_cannot_be_deleted_stays_hidden_until_it_can(
    chat: ChatClient, layer: Kept, monkeypatch: Any
) -> None:
    monkeypatch.setattr(history, "GRACE_SECONDS", 0.0)
    monkeypatch.setattr(history, "RETRY_SECONDS", (0.01,))
    await chat.send("hi")
    other = await chat.new_chat()
    await end(chat)
    await other.delete(chat.thread_id)
    layer.is_away = True
    await layer.refused.wait()
    assert await other.threads() == []
    layer.is_away = False
    await other.until(lambda: _is_final(other), "its end")
    assert await layer.get_thread(chat.thread_id) is None


async def test_what_cannot_be_looked_at_is_unavailable_and_not_missing(chat: ChatClient, layer: Kept) -> None:
    await chat.send("hi")
    other = await chat.new_chat()
    await end(chat)
    layer.is_away = True
    for asked in (other.rename("x", chat.thread_id), other.delete(chat.thread_id)):
        with pytest.raises(CommandError) as caught:
            await asked
        assert caught.value.failure.code == "unavailable"
    layer.is_away = False
    assert [one.name for one in await other.threads()] == ["hi"]


async def end(chat: ChatClient) -> None:
    """End the session of a chat, as idling does."""
    session = chat.directory.live(chat.thread_id)
    assert session is not None
    chat.drop()
    await chat.directory.end_session(session, "idle")


# --- Titles ---


async def test_an_author_gives_a_thread_its_title_after_the_first_answer(layer: Kept) -> None:
    app = convo.App()
    asked: list[Any] = []

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    @app.thread_title
    def title(thread: convo.types.ThreadDict) -> str:
        asked.append([step["output"] for step in thread["steps"] if step["type"] != "run"])
        return " About\n everything "

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.until(lambda: chat.state.thread.name == "About everything", "the title")
        await chat.until(lambda: "About everything" in [one.name for one in listed(chat).values()], "it in the list")
        await chat.send("and again")
        await chat.send("and again")
        assert asked == [["hi", "yes"]]


async def test_a_title_does_not_undo_what_the_user_called_it(layer: Kept) -> None:
    app, is_renamed = convo.App(), asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    @app.thread_title
    async def title(thread: convo.types.ThreadDict) -> str:
        await is_renamed.wait()
        return "Mine"

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.rename("My own")
        is_renamed.set()
        await chat.until(lambda: all(run.ended_at for run in chat.runs), "the end of all runs")
        assert chat.state.thread.name == "My own"


async def test_a_title_that_is_none_fails_visibly_and_the_first_words_stay(layer: Kept) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message("yes").send()

    @app.thread_title
    def title(thread: convo.types.ThreadDict) -> Any:
        return 7

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("hi")
        await chat.until(lambda: any(run.status == "failed" for run in chat.runs), "the failure")
        assert chat.state.thread.name == "hi"
