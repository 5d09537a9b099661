"""Lost connections, limits, bad tokens and all else that goes wrong: nothing is lost, nothing is posted twice."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import convo
import pytest
from convo.errors import ConfigError
from convo_discord import DiscordSettings

from tests.platforms.fakes.discord import FakeDiscord


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        if message.content == "stream":
            reply = convo.Message("")
            for number in range(60):
                await reply.stream_token(f"{number} ")
                await asyncio.sleep(0.05)
            await reply.update()
            return
        await convo.Message(f"You said {message.content}").send()

    return app


# --- Starting ---


async def test_a_token_that_discord_does_not_know_is_said_and_not_tried_again(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    served = await start(app, bot_token="another")
    await discord.until(lambda: served.state[0] == "denied")

    assert "Reset Token" in (served.state[1] or "")
    assert len(discord.requests) == 1


async def test_an_intent_that_is_not_granted_is_said_with_the_page_that_grants_it(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    discord.flags = 0
    served = await start(app)
    await discord.until(lambda: served.state[0] == "denied")

    page = f"https://discord.com/developers/applications/{discord.application_id}/bot"
    assert page in (served.state[1] or "")
    assert "message_content = false" in (served.state[1] or "")


@pytest.mark.parametrize(("code", "word"), [(4004, "Reset Token"), (4014, "Message Content Intent"), (4011, "2,500")])
async def test_what_the_gateway_refuses_is_said(
    app: convo.App, start: Any, discord: FakeDiscord, code: int, word: str
) -> None:
    served = await start(app)
    await discord.disconnect(code)
    await discord.until(lambda: served.state[0] == "denied")

    assert word in (served.state[1] or "")
    assert not served.bridge.is_connected


async def test_a_discord_that_is_down_at_the_start_is_waited_for(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    discord.fail("GET", "/users/@me", 503)
    served = await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")

    assert await discord.until_texts(discord.dm(ann), 1) == ["You said one"]
    assert served.state[0] == "connected"


@pytest.mark.parametrize("settings", [{"bot_token": ""}, {"bot_token": "a b"}, {"bot_token": "x", "channels": ["#a"]}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises((ValueError, ConfigError)):
        DiscordSettings(**settings)


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(DiscordSettings(bot_token="Bot secret"))  # type: ignore[arg-type]
    assert DiscordSettings(bot_token="Bot secret").bot_token.get_secret_value() == "secret"  # type: ignore[arg-type]


# --- The gateway ---


@pytest.mark.parametrize("how", ["cut", "closed", "asked"])
async def test_what_is_said_while_the_connection_is_lost_comes_when_it_is_back(
    app: convo.App, start: Any, discord: FakeDiscord, how: str
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")
    await discord.until_texts(discord.dm(ann), 1)
    if how == "asked":
        await discord.ask_to_reconnect()
    else:
        await discord.disconnect(1006 if how == "cut" else 4000)
    await discord.say(ann, discord.dm(ann), "two")
    await discord.until(lambda: discord.resumed == 1, "a resumed session")
    await discord.say(ann, discord.dm(ann), "three")

    assert await discord.until_texts(discord.dm(ann), 3) == ["You said one", "You said two", "You said three"]
    assert len(discord.identified) == 1


async def test_a_session_that_cannot_be_resumed_begins_anew_and_what_was_said_meanwhile_is_read(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    served = await start(app)
    ann = discord.person("Ann")
    thread = await discord.begin_thread(discord.bot, discord.general, "A talk")
    for place in (thread, discord.dm(ann)):
        await discord.say(ann, place, "one")
        await discord.until_texts(place, 1)
    await discord.invalidate()
    for place in (thread, discord.dm(ann)):
        await discord.say(ann, place, "two")
        await discord.say(ann, place, "three")
    await discord.until(lambda: len(discord.identified) == 2 and served.bridge.is_connected, "a new session")
    for place in (thread, discord.dm(ann)):
        assert await discord.until_texts(place, 3) == ["You said one", "You said two", "You said three"]
        await discord.say(ann, place, "four")
        assert (await discord.until_texts(place, 4))[3:] == ["You said four"]


async def test_a_connection_lost_in_the_middle_of_an_answer_loses_nothing(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "stream")
    await discord.until_texts(discord.dm(ann), 1)
    await discord.disconnect(1006)
    discord.fail("PATCH", "/messages/", 0)
    expected = " ".join(str(number) for number in range(60))
    await discord.until(lambda: discord.texts(discord.dm(ann))[0].strip() == expected, "the whole answer")

    assert len(discord.posted(discord.dm(ann))) == 1


async def test_events_that_come_again_and_out_of_order_are_answered_once(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    one = await discord.say(ann, discord.dm(ann), "one")
    two = await discord.say(ann, discord.dm(ann), "two")
    for message in (two, one, one, two):
        await discord.say_again(message)
    await discord.say(ann, discord.dm(ann), "three")

    assert await discord.until_texts(discord.dm(ann), 3) == ["You said one", "You said two", "You said three"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("MESSAGE_CREATE", {"id": "1"}),
        ("MESSAGE_CREATE", {}),
        ("MESSAGE_UPDATE", {"id": "1", "channel_id": "2"}),
        ("INTERACTION_CREATE", {"id": "1", "type": 3}),
    ],
)
async def test_an_event_that_makes_no_sense_costs_no_more_than_the_connection(
    app: convo.App, start: Any, discord: FakeDiscord, kind: str, data: dict[str, Any]
) -> None:
    served = await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")
    await discord.until_texts(discord.dm(ann), 1)
    await discord.dispatch(kind, data)
    await discord.say(ann, discord.dm(ann), "two")

    assert await discord.until_texts(discord.dm(ann), 2) == ["You said one", "You said two"]
    await discord.until(lambda: served.bridge.is_connected)


async def test_many_people_at_once_are_all_answered_in_their_order(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    people = [discord.person(f"Person {number}") for number in range(20)]
    for text in ("one", "two", "three"):
        for person in people:
            await discord.say(person, discord.dm(person), text)

    for person in people:
        assert await discord.until_texts(discord.dm(person), 3) == ["You said one", "You said two", "You said three"]


# --- The API ---


@pytest.mark.parametrize("is_global", [False, True])
async def test_a_rate_limit_is_kept_to_and_others_do_not_wait_for_it(
    app: convo.App, start: Any, discord: FakeDiscord, is_global: bool
) -> None:
    await start(app)
    ann, bob = discord.person("Ann"), discord.person("Bob")
    path = f"/channels/{discord.dm(ann)['id']}/messages"
    discord.limit("POST", path, 1.0, times=2, is_global=is_global)
    await discord.say(ann, discord.dm(ann), "one")
    if not is_global:
        await discord.say(bob, discord.dm(bob), "two")
        await discord.until_texts(discord.dm(bob), 1)
        assert discord.posted(discord.dm(ann)) == []

    assert await discord.until_texts(discord.dm(ann), 1) == ["You said one"]
    tries = [one.at for one in discord.made("POST", path)]
    assert len(tries) == 3
    assert all(after - before >= 0.95 for before, after in itertools.pairwise(tries))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 0])
@pytest.mark.parametrize("is_done", [False, True])
async def test_a_fault_of_discord_costs_nothing_but_time(
    app: convo.App, start: Any, discord: FakeDiscord, status: int, is_done: bool
) -> None:
    await start(app)
    ann = discord.person("Ann")
    discord.fail("POST", r"/channels/\d+/messages", status, is_done=is_done)
    await discord.say(ann, discord.dm(ann), "one")
    await discord.say(ann, discord.dm(ann), "two")

    assert await discord.until_texts(discord.dm(ann), 2) == ["You said one", "You said two"]


async def test_a_process_that_was_killed_before_it_knew_of_its_message_posts_it_once(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    first = await start(app)
    ann = discord.person("Ann")
    said = await discord.say(ann, discord.dm(ann), "one")
    await discord.until_texts(discord.dm(ann), 1)
    (session,) = first.directory.sessions
    await discord.until(lambda: session.state.deliveries and session.recorder.is_saved)
    nonce = discord.made("POST", "/messages$")[0].body["nonce"]
    assert (len(nonce), discord.made("POST", "/messages$")[0].body["enforce_nonce"]) == (25, True)
    await first.stop()

    await start(app)
    await discord.say_again(said)
    await discord.say(ann, discord.dm(ann), "two")
    assert await discord.until_texts(discord.dm(ann), 2) == ["You said one", "You said two"]


async def test_a_channel_that_is_deleted_ends_nothing_else(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.general, "stream", is_mention=True)
    thread = await discord.until(lambda: discord.threads and discord.threads[0])
    await discord.until_texts(thread, 1)
    await discord.delete_channel(thread)
    await discord.say(ann, discord.dm(ann), "one")

    assert await discord.until_texts(discord.dm(ann), 1) == ["You said one"]


async def test_a_message_that_somebody_deleted_does_not_come_again(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "stream")
    await discord.until_texts(discord.dm(ann), 1)
    await discord.delete(discord.posted(discord.dm(ann))[0])
    await discord.say(ann, discord.dm(ann), "one")

    assert await discord.until_texts(discord.dm(ann), 1) == ["You said one"]


async def test_a_token_that_is_revoked_while_it_runs_is_said(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    served = await start(app)
    discord.token = "another"
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")
    await discord.until(lambda: served.state[0] == "denied")

    assert "Reset Token" in (served.state[1] or "")


# --- Edits ---


async def test_a_message_that_is_changed_is_answered_anew_and_one_that_is_only_unfurled_is_not(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    early = await discord.say(ann, discord.general, "nobody hears it")
    said = await discord.say(ann, discord.general, "one", is_mention=True)
    thread = await discord.until(lambda: discord.threads and discord.threads[0])
    await discord.until_texts(thread, 1)
    await discord.unfurl(said)
    await discord.edit(early, "nor this")
    await discord.edit(said, f"<@{discord.bot['id']}> two")
    await discord.until(lambda: "You said two" in discord.texts(thread))
    await discord.say(ann, thread, "three")
    await discord.until(lambda: "You said three" in discord.texts(thread))

    assert len([one for one in discord.texts(thread) if "You said" in one]) <= 3
    assert discord.texts(discord.general) == []


async def test_a_mention_that_is_added_later_counts(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    said = await discord.say(ann, discord.general, "one")
    old = await discord.say(ann, discord.general, "two", event_id="1000000000000000001")
    for message in (old, said):
        await discord.edit(message, f"<@{discord.bot['id']}> {message['content']}")
    thread = await discord.until(lambda: discord.threads and discord.threads[0])

    assert await discord.until_texts(thread, 1) == ["You said one"]
    assert thread["id"] == said["id"]


async def test_a_mention_without_a_word_is_greeted(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    @app.on_chat_start
    async def greet() -> None:
        await convo.Message("What can I do for you?").send()

    await start(app)
    said = await discord.say(discord.person("Ann"), discord.general, "", is_mention=True)

    assert await discord.until_texts(said["id"], 1) == ["What can I do for you?"]


async def test_the_bot_types_while_it_works(start: Any, discord: FakeDiscord) -> None:
    app, may_go = convo.App(), asyncio.Event()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        async with convo.Step("thinking"):
            await may_go.wait()
        await convo.Message("done").send()

    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")
    await discord.until(lambda: discord.made("POST", "/typing$"))
    may_go.set()

    assert await discord.until_texts(discord.dm(ann), 1) == ["done"]
