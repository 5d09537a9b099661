"""The log: events in order, readers with cursors, and the law that every way of reading folds to the same state."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from typing import Any, get_args

import msgspec
import pytest
from convo import RunEnded
from convo.log import PASSING_BYTES, PASSING_SECONDS, EventLog, Subscription, ThreadLog
from convo.projection import ParticipantProjection, Projection
from convo.protocol import (
    PASSING,
    Action,
    ActionPut,
    ActionRemoved,
    AskClosed,
    AskOpened,
    AudioChunk,
    AudioInterrupted,
    Batch,
    CallClosed,
    CallOpened,
    Element,
    ElementPut,
    ElementRemoved,
    Event,
    LeafMoved,
    NoticeCleared,
    NoticePosted,
    RunError,
    RunQueued,
    RunStarted,
    SaveFailed,
    SaveProgressed,
    SessionEnded,
    Snapshot,
    State,
    StateFields,
    StatePatched,
    Step,
    StepClosed,
    StepDelivered,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
    StepRemoved,
    ThreadFields,
    ThreadInfo,
    ThreadListed,
    ThreadPatched,
    ThreadUnlisted,
    Toast,
    WindowMessage,
    encode,
)
from convo.protocol import RunEnded as RunEndedEvent
from convo.state import ThreadState, is_message
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

NOW = "2026-01-01T00:00:00.000Z"


def new_log(**options: Any) -> ThreadLog:
    return EventLog(ThreadState(ThreadInfo(id="t")), **options)


def opened(step_id: str, **fields: Any) -> StepOpened:
    return StepOpened(step=Step(id=step_id, type="assistant_message", **fields))


def read_all(reader: Subscription) -> list[Batch | Snapshot]:
    frames = []
    while (frame := reader.read()) is not None:
        frames.append(frame)
    return frames


def test_events_are_numbered_from_one_without_gaps() -> None:
    log = new_log()

    assert [log.append(opened("a")), log.append(StepDelta(id="a", text="x"))] == [1, 2]


def test_a_new_reader_gets_a_snapshot_and_then_batches() -> None:
    log = new_log()
    log.append(opened("a", output="hi"))
    reader = log.subscribe()

    snapshot = reader.read()
    log.append(StepDelta(id="a", text="!"))
    batch = reader.read()

    assert isinstance(snapshot, Snapshot)
    assert snapshot.to == 1
    assert isinstance(batch, Batch)
    assert (batch.start, batch.to, batch.events) == (2, 2, [StepDelta(id="a", text="!")])
    assert reader.read() is None


def test_a_slow_reader_sees_few_large_deltas() -> None:
    log = new_log()
    log.append(opened("a"))
    log.append(opened("b"))
    reader = log.subscribe(log=log.id, after=2)
    for n in range(100):
        log.append(StepDelta(id="ab"[n % 2], text=str(n % 10)))

    batch = reader.read()

    assert isinstance(batch, Batch)
    assert (batch.start, batch.to) == (3, 102)
    assert batch.events == [StepDelta(id="a", text="02468" * 10), StepDelta(id="b", text="13579" * 10)]


def test_a_delta_never_moves_across_another_kind_of_event() -> None:
    log = new_log()
    log.append(opened("a"))
    reader = log.subscribe(log=log.id, after=1)
    log.append(StepDelta(id="a", text="wrong"))
    log.append(StepPatched(id="a", set=StepFields(output="right")))
    log.append(StepDelta(id="a", text="!"))

    batch = reader.read()

    assert isinstance(batch, Batch)
    assert [type(event).__name__ for event in batch.events] == ["StepDelta", "StepPatched", "StepDelta"]


def test_a_reader_behind_the_tail_gets_only_what_changed_since() -> None:
    log = new_log(tail_events=10)
    log.append(opened("old", output="unchanged"))
    log.append(opened("new"))
    log.append(opened("gone"))
    reader = log.subscribe(log=log.id, after=3)
    log.append(StepRemoved(id="gone"))
    for _ in range(50):
        log.append(StepDelta(id="new", text="x"))

    snapshot = reader.read()

    assert isinstance(snapshot, Snapshot)
    assert snapshot.since == 3
    assert [step.id for step in snapshot.state.steps] == ["new"]
    assert snapshot.removed == [("steps", "gone")]


def test_a_reader_older_than_a_forgotten_removal_gets_everything() -> None:
    log = new_log(tail_events=10)
    log.append(opened("kept"))
    log.append(opened("gone"))
    log.append(StepRemoved(id="gone"))
    log.append(SaveProgressed(seq=3))
    for _ in range(50):
        log.append(StepDelta(id="kept", text="x"))

    snapshot = log.subscribe(log=log.id, after=2).read()

    assert isinstance(snapshot, Snapshot)
    assert snapshot.since is None


@pytest.mark.parametrize(("log_id", "after"), [("another", 1), (None, 99), (None, 0)])
def test_a_position_this_log_never_had_gets_a_snapshot(log_id: str | None, after: int) -> None:
    log = new_log()
    log.append(opened("a"))

    frame = log.subscribe(log=log_id or log.id, after=after).read()

    assert isinstance(frame, Snapshot)
    assert frame.since is None


def test_the_tail_is_bounded_in_events_and_bytes() -> None:
    log = new_log(tail_events=100, tail_bytes=10_000)
    log.append(opened("a"))
    for _ in range(1000):
        log.append(StepDelta(id="a", text="x" * 500))

    assert len(log._tail) <= 100
    assert sum(log._sizes) <= 10_000
    assert len(log._sizes) == len(log._tail)
    assert len(log.state.steps["a"].step.output) == 500_000


def test_a_reader_that_never_reads_costs_nothing_and_a_closed_one_is_forgotten() -> None:
    log = new_log(tail_events=10)
    reader = log.subscribe()
    log.append(opened("a"))
    for _ in range(1000):
        log.append(StepDelta(id="a", text="x"))

    assert len(log._tail) <= 10
    reader.close()
    assert log.readers == 0


def test_passing_events_are_numbered_but_never_in_a_snapshot() -> None:
    log = new_log()
    reader = log.subscribe()
    reader.read()
    log.append(Toast(message="hello"))

    batch = reader.read()

    assert isinstance(batch, Batch)
    assert batch.events == [Toast(message="hello")]
    assert b"hello" not in encode(log.subscribe().read())


def test_passing_events_leave_the_tail_after_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    log = new_log()
    log.append(opened("a"))
    reader = log.subscribe(log=log.id, after=1)
    log.append(Toast(message="hello"))
    seq, at, size = log._passing[0]
    log._passing[0] = (seq, at - 11, size)

    batch = reader.read()

    assert isinstance(batch, Batch)
    assert (batch.to, batch.events) == (2, [])


def test_sound_is_weighed_and_drives_no_text_out_of_the_tail() -> None:
    log = new_log(tail_bytes=100_000)
    log.append(opened("a"))
    reader = log.subscribe(log=log.id, after=1)
    second = bytes(48_000)
    for _ in range(60):
        log.append(AudioChunk(mime="pcm16", track="t", data=second))
    log.append(StepDelta(id="a", text="still here"))

    frames = []
    while (frame := reader.read()) is not None:
        frames.append(frame)

    assert all(isinstance(frame, Batch) for frame in frames), "no reader is thrown back to a snapshot by sound"
    assert len(frames) > 10, "a frame holds no more sound than text"
    heard = [event for frame in frames for event in frame.events if isinstance(event, AudioChunk)]
    assert sum(len(chunk.data) for chunk in heard) == 60 * len(second)
    assert frames[-1].events[-1] == StepDelta(id="a", text="still here")


def test_more_sound_than_a_log_keeps_leaves_it_the_oldest_first() -> None:
    log = new_log()
    reader = log.subscribe(log=log.id, after=0)
    log.append(opened("a"))
    piece = bytes(1 << 20)
    for number in range(12):
        log.append(AudioChunk(mime="audio/mpeg", track=str(number), data=piece))

    assert log._passing_bytes <= PASSING_BYTES
    tracks = [event.track for event in log._tail if isinstance(event, AudioChunk)]
    assert tracks == [str(number) for number in range(12 - len(tracks), 12)]
    reader.close()


async def test_sound_that_nobody_reads_is_let_go_of_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo.log.PASSING_SECONDS", 0.02)
    log = new_log()
    log.append(AudioChunk(mime="pcm16", track="t", data=bytes(1000)))
    log.append(Toast(message="hello"))

    async with asyncio.timeout(5):
        while log._passing_bytes:
            await asyncio.sleep(0.01)

    assert log._tail == [None, None]


def test_a_stopped_run_cannot_write_but_a_finished_one_can() -> None:
    log = new_log()
    for run_id, status in (("done", "done"), ("stopped", "stopped")):
        log.append(RunQueued(id=run_id, callback="on_message", at=NOW))
        log.append(RunStarted(id=run_id, at=NOW))
        log.append(RunEndedEvent(id=run_id, at=NOW, status=status))  # type: ignore[arg-type]  # both are statuses

    log.append(opened("a"), writer="done")
    with pytest.raises(RunEnded) as caught:
        log.append(opened("b"), writer="stopped")

    assert (caught.value.run_id, caught.value.status) == ("stopped", "stopped")
    assert log.seq == 7


async def test_a_waiting_reader_is_woken_from_any_thread() -> None:
    log = new_log()
    log.append(opened("a"))
    reader = log.subscribe(log=log.id, after=1)

    def write() -> None:
        for n in range(100):
            log.append(StepDelta(id="a", text=f"{n} "))
        log.close()

    thread = threading.Thread(target=write)
    thread.start()
    text = ""
    async for frame in reader:
        assert isinstance(frame, Batch)
        text += "".join(event.text for event in frame.events if isinstance(event, StepDelta))
    thread.join()

    assert text == "".join(f"{n} " for n in range(100))


async def test_appends_from_many_threads_lose_nothing() -> None:
    log = new_log()
    log.append(opened("a"))

    def write() -> None:
        for _ in range(500):
            log.append(StepDelta(id="a", text="x"))

    await asyncio.gather(*(asyncio.to_thread(write) for _ in range(4)))

    assert log.seq == 2001
    assert log.state.steps["a"].step.output == "x" * 2000


def family() -> ThreadLog:
    """A message said by a tool of an agent, with an element and a question of the agent's own."""
    log = new_log()
    log.append(StepOpened(step=Step(id="agent", type="llm", output="secret", start=NOW)))
    log.append(StepOpened(step=Step(id="tool", type="tool", parent_id="agent", output="secret too")))
    log.append(StepOpened(step=Step(id="said", type="assistant_message", parent_id="tool", output="hello")))
    log.append(ElementPut(element=Element(id="e", type="text", name="secret element", for_id="agent")))
    log.append(ActionPut(action=Action(id="b", name="secret button", for_id="agent")))
    log.append(AskOpened(id="q", step_id="agent", run_id="r", type="text", spec={"content": "secret question"}))
    return log


