"""Commands, buttons and dialogues; also after a restart."""

from __future__ import annotations

import asyncio
from typing import Any

import convo
import pytest

from tests.platforms.fakes.discord import FakeDiscord


@pytest.fixture
def app() -> convo.App:
    app = convo.App()

    @app.on_chat_start
    async def begin() -> None:
        await asyncio.sleep(0.05)
        commands = [{"id": "Picture Search", "description": "Finds pictures"}, {"id": "Sum"}]
        await convo.context.emitter.set_commands(commands)

    @app.on_message
    async def answer(message: convo.Message) -> None:
        match message.content:
            case "ask":
                answer = await convo.AskUserMessage("Your name?", timeout=60).send()
                await convo.Message(f"Hello {answer['output'] if answer else 'nobody'}").send()
            case "choose":
                actions = [convo.Action(name=f"a{number}", label=f"Colour {number}") for number in range(30)]
                chosen = await convo.AskActionMessage("Which?", actions, timeout=60).send()
                await convo.Message(f"You chose {chosen['label'] if chosen else 'nothing'}").send()
            case "offer":
                action = convo.Action(name="do", label="Do it", payload={"value": 42})
                await convo.Message("Here you are.", actions=[action]).send()
            case "work":
                reply = convo.Message("")
                while True:
                    await reply.stream_token("on ")
                    await asyncio.sleep(0.05)
            case text:
                files = [element.name for element in message.elements]
                await convo.Message(f"{message.command}: {text} {files}").send()

    @app.action_callback("do")
    async def do(action: convo.Action) -> None:
        await convo.Message(f"Done with {action.payload['value']}").send()

    @app.on_feedback
    async def thank(feedback: Any) -> None:
        await convo.Message(f"{feedback.value}: {feedback.comment}").send()

    return app


async def _see(discord: FakeDiscord, place: Any, text: str) -> Any:
    """The message of the app that has a text."""
    return await discord.until(
        lambda: next((one for one in reversed(discord.posted(place)) if text in one["content"]), None),
        f"{text!r} in {discord.texts(place)}",
    )


async def _thread(discord: FakeDiscord) -> Any:
    return await discord.until(lambda: discord.threads and discord.threads[-1], "a thread")


async def test_ask_begins_a_thread_with_what_was_said(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    assert {one["name"] for one in discord.commands} == {"ask", "stop"}
    file = ("notes.txt", "text/plain", b"some notes")
    interaction = await discord.command(discord.person("Ann"), discord.general, "ask", "hi\n**there**", file)

    thread = await _thread(discord)
    await _see(discord, thread, "None: hi\n**there** ['notes.txt']")
    assert (await discord.answer_to(interaction))["data"]["content"] == "> hi\n> **there**"
    assert discord.texts(discord.general) == ["> hi\n> **there**"]
    assert thread["name"] == "hi"


async def test_commands_of_the_app_are_those_of_discord(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "hi")
    await discord.until(lambda: len(discord.commands) == 4)
    assert [one["name"] for one in discord.commands] == ["picture-search", "sum", "ask", "stop"]

    await discord.command(ann, discord.dm(ann), "picture-search", "cats")
    await _see(discord, discord.dm(ann), "Picture Search: cats []")
    await discord.command(discord.person("Bob"), discord.general, "sum", "1 2")  # where nothing was said yet
    await _see(discord, await _thread(discord), "Sum: 1 2 []")
    assert len(discord.made("PUT", "/commands$")) == 2


async def test_stop_stops_what_goes_on(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.general, "work", is_mention=True)
    thread = await _thread(discord)
    await _see(discord, thread, "on on")
    elsewhere = await discord.command(ann, discord.general, "stop")
    assert "in the thread" in (await discord.answer_to(elsewhere))["data"]["content"]
    await discord.command(ann, thread, "stop")
    stopped = await _see(discord, thread, "Stopped.")
    assert [one["content"] for one in discord.whispers] == ["Say it in the thread where I should stop.", "Stopping."]
    assert stopped["components"] == []


async def test_a_question_is_answered_in_a_dialogue(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "ask")
    question = await _see(discord, discord.dm(ann), "Your name?")
    shown = await discord.answer_to(await discord.press(ann, question, "Reply"))
    assert shown["type"] == 9
    await discord.submit(ann, discord.dm(ann), shown["data"], "Ann of Cleves")
    await _see(discord, discord.dm(ann), "Hello Ann of Cleves")


async def test_many_choices_are_lists(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "choose")
    question = await _see(discord, discord.dm(ann), "Which?")
    lists = [row["components"][0] for row in question["components"] if row["components"][0]["type"] == 3]
    assert [len(one["options"]) for one in lists] == [25, 5]
    chosen = lists[1]["options"][2]
    await discord.interact(ann, question, lists[1]["custom_id"], [chosen["value"]])
    await _see(discord, discord.dm(ann), f"You chose {chosen['label']}")


async def test_a_bad_answer_can_be_commented(app: convo.App, start: Any, discord: FakeDiscord) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "hi")
    await discord.until(lambda: "👎" in str(discord.posted(discord.dm(ann))))
    answer = await _see(discord, discord.dm(ann), "None: hi")
    shown = await discord.answer_to(await discord.press(ann, answer, "👎"))
    await _see(discord, discord.dm(ann), "0: None")
    await discord.submit(ann, discord.dm(ann), shown["data"], "Too short")
    await _see(discord, discord.dm(ann), "0: Too short")
    await discord.until(lambda: "👎 ✓" in str(answer["components"]))
    taken = await discord.answer_to(await discord.press(ann, answer, "👎 ✓"))
    assert taken["type"] == 6
    await discord.until(lambda: "👎 ✓" not in str(answer["components"]))


