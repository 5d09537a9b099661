"""`DataLayerSuite`: what every data layer promises, as tests to inherit:

```python
class TestMyDataLayer(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self, tmp_path):
        return lambda: MyDataLayer(tmp_path / "history")
```
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from convo.datalayer import Changes, DataLayer, Pagination, SearchHit, Share, StoredThread
from convo.errors import ConflictError, IdentifierTakenError, MisconfiguredError, NotFoundError
from convo.protocol import (
    Action,
    ActionPut,
    ActionRemoved,
    Ask,
    AskClosed,
    AskOpened,
    Call,
    CallClosed,
    CallOpened,
    Delivery,
    Element,
    ElementPut,
    ElementRemoved,
    Event,
    Feedback,
    Generation,
    LeafMoved,
    QueuedMessage,
    RunEnded,
    RunInfo,
    RunQueued,
    RunStarted,
    Saved,
    SaveProgressed,
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
    ThreadPatched,
    timestamp,
)
from convo.protocol.nouns import RunError
from convo.signin import MemorySignIns, SignedIn, SignIn
from convo.state import Key, ThreadState
from convo.user import User

__all__ = ["DataLayerSuite"]

AT = "2026-11-05T12:00:00.123Z"
LATER = "2026-11-05T12:00:01.000Z"
ODD_TEXT = (
    "Grüße, 你好, العربية, 👩‍👩‍👧‍👦🏳️‍🌈, a\0b, \x01\x1f\x7f, "
    "\u2028\u2029, 'quotes' \"double\" \\ back, %s {x} :y ?, \r\n\t, \ufeff\uffff "
)
ODD_JSON = {
    "": None,
    "keys with 👍, \0 and ' ": [True, False, None, 0, -1, 2**53, 0.1, 1e300, "", ODD_TEXT, [], {}, [[[]]]],
    "deep": msgspec.json.decode(b'{"a":[' * 40 + b"1" + b"]}" * 40),
}


def changes(
    thread_id: str,
    epoch: int,
    *,
    owner_id: str = "ann",
    seq: int = 1,
    removed: Sequence[Key] = (),
    name: str | None = None,
    **state: Any,
) -> Changes:
    """Changes of a thread: `state` are fields of `State`."""
    thread = ThreadInfo(id=thread_id, name=name, created_at=AT)
    return Changes(
        thread_id=thread_id,
        owner_id=owner_id,
        epoch=epoch,
        seq=seq,
        state=State(thread=thread, **state),
        removed=list(removed),
    )


def message(id: str, text: str = "", **fields: Any) -> Step:
    return Step(id=id, type="user_message", output=text, created_at=AT, **fields)


def share(id: str, *, thread_id: str = "t", **fields: Any) -> Share:
    return Share(**({"id": id, "thread_id": thread_id, "kind": "live", "cot": "full", "created_at": AT} | fields))


def full_state(thread_id: str) -> State:
    """A state in which every field of every noun is set, to something hard to keep."""
    return State(
        thread=ThreadInfo(
            id=thread_id,
            name=ODD_TEXT,
            created_at=AT,
            tags=["a", ODD_TEXT],
            metadata=ODD_JSON,
            shared=True,
            pinned=True,
        ),
        runs=[
            RunInfo(
                id="r1",
                callback="on_message",
                status="failed",
                trigger="m1",
                text=ODD_TEXT,
                message=QueuedMessage(author=ODD_TEXT, command="c", modes={"a": ODD_TEXT}, files=["f1"]),
                command_id="c1",
                by="ann",
                queued_at=AT,
                started_at=AT,
                ended_at=AT,
                ended_by="ann",
                error=RunError(id="e1", text=ODD_TEXT),
                value=ODD_JSON,
            ),
            RunInfo(id="r0", callback="on_chat_start", status="queued"),
        ],
        steps=[
            message("m1", ODD_TEXT, by="ann", author=ODD_TEXT, command_id="c1", end=AT, favourite=True),
            Step(
                id="s1",
                type="tool",
                name=ODD_TEXT,
                parent_id="m1",
                run_id="r1",
                prior_id="m1",
                input=ODD_TEXT,
                output="",
                feedback=Feedback(value=0, comment=ODD_TEXT, by="ann"),
                language="python",
                show_input="json",
                is_error=True,
                created_at=AT,
                start=AT,
                end=AT,
                icon="bolt",
                default_open=True,
                auto_collapse=True,
                command="search",
                modes={"model": "large"},
                generation=Generation(model=ODD_TEXT, settings=ODD_JSON, messages=[ODD_JSON], cost=0.5),
                metadata=ODD_JSON,
                tags=[],
            ),
            Step(id="a0", type="undefined", show_input=True),
        ],
        leaf="m1",
        elements=[
            Element(
                id="e1",
                type="image",
                name=ODD_TEXT,
                for_id="m1",
                display="side",
                url="/files/e1",
                mime="image/png",
                bytes=1 << 40,
                size="large",
                language="en",
                props=ODD_JSON,
                metadata=ODD_JSON,
            )
        ],
        actions=[Action(id="a1", name="go", for_id="m1", label=ODD_TEXT, tooltip="t", icon="x", payload=ODD_JSON)],
        asks=[
            Ask(
                id="q1",
                step_id="m1",
                run_id="r1",
                type="action",
                spec=ODD_JSON,
                expires_at=AT,
                anyone=True,
                outcome="answered",
                by="ann",
                answer=ODD_JSON,
            ),
            Ask(id="q0", step_id="m1", run_id="r1", type="text"),
        ],
        calls=[
            Call(id="f1", name="f", args=ODD_JSON, expires_at=AT, to="x", outcome="returned", value=[ODD_TEXT]),
            Call(id="f0", name="f"),
        ],
        deliveries=[Delivery(id="m1", platform="slack", ref=ODD_TEXT, digest="d")],
        settings=ODD_JSON,
        commands=[ODD_JSON, {"id": "search"}],
        modes=[ODD_JSON],
        profile=ODD_TEXT,
        sidebar=ODD_JSON,
        usage={"tokens": 12, "cost": 0.1},
        audio={"on": True},
        session=ODD_JSON,
        ended="idle",
        saved=Saved(seq=7, since=AT, reason=ODD_TEXT),
    )


def sign_in(id: str, user_id: str, **fields: Any) -> SignIn:
    """A sign-in as a browser has one."""
    known = {"kind": "browser", "digest": "d" * 64, "created_at": AT, "seen_at": AT}
    return SignIn(id=id, user_id=user_id, **(known | fields))


class DataLayerSuite:
    """Inherit, and say in a fixture `create_data_layer` how to make a data layer over an empty store.

    It returns a function, because some stories make a second one over the same store. The suite opens and closes them.
    """

    pytestmark = pytest.mark.asyncio

    @pytest.fixture
    def create_data_layer(self) -> Callable[[], DataLayer]:
        raise NotImplementedError("Give your test class a fixture `create_data_layer`.")

    @pytest_asyncio.fixture
    async def data_layer(self, create_data_layer: Callable[[], DataLayer]) -> AsyncIterator[DataLayer]:
        layer = create_data_layer()
        await layer.open()
        yield layer
        await layer.close()

    @pytest_asyncio.fixture
    async def second(
        self, data_layer: DataLayer, create_data_layer: Callable[[], DataLayer]
    ) -> AsyncIterator[DataLayer]:
        """Another data layer over the same store: another process, or the same one restarted.

        One that keeps nothing beyond itself is its own second.
        """
        if not data_layer.is_durable:
            yield data_layer
            return
        layer = create_data_layer()
        await layer.open()
        yield layer
        await layer.close()

    @pytest.fixture
    def other_process(self, data_layer: DataLayer, second: DataLayer) -> DataLayer:
        """As `second`; where sign-ins are kept by the process alone, there is none."""
        return data_layer if isinstance(data_layer.sign_ins, MemorySignIns) else second

    # --- The secret ---

    async def test_the_secret_is_32_bytes_and_stays(self, data_layer: DataLayer) -> None:
        secret = await data_layer.get_secret()
        assert len(secret) == 32
        assert await data_layer.get_secret() == secret

    async def test_the_secret_is_the_same_for_the_next_process(self, data_layer: DataLayer, second: DataLayer) -> None:
        assert await second.get_secret() == await data_layer.get_secret()

    # --- Claims ---

    async def test_each_claim_gets_a_later_epoch(self, data_layer: DataLayer) -> None:
        assert await data_layer.claim_thread("t", "p1") == 1
        assert await data_layer.claim_thread("t", "p2") == 2
        assert await data_layer.claim_thread("t", "p2") == 3
        assert await data_layer.claim_thread("other", "p1") == 1

    async def test_a_thread_that_is_only_claimed_is_not_there(self, data_layer: DataLayer) -> None:
        await data_layer.claim_thread("t", "p1")
        assert await data_layer.get_thread("t") is None
        assert await data_layer.get_thread_owner("t") is None
        assert (await data_layer.list_threads("ann", Pagination())).threads == []

    async def test_who_lost_a_thread_changes_nothing_in_it(self, data_layer: DataLayer) -> None:
        old = await data_layer.claim_thread("t", "p1")
        await data_layer.apply(changes("t", old, name="first", steps=[message("m1", "kept")]))
        new = await data_layer.claim_thread("t", "p2")
        before = await data_layer.get_thread("t")
        late = changes("t", old, owner_id="eve", name="late", steps=[message("m1", "lost"), message("m2")])
        with pytest.raises(ConflictError):
            await data_layer.apply(late)
        with pytest.raises(ConflictError):
            await data_layer.apply(changes("t", old, removed=[("steps", "m1")]))
        assert await data_layer.get_thread("t") == before
        await data_layer.apply(changes("t", new, name="second"))
        assert (await self._state(data_layer, "t")).thread.name == "second"

    async def test_a_claim_counts_for_every_process(self, data_layer: DataLayer, second: DataLayer) -> None:
        old = await data_layer.claim_thread("t", "p1")
        new = await second.claim_thread("t", "p2")
        assert new > old
        with pytest.raises(ConflictError):
            await data_layer.apply(changes("t", old))
        await second.apply(changes("t", new, steps=[message("m1")]))
        assert [step.id for step in (await self._state(data_layer, "t")).steps] == ["m1"]

    # --- What is stored ---

    async def test_a_thread_comes_back_exactly_as_it_was_stored(self, data_layer: DataLayer) -> None:
        state = full_state("t")
        await self._store(data_layer, state)
        stored = await data_layer.get_thread("t")
        assert stored is not None
        assert stored.owner_id == "ann"
        for field in State.__struct_fields__:
            assert getattr(stored.state, field) == getattr(state, field), field

    async def test_a_thread_without_anything_comes_back_without_anything(self, data_layer: DataLayer) -> None:
        state = State(thread=ThreadInfo(id="t"))
        await self._store(data_layer, state)
        assert await self._state(data_layer, "t") == state

    async def test_a_stored_thread_outlives_the_process(self, data_layer: DataLayer, second: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        assert await self._state(second, "t") == full_state("t")

    async def test_texts_of_a_megabyte_are_kept(self, data_layer: DataLayer) -> None:
        texts = ["x" * 1_000_000, "👩‍👩‍👧" * 100_000, "\0'\\" * 300_000]
        await self._store(
            data_layer, State(thread=ThreadInfo(id="t"), steps=[message(f"m{i}", t) for i, t in enumerate(texts)])
        )
        stored = [step.output for step in (await self._state(data_layer, "t")).steps]
        is_same = stored == texts  # not in the assert: a diff of megabytes takes minutes
        assert is_same, [len(text) for text in stored]

    async def test_a_turn_of_a_thousand_steps_is_kept_in_order(self, data_layer: DataLayer) -> None:
        ids = [f"{i * 7919 % 1000:03}" for i in range(1000)]
        await self._store(data_layer, State(thread=ThreadInfo(id="t"), steps=[message(i) for i in ids]))
        assert [step.id for step in (await self._state(data_layer, "t")).steps] == ids

    async def test_ids_differ_by_case_accent_and_space(self, data_layer: DataLayer) -> None:
        ids = ["abc", "ABC", "äbc", "abc ", " abc", "a%c", "a_c"]
        for name in ids:
            state = State(thread=ThreadInfo(id=name), steps=[message(i) for i in ids])
            await self._store(data_layer, state, owner_id=name)
        for name in ids:
            assert await data_layer.get_thread_owner(name) == name
            assert [step.id for step in (await self._state(data_layer, name)).steps] == ids
            assert [thread.id for thread in (await data_layer.list_threads(name, Pagination())).threads] == [name]

    @pytest.mark.parametrize("strange", ["", "nobody's", "a\0b", "x" * 10_000, "' or 1=1 --", "\ud800", "../t", "👍"])
    async def test_what_is_not_there_is_none(self, data_layer: DataLayer, strange: str) -> None:
        await self._store(data_layer, State(thread=ThreadInfo(id="t")))
        assert await data_layer.get_thread(strange) is None
        assert await data_layer.get_thread_owner(strange) is None
        assert await data_layer.get_thread_version(strange) is None
        assert (await data_layer.list_threads(strange, Pagination())).threads == []
        await data_layer.delete_thread(strange)
        assert await data_layer.get_thread_owner("t") == "ann"

    async def test_a_thread_that_is_stored_otherwise_has_another_version(self, data_layer: DataLayer) -> None:
        epoch = await data_layer.claim_thread("t", "p1")
        assert await data_layer.get_thread_version("t") is None
        going, said = RunInfo(id="r", callback="on_message", status="running"), message("m2", "two")
        over = msgspec.structs.replace(said, end=AT)
        unmoved = [
            changes("t", epoch, name="a name", leaf="m2"),
            changes("t", epoch, name="a name", leaf="m1"),
            changes("t", epoch, name="a name", leaf="m1", steps=[over]),
            changes("t", epoch, name="a name", leaf="m1", runs=[msgspec.structs.replace(going, status="done")]),
        ]
        stored = [
            changes("t", epoch, leaf="m2", runs=[going], steps=[message("m1", "one"), message("m2", "tw")]),
            changes("t", epoch, leaf="m2", steps=[said]),
            *(replace(one, moves=False) for one in unmoved),
            changes("t", epoch, name="a name", leaf="m1", removed=[("steps", "m2")]),
        ]
        versions = []
        for one in stored:
            await data_layer.apply(one)
            versions.append(await data_layer.get_thread_version("t"))
        assert None not in versions
        assert len(set(versions)) == len(stored)
        assert await data_layer.get_thread_version("t") == versions[-1]

    # --- Changes ---

    async def test_only_what_was_touched_changes(self, data_layer: DataLayer) -> None:
        epoch = await data_layer.claim_thread("t", "p1")
        first = [message("m1", "one"), message("m2", "two"), message("m3", "three")]
        await data_layer.apply(changes("t", epoch, steps=first, settings={"a": 1}, leaf="m3", profile="fast"))
        await data_layer.apply(
            changes("t", epoch, seq=2, steps=[message("m2", "second"), message("m0")], leaf="m0", session={"k": 1})
        )
        state = await self._state(data_layer, "t")
        assert [(step.id, step.output) for step in state.steps] == [
            ("m1", "one"),
            ("m2", "second"),
            ("m3", "three"),
            ("m0", ""),
        ]
        assert (state.leaf, state.session) == ("m0", {"k": 1})
        assert (state.settings, state.profile) == (None, None)  # plain fields are always all there

    async def test_what_was_removed_is_gone(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        epoch = await data_layer.claim_thread("t", "p2")
        removed = [("steps", "s1"), ("elements", "e1"), ("actions", "a1"), ("asks", "q1"), ("calls", "f1")]
        removed += [("deliveries", "m1"), ("runs", "r1"), ("steps", "never there")]
        await data_layer.apply(changes("t", epoch, removed=removed))
        state = await self._state(data_layer, "t")
        assert [step.id for step in state.steps] == ["m1", "a0"]
        assert [ask.id for ask in state.asks] == ["q0"]
        assert [call.id for call in state.calls] == ["f0"]
        assert [run.id for run in state.runs] == ["r0"]
        assert (state.elements, state.actions, state.deliveries) == ([], [], [])

    async def test_the_same_id_in_another_collection_or_thread_is_another_entry(self, data_layer: DataLayer) -> None:
        for thread_id in ("t", "u"):
            state = State(
                thread=ThreadInfo(id=thread_id), steps=[message("x")], elements=[Element(id="x", type="text", name="x")]
            )
            await self._store(data_layer, state)
        epoch = await data_layer.claim_thread("t", "p2")
        await data_layer.apply(changes("t", epoch, removed=[("steps", "x")]))
        state = await self._state(data_layer, "t")
        assert (len(state.steps), len(state.elements)) == (0, 1)
        assert len((await self._state(data_layer, "u")).steps) == 1

    async def test_applying_the_same_changes_twice_is_harmless(self, data_layer: DataLayer) -> None:
        epoch = await data_layer.claim_thread("t", "p1")
        await data_layer.apply(changes("t", epoch, steps=[message("m1"), message("m2")]))
        again = changes("t", epoch, seq=2, steps=[message("m3"), message("m1", "x")], removed=[("steps", "m2")])
        await data_layer.apply(again)
        once = await data_layer.get_thread("t")
        await data_layer.apply(again)
        twice = await data_layer.get_thread("t")
        assert once is not None
        assert twice is not None
        assert (twice.owner_id, twice.state) == (once.owner_id, once.state)  # but it was changed later

    @pytest.mark.parametrize("seed", range(8))
    async def test_storing_changes_in_pieces_adds_up_to_the_fold(self, data_layer: DataLayer, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - no secret
        story = _Story(dice)
        fold = ThreadState(ThreadInfo(id="t", created_at=AT))
        epoch = await data_layer.claim_thread("t", "p0")
        saved, view = 0, fold.view()
        for seq in range(1, 250):
            fold.apply(seq, story.next_event())
            if seq % 249 and dice.random() > 0.2:
                continue
            if dice.random() < 0.1:
                epoch = await data_layer.claim_thread("t", f"p{seq}")
            news = fold.since(saved)
            assert news is not None
            view = fold.view()
            piece = Changes(thread_id="t", owner_id="ann", epoch=epoch, seq=seq, state=news[0], removed=news[1])
            await data_layer.apply(piece)
            if dice.random() < 0.2:  # the answer was lost: the next piece covers this one's events too
                continue
            saved = seq
            fold.apply(seq, SaveProgressed(seq=seq))
        stored = await self._state(data_layer, "t")
        for field in State.__struct_fields__:
            assert getattr(stored, field) == getattr(view, field), field

    # --- Lists ---

    async def test_the_owner_is_whom_it_was_stored_for(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, State(thread=ThreadInfo(id="t")), owner_id="ann")
        assert await data_layer.get_thread_owner("t") == "ann"
        await self._store(data_layer, State(thread=ThreadInfo(id="t")), owner_id="bob")
        assert await data_layer.get_thread_owner("t") == "bob"
        assert (await data_layer.list_threads("ann", Pagination())).threads == []

    async def test_the_thread_that_changed_last_is_first(self, data_layer: DataLayer) -> None:
        for thread_id in ("a", "b", "c", "a"):
            await self._store(data_layer, State(thread=ThreadInfo(id=thread_id, name=thread_id, metadata=ODD_JSON)))
        page = await data_layer.list_threads("ann", Pagination())
        assert [thread.id for thread in page.threads] == ["a", "c", "b"]
        assert page.threads[0] == ThreadInfo(id="a", name="a", metadata=ODD_JSON, changed_at=page.threads[0].changed_at)
        assert page.cursor is None

    async def test_a_list_says_when_each_thread_changed(self, data_layer: DataLayer) -> None:
        before = timestamp()
        for thread_id in ("a", "b", "a"):
            await self._store(data_layer, State(thread=ThreadInfo(id=thread_id, created_at=AT)))
        page = await data_layer.list_threads("ann", Pagination())
        changed = [thread.changed_at or "" for thread in page.threads]
        assert before <= changed[1] <= changed[0] <= timestamp()
        assert (await self._state(data_layer, "a")).thread == ThreadInfo(id="a", created_at=AT)

    async def test_a_thread_that_does_not_move_keeps_its_place_and_its_time(self, data_layer: DataLayer) -> None:
        for thread_id in ("a", "b", "c"):
            await self._store(data_layer, State(thread=ThreadInfo(id=thread_id, name=thread_id)))
        before = {one.id: one.changed_at for one in (await data_layer.list_threads("ann", Pagination())).threads}
        assert (await self._stored(data_layer, "a")).changed_at == before["a"]
        epoch = await data_layer.claim_thread("a", "p")
        renamed = State(thread=ThreadInfo(id="a", name="renamed", pinned=True))
        await data_layer.apply(Changes("a", "ann", epoch, 2, renamed, [], moves=False))
        page = await data_layer.list_threads("ann", Pagination())
        assert [thread.name for thread in page.threads] == ["c", "b", "renamed"]
        assert {thread.id: thread.changed_at for thread in page.threads} == before
        assert (await self._stored(data_layer, "a")).changed_at == before["a"]
        first = State(thread=ThreadInfo(id="d", name="d"))
        epoch = await data_layer.claim_thread("d", "p")
        await data_layer.apply(Changes("d", "ann", epoch, 1, first, [], moves=False))  # it has no place yet
        assert [one.id for one in (await data_layer.list_threads("ann", Pagination())).threads] == ["d", "c", "b", "a"]
        await self._store(data_layer, renamed)
        assert [one.id for one in (await data_layer.list_threads("ann", Pagination())).threads] == ["a", "d", "c", "b"]

    async def test_what_comes_from_elsewhere_says_when_it_changed(self, data_layer: DataLayer) -> None:
        for thread_id, at in (("a", "2024-05-06T07:08:09.123Z"), ("b", "2025-01-01T00:00:00.000Z"), ("c", None)):
            epoch = await data_layer.claim_thread(thread_id, "p")
            await data_layer.apply(replace(changes(thread_id, epoch), changed_at=at))
        page = await data_layer.list_threads("ann", Pagination())
        found = {thread.id: thread.changed_at for thread in page.threads}
        assert (found["a"], found["b"]) == ("2024-05-06T07:08:09.123Z", "2025-01-01T00:00:00.000Z")
        assert [thread.id for thread in page.threads] == ["c", "b", "a"]

    async def test_pages_leave_no_gap_and_repeat_nothing(self, data_layer: DataLayer) -> None:
        for i in range(12):
            await self._store(data_layer, State(thread=ThreadInfo(id=f"a{i}")), owner_id="ann")
            await self._store(data_layer, State(thread=ThreadInfo(id=f"b{i}")), owner_id="bob")
        newest_first = [f"a{i}" for i in reversed(range(12))]
        for size in (1, 3, 5, 11, 12, 13):
            assert await self._all_ids(data_layer, "ann", size) == newest_first

    async def test_a_list_stays_whole_when_threads_are_added_between_its_pages(self, data_layer: DataLayer) -> None:
        for i in range(6):
            await self._store(data_layer, State(thread=ThreadInfo(id=f"a{i}")))
        page = await data_layer.list_threads("ann", Pagination(first=3))
        await self._store(data_layer, State(thread=ThreadInfo(id="new")))
        rest = await data_layer.list_threads("ann", Pagination(first=3, cursor=page.cursor))
        assert [thread.id for thread in page.threads + rest.threads] == ["a5", "a4", "a3", "a2", "a1", "a0"]

    async def test_pinned_threads_can_be_listed_alone_or_left_out(self, data_layer: DataLayer) -> None:
        for i in range(6):
            await self._store(data_layer, State(thread=ThreadInfo(id=f"t{i}", pinned=i % 3 == 0)))
        await self._store(data_layer, State(thread=ThreadInfo(id="t5", pinned=True)))
        assert await self._all_ids(data_layer, "ann", 2, pinned=True) == ["t5", "t3", "t0"]
        assert await self._all_ids(data_layer, "ann", 2, pinned=False) == ["t4", "t2", "t1"]
        assert await self._all_ids(data_layer, "ann", 2) == ["t5", "t4", "t3", "t2", "t1", "t0"]

    async def test_whoever_runs_the_app_lists_everybodys_threads(self, data_layer: DataLayer) -> None:
        for owner_id in ("ann", "bob", "eve"):
            await self._store(data_layer, State(thread=ThreadInfo(id=owner_id)), owner_id=owner_id)
        await data_layer.claim_thread("only claimed", "p")
        assert await self._all_ids(data_layer, None, 2) == ["eve", "bob", "ann"]

    # --- Search ---

    async def test_a_title_is_found_by_the_beginnings_of_its_words(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, State(thread=ThreadInfo(id="t", name="Résumé of the Größe of Ångström units")))
        await self._store(data_layer, State(thread=ThreadInfo(id="u", name="Something else")))
        for text in ("resume", "RÉSUM", "grösse", "angstrom uni", "units of résumé", "«resume»!", "'of' \"units\""):
            assert [hit.thread.id for hit in await self._search(data_layer, text)] == ["t"], text
        for text in ("esum", "resume nowhere", "resumes"):
            assert await self._search(data_layer, text) == [], text
        (hit,) = await self._search(data_layer, "angst")
        assert hit.step_id is None
        assert [hit.snippet[start:stop] for start, stop in hit.marks] == ["Ångst"]
        assert hit.thread.name == "Résumé of the Größe of Ångström units"
        assert hit.thread.changed_at is not None

    async def test_scripts_without_spaces_are_searched_by_character(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, State(thread=ThreadInfo(id="zh", name="关于数据库迁移的问题")))
        await self._store(data_layer, State(thread=ThreadInfo(id="ja", name="データベースの移行")))
        await self._store(data_layer, State(thread=ThreadInfo(id="th", name="การย้ายฐานข้อมูล")))
        await self._store(data_layer, State(thread=ThreadInfo(id="ru", name="Перенос базы данных")))
        for text, found in (
            ("数据", "zh"),
            ("迁移", "zh"),
            ("移行", "ja"),
            ("ベース", "ja"),
            ("ฐาน", "th"),
            ("баз", "ru"),
        ):
            assert [hit.thread.id for hit in await self._search(data_layer, text)] == [found], text
        assert await self._search(data_layer, "据数") == []
        (hit,) = await self._search(data_layer, "数据库")
        assert [hit.snippet[start:stop] for start, stop in hit.marks] == ["数据库"]

    async def test_nobody_finds_what_is_anothers(self, data_layer: DataLayer) -> None:
        for owner_id in ("ann", "bob"):
            state = State(thread=ThreadInfo(id=owner_id, name="plans"), steps=[message("m1", "secret plans")])
            await self._store(data_layer, state, owner_id=owner_id)
        assert [hit.thread.id for hit in await self._search(data_layer, "plans")] == ["ann"]
        assert [hit.thread.id for hit in await self._search(data_layer, "plans", owner_id="bob")] == ["bob"]
        assert await self._search(data_layer, "plans", owner_id="eve") == []

    @pytest.mark.parametrize(
        "text",
        ["", " ", "'", '"', "*", "()", "a OR", "NOT", "-x", "+x -y", "x NEAR/2 y", "%", "_", "\\", "a:b", "{}", "a\0b",
         "\ud800", "&|!", "<->", "@@", "~", "👍", ODD_TEXT, "word " * 2000, "x" * 10_000, "数" * 10_000,
         "e\u0301" * 5000],
    )  # fmt: skip
    async def test_any_text_can_be_searched_for(self, data_layer: DataLayer, text: str) -> None:
        await self._store(data_layer, State(thread=ThreadInfo(id="t", name="a title"), steps=[message("m1", "a text")]))
        await self._search(data_layer, text)

    async def test_odd_titles_and_messages_can_be_found(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        for text in ("grüsse", "你好", "العربية", "quotes double"):
            assert [hit.thread.id for hit in await self._search(data_layer, text)] == ["t"], text

    async def test_found_threads_come_in_pages_without_a_gap(self, data_layer: DataLayer) -> None:
        for i in range(7):
            await self._store(data_layer, State(thread=ThreadInfo(id=f"t{i}", name=f"plan {i}")))
        for size in (1, 3, 7, 8):
            hits = await self._search(data_layer, "plan", first=size)
            assert sorted(hit.thread.id for hit in hits) == [f"t{i}" for i in range(7)]
        page = await data_layer.search_threads("ann", "plan", Pagination(cursor="none of yours"))
        assert len(page.hits) == 7

    async def test_a_renamed_thread_is_found_by_its_last_title_alone(self, data_layer: DataLayer) -> None:
        for name in ("first", "second", None):
            await self._store(data_layer, State(thread=ThreadInfo(id="t", name=name)))
            assert len(await self._search(data_layer, "first")) == (name == "first")
            assert len(await self._search(data_layer, "second")) == (name == "second")
        await self._store(data_layer, State(thread=ThreadInfo(id="t", name="third")))
        await data_layer.delete_thread("t")
        assert await self._search(data_layer, "third") == []

    async def test_messages_are_found_as_they_are_now(self, data_layer: DataLayer) -> None:
        if data_layer.searches == "titles":
            await self._assert_titles_alone(data_layer)
            return
        epoch = await data_layer.claim_thread("t", "p")

        async def found(text: str) -> list[str | None]:
            return [hit.step_id for hit in await self._search(data_layer, text)]

        tool = Step(id="s1", type="tool", output="a tool's secret result")
        await data_layer.apply(changes("t", epoch, steps=[message("m1", "the quick brown fox"), tool]))
        await data_layer.apply(changes("t", epoch, steps=[message("m2", "jum")]))  # it streams
        assert await found("quick fox") == ["m1"]
        assert await found("result") == []
        await data_layer.apply(changes("t", epoch, steps=[message("m2", "jumps over the lazy dog")]))
        assert await found("jumps dog") == ["m2"]
        assert await found("quick dog") == []
        await data_layer.apply(changes("t", epoch, steps=[message("m1", "the slow brown fox")]))
        assert await found("quick") == []
        assert await found("slow") == ["m1"]
        await data_layer.apply(changes("t", epoch, steps=[Step(id="m1", type="tool", output="the slow brown fox")]))
        assert await found("slow") == []
        await data_layer.apply(changes("t", epoch, removed=[("steps", "m2")]))
        assert await found("jumps") == []
        await data_layer.apply(changes("t", epoch, steps=[message("m3", "back again")]))
        await data_layer.delete_thread("t")
        assert await found("back") == []

    async def test_messages_of_every_script_are_found(self, data_layer: DataLayer) -> None:
        if data_layer.searches == "titles":
            return
        texts = {
            "zh": "请把这些数据库的内容迁移到新的服务器上。",
            "ja": "データベースの移行をおねがいします",
            "th": "ช่วยย้ายฐานข้อมูลหน่อย",
            "hi": "कृपया हिन्दी में प्रश्न पूछें",
            "ko": "데이터베이스를 옮겨 주세요",
            "ar": "انقل قاعدة البيانات",
            "ru": "Перенеси базу данных, ёлка",
            "el": "Μετέφερε τη βάση δεδομένων",
            "en": "It is I: to be or not to be, C3PO and claim_thread() in v2",
        }
        steps = [message(id, text) for id, text in texts.items()]
        for step in steps:
            await self._store(data_layer, State(thread=ThreadInfo(id=step.id), steps=[step]))
        searches = [
            ("数据库", "zh"),
            ("迁移到新", "zh"),
            ("移行", "ja"),
            ("ねがい", "ja"),
            ("ข้อมูล", "th"),
            ("हिन्दी", "hi"),
        ]
        searches += [("हिन", "hi"), ("데이터", "ko"), ("قاعدة", "ar"), ("баз елка", "ru"), ("βαση", "el"), ("i", "en")]
        searches += [("to be or not", "en"), ("c3po", "en"), ("claim_thread", "en"), ("v2", "en")]
        for text, found in searches:
            assert [hit.thread.id for hit in await self._search(data_layer, text)] == [found], text

    async def test_a_thread_is_found_once_and_by_its_title_first(self, data_layer: DataLayer) -> None:
        if data_layer.searches == "titles":
            await self._assert_titles_alone(data_layer)
            return
        many = [message(f"m{i}", "about whales") for i in range(50)]
        await self._store(data_layer, State(thread=ThreadInfo(id="title", name="Whales"), steps=many))
        await self._store(data_layer, State(thread=ThreadInfo(id="texts", name="Fish"), steps=many))
        for size in (1, 20):
            hits = await self._search(data_layer, "whale", first=size)
            assert [(hit.thread.id, hit.step_id is None) for hit in hits] == [("title", True), ("texts", False)]

    async def test_a_snippet_shows_what_matched(self, data_layer: DataLayer) -> None:
        if data_layer.searches == "titles":
            await self._assert_titles_alone(data_layer)
            return
        text = "lorem ipsum\n " * 300 + "👍 the Straße\n\n is wide " + "dolor sit amet " * 300
        await self._store(data_layer, State(thread=ThreadInfo(id="t"), steps=[message("m1", text)]))
        (hit,) = await self._search(data_layer, "strasse wide")
        assert hit.step_id == "m1"
        assert len(hit.snippet) <= 165
        assert "👍 the Straße is wide dolor" in hit.snippet
        assert [hit.snippet[start:stop] for start, stop in hit.marks] == ["Straße", "wide"]

    # --- Favourites ---

    async def test_favourites_are_the_owners_latest_first(self, data_layer: DataLayer) -> None:
        def marked(id: str, second: int, *, favourite: bool = True) -> Step:
            at = f"2026-11-05T12:00:{second:02}.000Z"
            return Step(id=id, type="user_message", output=ODD_TEXT, created_at=at, favourite=favourite)

        first = [marked("m1", 1), marked("m2", 2, favourite=False), marked("m3", 5)]
        await self._store(data_layer, State(thread=ThreadInfo(id="a"), steps=first))
        await self._store(data_layer, State(thread=ThreadInfo(id="b"), steps=[marked("m1", 3), marked("m9", 4)]))
        await self._store(data_layer, State(thread=ThreadInfo(id="c"), steps=[marked("m1", 6)]), owner_id="bob")
        expected = [("a", "m3"), ("b", "m9"), ("b", "m1"), ("a", "m1")]
        for size in (1, 3, 4, 5):
            assert await self._favourites(data_layer, size) == expected
        page = await data_layer.list_favourites("ann", Pagination())
        assert page.favourites[0].step == marked("m3", 5)
        await self._store(data_layer, State(thread=ThreadInfo(id="b"), steps=[marked("m9", 4, favourite=False)]))
        await data_layer.delete_thread("a")
        assert await self._favourites(data_layer, 2) == [("b", "m1")]

    # --- Users ---

    async def test_a_user_is_saved_and_found_by_identifier(self, data_layer: DataLayer, second: DataLayer) -> None:
        assert await data_layer.get_user("ann@example.org") is None
        before = timestamp()
        saved = await data_layer.save_user(User("ann@example.org", display_name=ODD_TEXT, metadata=ODD_JSON))
        assert saved.identifier == "ann@example.org"
        assert (saved.display_name, saved.metadata) == (ODD_TEXT, ODD_JSON)
        assert before <= saved.createdAt <= timestamp()
        assert await second.get_user("ann@example.org") == saved
        other = await data_layer.save_user(User("Ann@example.org"))
        assert other.id != saved.id
        again = await second.save_user(User("ann@example.org", display_name="Ann"))
        assert (again.id, again.createdAt) == (saved.id, saved.createdAt)
        assert (again.display_name, again.metadata) == ("Ann", {})
        assert await data_layer.get_user("ann@example.org") == again

    async def test_all_users_come_in_pages_where_they_can_be_listed(self, data_layer: DataLayer) -> None:
        saved = {(await data_layer.save_user(User(f"user {i}", metadata={"i": i}))).id for i in range(5)}
        if not (await data_layer.list_users(Pagination(1))).users:
            return
        for size in (1, 2, 5, 6):
            found, page = [], await data_layer.list_users(Pagination(size))
            found += page.users
            while page.cursor is not None:
                page = await data_layer.list_users(Pagination(size, page.cursor))
                found += page.users
            assert len(found) == 5
            assert {user.id for user in found} == saved
            assert all(user.identifier == f"user {user.metadata['i']}" for user in found)

    @pytest.mark.parametrize("strange", ["", "a\0b", "\ud800", "'; DROP TABLE", "x" * 5000, "%"])
    async def test_a_user_who_is_not_there_is_none(self, data_layer: DataLayer, strange: str) -> None:
        await data_layer.save_user(User("ann"))
        assert await data_layer.get_user(strange) is None

    # --- Identities and sign-ins ---

    async def test_an_identity_stays_the_same_user(self, data_layer: DataLayer, other_process: DataLayer) -> None:
        ann = await data_layer.sign_ins.identify("oidc", "1", User("ann", display_name="Ann", metadata=ODD_JSON))
        assert (ann.identifier, ann.display_name, ann.metadata) == ("ann", "Ann", ODD_JSON)
        assert await data_layer.get_user("ann") == ann
        again = await data_layer.sign_ins.identify("oidc", "1", User("ann", metadata={"role": "admin"}))
        assert (again.id, again.createdAt) == (ann.id, ann.createdAt)
        assert (again.display_name, again.metadata) == (None, {"role": "admin"})
        other = await data_layer.sign_ins.identify("oidc", "2", User("bob"))
        assert other.id != ann.id
        found = await other_process.sign_ins.find_users([ann.id, other.id, "nobody", "", "a\0b"])
        assert found == {ann.id: again, other.id: other}

    async def test_who_changes_his_identifier_stays_himself_where_that_can_be(self, data_layer: DataLayer) -> None:
        ann = await data_layer.sign_ins.identify("oidc", "1", User("ann@old.example"))
        bob = await data_layer.sign_ins.identify("oidc", "2", User("bob"))
        again = await data_layer.sign_ins.identify("oidc", "1", User("ann@new.example"))
        assert again.id == ann.id
        assert again.identifier in ("ann@new.example", "ann@old.example")  # the interface of existing apps has no way
        assert await data_layer.get_user(again.identifier) == again
        if again.identifier == "ann@new.example":
            assert await data_layer.get_user("ann@old.example") is None
            with pytest.raises(IdentifierTakenError):
                await data_layer.sign_ins.identify("oidc", "1", User("bob"))
        assert await data_layer.get_user("bob") == bob

    async def test_an_identifier_belongs_to_who_had_it_first(self, data_layer: DataLayer) -> None:
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann", display_name="Ann"))
        with pytest.raises(IdentifierTakenError, match=r"`ann`.*`link_by_identifier = true`"):
            await data_layer.sign_ins.identify("oidc", "1", User("ann", display_name="Mallory"))
        assert await data_layer.get_user("ann") == ann
        linked = await data_layer.sign_ins.identify("oidc", "1", User("ann", display_name="Ann"), is_linking=True)
        assert linked == ann
        assert await data_layer.sign_ins.identify("password", "ann", User("ann", display_name="Ann")) == ann
        assert await data_layer.sign_ins.identify("oidc", "1", User("ann", display_name="Ann")) == ann

    async def test_a_user_from_before_is_the_first_identitys(self, data_layer: DataLayer) -> None:
        before = await data_layer.save_user(User("ann", metadata={"from": "elsewhere"}))
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann"))
        assert (ann.id, ann.createdAt) == (before.id, before.createdAt)
        with pytest.raises(IdentifierTakenError):
            await data_layer.sign_ins.identify("header", "ann", User("ann"))

    async def test_of_identities_that_come_together_one_gets_the_identifier(
        self, data_layer: DataLayer, other_process: DataLayer
    ) -> None:
        layers = (data_layer, other_process) * 3
        found = await asyncio.gather(
            *(layer.sign_ins.identify("oidc", str(i // 2), User("ann")) for i, layer in enumerate(layers)),
            return_exceptions=True,
        )
        users = [one for one in found if not isinstance(one, BaseException)]
        assert len({user.id for user in users}) == 1
        assert len(users) == 2
        assert all(isinstance(one, IdentifierTakenError) for one in found if isinstance(one, BaseException))

    async def test_a_sign_in_is_found_with_its_user_as_he_is_now(
        self, data_layer: DataLayer, other_process: DataLayer
    ) -> None:
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann"))
        signed = sign_in("s1", ann.id, label=ODD_TEXT, old_digest="e" * 64, expires_at="2027-01-01T00:00:00.000Z")
        await data_layer.sign_ins.add(signed)
        assert await other_process.sign_ins.find(["s1", "s2", "", "a\0b"]) == {"s1": SignedIn(signed, ann)}
        ann = await data_layer.save_user(User("ann", metadata={"role": "admin"}))
        assert await other_process.sign_ins.find(["s1"]) == {"s1": SignedIn(signed, ann)}
        await data_layer.delete_owner(ann.id)
        assert await other_process.sign_ins.find(["s1"]) == {}
        if await data_layer.get_user("ann") is None:  # the interface of existing apps cannot forget a user
            assert (await data_layer.sign_ins.identify("password", "ann", User("ann"))).id != ann.id

    async def test_a_sign_in_is_replaced_by_who_knows_it_as_it_is(
        self, data_layer: DataLayer, other_process: DataLayer
    ) -> None:
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann"))
        await data_layer.sign_ins.add(sign_in("s1", ann.id))
        fresh = sign_in("s1", ann.id, digest="f" * 64, seen_at="2026-12-01T00:00:00.000Z")
        done = await asyncio.gather(
            data_layer.sign_ins.replace(fresh, "d" * 64), other_process.sign_ins.replace(fresh, "d" * 64)
        )
        assert sorted(done) == [False, True]
        assert (await data_layer.sign_ins.find(["s1"]))["s1"].sign_in == fresh
        assert await data_layer.sign_ins.replace(fresh, "f" * 64)
        await data_layer.sign_ins.end(ann.id, ["s1"])
        assert not await other_process.sign_ins.replace(fresh, "f" * 64)
        assert await data_layer.sign_ins.find(["s1"]) == {}

    async def test_sign_ins_are_listed_and_ended_for_their_user(
        self, data_layer: DataLayer, other_process: DataLayer
    ) -> None:
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann"))
        bob = await data_layer.sign_ins.identify("password", "bob", User("bob"))
        for i in range(5):
            seen = f"2026-11-0{i + 1}T00:00:00.000Z"
            await data_layer.sign_ins.add(sign_in(f"a{i}", ann.id, seen_at=seen))
            await data_layer.sign_ins.add(sign_in(f"b{i}", bob.id, seen_at=seen))
        assert [one.id for one in await other_process.sign_ins.list_for(ann.id)] == ["a4", "a3", "a2", "a1", "a0"]
        assert sorted(await data_layer.sign_ins.end(ann.id, ["a1", "a3", "b1", "x"])) == ["a1", "a3"]
        assert await data_layer.sign_ins.end(ann.id, ["a1"]) == []
        assert [one.id for one in await other_process.sign_ins.list_for(ann.id)] == ["a4", "a2", "a0"]
        assert sorted(await other_process.sign_ins.end(ann.id)) == ["a0", "a2", "a4"]
        assert await data_layer.sign_ins.list_for(ann.id) == []
        assert len(await data_layer.sign_ins.list_for(bob.id)) == 5
        assert await data_layer.sign_ins.list_for("a\0b") == []
        assert await data_layer.sign_ins.end("nobody") == []

    async def test_what_expired_is_forgotten_and_nothing_else(self, data_layer: DataLayer) -> None:
        ann = await data_layer.sign_ins.identify("password", "ann", User("ann"))
        await data_layer.sign_ins.add(sign_in("old", ann.id, expires_at="2026-01-01T00:00:00.000Z"))
        await data_layer.sign_ins.add(sign_in("good", ann.id, expires_at="2026-03-01T00:00:00.000Z"))
        await data_layer.sign_ins.add(sign_in("for good", ann.id))
        await data_layer.sign_ins.purge("2026-02-01T00:00:00.000Z")
        assert set(await data_layer.sign_ins.find(["good", "for good"])) == {"good", "for good"}

    # --- Owners ---

    async def test_threads_are_given_to_another_owner(self, data_layer: DataLayer) -> None:
        star = Step(id="m1", type="user_message", output="about whales", created_at=AT, favourite=True)
        for i in range(5):
            await self._store(
                data_layer, State(thread=ThreadInfo(id=f"v{i}", name="mine"), steps=[star]), owner_id="visitor"
            )
        await self._store(data_layer, full_state("hers"))
        await self._store(data_layer, full_state("his"), owner_id="bob")
        before = await data_layer.get_thread("v1")
        assert before is not None
        assert sorted(await data_layer.give_threads("visitor", "ann")) == [f"v{i}" for i in range(5)]
        assert await data_layer.give_threads("visitor", "ann") == []
        assert await self._all_ids(data_layer, "ann", 3) == ["hers", "v4", "v3", "v2", "v1", "v0"]
        assert await self._all_ids(data_layer, "visitor", 3) == []
        assert await self._all_ids(data_layer, "bob", 3) == ["his"]
        assert len(await self._search(data_layer, "mine")) == 5
        assert await self._search(data_layer, "mine", owner_id="visitor") == []
        assert len(await self._favourites(data_layer, 3)) == 6  # `full_state` has one, too
        assert await data_layer.get_thread_owner("v1") == "ann"
        after = await data_layer.get_thread("v1")
        assert after is not None
        assert after.state == before.state

    async def test_an_owner_is_forgotten_with_all_threads(self, data_layer: DataLayer) -> None:
        user = await data_layer.save_user(User("ann"))
        kept = await data_layer.save_user(User("bob"))
        for i in range(3):
            await self._store(data_layer, full_state(f"a{i}"), owner_id=user.id)
            await self._store(data_layer, full_state(f"b{i}"), owner_id=kept.id)
        assert sorted(await data_layer.delete_owner(user.id)) == ["a0", "a1", "a2"]
        assert await data_layer.delete_owner(user.id) == []
        assert await data_layer.delete_owner("nobody") == []
        assert await data_layer.get_user("ann") is None
        assert await data_layer.get_user("bob") == kept
        assert await data_layer.get_thread("a0") is None
        assert await self._all_ids(data_layer, None, 9) == ["b2", "b1", "b0"]
        assert (await data_layer.list_favourites(user.id, Pagination())).favourites == []
        again = await data_layer.save_user(User("ann"))
        assert again.id != user.id

    # --- Shares ---

    async def test_shares_come_back_exactly_as_they_were_added(self, data_layer: DataLayer, second: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        snapshot, live = share("s1", kind="snapshot", cot="tool_call"), share("s2", cot="hidden", created_at=LATER)
        if not data_layer.keeps_shares:
            await self._assert_no_shares(data_layer, snapshot)
            return
        large = msgspec.structs.replace(full_state("t"), steps=[message(f"m{i}", ODD_TEXT * 200) for i in range(200)])
        await data_layer.add_share(snapshot, large)
        await data_layer.add_share(live, None)
        assert await second.get_share("s1") == snapshot
        is_same = await second.get_shared_state("s1") == large  # not in the assert: a diff of it takes minutes
        assert is_same
        assert await second.get_share("s2") == live
        assert await second.get_shared_state("s2") is None
        assert await second.list_shares("t") == [live, snapshot]
        assert await self._state(data_layer, "t") == full_state("t")

    async def test_a_snapshot_stays_when_its_thread_goes_on_or_changes_hands(self, data_layer: DataLayer) -> None:
        if not data_layer.keeps_shares:
            return
        await self._store(data_layer, full_state("t"))
        await data_layer.add_share(share("s", kind="snapshot"), full_state("t"))
        epoch = await data_layer.claim_thread("t", "p2")
        await data_layer.apply(changes("t", epoch, removed=[("steps", "m1")], name="later"))
        await data_layer.give_threads("ann", "bob")
        assert await data_layer.get_shared_state("s") == full_state("t")
        assert await data_layer.list_shares("t") == [share("s", kind="snapshot")]

    async def test_a_revoked_share_says_since_when_and_shows_nothing(self, data_layer: DataLayer) -> None:
        if not data_layer.keeps_shares:
            return
        await self._store(data_layer, full_state("t"))
        await data_layer.add_share(share("s1", kind="snapshot"), full_state("t"))
        await data_layer.add_share(share("s2"), None)
        await data_layer.revoke_share("s1", LATER)
        await data_layer.revoke_share("s1", "2030-01-01T00:00:00.000Z")
        await data_layer.revoke_share("nothing", LATER)
        assert await data_layer.get_share("s1") == replace(share("s1", kind="snapshot"), revoked_at=LATER)
        assert await data_layer.get_shared_state("s1") is None
        assert await data_layer.list_shares("t") == [share("s2")]

    async def test_only_what_is_stored_can_be_shared(self, data_layer: DataLayer) -> None:
        if not data_layer.keeps_shares:
            return
        await data_layer.claim_thread("claimed", "p")
        for thread_id in ("claimed", "nothing"):
            with pytest.raises(NotFoundError):
                await data_layer.add_share(share("s", thread_id=thread_id, kind="snapshot"), full_state(thread_id))
            assert await data_layer.get_share("s") is None
            assert await data_layer.get_shared_state("s") is None
            assert await data_layer.list_shares(thread_id) == []

    async def test_the_shares_of_a_deleted_thread_are_gone_with_it(self, data_layer: DataLayer) -> None:
        if not data_layer.keeps_shares:
            return
        for thread_id in ("t", "of-eve", "kept"):
            await self._store(data_layer, full_state(thread_id), owner_id="eve" if thread_id == "of-eve" else "ann")
            state = full_state(thread_id)
            await data_layer.add_share(share(f"snapshot-{thread_id}", thread_id=thread_id, kind="snapshot"), state)
            await data_layer.add_share(share(f"live-{thread_id}", thread_id=thread_id), None)
        await data_layer.delete_thread("t")
        await data_layer.delete_owner("eve")
        await self._store(data_layer, full_state("t"))
        for gone in ("t", "of-eve"):
            assert await data_layer.get_share(f"snapshot-{gone}") is None
            assert await data_layer.get_shared_state(f"snapshot-{gone}") is None
            assert await data_layer.get_share(f"live-{gone}") is None
            assert await data_layer.list_shares(gone) == []
        assert await data_layer.get_shared_state("snapshot-kept") == full_state("kept")
        assert len(await data_layer.list_shares("kept")) == 2

    @pytest.mark.parametrize("strange", ["", "a\0b", "\ud800", "'; DROP TABLE", "x" * 5000, "%", "S1"])
    async def test_a_share_that_is_not_there_is_none(self, data_layer: DataLayer, strange: str) -> None:
        if not data_layer.keeps_shares:
            return
        await self._store(data_layer, full_state("t"))
        await data_layer.add_share(share("s1", kind="snapshot"), full_state("t"))
        assert await data_layer.get_share(strange) is None
        assert await data_layer.get_shared_state(strange) is None
        assert await data_layer.list_shares(strange) == []
        await data_layer.revoke_share(strange, LATER)

    async def _assert_no_shares(self, data_layer: DataLayer, wanted: Share) -> None:
        """Who keeps none says so."""
        for call in (
            data_layer.add_share(wanted, None),
            data_layer.get_share(wanted.id),
            data_layer.get_shared_state(wanted.id),
            data_layer.list_shares(wanted.thread_id),
            data_layer.revoke_share(wanted.id, LATER),
        ):
            with pytest.raises(MisconfiguredError, match="keeps no shares"):
                await call

    # --- Deletion ---

    async def test_a_deleted_thread_is_gone_and_deleting_it_again_is_harmless(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        await self._store(data_layer, full_state("kept"))
        await data_layer.delete_thread("t")
        await data_layer.delete_thread("t")
        assert await data_layer.get_thread("t") is None
        assert await data_layer.get_thread_owner("t") is None
        assert [thread.id for thread in (await data_layer.list_threads("ann", Pagination())).threads] == ["kept"]
        assert await self._state(data_layer, "kept") == full_state("kept")

    async def test_nothing_of_a_deleted_thread_comes_back_with_its_id(self, data_layer: DataLayer) -> None:
        await self._store(data_layer, full_state("t"))
        await data_layer.delete_thread("t")
        fresh = State(thread=ThreadInfo(id="t"), steps=[message("m9")])
        await self._store(data_layer, fresh)
        assert await self._state(data_layer, "t") == fresh

    # --- Said once ---

    async def _store(self, data_layer: DataLayer, state: State, *, owner_id: str = "ann") -> None:
        thread_id = state.thread.id
        epoch = await data_layer.claim_thread(thread_id, "p")
        await data_layer.apply(
            Changes(thread_id=thread_id, owner_id=owner_id, epoch=epoch, seq=1, state=state, removed=[])
        )

    async def _state(self, data_layer: DataLayer, thread_id: str) -> State:
        return (await self._stored(data_layer, thread_id)).state

    async def _stored(self, data_layer: DataLayer, thread_id: str) -> StoredThread:
        stored = await data_layer.get_thread(thread_id)
        assert stored is not None
        return stored

    async def _search(
        self, data_layer: DataLayer, text: str, *, owner_id: str = "ann", first: int = 20
    ) -> list[SearchHit]:
        """All hits, by pages of `first`."""
        hits: list[SearchHit] = []
        cursor: str | None = None
        while True:
            page = await data_layer.search_threads(owner_id, text, Pagination(first=first, cursor=cursor))
            assert len(page.hits) <= first
            hits += page.hits
            cursor = page.cursor
            if cursor is None:
                return hits

    async def _assert_titles_alone(self, data_layer: DataLayer) -> None:
        """Who says that titles alone are searched finds nothing else."""
        await self._store(data_layer, State(thread=ThreadInfo(id="t", name="Fish"), steps=[message("m1", "whales")]))
        assert await self._search(data_layer, "whales") == []
        assert [hit.step_id for hit in await self._search(data_layer, "fish")] == [None]

    async def _favourites(self, data_layer: DataLayer, first: int) -> list[tuple[str, str]]:
        """Ann's, as (thread, step)."""
        found: list[tuple[str, str]] = []
        cursor: str | None = None
        while True:
            page = await data_layer.list_favourites("ann", Pagination(first=first, cursor=cursor))
            assert len(page.favourites) <= first
            found += [(favourite.thread_id, favourite.step.id) for favourite in page.favourites]
            cursor = page.cursor
            if cursor is None:
                return found

    async def _all_ids(
        self, data_layer: DataLayer, owner_id: str | None, first: int, *, pinned: bool | None = None
    ) -> list[str]:
        ids: list[str] = []
        cursor: str | None = None
        while True:
            page = await data_layer.list_threads(owner_id, Pagination(first=first, cursor=cursor), pinned=pinned)
            assert len(page.threads) <= first
            ids += [thread.id for thread in page.threads]
            cursor = page.cursor
            if cursor is None:
                return ids


