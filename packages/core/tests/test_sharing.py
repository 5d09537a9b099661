"""Threads that others read by a link: what they see, what they cannot do, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import convo
import msgspec
import pytest
from convo import viewing
from convo.memory import MemoryDataLayer
from convo.principal import Principal
from convo.protocol import (
    Act,
    Batch,
    CommandError,
    Connect,
    EditMessage,
    PostWindowMessage,
    Regenerate,
    SendMessage,
    SetFeedback,
    ShowBranch,
    Snapshot,
    Stop,
    encode,
)
from convo.testing import ChatClient

SECRETS = ("s3cret", "PAYLOAD", "COMMENT", "TASTE", "LABEL", "INTERNAL", "SETTING", "TOAST", "RETURNED", "ANNE", "a@nn")


class Kept(MemoryDataLayer):
    is_durable = True
    looks = 0

    async def get_thread_version(self, thread_id: str) -> str | None:
        self.looks += 1
        return await super().get_thread_version(thread_id)


@pytest.fixture
def app(tmp_path: Any) -> convo.App:
    app = convo.App(
        {
            "storage": {"url": str(tmp_path / "files")},
            "features": {"allow_thread_sharing": True, "favorites": True},
        }
    )

    @app.on_message
    async def answer(message: convo.Message) -> None:
        convo.user_session.set("key", "s3cret")
        if message.content == "wait":
            await convo.AskUserMessage("For what?", timeout=30).send()
        async with convo.Step("search", type="tool", metadata={"INTERNAL": 1}) as step:
            step.output = f"looked for {message.content}"
        picture = convo.File(name=f"{message.content}.txt", content=message.content.encode())
        actions = [convo.Action(name="go", label="LABEL", payload={"x": "PAYLOAD"})]
        await convo.Message(
            f"You said {message.content}.", elements=[picture], actions=actions, metadata={"INTERNAL": 2}
        ).send()
        await convo.context.emitter.send_toast("TOAST")

    @app.action_callback("go")
    async def go(action: convo.Action) -> str:
        return "RETURNED"

    @app.on_chat_start
    async def start() -> None:
        await convo.ChatSettings([convo.input_widget.TextInput("TASTE", "Taste", initial="SETTING")]).send()

    return app


@pytest.fixture
def layer() -> Kept:
    return Kept()


@pytest.fixture
async def chat(app: convo.App, layer: Kept, tmp_path: Any, monkeypatch: Any) -> AsyncIterator[ChatClient]:
    monkeypatch.chdir(tmp_path)
    async with ChatClient(app, data_layer=layer, principal=Principal("ann", convo.User("a@nn", "ANNE"))) as chat:
        yield chat


def said(chat: ChatClient) -> list[str]:
    return [step.output for step in chat.messages]


def everything(viewer: ChatClient) -> str:
    """All that ever came to a viewer, as text."""
    return b"".join(encode(frame) for frame in viewer.frames).decode()


async def refused(doing: Any) -> str:
    with pytest.raises(CommandError) as refusal:
        await doing
    return refusal.value.failure.code


async def test_a_snapshot_shows_what_was_there_and_a_live_share_goes_on(chat: ChatClient) -> None:
    await chat.send("tea")
    snapshot, live = await chat.share("snapshot"), await chat.share("live")
    assert len({snapshot.id, live.id, chat.thread_id}) == 3
    assert len(snapshot.id) >= 32
    assert {one.id for one in await chat.shares()} == {live.id, snapshot.id}
    once, always = await chat.view(snapshot.id), await chat.view(live.id)
    for viewer in (once, always):
        assert said(viewer) == ["tea", "You said tea."]
        assert [node.step.output for node in viewer.steps] == ["looked for tea"]
        assert (viewer.hello.role, viewer.hello.session, viewer.hello.thread) == (
            "viewer",
            "",
            viewer.state.thread.id,
        )
    await chat.send("coffee")
    await always.see("You said coffee.")
    assert said(await chat.view(snapshot.id)) == ["tea", "You said tea."]
    assert said(once) == ["tea", "You said tea."]
    await chat.until(lambda: chat.state.thread.shared, "the sign that it is shared")
    assert [thread.shared for thread in await chat.threads()] == [True]


@pytest.mark.parametrize("kind", ["snapshot", "live"])
async def test_nothing_private_ever_comes_to_a_viewer(chat: ChatClient, kind: Any) -> None:
    early = await chat.view((await _shared(chat, "live")).id)
    reply = await chat.send("tea")
    await chat.rate(reply.messages[0].id, 1, "COMMENT")
    await chat.favour(next(step.id for step in chat.messages if step.output == "tea"))
    await chat.click("go")
    waiting = await chat.post("wait")
    await chat.asked()
    queued = await chat.post("QUEUED")
    share = await chat.share(kind)
    late = await chat.view(share.id)
    assert "QUEUED" not in everything(late) + everything(early)
    await chat.answer("nothing")
    await chat.reply(waiting)
    await chat.reply(queued)
    await early.see("You said QUEUED.")
    await early.until(lambda: early.position == chat.position, "all that happened")
    whole = encode(await chat.directory.viewing.read(Principal("eve"), share.id)).decode()
    for text in (whole, everything(early), everything(late)):
        for private in (f'"{chat.principal.id}"', chat.thread_id, *SECRETS):
            assert private not in text, private
    for viewer in (early, late):
        assert viewer.asks == viewer.actions() == viewer.toasts == []
        assert viewer.state.fields == {}


async def _shared(chat: ChatClient, kind: Any) -> Any:
    await chat.send("before")
    return await chat.share(kind)


async def test_a_viewer_can_do_nothing_but_read(chat: ChatClient) -> None:
    reply = await chat.send("tea")
    viewer = await chat.view((await chat.share()).id, chat.principal)  # the owner himself, who came by the link
    action = chat.actions()[0]
    for command in (
        SendMessage(id="c1", content="hello"),
        EditMessage(id="c2", message_id=chat.messages[0].id, content="x"),
        Regenerate(id="c3", message_id=reply.messages[0].id),
        SetFeedback(id="c4", step_id=reply.messages[0].id, value=1),
        ShowBranch(id="c5", leaf_id=chat.messages[0].id),
        Act(id="c6", action_id=action.id),
        Stop(id="c7"),
        PostWindowMessage(id="c8", data=1),
    ):
        assert await refused(viewer.command(command)) == "unsupported"
    assert viewer.raw(b"nonsense").error is not None
    assert said(chat) == ["tea", "You said tea."]
    with pytest.raises(ConnectionError):
        await viewer.upload(b"x", "x.txt")
    assert await refused(chat.resume(viewer.hello.thread)) == "not-found"  # a share is no thread
    assert await refused(chat.directory.connect(chat.principal, Connect(protocol=1, share="x"))) == "invalid"


async def test_files_of_what_is_shown_are_read_and_no_others(chat: ChatClient) -> None:
    await chat.send("tea")
    snapshot, live = await chat.share("snapshot"), await chat.share("live")
    (tea,) = chat.elements()
    await chat.send("coffee")
    coffee = chat.elements()[-1]
    other = await chat.new_chat()
    await other.send("cocoa")
    (cocoa,) = other.elements()
    unsent = await chat.upload(b"unsent", "unsent.txt")
    once, always = await chat.view(snapshot.id), await chat.view(live.id)
    assert await once.read(once.elements()[0]) == b"tea"
    assert [await always.read(element) for element in always.elements()] == [b"tea", b"coffee"]
    assert await refused(once.read(chat.elements()[0])) == "not-found"  # at the thread's own address

    def at(share_id: str, url: str | None) -> Any:
        file = (url or "").rpartition("/")[2]
        return chat.directory.viewing.read_file(Principal("eve"), share_id, file)

    assert (await at(snapshot.id, tea.url)).name == "tea.txt"
    for share_id, url in (
        (snapshot.id, coffee.url),
        (snapshot.id, cocoa.url),
        (live.id, cocoa.url),
        (live.id, unsent.url),
        (live.id, "x/../y"),
        ("nothing", tea.url),
    ):
        assert await refused(at(share_id, url)) == "not-found"


async def test_a_revoked_link_says_so_and_cuts_its_readers_off(chat: ChatClient) -> None:
    await chat.send("tea")
    share, other = await chat.share("live"), await chat.share("snapshot")
    viewer, spared = await chat.view(share.id), await chat.view(other.id)
    element = viewer.elements()[0]
    seen = len(viewer.frames)
    await chat.revoke(share.id)
    await chat.revoke(share.id)
    await chat.send("a secret")
    assert (viewer.is_cut, spared.is_cut) == (True, False)
    assert len(viewer.frames) == seen
    assert await refused(viewer.connect()) == "expired"
    assert await refused(chat.view(share.id)) == "expired"
    assert await refused(viewer.read(element)) == "expired"
    assert said(await chat.view(other.id)) == ["tea", "You said tea."]
    assert [one.id for one in await chat.shares()] == [other.id]
    assert chat.state.thread.shared
    await chat.revoke(other.id)
    await chat.until(lambda: not chat.state.thread.shared, "the sign to go")


async def test_what_another_process_revokes_is_noticed(
    chat: ChatClient, layer: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "WATCH_SECONDS", 0.02)
    await chat.send("tea")
    share = await chat.share("live")
    viewer = await chat.view(share.id)
    await layer.revoke_share(share.id, "2026-01-01T00:00:00.000Z")
    async with asyncio.timeout(5):
        while not viewer.is_cut:
            await asyncio.sleep(0.01)
    assert await refused(viewer.connect()) == "expired"


async def test_what_another_process_stores_is_followed(
    chat: ChatClient, app: convo.App, layer: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewing, "WATCH_SECONDS", 0.02)
    await chat.send("tea")
    share = await chat.share("live")
    async with ChatClient(app, data_layer=layer, principal=Principal("eve")) as elsewhere:
        viewer = await elsewhere.view(share.id)
        await viewer.see("You said tea.")
        assert elsewhere.directory.live(chat.thread_id) is None
        await chat.send("coffee")
        assert (await viewer.see("You said coffee.")).output == "You said coffee."
        await viewer.until(
            lambda: all(run.status == "done" for run in viewer.state.runs.values()), "the end of the run"
        )
        await chat.rename("Drinks")
        await viewer.until(lambda: viewer.state.thread.name == "Drinks", "the name")
        frames, looks = len(viewer.frames), layer.looks
        async with asyncio.timeout(5):
            while layer.looks < looks + 3:
                await asyncio.sleep(0.01)
        assert len(viewer.frames) == frames  # nothing has changed: nothing comes
        waiting = asyncio.create_task(chat.send("wait"))
        await viewer.see("For what?")
        assert [run.status for run in viewer.state.runs.values()][-1] == "running"
        waiting.cancel()


async def test_a_deleted_chat_takes_its_links_along_and_a_restored_one_brings_them_back(chat: ChatClient) -> None:
    await chat.send("tea")
    share = await chat.share("snapshot")
    viewer = await chat.view(share.id)
    await chat.delete()
    assert viewer.is_cut
    assert await refused(chat.view(share.id)) == "not-found"
    await chat.restore()
    assert said(await chat.view(share.id)) == ["tea", "You said tea."]


async def test_only_the_owner_shares_lists_and_revokes(chat: ChatClient) -> None:
    await chat.send("tea")
    share = await chat.share()
    eve = await chat.resume(chat.thread_id, chat.principal)
    eve.principal = Principal("eve")
    assert await refused(eve.share("live", chat.thread_id)) == "not-found"
    assert await refused(eve.shares(chat.thread_id)) == "not-found"
    assert await refused(eve.revoke(share.id, chat.thread_id)) == "not-found"
    other = await chat.new_chat()
    await other.send("mine too")
    assert await refused(other.revoke(share.id)) == "not-found"  # a link of another chat's
    assert await refused(chat.share("live", "nothing")) == "not-found"
    assert len(await chat.shares()) == 1


async def test_a_chat_in_which_nobody_said_anything_has_nothing_to_share(chat: ChatClient) -> None:
    assert await refused(chat.share("live")) == "invalid"
    assert await chat.shares() == []


async def test_without_the_flag_nothing_about_shares_is_done(
    chat: ChatClient, app: convo.App, layer: Kept, tmp_path: Any
) -> None:
    await chat.send("tea")
    share = await chat.share("live")
    assert (await chat.info()).sharing
    off = convo.App({"storage": {"url": str(tmp_path / "files")}})
    async with ChatClient(off, data_layer=layer, principal=chat.principal) as closed:
        assert not (await closed.info()).sharing
        for doing in (
            closed.share("live", chat.thread_id),
            closed.shares(chat.thread_id),
            closed.revoke(share.id, chat.thread_id),
            closed.view(share.id),
            closed.directory.viewing.read(Principal("eve"), share.id),
            closed.directory.viewing.read_file(Principal("eve"), share.id, "x"),
        ):
            assert await refused(doing) == "unsupported"


async def test_a_profile_can_switch_sharing_off_for_its_chats(app: convo.App, layer: Kept) -> None:
    @app.set_chat_profiles
    async def profiles() -> list[convo.ChatProfile]:
        overrides = {"features": {"allow_thread_sharing": False}}
        return [convo.ChatProfile(name="private", markdown_description="", config_overrides=overrides)]

    async with ChatClient(app, data_layer=layer) as chat:
        await chat.send("tea")
        assert not (await chat.info()).sharing
        assert await refused(chat.share()) == "unsupported"


@pytest.mark.parametrize("kind", ["snapshot", "live"])
async def test_the_app_says_who_may_see_what_is_shared(chat: ChatClient, app: convo.App, kind: Any) -> None:
    asked: list[tuple[Any, Any]] = []

    @app.on_shared_thread_view
    async def allows(thread: convo.types.ThreadDict, viewer: convo.User | None) -> bool:
        asked.append((thread, viewer))
        if viewer is not None and viewer.identifier == "crash":
            raise RuntimeError("no idea")
        return viewer is not None and viewer.identifier == "bob"

    await chat.send("tea")
    share = await chat.share(kind)
    assert await refused(chat.view(share.id)) == "not-found"
    assert await refused(chat.view(share.id, Principal("c", convo.User("crash")))) == "not-found"
    bob = await chat.view(share.id, Principal("b", convo.User("bob")))
    assert said(bob) == ["tea", "You said tea."]
    count = len(asked)
    assert await bob.read(bob.elements()[0]) == b"tea"
    assert len(asked) == count  # what was opened shows its files
    eve = chat.directory.viewing.read_file(Principal("eve"), share.id, (bob.elements()[0].url or "").rpartition("/")[2])
    assert await refused(eve) == "not-found"
    thread, viewer = asked[-2]
    assert (thread["id"], viewer.identifier) == (chat.thread_id, "bob")
    assert any(step["output"] == "You said tea." for step in thread["steps"])
    assert "s3cret" not in str(thread)


async def test_a_live_share_is_read_on_when_the_session_ends_and_when_it_begins_again(chat: ChatClient) -> None:
    await chat.send("tea")
    share = await chat.share("live")
    viewer = await chat.view(share.id)
    thread_id, session = chat.thread_id, chat.directory.live(chat.thread_id)
    assert session is not None
    chat.drop()
    await chat.directory.end_session(session, "idle")
    await viewer.until(lambda: viewer.frames[-1].log != session.log.id, "what is stored")
    late = await chat.view(share.id)
    assert said(viewer) == said(late) == ["tea", "You said tea."]
    assert chat.directory.live(thread_id) is None  # a viewer makes no session
    await chat.rename("Drinks", thread_id)
    await viewer.until(lambda: viewer.state.thread.name == "Drinks", "the name")
    again = await chat.resume(thread_id)
    await again.send("coffee")
    for one in (viewer, late):
        assert (await one.see("You said coffee.")).output == "You said coffee."
    viewer.drop()
    late.drop()


async def test_only_the_branch_that_is_shown_is_shared(chat: ChatClient) -> None:
    await chat.send("a secret")
    await chat.rename("Drinks")
    share = await chat.share("live")
    viewer = await chat.view(share.id)
    await chat.edit(chat.messages[0].id, "tea")
    await viewer.see("You said tea.")
    snapshot = await chat.share("snapshot")
    for one in (await chat.view(snapshot.id), await chat.view(share.id)):
        assert said(one) == ["tea", "You said tea."]
        assert [node.step.output for node in one.steps] == ["looked for tea"]
        assert "secret" not in everything(one)
    assert "secret" not in str(msgspec.to_builtins(viewer.state.view()))
    await chat.regenerate(chat.messages[-1].id)
    await viewer.until(lambda: said(viewer) == said(chat), "the other answer")
    assert len(viewer.steps) == 1
    await chat.show_branch(chat.siblings(chat.messages[0].id)[0].id)
    await viewer.until(lambda: said(viewer) == ["a secret"], "what the owner turned to")


@pytest.mark.parametrize("kind", ["snapshot", "live"])
async def test_steps_that_were_hidden_when_it_was_shared_stay_hidden(
    tmp_path: Any, layer: Kept, app: convo.App, kind: Any
) -> None:
    def settings(cot: str) -> dict[str, Any]:
        return {
            "storage": {"url": str(tmp_path / "f")},
            "features": {"allow_thread_sharing": True},
            "ui": {"cot": cot},
        }

    async with ChatClient(_renewed(app, settings("hidden")), data_layer=layer) as chat:
        await chat.send("tea")
        share = await chat.share(kind)
        assert "looked for" not in everything(await chat.view(share.id))
    async with ChatClient(_renewed(app, settings("full")), data_layer=layer, principal=chat.principal) as chat:
        assert "looked for" not in everything(await chat.view(share.id))
        assert "looked for" in everything(await chat.resume((await chat.threads())[0].id))


def _renewed(app: convo.App, settings: dict[str, Any]) -> convo.App:
    """An app with the same callbacks, and other settings."""
    other = convo.App(settings)
    other.callbacks = app.callbacks
    return other


async def test_a_snapshot_of_what_goes_on_has_ended(chat: ChatClient) -> None:
    run_id = await chat.post("wait")
    await chat.asked()
    share = await chat.share("snapshot")
    viewer = await chat.view(share.id)
    assert all(run.status not in ("queued", "running") for run in viewer.runs)
    assert all(entry.facts.end is not None for entry in viewer.state.steps.values())
    await chat.answer("x")
    await chat.reply(run_id)
    assert said(viewer) == ["wait", "For what?"]


async def test_a_viewer_reads_a_long_chat_by_pages_and_reconnects_where_he_was(chat: ChatClient) -> None:
    for number in range(6):
        await chat.send(f"{number}")
    share = await chat.share("live")
    viewer = await chat.view(share.id, turns=2)
    assert said(viewer) == ["4", "You said 4.", "5", "You said 5."]
    while await viewer.page(2):
        pass
    assert said(viewer)[0] == "0"
    viewer.drop()
    await chat.send("6")
    seen = len(viewer.frames)
    await viewer.connect()
    await viewer.see("You said 6.")
    assert all(isinstance(frame, Batch) for frame in viewer.frames[seen:])
    assert isinstance(viewer.frames[0], Snapshot)


async def test_viewers_count_as_connections_and_keep_no_session_alive(app: convo.App, layer: Kept) -> None:
    settings = app.config.model_dump() | {"limits": app.config.limits.model_dump() | {"connections_per_principal": 2}}
    async with ChatClient(_renewed(app, settings), data_layer=layer) as chat:
        await chat.send("tea")
        share, eve = await chat.share("live"), Principal("eve")
        first, _ = await chat.view(share.id, eve), await chat.view(share.id, eve)
        assert await refused(chat.view(share.id, eve)) == "rate-limited"
        first.drop()
        await chat.view(share.id, eve)
        session = chat.directory.live(chat.thread_id)
        assert session is not None
        assert len(session.connections) == 1
