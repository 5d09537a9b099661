"""Conversations in Teams as people there have them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from convo.action import Action
from convo.app import App
from convo.ask import AskActionMessage, AskUserMessage
from convo.element import File, Image
from convo.memory import MemoryDataLayer
from convo.message import Message
from convo.ratings import Feedback
from convo.step import Step
from convo.testing.process import Process, until
from convo.user_session import user_session

from tests.platforms.fakes.teams import CONSENT, TENANT, FakeTeams
from tests.platforms.people.teams import TeamsPeople

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100


# --- Streaming ---


def _halting(go_on: asyncio.Event) -> App:
    """An app whose answer halts in the middle."""
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        reply = Message("")
        await reply.stream_token("One, ")
        await go_on.wait()
        await reply.stream_token("two.")
        await reply.update()

    return app


async def test_in_a_personal_chat_an_answer_streams_by_the_rules_of_teams(
    serve: Any, fake: FakeTeams, sees: Any, sdk: str
) -> None:
    app = App()
    go_on = asyncio.Event()

    @app.on_message
    async def answer(message: Message) -> None:
        async with Step(name="Looking it up"):
            await until(lambda: any(one.get("text") == "Looking it up" for one in fake.typings), lambda: fake.typings)
        reply = Message("")
        for number in range(40):
            await reply.stream_token(f"word{number} ")
            if number == 20:
                await go_on.wait()
        await reply.update()

    await serve(app, sdk=sdk)
    await fake.send(fake.message("go"))
    await until(lambda: any(one.is_streaming and "word20" in one.text for one in fake.said()), lambda: fake.requests)
    go_on.set()
    message = await sees("word39")

    pieces = [body for _, _, body in fake.requests if body and body.get("entities")]
    infos = [one for body in pieces for one in body["entities"] if one["type"] == "streaminfo"]
    kinds = [one["streamType"] for one in infos]
    assert kinds[0] == "informative"
    assert kinds[1:-1] == ["streaming"] * (len(kinds) - 2)
    assert kinds[-1] == "final"
    assert [one["streamSequence"] for one in infos[:-1]] == list(range(1, len(infos)))
    assert {one.get("streamId") for one in infos[1:]} == {message.id}
    assert message.text.split() == [f"word{number}" for number in range(40)]
    assert len(fake.said()) == 1


async def test_elsewhere_an_answer_is_edited_while_it_is_written(serve: Any, fake: FakeTeams, sees: Any) -> None:
    go_on = asyncio.Event()
    app = _halting(go_on)
    await serve(app)
    await fake.send(fake.message("go", place="group"))
    message = await sees("One,", "group")
    assert [one["title"] for one in message.actions] == ["Stop"]
    assert "typing" not in [body["type"] for _, _, body in fake.requests if body and body.get("text")]
    go_on.set()
    message = await sees("One, two.", "group")

    await until(lambda: message.actions == [], lambda: message.activity)
    assert len(fake.said("group")) == 1


async def test_who_stops_a_stream_by_teams_own_button_stops_the_app(serve: Any, fake: FakeTeams, sees: Any) -> None:
    app = App()
    stopped = asyncio.Event()

    @app.on_message
    async def answer(message: Message) -> None:
        reply = Message("")
        try:
            for number in range(100_000):
                await reply.stream_token(f"{number} ")
                await asyncio.sleep(0.01)
        finally:
            stopped.set()

    await serve(app)
    await fake.send(fake.message("go"))
    await until(lambda: any(one.is_streaming for one in fake.said()), lambda: fake.requests)
    for message in fake.said():
        message.is_streaming = False
    fake.fail("cancelled")

    async with asyncio.timeout(30):
        await stopped.wait()
    await sees("Stopped.")
    assert len(fake.said()) == 1


async def test_where_teams_lets_nothing_stream_the_message_is_edited(
    serve: Any, fake: FakeTeams, sees: Any, sdk: str
) -> None:
    go_on = asyncio.Event()
    app = _halting(go_on)
    await serve(app, sdk=sdk)
    fake.fail("unstreamed")
    await fake.send(fake.message("go"))
    message = await sees("One,")
    go_on.set()
    await sees("One, two.")

    assert [one.id for one in fake.said()] == [message.id]


@pytest.mark.parametrize("fault", ["rate-limited", "down", "unsure"])
async def test_a_stream_ends_whole_and_once_whatever_happens_to_its_pieces(
    serve: Any, fake: FakeTeams, sees: Any, sdk: str, fault: str
) -> None:
    app = App()
    go_on, end = asyncio.Event(), asyncio.Event()

    @app.on_message
    async def answer(message: Message) -> None:
        reply = Message("")
        await reply.stream_token("One, ")
        await go_on.wait()
        await reply.stream_token("two, ")
        await end.wait()
        await reply.stream_token("three.")

    await serve(app, sdk=sdk)
    await fake.send(fake.message("go"))
    await until(lambda: any("One" in one.text for one in fake.said()), lambda: fake.requests)
    fake.fail(fault)
    go_on.set()
    await until(lambda: any("two" in one.text for one in fake.said()), lambda: fake.requests)
    fake.fail(fault, times=2)
    end.set()

    await sees("One, two, three.")
    assert len(fake.said()) == 1


async def test_two_answers_at_a_time_come_whole_though_one_alone_can_stream(
    serve: Any, fake: FakeTeams, sees: Any
) -> None:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        first, second = Message(""), Message("")
        await first.stream_token("first ")
        await second.stream_token("second ")
        await until(lambda: len(fake.said()) == 2, lambda: fake.requests)
        await first.stream_token("end")
        await second.stream_token("end")

    await serve(app)
    await fake.send(fake.message("go"))

    await sees("first end")
    await sees("second end")
    assert len(fake.said()) == 2


# --- Cards ---


async def test_a_question_is_answered_in_its_card(serve: Any, fake: FakeTeams, sees: Any, sdk: str) -> None:
    app = App()

    @app.on_message
    async def ask(message: Message) -> None:
        answer = await AskUserMessage("What is your name?").send()
        assert answer is not None
        await Message(f"Hello {answer['output']}.").send()

    await serve(app, sdk=sdk)
    await fake.send(fake.message("hi"))
    message = await sees("What is your name?")
    (action,) = [one for one in message.actions if one["title"] == "Reply"]
    data = {**action["data"], "reply": "Ann <at>Everyone</at>"}

    answer = await fake.invoke("adaptiveCard/action", {"action": {**action, "data": data}}, message)

    assert answer == {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "OK"}
    assert "<at>" not in (await sees("Hello Ann")).text


async def test_a_button_of_another_is_refused_to_him_alone(serve: Any, fake: FakeTeams, sees: Any) -> None:
    app = App()

    @app.on_message
    async def ask(message: Message) -> None:
        actions = [Action(name="yes", payload={"secret": "of the server alone"}, label="Yes")]
        answer = await AskActionMessage("Sure?", actions=actions).send()
        assert answer is not None
        await Message(f"{answer['name']} {answer['payload']['secret']}").send()

    await serve(app)
    await fake.send(fake.message("hi", place="group"))
    message = await sees("Sure?", "group")
    await until(lambda: message.actions, lambda: message.activity)
    (action,) = [one for one in message.actions if one["title"] == "Yes"]
    assert "of the server alone" not in str(message.activity)

    refusal = await fake.invoke("adaptiveCard/action", {"action": action}, message, by="bob", place="group")

    assert refusal["value"] != "OK"
    assert len(fake.said("group")) == 1
    submitted = {**fake.activity(place="group"), "text": None, "value": action["data"], "replyToId": message.id}
    await fake.send(submitted)  # as clients send it that know no better
    await sees("yes of the server alone", "group")


async def test_thumbs_bring_a_comment(serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str) -> None:
    rated: list[Feedback] = []

    @parrot.on_feedback
    async def note(feedback: Feedback) -> None:
        rated.append(feedback)

    await serve(parrot, sdk=sdk)
    await fake.send(fake.message("hi"))
    message = await sees("You said hi.")
    said = {"reaction": "dislike", "feedback": '{"feedbackText":"Too short"}'}

    await fake.invoke("message/submitAction", {"actionName": "feedback", "actionValue": said}, message)

    await until(lambda: rated, lambda: fake.requests)
    assert (rated[0].value, rated[0].comment) == (0, "Too short")
    await fake.send(fake.message("more"))
    await sees("You said more.")
    assert "PUT" not in [method for method, _, _ in fake.requests]  # Teams shows the thumb, and would say "edited"


# --- Files ---


def _files() -> App:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        for element in message.elements:
            await Message(f"{element.name} {element.mime} has {Path(element.path).stat().st_size} bytes.").send()
        if message.content == "large":
            await Message("Here.", elements=[File(name="large.bin", content=b"x" * 11_000_000)]).send()
        if message.content == "image":
            await Message("Here.", elements=[Image(name="dot.png", content=PNG, mime="image/png")]).send()

    return app


def _attach(fake: FakeTeams, url: str, name: str = "a.txt") -> dict[str, Any]:
    kind = "application/vnd.microsoft.teams.file.download.info"
    one = {"contentType": kind, "contentUrl": url, "name": name, "content": {"downloadUrl": url, "fileType": "txt"}}
    return {**fake.message(""), "attachments": [one]}


async def test_a_file_is_sent_in_pieces_after_consent_and_its_message_shows_it(
    serve: Any, fake: FakeTeams, sees: Any
) -> None:
    await serve(_files())
    driver = TeamsPeople(fake)
    await fake.send(fake.message("large"))
    offers = await until(lambda: [one for one in fake.said() if CONSENT in str(one.attachments)], lambda: fake.requests)
    (consent,) = offers[0].attachments
    assert consent["content"]["sizeInBytes"] == 11_000_000
    assert set(consent["content"]["acceptContext"]) == {"convo"}

    await driver.accept("large.bin")

    assert bytes(fake.uploads["large.bin"]) == b"x" * 11_000_000
    assert [one["contentType"] for one in fake.messages[offers[0].id].attachments] == [
        "application/vnd.microsoft.teams.card.file.info"
    ]


async def test_a_file_goes_to_no_other_host_and_nobody_elses_file_is_sent(
    serve: Any, fake: FakeTeams, sees: Any
) -> None:
    await serve(_files())
    await fake.send(fake.message("large"))
    await until(lambda: [one for one in fake.said() if CONSENT in str(one.attachments)], lambda: fake.requests)
    offer = next(one for one in fake.said() if CONSENT in str(one.attachments))
    accepted = TeamsPeople(fake).acceptance(offer.attachments[0])
    evil = {**accepted, "uploadInfo": {**accepted["uploadInfo"], "uploadUrl": "https://evil.example/uploads/x"}}
    plain = fake.url.replace("https:", "http:")
    unencrypted = {**accepted, "uploadInfo": {**accepted["uploadInfo"], "uploadUrl": f"{plain}/uploads/x"}}

    await fake.invoke("fileConsent/invoke", evil, offer)
    await fake.invoke("fileConsent/invoke", unencrypted, offer)
    await fake.invoke("fileConsent/invoke", accepted, offer, by="bob")  # in his own conversation

    assert fake.uploads == {}
    declined = {**accepted, "action": "decline"}
    await fake.invoke("fileConsent/invoke", declined, offer)
    await sees("The file was not sent.")
    assert fake.uploads == {}


async def test_a_small_image_is_shown_at_once_and_a_file_in_a_channel_is_a_link(
    serve: Any, fake: FakeTeams, sees: Any
) -> None:
    await serve(_files())
    await fake.send(fake.message("image", place="general"))
    await until(
        lambda: any("data:image/png" in str(one.activity) for one in fake.said("general")), lambda: fake.requests
    )
    await fake.send(fake.message("large", place="general"))
    assert "a file" in (await sees("large.bin", "general")).text


async def test_files_come_from_hosts_of_teams_alone(serve: Any, fake: FakeTeams, sees: Any) -> None:
    await serve(_files())
    fake.files["a.txt"] = b"some text"
    good = f"{fake.url}/files/a.txt"
    for url in ("https://evil.example/a.txt", "http://169.254.169.254/latest", "file:///etc/passwd", None, 5):
        before = len(fake.said())
        await fake.send(_attach(fake, url))  # type: ignore[arg-type]
        await until(lambda before=before: len(fake.said()) == before + 1, lambda: fake.requests)  # type: ignore[misc]
        assert "not where Teams keeps files" in fake.said()[-1].text
    await fake.send(_attach(fake, f"{fake.url}/moved?to=https://evil.example/"))
    await until(lambda: len(fake.said()) == 6, lambda: fake.requests)

    await fake.send(_attach(fake, f"{fake.url}/moved?to={good}"))

    await sees("a.txt text/plain has 9 bytes.")


async def test_an_image_in_a_message_is_fetched_with_the_bots_token(serve: Any, fake: FakeTeams, sees: Any) -> None:
    await serve(_files())
    fake.files["pasted"] = PNG
    url = f"{fake.service_url}v3/attachments/pasted/views/original"
    attachments = [
        {"contentType": "image/png", "contentUrl": url, "name": "dot.png"},
        {"contentType": "text/html", "content": "<p>the same as text</p>"},
    ]

    await fake.send({**fake.message(""), "attachments": attachments})

    await sees(f"dot.png image/png has {len(PNG)} bytes.")


# --- People ---


async def test_who_gets_the_bot_is_greeted_and_the_same_session_goes_on(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any
) -> None:

    @parrot.on_chat_start
    async def greet() -> None:
        await Message("Welcome!").send()

    process = await serve(parrot)
    added = fake.activity("conversationUpdate", membersAdded=[{"id": "29:ann"}, fake.activity()["recipient"]])

    await fake.send(added)
    await sees("Welcome!")
    await fake.send(fake.message("hi"))
    await sees("You said hi.")

    assert len(process.directory.sessions) == 1
    assert len(fake.said()) == 2


async def test_the_turn_of_the_sdk_is_in_the_user_session(serve: Any, fake: FakeTeams, sees: Any, sdk: str) -> None:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        context = user_session.get("teams_turn_context")
        await context.send_activity(f"By the SDK to {context.activity.from_property.name}.")

    await serve(app, sdk=sdk)
    await fake.send(fake.message("hi"))

    await sees("By the SDK to Ann.")


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_an_email_is_believed_in_the_bots_own_tenant_alone(
    serve: Any, fake: FakeTeams, sees: Any, sdk: str, is_trusted: bool
) -> None:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        await Message(f"You are {user_session.get('user').identifier}.").send()

    fake.members["29:ann"] = {"id": "29:ann", "name": "Ann", "email": "ann@example.com"}
    settings = {} if is_trusted else {"app_tenant_id": None}
    await serve(app, user_by="email", sdk=sdk, **settings)

    await fake.send(fake.message("hi"))

    await sees("You are ann@example.com." if is_trusted else f"You are teams:{TENANT}:aad-ann.")


async def test_the_app_speaks_first_after_a_restart(
    serve: Any, parrot: App, fake: FakeTeams, sees: Any, sdk: str
) -> None:
    kept = MemoryDataLayer()
    process: Process = await serve(parrot, data_layer=kept, sdk=sdk)
    await fake.send(fake.message("hi", place="general"))
    await sees("You said hi.", "general")
    thread_id = process.directory.sessions[0].thread_id
    await until(lambda: process.directory.sessions[0].recorder.is_saved, lambda: process.directory.sessions)
    await process.stop()
    await serve(parrot, data_layer=kept, sdk=sdk)

    async with parrot.thread(thread_id):
        await Message("The night shift reports.").send()

    await sees("The night shift reports.", "general")
    assert [one.text for one in fake.said("general")] == ["You said hi.", "The night shift reports."]


async def test_what_a_stored_thread_says_does_not_bring_the_token_elsewhere(
    serve: Any, parrot: App, fake: FakeTeams
) -> None:
    from convo.bridge import Part, Place
    from convo.errors import PlatformError

    process = await serve(parrot)
    bridge = process.platforms.bridges["teams"]
    address = {"serviceUrl": "https://evil.example/", "conversation": "a:ann", "kind": "personal"}

    with pytest.raises(PlatformError, match="service_hosts"):
        await bridge.post(Place("teams", ("t", "a:ann"), address=address), Part(key="k", text="hello"))


async def test_a_command_is_written_with_a_slash(serve: Any, fake: FakeTeams, sees: Any) -> None:
    app = App()

    @app.on_message
    async def answer(message: Message) -> None:
        from convo.context import context

        await context.emitter.set_commands([{"id": "Search", "description": "Search", "icon": "search"}])
        await Message(f"{message.command}: {message.content}").send()

    await serve(app)
    await fake.send(fake.message("hi"))
    await sees("None: hi")

    await fake.send(fake.message("/search cats and dogs"))

    await sees("Search: cats and dogs")


async def test_a_message_that_waits_for_its_file_is_answered_once(serve: Any, fake: FakeTeams, sees: Any) -> None:
    await serve(_files())
    fake.files["a.txt"] = b"some text"
    activity = _attach(fake, f"{fake.url}/files/a.txt")

    responses = await asyncio.gather(*(fake.send(activity) for _ in range(3)))

    assert [one.status_code for one in responses] == [200, 200, 200]
    await sees("has 9 bytes.")
    await fake.send(activity)
    await fake.send(fake.message("done"))
    await asyncio.sleep(0)
    assert len([one for one in fake.said() if "9 bytes" in one.text]) == 1