class _Story:
    """Random events of a thread that mostly make sense."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._count = 0
        self._ids: dict[str, list[str]] = {kind: [] for kind in ("run", "step", "element", "action", "ask", "call")}

    def next_event(self) -> Event:
        kinds = [self._run, self._step, self._step, self._delta, self._delta, self._element, self._action]
        kinds += [self._question, self._function, self._thread]
        return self._dice.choice(kinds)()

    def _new(self, kind: str) -> str:
        self._count += 1
        self._ids[kind].append(f"{kind}{self._count}")
        return self._ids[kind][-1]

    def _any(self, kind: str) -> str | None:
        return self._dice.choice(self._ids[kind]) if self._ids[kind] else None

    def _some(self, kind: str) -> str:
        return self._any(kind) or "unknown"

    def _run(self) -> Event:
        if self._dice.random() < 0.4:
            return RunQueued(id=self._new("run"), callback="on_message", at=AT)
        if self._dice.random() < 0.5:
            return RunStarted(id=self._some("run"), at=AT)
        return RunEnded(id=self._some("run"), at=timestamp(), status="done")

    def _step(self) -> Event:
        if self._dice.random() < 0.5:
            prior, parent = self._any("step"), self._any("step") if self._dice.random() < 0.3 else None
            return StepOpened(step=message(self._new("step"), ODD_TEXT, prior_id=prior, parent_id=parent))
        step_id = self._some("step")
        events: list[Event] = [
            StepPatched(id=step_id, set=StepFields(name=f"n{self._count}", tags=None)),
            StepClosed(id=step_id, end=AT, set=StepFields(metadata={"n": self._count})),
            StepDelivered(id=step_id, platform="slack", ref=f"{self._count}", digest="d"),
            LeafMoved(id=step_id),
            StepRemoved(id=step_id),
        ]
        return self._dice.choice(events)

    def _delta(self) -> Event:
        return StepDelta(
            id=self._some("step"), text=f"{self._count} ", field=self._dice.choice(["input", "output", "output"])
        )

    def _element(self) -> Event:
        if self._dice.random() < 0.3:
            return ElementRemoved(id=self._gone("element"))
        known = self._any("element")
        element_id = known if known is not None and self._dice.random() < 0.4 else self._new("element")
        return ElementPut(element=Element(id=element_id, type="text", name=f"{self._count}"))

    def _action(self) -> Event:
        if self._dice.random() < 0.3:
            return ActionRemoved(id=self._gone("action"))
        return ActionPut(action=Action(id=self._new("action"), name="go", for_id=self._any("step")))

    def _gone(self, kind: str) -> str:
        """An id to remove, which is not used again."""
        known = self._some(kind)
        self._ids[kind] = [other for other in self._ids[kind] if other != known]
        return known

    def _question(self) -> Event:
        if self._dice.random() < 0.5:
            return AskClosed(id=self._some("ask"), outcome="answered", by="ann", answer={"n": self._count})
        return AskOpened(id=self._new("ask"), step_id=self._some("step"), run_id=self._some("run"), type="text")

    def _function(self) -> Event:
        if self._dice.random() < 0.5:
            return CallClosed(id=self._some("call"), outcome="returned", value=self._count)
        return CallOpened(id=self._new("call"), name="f", args={"n": self._count})

    def _thread(self) -> Event:
        events: list[Event] = [
            ThreadPatched(set=ThreadFields(name=f"name {self._count}", tags=[ODD_TEXT])),
            StatePatched(set=StateFields(settings={"n": self._count}, session={f"k{self._count % 5}": self._count})),
            StatePatched(set=StateFields(settings=None, profile=f"{self._count}")),
        ]
        return self._dice.choice(events)
