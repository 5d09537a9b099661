"""The golden vectors: what event sequences fold to, and what a reader by pages has after each frame.

The TypeScript fold reads the same files.
"""

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from convo.log import merge_deltas
from convo.protocol import Event, State, ThreadInfo, Window, encode
from convo.state import ThreadState

VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.json"))
PAGES = sorted((Path(__file__).parent / "vectors" / "pages").glob("*.json"))


@pytest.fixture(params=VECTORS, ids=lambda path: path.stem)
def vector(request: pytest.FixtureRequest) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(request.param.read_text("utf-8"))
    return data


def _folded(events: list[Event], thread: ThreadInfo) -> ThreadState:
    state = ThreadState(thread)
    for seq, event in enumerate(events, 1):
        state.apply(seq, event)
    return state


def _wire(state: State) -> Any:
    return msgspec.json.decode(encode(state))


def test_the_vectors_have_every_kind_of_event() -> None:
    told = {event["kind"] for path in VECTORS for event in json.loads(path.read_text("utf-8"))["events"]}

    assert told == {kind.__struct_config__.tag for kind in get_args(Event)}


def test_folding_the_events_gives_the_state(vector: dict[str, Any]) -> None:
    events = msgspec.convert(vector["events"], list[Event])

    assert _wire(_folded(events, ThreadInfo(id=vector["state"]["thread"]["id"])).view()) == vector["state"]


def test_every_cut_with_a_snapshot_before_it_gives_the_state(vector: dict[str, Any]) -> None:
    events = msgspec.convert(vector["events"], list[Event])
    thread = ThreadInfo(id=vector["state"]["thread"]["id"])
    for cut in range(len(events) + 1):
        reader = ThreadState.from_view(_folded(events[:cut], thread).view())
        rest, _ = merge_deltas(list(events[cut:]), 1 << 30)
        for event in rest:
            reader.apply(len(events), event)
        assert _wire(reader.view()) == vector["state"], f"cut at {cut}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_reader_by_pages_has_what_it_should_after_every_frame(path: Path) -> None:
    vector = json.loads(path.read_text("utf-8"))
    state = ThreadState(ThreadInfo(id="t"))
    for seq, (frame, view) in enumerate(zip(vector["frames"], vector["views"], strict=True), 1):
        for event in msgspec.convert(frame.get("events", []), list[Event]):
            state.apply(seq, event)
        if "state" in frame:
            part = msgspec.convert(frame["state"], State)
            window = msgspec.convert(frame.get("window"), Window | None)
            if "since" in frame:
                state.merge(part, msgspec.convert(frame.get("removed", []), list[tuple[str, str]]), window)
            else:
                state = ThreadState.from_view(part, window)
        assert _wire(state.view()) == view, f"frame {seq}"
