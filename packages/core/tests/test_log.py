"""The log: events in order, readers with cursors, and the law that every way of reading folds to the same state."""

import asyncio
import threading
from typing import Any

import msgspec
import pytest
from convo import RunEnded
from convo.log import EventLog, Subscription, ThreadLog
from convo.protocol import (
    Batch,
    Event,
    LeafMoved,
    RunQueued,
    RunStarted,
    SaveProgressed,
    Snapshot,
    State,
    Step,
    StepClosed,
    StepDelta,
    StepFields,
    StepOpened,
    StepPatched,
    StepRemoved,
    ThreadInfo,
    Toast,
    encode,
)
from convo.protocol import RunEnded as RunEndedEvent
from convo.state import ThreadState
from hypothesis import given, settings
from hypothesis import strategies as st

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
    assert log._bytes <= 10_000
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
    log._passing[0] = (2, log._passing[0][1] - 11)

    batch = reader.read()

    assert isinstance(batch, Batch)
    assert (batch.to, batch.events) == (2, [])


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


IDS = st.sampled_from("abcd")
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda i, p, q: opened(i, parent_id=p, prior_id=q), IDS, st.none() | IDS, st.none() | IDS),
    st.builds(StepDelta, id=IDS, text=st.text(max_size=3), field=st.sampled_from(["input", "output"])),
    st.builds(StepDelta, id=IDS, text=st.text(max_size=3), field=st.sampled_from(["input", "output"])),
    st.builds(StepClosed, id=IDS, end=st.just(NOW), is_error=st.booleans()),
    st.builds(lambda i, text: StepPatched(id=i, set=StepFields(output=text)), IDS, st.text(max_size=3)),
    st.builds(StepRemoved, id=IDS),
    st.builds(LeafMoved, id=st.none() | IDS),
    st.builds(Toast, message=st.text(max_size=3)),
)


@given(
    events=st.lists(EVENTS, max_size=60),
    reads=st.lists(st.booleans(), min_size=60, max_size=60),
    reconnects=st.lists(st.booleans(), min_size=60, max_size=60),
    tail=st.integers(min_value=2, max_value=80),
    max_bytes=st.sampled_from([1, 300, 1 << 18]),
)
@settings(deadline=None)
def test_every_batching_cut_and_snapshot_folds_to_the_same_state(
    events: list[Event], reads: list[bool], reconnects: list[bool], tail: int, max_bytes: int
) -> None:
    log = new_log(tail_events=tail)
    reader = log.subscribe()
    mirror: ThreadState | None = None
    position = 0

    def catch_up() -> None:
        nonlocal mirror, position
        while (frame := reader.read(max_bytes)) is not None:
            wire = msgspec.json.decode(encode(frame))
            if isinstance(frame, Snapshot):
                view = msgspec.convert(wire["state"], State)
                if frame.since is not None and mirror is not None:
                    assert frame.since == position
                    mirror.merge(view, frame.removed)
                else:
                    mirror = ThreadState.from_view(view)
            else:
                assert frame.start == position + 1
                assert mirror is not None
                for event in msgspec.convert(wire["events"], list[Event]):
                    mirror.apply(frame.to, event)
            position = frame.to

    for event, read, reconnect in zip(events, reads, reconnects, strict=False):
        log.append(event)
        if reconnect and position:
            reader.close()
            reader = log.subscribe(log=log.id, after=position)
        if read:
            catch_up()
    catch_up()

    assert mirror is not None
    assert mirror.view() == log.state.view()
