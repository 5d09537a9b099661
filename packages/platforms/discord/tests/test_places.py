"""Where the app talks: mentions, threads, forums, direct messages; and what it does not listen to."""

from __future__ import annotations

from typing import Any

import convo
import pytest

from tests.platforms.fakes.discord import THREAD, FakeDiscord


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        number = (convo.user_session.get("number") or 0) + 1
        convo.user_session.set("number", number)
        await convo.Message(f"{number}: {message.author} said {message.content}").send()

    return app


async def test_a_mention_begins_a_thread_that_goes_on_without_one(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    said = await discord.say(ann, discord.general, "What is **up**?", is_mention=True)
    thread = await discord.until(lambda: discord.threads and discord.threads[0])

    assert (thread["id"], thread["name"], thread["type"]) == (said["id"], "What is **up**?", THREAD)
    assert await discord.until_texts(thread, 1) == ["1: Ann said What is **up**?"]
    await discord.say(ann, thread, "And now?")
    await discord.say(discord.person("Bob"), thread, "Hi")
    assert (await discord.until_texts(thread, 3))[1:] == ["2: Ann said And now?", "3: Bob said Hi"]
    assert discord.texts(discord.general) == []


async def test_two_mentions_are_two_conversations(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    one = await discord.say(ann, discord.general, "one", is_mention=True)
    two = await discord.say(ann, discord.general, "two", is_mention=True)

    assert await discord.until_texts(one["id"], 1) == ["1: Ann said one"]
    assert await discord.until_texts(two["id"], 1) == ["1: Ann said two"]


async def test_direct_messages_are_a_conversation(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    served = await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "one")
    await discord.say(ann, discord.dm(ann), "two")

    assert await discord.until_texts(discord.dm(ann), 2) == ["1: Ann said one", "2: Ann said two"]
    (session,) = served.directory.sessions
    assert session.state.thread.metadata is not None
    assert session.state.thread.metadata["place"]["is_direct"]


async def test_a_forum_thread_that_begins_with_a_mention_is_a_conversation(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    thread = await discord.ask_forum(ann, "A question", "why?", is_mention=True)
    assert await discord.until_texts(thread, 1) == ["1: Ann said why?"]
    await discord.say(ann, thread, "really?")
    assert (await discord.until_texts(thread, 2))[1:] == ["2: Ann said really?"]


async def test_a_forum_can_be_for_the_app_alone(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app, channels=[discord.forum["id"]])
    thread = await discord.ask_forum(discord.person("Ann"), "A question", "why?")

    assert await discord.until_texts(thread, 1) == ["1: Ann said why?"]


async def test_it_listens_to_nothing_that_is_not_for_it(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann, bot = discord.person("Ann"), {**discord.person("Robot"), "bot": True}
    thread = await discord.begin_thread(ann, discord.general, "Among us")
    forum = await discord.ask_forum(ann, "Among us", "what do you think?")
    await discord.say(ann, discord.general, "hello all")
    await discord.say(ann, discord.general, "@everyone hello", mention_everyone=True)
    await discord.say(bot, discord.general, "hello", is_mention=True)
    await discord.say(ann, discord.general, "joined", is_mention=True, type=7)
    await discord.say(ann, thread, "hello")
    await discord.say(ann, forum, "hello")
    await discord.react(ann, await discord.say(ann, thread, "I like it"), "👍")
    await discord.dispatch("SOMETHING_NEW", {"what": "nobody knows"})
    await discord.say(ann, thread, "you there", is_mention=True)

    assert await discord.until_texts(thread, 1) == ["1: Ann said you there"]
    assert discord.texts(forum) == []
    assert discord.threads == [thread, forum]


async def test_a_reply_to_it_and_its_role_count_as_mentions(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    role = discord.add_own_role("Helper")
    await start(app)
    ann = discord.person("Ann")
    thread = await discord.begin_thread(ann, discord.general, "Among us")
    await discord.say(ann, thread, f"<@&{role['id']}> one", mention_roles=[role["id"]])
    assert await discord.until_texts(thread, 1) == ["1: Ann said one"]
    await discord.say(ann, thread, "two", reply_to=discord.posted(thread)[0])
    assert (await discord.until_texts(thread, 2))[1:] == ["2: Ann said two"]


async def test_where_it_may_begin_no_thread_it_answers_in_the_channel(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    discord.fail("POST", "/threads$", 403, code=50013)
    await discord.say(discord.person("Ann"), discord.general, "one", is_mention=True)

    assert await discord.until_texts(discord.general, 1) == ["1: Ann said one"]


async def test_a_thread_that_discord_is_too_busy_for_comes_later(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    discord.fail("POST", "/threads$", 503)
    discord.fail("POST", "/threads$", 0, is_done=True)
    said = await discord.say(discord.person("Ann"), discord.general, "one", is_mention=True)

    assert await discord.until_texts(said["id"], 1) == ["1: Ann said one"]
    assert len(discord.threads) == 1


async def test_a_channel_can_be_one_conversation(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app, threads=False)
    ann = discord.person("Ann")
    await discord.say(ann, discord.general, "one", is_mention=True)
    await discord.say(ann, discord.general, "two")
    await discord.say(ann, discord.general, "three", is_mention=True)

    assert await discord.until_texts(discord.general, 2) == ["1: Ann said one", "2: Ann said three"]


async def test_without_the_intent_mentions_and_direct_messages_are_answered(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    discord.flags = 0
    await start(app, message_content=False)
    ann = discord.person("Ann")
    said = await discord.say(ann, discord.general, "one", is_mention=True)
    assert await discord.until_texts(said["id"], 1) == ["1: Ann said one"]
    thread = discord.channel(said["id"])
    await discord.say(ann, thread, "what nobody lets us read")
    await discord.say(ann, thread, "two", is_mention=True)
    assert (await discord.until_texts(thread, 2))[1:] == ["2: Ann said two"]
    await discord.say(ann, discord.dm(ann), "three")
    assert await discord.until_texts(discord.dm(ann), 1) == ["1: Ann said three"]


async def test_a_callback_sees_the_message_of_discord(start: Any, discord: FakeDiscord) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        there = convo.user_session.get("discord_message")
        channel = convo.user_session.get("discord_channel")
        user = convo.user_session.get("user")
        await convo.Message(f"{there.content} {channel.id} {user.identifier} {user.display_name}").send()

    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "hi")

    assert await discord.until_texts(discord.dm(ann), 1) == [f"hi {discord.dm(ann)['id']} discord:{ann['id']} Ann"]


async def test_nobody_is_pinged_whatever_the_app_says(start: Any, discord: FakeDiscord) -> None:
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> None:
        await convo.Message(f"@everyone @here {message.content}", author="@everyone").send()
        raise ValueError("@everyone")

    await start(app)
    ann = discord.person("@everyone **Ann**")
    await discord.say(ann, discord.dm(ann), f"<@{ann['id']}>")
    await discord.until_texts(discord.dm(ann), 1)
    await discord.command(ann, discord.general, "ask", "@everyone <@1>")
    await discord.until(lambda: discord.threads and len(discord.posted(discord.threads[0])) >= 1)

    assert discord.pinged == []