async def test_buttons_work_after_a_restart_and_old_questions_say_that_they_are_closed(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    first = await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "offer")
    offer = await _see(discord, discord.dm(ann), "Here you are.")
    await discord.until(lambda: offer["components"])
    await discord.say(ann, discord.dm(ann), "ask")
    question = await _see(discord, discord.dm(ann), "Your name?")
    reply = discord.button(question, "Reply")["custom_id"]
    await first.stop()
    await discord.until(lambda: "closed" in question["content"] or "Stopped" in question["content"])

    await start(app)
    await discord.press(ann, offer, "Do it")
    await _see(discord, discord.dm(ann), "Done with 42")
    shown = await discord.answer_to(await discord.interact(ann, question, reply))
    await discord.submit(ann, discord.dm(ann), shown["data"], "Ann")
    await discord.until(lambda: discord.whispers, "a word that it is closed")
    assert len([one for one in discord.texts(discord.dm(ann)) if "Here you are" in one]) == 1


async def test_what_is_no_button_of_ours_is_refused_to_him_alone(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "hi")
    answer = await _see(discord, discord.dm(ann), "None: hi")
    for custom_id in ("nonsense", "act:' OR 1=1", "act:", ":", "x" * 100, "answer:1|2|3", "good:../../x"):
        await discord.interact(ann, answer, custom_id)
    await discord.until(lambda: len(discord.whispers) == 7)
    await discord._interaction(4, ann, discord.dm(ann), {"name": "ask", "options": []})
    await discord.say(ann, discord.dm(ann), "still there?")
    await _see(discord, discord.dm(ann), "None: still there?")
    assert len(discord.posted(discord.dm(ann))) == 2


async def test_an_interaction_that_discord_forgot_is_done_all_the_same(
    app: convo.App, start: Any, discord: FakeDiscord
) -> None:
    await start(app)
    ann = discord.person("Ann")
    await discord.say(ann, discord.dm(ann), "offer")
    offer = await _see(discord, discord.dm(ann), "Here you are.")
    await discord.until(lambda: offer["components"])
    discord.fail("POST", "/callback$", 404, code=10062, times=2)
    await discord.press(ann, offer, "Do it")
    await _see(discord, discord.dm(ann), "Done with 42")
    await discord.command(ann, discord.dm(ann), "ask", "late")
    await _see(discord, discord.dm(ann), "None: late")