@pytest.mark.parametrize("cot", ["hidden", "tool_call"])
def test_what_is_hidden_never_leaves_whichever_way_it_is_read(cot: Any) -> None:
    log = family()
    projection = ParticipantProjection("tab", cot)
    follower = log.subscribe(log=log.id, after=1, projection=projection)
    log.append(StepDelta(id="agent", text=" secret delta"))
    log.append(StepDelta(id="agent", text=" secret input", field="input"))
    log.append(StepPatched(id="agent", set=StepFields(name="secret name", metadata={"secret": 1})))
    log.append(AskClosed(id="q", outcome="answered", answer="secret answer"))
    log.append(StepClosed(id="agent", end=NOW, set=StepFields(output="secret end")))

    frames = [*read_all(follower), *read_all(log.subscribe(projection=projection))]

    told = b"".join(encode(frame) for frame in frames)
    assert b"hello" in told
    assert (b"secret too" in told) == (cot == "tool_call")
    assert b"secret" not in told.replace(b"secret too", b"")
    assert isinstance(frames[0], Batch)
    assert (frames[0].start, frames[0].to) == (2, log.seq), "a batch stands for all its numbers, shown or not"


def test_what_hangs_below_a_hidden_step_hangs_on_the_next_one_above_that_is_shown() -> None:
    log = family()
    log.append(StepOpened(step=Step(id="inner", type="llm", parent_id="tool")))
    log.append(StepOpened(step=Step(id="deep", type="tool", parent_id="inner")))

    snapshot = log.subscribe(projection=ParticipantProjection("tab", "tool_call")).read()

    assert isinstance(snapshot, Snapshot)
    assert [(step.id, step.parent_id) for step in snapshot.state.steps] == [
        ("tool", None),
        ("said", "tool"),
        ("deep", "tool"),
    ]


