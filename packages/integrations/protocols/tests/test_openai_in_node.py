"""OpenAI's own client in JavaScript."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

Node = Callable[..., Awaitable[Any]]


async def test_it_gets_answers_whole_and_as_they_come(node: Node) -> None:
    assert await node("openai.mjs", "answers") == {
        "whole": "Good morning ",
        "streamed": "Good morning ",
        "response": "Good evening ",
        "delta": "user: Good evening | assistant: Good evening  | user: context",
        "last": "response.completed",
        "models": ["convo"],
    }


async def test_it_gets_typed_errors(node: Node) -> None:
    assert await node("openai.mjs", "refusals") == {
        "failed": [500, "server_error"],
        "invalid": [400, "invalid_request_error"],
        "nobody": [401, "invalid_request_error"],
    }
