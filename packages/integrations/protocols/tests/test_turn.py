"""The folds without any input or output: a log of events, cut anywhere, tells the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from convo.protocol import (
    AskOpened,
    Event,
    RunEnded,
    RunError,
    RunQueued,
    RunStarted,
    Step,
    StepClosed,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
    StepRemoved,
    ThreadInfo,
)
from convo.state import ThreadState
from convo_protocols.ag_ui import Run
from convo_protocols.ai_sdk import Chat
from convo_protocols.chat_completions import ChatCompletion
from convo_protocols.exchange import About, Exchange
from convo_protocols.responses import Response
from convo_protocols.turn import Asked, Ended, Happening, TextAdded, TextBegan, TextEnded, Turn

AT = "2026-01-01T00:00:00.000Z"
ABOUT = About("thread", "run", "https://example.org", 1)
LOG: list[Event] = [
    RunQueued(id="run", callback="on_message", at=AT, command_id="c"),
    RunStarted(id="run", at=AT),
    StepOpened(step=Step(id="tool", type="tool", name="add", run_id="run", input='{"a": 1}', show_input="json")),
    StepDelta(id="tool", text="3"),
    StepClosed(id="tool", end=AT),
    StepOpened(step=Step(id="m1", type="assistant_message", run_id="run")),
    StepDelta(id="m1", text="Hello "),
    StepDelta(id="m1", text="world"),
    StepClosed(id="m1", end=AT),
    StepOpened(step=Step(id="m2", type="assistant_message", run_id="run", output="Wait")),
    StepPatched(id="m2", set=StepFields(output="Done")),
    StepClosed(id="m2", end=AT),
    StepOpened(step=Step(id="other", type="assistant_message", run_id="another", output="Not mine")),
    RunEnded(id="run", at=AT, status="done"),
]


def told(log: Sequence[Event], cuts: set[int]) -> list[Happening]:
    """What a turn says of a log that is read in pieces, which end before these events."""
    turn, state = Turn("run"), ThreadState(ThreadInfo(id="thread"))
    happenings: list[Happening] = []
    batch: list[Event] = []
    for seq, event in enumerate(log, 1):
        if seq in cuts and batch:
            happenings += turn.take(state, batch)
            batch = []
        state.apply(seq, event)
        batch.append(event)
    return happenings + turn.take(state, batch)


def texts(happenings: Sequence[Happening]) -> dict[str, str]:
    """Each text that stands in the end."""
    said: dict[str, str] = {}
    for one in happenings:
        if isinstance(one, TextBegan):
            said.pop(one.replaces or "", None)
            said[one.id.partition("~")[0]] = ""
        elif isinstance(one, TextAdded):
            said[one.id.partition("~")[0]] += one.text
    return said


def test_however_a_log_is_cut_the_same_is_said() -> None:
    for first in range(2, len(LOG) + 1):
        for second in range(first, len(LOG) + 1):
            happenings = told(LOG, {first, second})
            assert texts(happenings) == {"m1": "Hello world", "m2": "Done"}
            assert isinstance(happenings[-1], Ended)
            assert [type(one) for one in happenings].count(TextBegan) == [type(one) for one in happenings].count(
                TextEnded
            )
            assert not any("other" in repr(one) for one in happenings)


def test_what_was_told_elsewhere_is_not_told_again() -> None:
    turn, state = Turn("run"), ThreadState(ThreadInfo(id="thread"))
    for seq, event in enumerate(LOG[:7], 1):
        state.apply(seq, event)
    turn.pass_over(state)
    state.apply(8, LOG[7])
    assert turn.take(state, [LOG[7]]) == [TextBegan("m1~2"), TextAdded("m1~2", "world")]


def test_what_is_removed_has_ended() -> None:
    log = [*LOG[:7], StepRemoved(id="m1"), LOG[-1]]
    happenings = told(log, set(range(len(log) + 1)))
    assert [one for one in happenings if isinstance(one, TextEnded)] == [TextEnded("m1")]


def test_a_question_is_told_once() -> None:
    ask = AskOpened(id="ask", step_id="m1", run_id="run", type="text")
    happenings = told([*LOG[:9], ask, *LOG[9:]], set(range(20)))
    [asked] = [one for one in happenings if isinstance(one, Asked)]
    assert asked.text == "Hello world"


def exchanges(*, is_streamed: bool = True) -> Iterator[Exchange]:
    chat = {"messages": [{"role": "user", "content": "Hi"}], "model": "m", "stream": is_streamed}
    yield ChatCompletion(encoded(chat), instructions=False)
    yield Response(encoded({"input": "Hi", "model": "m", "stream": is_streamed}), instructions=False)
    message = {"id": "1", "role": "user", "content": "Hi"}
    yield Run(encoded({"threadId": "t", "runId": "r", "messages": [message]}), instructions=False)
    said = {"id": "1", "role": "user", "parts": [{"type": "text", "text": "Hi"}]}
    yield Chat(encoded({"id": "t", "messages": [said]}), instructions=False)


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def written(exchange: Exchange, happenings: Sequence[Happening]) -> list[Any]:
    """The data of all messages of a stream."""
    pieces = [*exchange.begin(ABOUT)]
    for one in happenings:
        pieces += exchange.tell(one)
    pieces += exchange.close()
    lines = b"".join(pieces).decode().splitlines()
    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    return [one if one == "[DONE]" else json.loads(one) for one in data]


def test_each_protocol_tells_the_same_log() -> None:
    happenings = told(LOG, set(range(len(LOG) + 1)))
    chat, response, ag_ui, ai_sdk = (written(exchange, happenings) for exchange in exchanges())

    content = "".join(one["choices"][0]["delta"].get("content", "") for one in chat[:-1])
    assert content == "Hello world\n\nWait\n\nDone"  # what was said cannot be taken back
    assert chat[-1] == "[DONE]"
    output = response[-1]["response"]["output"]
    assert [item["content"][0]["text"] for item in output] == ["Hello world", "Done"]
    numbers = [one["sequence_number"] for one in response]
    assert numbers == sorted(set(numbers))
    assert [one["type"] for one in ag_ui] == [
        "RUN_STARTED",
        "STATE_SNAPSHOT",
        "TOOL_CALL_START",
        "TOOL_CALL_ARGS",
        "TOOL_CALL_END",
        "TOOL_CALL_RESULT",
        *["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"],
        *["TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END"] * 2,
        "RUN_FINISHED",
    ]
    assert [one if one == "[DONE]" else one["type"] for one in ai_sdk] == [
        "start",
        "tool-input-start",
        "tool-input-available",
        "tool-output-available",
        *["text-start", "text-delta", "text-delta", "text-end"],
        *["text-start", "text-delta", "text-end"] * 2,
        "finish",
        "[DONE]",
    ]


def test_the_numbers_of_a_response_do_not_depend_on_the_pieces() -> None:
    log = [event for event in LOG if getattr(event, "id", "") != "m2"]
    del log[9]  # and its opening: nothing is rewritten
    whole = list(exchanges())[1]
    pieces = list(exchanges())[1]
    first = written(whole, told(log, set()))
    second = written(pieces, told(log, set(range(20))))
    assert first[-1]["sequence_number"] == second[-1]["sequence_number"]
    assert first[-1]["response"] == second[-1]["response"]


@pytest.mark.parametrize("status", ["failed", "stopped", "interrupted"])
def test_every_end_is_told(status: Any) -> None:
    error = RunError(id="e", text="It broke") if status == "failed" else None
    log = [*LOG[:7], RunEnded(id="run", at=AT, status=status, error=error)]
    chat, response, ag_ui, ai_sdk = (written(exchange, told(log, set())) for exchange in exchanges())
    if status == "stopped":
        assert chat[-2]["choices"][0]["finish_reason"] == "stop"
        assert response[-1]["type"] == "response.incomplete"
        assert ag_ui[-1]["outcome"] == {"type": "cancelled"}
        assert ai_sdk[-2]["type"] == "abort"
        return
    said = "It broke" if status == "failed" else "interrupted"
    assert said in chat[-2]["error"]["message"]
    assert said in response[-1]["response"]["error"]["message"]
    assert said in ag_ui[-1]["message"]
    assert said in ai_sdk[-3]["errorText"]
    assert ai_sdk[-2]["finishReason"] == "error"
