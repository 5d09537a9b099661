"""The AI SDK's own transport and reader."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

Node = Callable[..., Awaitable[Any]]


async def test_texts_steps_tools_and_tokens(node: Node) -> None:
    seen = await node("ai_sdk.mjs", "work")

    step, tool, *texts = seen["parts"]
    assert (step["type"], step["data"]) == ("data-step", {"name": "think", "type": "llm", "status": "done"})
    assert (tool["type"], tool["toolName"], tool["state"]) == ("dynamic-tool", "add", "output-available")
    assert (tool["input"], tool["output"]) == ({"a": 1, "b": 2}, {"sum": 3})
    assert [(part["type"], part["text"], part["state"]) for part in texts] == [
        ("text", "It is three.", "done"),
        ("text", "Really.", "done"),
    ]
    assert seen["metadata"]["usage"] == {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}
    assert seen["metadata"]["thread"]


async def test_elements_are_files_and_actions_are_data(node: Node, url: str) -> None:
    parts = {part["type"]: part for part in await node("ai_sdk.mjs", "show")}

    assert parts["text"]["text"] == "Look"
    assert parts["file"]["mediaType"] == "image/png"
    assert parts["file"]["url"].startswith(f"{url}/api/v1/threads/")
    assert parts["data-element"]["data"]["name"] == "dot.png"
    assert parts["data-action"]["data"]["label"] == "More"
    assert "payload" not in parts["data-action"]["data"]


async def test_a_chat_goes_on_is_answered_anew_and_edited(node: Node) -> None:
    context = "user: one | assistant: one  | user: context"
    assert await node("ai_sdk.mjs", "turns") == [
        context,
        context,
        "user: context",
        "user: context",
        "user: Hi | assistant: one  | user: context",
    ]


async def test_the_next_message_answers_a_question(node: Node) -> None:
    seen = await node("ai_sdk.mjs", "questions")
    assert seen["asked"]["type"] == "action"
    assert list(seen["asked"]["choices"].values()) == ["Red", "Blue"]
    assert seen["answered"] == "So Red"


async def test_files_come_along(node: Node) -> None:
    assert await node("ai_sdk.mjs", "files") == "a.png image/png"


async def test_failures(node: Node) -> None:
    failed, refused, unknown = await node("ai_sdk.mjs", "failure")
    assert "Something went wrong in the app" in failed
    assert "needs some text" in refused
    assert "does not know who you are" in unknown


@pytest.mark.parametrize("settings", [{"stop_on_disconnect": False}])
async def test_a_page_that_comes_back_gets_the_answer_that_is_going(node: Node) -> None:
    assert await node("ai_sdk.mjs", "resumed") == "one two"