def test_a_hidden_step_that_goes_takes_along_what_a_reader_saw_of_it() -> None:
    log = family()
    tab = Tab(log, ParticipantProjection("tab", "hidden"))
    tab.read_all()
    assert [step.id for step in tab.view.steps] == ["said"]
    log.append(StepRemoved(id="agent"))

    tab.read_all()

    assert tab.view.steps == []


def test_a_step_that_turns_into_a_tool_appears_with_what_hangs_on_it() -> None:
    log = family()
    tab = Tab(log, ParticipantProjection("tab", "tool_call"))
    tab.read_all()
    log.append(StepPatched(id="agent", set=StepFields(type="tool")))
    tab.read_all()

    assert [(step.id, step.parent_id) for step in tab.view.steps] == [
        ("agent", None),
        ("tool", "agent"),
        ("said", "tool"),
    ]
    assert [element.id for element in tab.view.elements] == ["e"]


STEPS = st.sampled_from("abcdef")
EARLIER = st.sampled_from([None, None, None, None, *"abcdef"])  # a step that is there, with luck
OTHERS = st.sampled_from("xyz")
RUNS = st.sampled_from("rs")
TABS = st.none() | st.sampled_from(["this tab", "another tab"])
TEXT = st.text(max_size=3)
MAYBE = st.none() | TEXT
BAGS = st.dictionaries(st.sampled_from("km"), st.none() | st.integers(-9, 9) | st.lists(TEXT, max_size=2), max_size=2)
TAGS = st.none() | st.lists(TEXT, max_size=2)


