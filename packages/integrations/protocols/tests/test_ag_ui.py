"""AG-UI's own client, which refuses events that its protocol does not have, or has not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from .conftest import Events

Node = Callable[..., Awaitable[Any]]


async def test_texts_steps_tools_state_and_tokens(node: Node) -> None:
    seen = await node("ag_ui.mjs", "work")

    assert seen["types"][0] == "RUN_STARTED"
    assert seen["types"][-1] == "RUN_FINISHED"
    told = [one for one in seen["types"] if one not in ("RUN_STARTED", "STATE_SNAPSHOT", "RUN_FINISHED")]
    assert told[:6] == [
        "STEP_STARTED",
        "STEP_FINISHED",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TOOL_CALL_RESULT",
    ]
    assert told.count("TEXT_MESSAGE_START") == told.count("TEXT_MESSAGE_END") == 2
    assert seen["state"] == ["thread"]
    roles = [role for role, _ in seen["messages"]]
    assert roles[:5] == ["user", "assistant", "tool", "assistant", "assistant"]
    [call] = seen["messages"][1][1]
    assert call["function"] == {"name": "add", "arguments": '{"a":1,"b":2}'}
    assert seen["messages"][2][1].replace(" ", "").replace("\n", "") == '{"sum":3}'
    assert [text for _, text in seen["messages"][3:5]] == ["It is three.", "Really."]
    assert seen["outcome"] == {"type": "success"}
    counts = {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}
    assert seen["usage"] == [{"provider": "acme", "model": "acme-1"} | counts]
    assert seen["again"] == "user: work | assistant: It is three. | assistant: Really. | user: context"


async def test_elements_and_actions_are_custom_events(node: Node, url: str) -> None:
    [(first, element), (second, action)] = await node("ag_ui.mjs", "show")

    assert (first, second) == ("convo.element", "convo.action")
    assert element["url"].startswith(f"{url}/api/v1/threads/")
    assert (element["name"], element["mime"]) == ("dot.png", "image/png")
    assert (action["name"], action["label"]) == ("more", "More")
    assert "payload" not in action


async def test_questions_are_interrupts_that_the_next_run_resumes(node: Node) -> None:
    seen = await node("ag_ui.mjs", "interrupts")

    assert (seen["interrupt"]["reason"], seen["interrupt"]["message"]) == ("convo:text", "Who are you?")
    assert seen["interrupt"]["responseSchema"] == {"type": "string"}
    assert seen["texts"] == ["Who are you?", "Hello Ann", "Which?", "None", "Which?", "So Blue"]
    assert (seen["enumerated"], seen["end"]) == (2, "RUN_FINISHED")


async def test_failures(node: Node) -> None:
    seen = await node("ag_ui.mjs", "failure")

    assert seen["failed"]["type"] == "RUN_ERROR"
    assert "secret" not in seen["failed"]["message"]
    assert "401" in seen["refused"]


async def test_a_new_thread_begins_with_what_comes_along(node: Node) -> None:
    assert await node("ag_ui.mjs", "begun") == "user: Hi | assistant: Hello | user: context"


async def test_who_leaves_stops_the_run(node: Node, events: Events) -> None:
    assert await node("ag_ui.mjs", "stop") == "left"
    await events.until("stopped")
