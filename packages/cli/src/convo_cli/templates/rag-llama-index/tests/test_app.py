"""The app as its users meet it; `chat` is a client of it, `model` what it asks."""

from pathlib import Path

import pytest
from convo.testing import ChatClient, draw_tree
from fake_models import FakeModel


async def test_it_answers_from_the_documents_and_shows_them(chat: ChatClient, model: FakeModel) -> None:
    model.answers = ["**Sixteen** hours."]

    reply = await chat.send("How many hours do cats sleep?")

    assert reply.content == "**Sixteen** hours."
    assert "Cats sleep sixteen hours a day." in model.heard[0]
    sources = {element.name: await chat.read(element) for element in chat.elements(reply.messages[-1])}
    assert sources["cats.md"] == b"Cats sleep sixteen hours a day."
    assert "retrieval VectorIndexRetriever" in draw_tree(reply.steps)


async def test_a_follow_up_is_searched_for_by_what_it_means(chat: ChatClient, model: FakeModel) -> None:
    model.answers = ["Sixteen hours.", "What do dogs do?", "They bark."]
    await chat.send("How many hours do cats sleep?")
    reply = await chat.send("And dogs?")

    assert reply.content == "They bark."
    assert "How many hours do cats sleep?" in model.heard[1]
    assert "Dogs bark at strangers." in model.heard[2]


async def test_a_document_that_changes_counts_at_once(chat: ChatClient, model: FakeModel, documents: Path) -> None:
    model.answers = ["They sleep."]
    await chat.send("What do cats do?")

    (documents / "birds.md").write_text("Birds sing in the morning.")
    chat = await chat.new_chat()
    model.answers = ["They sing."]
    await chat.send("When do birds sing?")

    assert "Birds sing in the morning." in model.heard[-1]


async def test_without_documents_it_says_where_they_go(chat: ChatClient, documents: Path) -> None:
    for path in documents.iterdir():
        path.unlink()

    assert "`documents/`" in (await chat.send("hi")).content


async def test_without_a_key_it_says_where_one_goes(chat: ChatClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")

    assert "OPENAI_API_KEY" in (await chat.send("hi")).content