def fields_of(kind: type[Any], **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Some of the fields to set, others left as they are."""
    return st.fixed_dictionaries({}, optional=values).map(lambda chosen: kind(**chosen))


STEP = st.builds(
    Step,
    id=STEPS,
    type=st.sampled_from(["user_message", "assistant_message", "tool", "llm"]),
    parent_id=EARLIER,
    prior_id=EARLIER,
    run_id=st.none() | RUNS,
    output=TEXT,
    input=TEXT,
    show_input=st.booleans(),
    end=st.none() | st.just(NOW),
)
STEP_FIELDS = fields_of(
    StepFields,
    output=TEXT,
    input=TEXT,
    show_input=st.sampled_from([False, True, "json"]),
    name=TEXT,
    type=st.sampled_from(["assistant_message", "tool", "llm"]),
    parent_id=EARLIER,
    end=st.none() | st.just(NOW),
    is_error=st.booleans(),
    metadata=st.none() | BAGS,
    tags=TAGS,
)
STORIES: dict[type[Any], st.SearchStrategy[Any]] = {
    RunQueued: st.builds(RunQueued, id=RUNS, callback=st.just("on_message"), at=st.just(NOW), text=MAYBE, by=MAYBE),
    RunStarted: st.builds(RunStarted, id=RUNS, at=st.just(NOW)),
    RunEndedEvent: st.builds(
        RunEndedEvent,
        id=RUNS,
        at=st.just(NOW),
        status=st.sampled_from(["done", "failed", "stopped", "interrupted"]),
        by=MAYBE,
        error=st.none() | st.builds(RunError, id=TEXT, text=TEXT),
    ),
    StepOpened: st.builds(StepOpened, step=STEP),
    StepDelta: st.builds(StepDelta, id=STEPS, text=TEXT, field=st.sampled_from(["input", "output"])),
    StepPatched: st.builds(StepPatched, id=STEPS, set=STEP_FIELDS),
    StepClosed: st.builds(StepClosed, id=STEPS, end=st.just(NOW), is_error=st.booleans(), set=STEP_FIELDS),
    StepRemoved: st.builds(StepRemoved, id=STEPS),
    StepDelivered: st.builds(StepDelivered, id=STEPS, platform=st.just("slack"), ref=TEXT, digest=TEXT),
    LeafMoved: st.builds(LeafMoved, id=st.none() | STEPS),
    ElementPut: st.builds(
        ElementPut,
        element=st.builds(Element, id=OTHERS, type=st.just("text"), name=TEXT, for_id=EARLIER, props=BAGS),
    ),
    ElementRemoved: st.builds(ElementRemoved, id=OTHERS),
    ActionPut: st.builds(
        ActionPut, action=st.builds(Action, id=OTHERS, name=TEXT, for_id=EARLIER, payload=st.none() | BAGS)
    ),
    ActionRemoved: st.builds(ActionRemoved, id=OTHERS),
    AskOpened: st.builds(AskOpened, id=OTHERS, step_id=STEPS, run_id=RUNS, type=st.just("text"), spec=BAGS),
    AskClosed: st.builds(
        AskClosed, id=OTHERS, outcome=st.sampled_from(["answered", "timed-out", "cancelled"]), by=MAYBE, answer=BAGS
    ),
    CallOpened: st.builds(CallOpened, id=OTHERS, name=TEXT, args=BAGS, to=TABS),
    CallClosed: st.builds(
        CallClosed, id=OTHERS, outcome=st.sampled_from(["returned", "failed", "timed-out", "cancelled"]), value=MAYBE
    ),
    ThreadPatched: st.builds(
        ThreadPatched,
        set=fields_of(
            ThreadFields,
            name=MAYBE,
            tags=TAGS,
            metadata=st.none() | BAGS,
            shared=st.booleans(),
            pinned=st.booleans(),
        ),
    ),
    StatePatched: st.builds(
        StatePatched,
        set=fields_of(
            StateFields,
            settings=st.none() | BAGS,
            commands=TAGS,
            modes=TAGS,
            profile=MAYBE,
            sidebar=st.none() | BAGS,
            usage=st.none() | BAGS,
            audio=st.none() | BAGS,
            session=BAGS,
        ),
    ),
    SaveFailed: st.builds(SaveFailed, since=st.just(NOW), reason=TEXT),
    SessionEnded: st.builds(SessionEnded, reason=TEXT),
    Toast: st.builds(Toast, message=TEXT, to=TABS),
    WindowMessage: st.builds(WindowMessage, data=BAGS, to=TABS),
    AudioChunk: st.builds(AudioChunk, mime=st.just("pcm16"), track=st.just("t"), data=st.binary(max_size=3), to=TABS),
    AudioInterrupted: st.builds(AudioInterrupted, to=TABS),
}


class Store:
    """What the Recorder does: takes what changed since the last time, and says later that it is saved."""

    def __init__(self, log: ThreadLog) -> None:
        self._log = log
        self._seq = 0
        self.state = ThreadState(ThreadInfo(id="t"))

    def take(self) -> None:
        self._seq, view, removed = self._log.changes_since(self._seq)
        self.state.merge(_over_the_wire(view, State), removed)

    def say(self) -> None:
        self._log.append(SaveProgressed(seq=self._seq))


class Tab:
    """A reader that folds what it is sent, drops its connection and comes back. With `turns`, it reads by pages."""

    def __init__(self, log: ThreadLog, projection: Projection, turns: int | None = None) -> None:
        self._log = log
        self._projection = projection
        self._turns = turns
        self._position = 0
        self._state: ThreadState | None = None
        self._reader = log.subscribe(projection=projection, turns=turns)
        self.passed: list[Event] = []

    @property
    def place(self) -> int:
        return 0 if self._state is None or self._state.window is None else self._state.window.place

    def reconnect(self) -> None:
        self._reader.close()
        self._reader = self._log.subscribe(
            log=self._log.id,
            after=self._position,
            turns=self._turns,
            place=None if self._state is None else self.place,
            projection=self._projection,
        )

    def page(self, turns: int, to: str | None) -> None:
        """Ask for older turns; what comes of it is read some time."""
        if self._state is not None and self.place and (to is None or to in self._log.state.steps):
            oldest = next((step.id for step in self.view.steps if is_message(step)), "")
            self._reader.page(oldest, turns, to)

    def reload(self) -> None:
        """The page is loaded again: nothing is known any more."""
        self._position, self._state = 0, None
        self.reconnect()

    def read(self, max_bytes: int) -> None:
        frame = self._reader.read(max_bytes)
        if isinstance(frame, Snapshot):
            view = _over_the_wire(frame.state, State)
            if frame.since is None:
                self._state = ThreadState.from_view(view, frame.window)
            else:
                assert frame.since == self._position
                assert self._state is not None
                self._state.merge(view, frame.removed, frame.window)
        elif frame is not None:
            assert frame.start == self._position + 1
            assert self._state is not None
            for event in _over_the_wire(frame.events, list[Event]):
                self._state.apply(frame.to, event)
                self.passed += [event] if isinstance(event, PASSING) else []
        if frame is not None:
            assert frame.to > self._position or frame.to == self._log.seq or frame.window is not None
            self._position = frame.to

    def read_all(self) -> None:
        while self._position != self._log.seq or self._state is None or self._reader.has_news:
            self.read(1 << 17)

    def check(self) -> None:
        """Where it stands at the log's end it has its window, and nothing that is otherwise than in the whole."""
        if self._position != self._log.seq or self._state is None:
            return
        whole = self._projection.state(self._log.state.view(), self._log.state)
        if self.place == 0:
            assert _by_owner(self.view) == _by_owner(whole)
            return
        window = self._projection.state(self._log.state.page(self.place), self._log.state)
        assert self.view.steps == window.steps
        for name in ("runs", "elements", "actions", "asks", "calls", "deliveries"):
            mine = {entry.id: entry for entry in getattr(self.view, name)}
            assert mine.items() <= {entry.id: entry for entry in getattr(whole, name)}.items()
            assert mine.keys() >= {entry.id for entry in getattr(window, name)}
        assert replace(self.view, **EMPTY) == replace(whole, **EMPTY)

    @property
    def view(self) -> State:
        assert self._state is not None
        return self._state.view()


EMPTY: dict[str, Any] = {name: [] for name in ("runs", "steps", "elements", "actions", "asks", "calls", "deliveries")}


def _by_owner(view: State) -> State:
    """Steps in their order, all else by owner: no order is promised among what came by different pages."""
    return replace(
        view,
        runs=sorted(view.runs, key=lambda run: run.id),
        elements=sorted(view.elements, key=lambda element: (element.for_id or "", element.id)),
        actions=sorted(view.actions, key=lambda action: (action.for_id or "", action.id)),
        asks=sorted(view.asks, key=lambda ask: (ask.step_id, ask.id)),
        calls=sorted(view.calls, key=lambda call: call.id),
        deliveries=sorted(view.deliveries, key=lambda delivery: delivery.id),
    )


def _over_the_wire(value: Any, kind: Any) -> Any:
    return msgspec.json.decode(encode(value), type=kind)


READING = st.one_of(
    st.sampled_from(["the store takes", "the store says", "ten seconds pass"]),
    st.tuples(st.just("read"), st.integers(0, 3), st.sampled_from([1, 300, 1 << 18])),
    st.tuples(st.sampled_from(["reconnect", "reload"]), st.integers(0, 3)),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Any]:
    """Many happenings of few kinds: so they meet more often than if every kind came up in every history."""
    kinds = draw(st.lists(st.sampled_from(list(STORIES)), min_size=1, max_size=4))
    always = [StepOpened, StepOpened, StepDelta, StepPatched, StepRemoved]
    happening = st.one_of(READING, READING, *[STORIES[kind] for kind in [*always, *kinds]])
    length = draw(st.integers(0, 60))  # without one, Hypothesis's lists have five items or so
    return draw(st.lists(happening, min_size=length, max_size=length))


@given(happenings=histories(), tail=st.sampled_from([2, 6, 40, 80]))
@settings(deadline=None)
def test_every_batching_cut_and_snapshot_folds_to_the_same_state(happenings: list[Any], tail: int) -> None:
    log = new_log(tail_events=tail)
    log.append(SaveProgressed(seq=0))  # a log that somebody reads is never empty
    store = Store(log)
    projections = [
        Projection(),
        ParticipantProjection("this tab"),
        ParticipantProjection("this tab", "tool_call"),
        ParticipantProjection("this tab", "hidden"),
    ]
    tabs = [Tab(log, projection) for projection in projections]

    for happening in happenings:
        match happening:
            case "the store takes":
                store.take()
            case "the store says":
                store.say()
            case "ten seconds pass":
                log._passing = [(seq, at - PASSING_SECONDS, size) for seq, at, size in log._passing]
            case ("read", which, max_bytes):
                tabs[which].read(max_bytes)
            case ("reconnect", which):
                tabs[which].reconnect()
            case ("reload", which):
                tabs[which].reload()
            case event:
                log.append(event)

    whole = log.state.view()
    store.take()
    assert store.state.view() == whole
    assert ThreadState.from_view(_over_the_wire(whole, State)).view() == whole
    for tab, projection in zip(tabs, projections, strict=True):
        tab.read_all()
        assert tab.view == projection.state(whole, log.state)
    assert all(getattr(event, "to", None) != "another tab" for tab in tabs[1:] for event in tab.passed)
    for tab, hidden in ((tabs[2], {"llm"}), (tabs[3], {"llm", "tool"})):
        seen = {step.id: step.type for step in tab.view.steps}
        assert not hidden & set(seen.values())
        assert all(element.for_id in {*seen, None} for element in tab.view.elements)
        assert all(ask.step_id in seen for ask in tab.view.asks)
    steps = {step.id for step in whole.steps}
    assert all(step.parent_id in steps | {None} and step.prior_id in steps | {None} for step in whole.steps)
    assert whole.leaf in steps | {None}


@st.composite
def long_histories(draw: st.DrawFn) -> list[Any]:
    """As `histories`, with many turns, and pages."""
    kinds = draw(st.lists(st.sampled_from(list(STORIES)), min_size=1, max_size=4))
    said = st.tuples(st.just("say"), STEPS)
    page = st.tuples(st.just("page"), st.integers(1, 2), st.none() | st.none() | STEPS)
    read = st.tuples(st.just("read"), st.sampled_from([1, 300, 1 << 18]))
    others = st.sampled_from(["reconnect", "reload", "the store takes", "the store says"])
    happening = st.one_of(said, said, read, read, page, others, *[STORIES[kind] for kind in [StepRemoved, *kinds]])
    length = draw(st.integers(0, 60))
    turns = [("say", step_id) for step_id in draw(st.permutations("abcdef"))]
    return turns + draw(st.lists(happening, min_size=length, max_size=length))


@given(
    happenings=long_histories(),
    tail=st.sampled_from([2, 6, 40, 80]),
    turns=st.integers(1, 3),
    cot=st.sampled_from(["full", "full", "tool_call", "hidden"]),
)
@settings(deadline=None)
def test_a_reader_by_pages_has_its_part_of_the_whole_and_in_the_end_all_of_it(
    happenings: list[Any], tail: int, turns: int, cot: Any
) -> None:
    log = new_log(tail_events=tail)
    log.append(SaveProgressed(seq=0))
    store = Store(log)
    tab = Tab(log, ParticipantProjection("this tab", cot), turns)

    for happening in happenings:
        match happening:
            case "the store takes":
                store.take()
            case "the store says":
                store.say()
            case "reconnect":
                tab.reconnect()
            case "reload":
                tab.reload()
            case ("read", max_bytes):
                tab.read(max_bytes)
            case ("page", count, to):
                tab.page(count, to)
            case ("say", step_id):
                log.append(StepOpened(step=Step(id=step_id, type="user_message", prior_id=log.state.leaf)))
                log.append(LeafMoved(id=step_id))
            case event:
                log.append(event)
        tab.check()

    tab.read_all()
    tab.check()
    while tab.place:
        before = tab.place
        tab.page(1, None)
        tab.read_all()
        tab.check()
        assert tab.place < before


def test_the_law_is_tried_with_every_event_of_a_thread() -> None:
    of_a_principal = {NoticePosted, NoticeCleared, ThreadListed, ThreadUnlisted}

    assert set(STORIES) | {SaveProgressed} == set(get_args(Event)) - of_a_principal


FORKING = """
import os
from convo.protocol import new_id
ids = [new_id() for _ in range(200)]
child = os.fork()
ids.append(new_id())
if child:
    os.waitpid(child, 0)
    print(*ids)
else:
    print(ids[-1], flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Nothing forks here.")
def test_ids_are_new_also_in_a_process_that_forked() -> None:
    ids = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, text=True, check=True).stdout.split()

    assert len(set(ids)) == len(ids) == 202
    assert all(re.fullmatch(r"[\w-]{22}", made) for made in ids)
