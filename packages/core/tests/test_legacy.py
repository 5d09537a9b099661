"""Data layers of existing apps: the contract, as far as their interface can hold it, and stories of whole chats."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import uuid4

import convo
import pytest
from convo.data import (
    BaseDataLayer,
    ElementDict,
    Feedback,
    LegacyDataLayer,
    PageInfo,
    PaginatedResponse,
    Pagination,
    StepDict,
    ThreadDict,
    ThreadFilter,
    get_data_layer,
)
from convo.datalayer import Changes, DataLayer
from convo.element import Element
from convo.errors import MisconfiguredError, UnavailableError
from convo.principal import Principal
from convo.protocol import Element as ElementNoun
from convo.protocol import State, ThreadInfo
from convo.testing import ChatClient
from convo.testing.datalayer_suite import DataLayerSuite, changes, full_state, message
from convo.user import PersistedUser, User


class Store:
    """What outlives a data layer: its rows, and what was asked of it."""

    def __init__(self) -> None:
        self.users: dict[str, PersistedUser] = {}
        self.threads: dict[str, dict[str, Any]] = {}  # the one that changed last is last
        self.steps: dict[str, dict[str, dict[str, Any]]] = {}
        self.elements: dict[str, dict[str, dict[str, Any]]] = {}
        self.blobs: dict[str, bytes] = {}
        self.feedback: dict[str, Feedback] = {}
        self.calls: list[tuple[str, str | None]] = []
        self.orphans: list[str] = []  # steps that came before their parents
        self.fails_at: str | None = None  # the next call of this name, once


class RowsLayer(BaseDataLayer):
    """A data layer as existing apps have them: its rows are copied and merged as a database would."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.is_closed = False

    def _called(self, name: str, id: str | None = None) -> None:
        self.store.calls.append((name, id))
        if self.store.fails_at == name:
            self.store.fails_at = None
            raise ConnectionError("the database went away")

    async def get_user(self, identifier: str) -> PersistedUser | None:
        self._called("get_user", identifier)
        return deepcopy(self.store.users.get(identifier))

    async def create_user(self, user: User) -> PersistedUser | None:
        self._called("create_user", user.identifier)
        known = self.store.users.get(user.identifier)
        if known is None:
            known = PersistedUser(user.identifier, metadata=deepcopy(user.metadata), id=str(uuid4()))
            self.store.users[user.identifier] = known
        known.metadata = deepcopy(user.metadata)
        return deepcopy(known)

    async def delete_feedback(self, feedback_id: str) -> bool:
        self._called("delete_feedback", feedback_id)
        return self.store.feedback.pop(feedback_id, None) is not None

    async def upsert_feedback(self, feedback: Feedback) -> str:
        self._called("upsert_feedback", feedback.id)
        assert feedback.id is not None
        self.store.feedback[feedback.id] = feedback
        return feedback.id

    async def create_element(self, element: Element) -> None:
        self._called("create_element", element.id)
        assert element.thread_id is not None
        assert element.path or element.url or element.content
        if element.path:
            with open(element.path, "rb") as file:
                self.store.blobs[element.id] = file.read()
        elements = self.store.elements.setdefault(element.thread_id, {})
        elements[element.id] = deepcopy(dict(element.to_dict()))

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        return deepcopy(self.store.elements.get(thread_id, {}).get(element_id))  # type: ignore[return-value]

    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        self._called("delete_element", element_id)
        for elements in self.store.elements.values():
            elements.pop(element_id, None)

    async def create_step(self, step_dict: StepDict) -> None:
        self._called("create_step", step_dict["id"])
        parent, steps = step_dict["parentId"], self.store.steps.setdefault(step_dict["threadId"], {})
        assert step_dict["threadId"] in self.store.threads, "a thread comes before its steps"
        self.store.orphans += [] if parent is None or parent in steps else [step_dict["id"]]
        assert step_dict["id"] not in steps, "a step is created once"
        steps[step_dict["id"]] = deepcopy(dict(step_dict))

    async def update_step(self, step_dict: StepDict) -> None:
        self._called("update_step", step_dict["id"])
        steps = self.store.steps[step_dict["threadId"]]
        assert step_dict["id"] in steps, "a step is created before it is updated"
        steps[step_dict["id"]].update(deepcopy(dict(step_dict)))

    async def delete_step(self, step_id: str) -> None:
        self._called("delete_step", step_id)
        for steps in self.store.steps.values():
            steps.pop(step_id, None)

    async def get_thread_author(self, thread_id: str) -> str:
        identifier = self.store.threads.get(thread_id, {}).get("userIdentifier")
        if identifier is None:
            raise ValueError(f"No author of {thread_id}")
        return str(identifier)

    async def delete_thread(self, thread_id: str) -> None:
        self._called("delete_thread", thread_id)
        for rows in (self.store.threads, self.store.steps, self.store.elements):
            rows.pop(thread_id, None)  # type: ignore[attr-defined]

    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        self._called("list_threads", filters.userId)
        found = [
            self._thread(thread_id)
            for thread_id, thread in reversed(self.store.threads.items())
            if filters.userId in (None, thread["userId"])
        ]
        ids = [thread["id"] for thread in found]
        start = ids.index(pagination.cursor) + 1 if pagination.cursor in ids else 0
        end = start + pagination.first
        page = found[start:end]
        info = PageInfo(len(found) > end, page[0]["id"] if page else None, page[-1]["id"] if page else None)
        return PaginatedResponse(info, page)

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        self._called("get_thread", thread_id)
        return self._thread(thread_id) if thread_id in self.store.threads else None

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        self._called("update_thread", thread_id)
        thread = self.store.threads.pop(thread_id, None)
        thread = thread or {"id": thread_id, "name": None, "userId": None, "userIdentifier": None, "metadata": {}}
        self.store.threads[thread_id] = thread
        if user_id is not None:
            [user] = [user for user in self.store.users.values() if user.id == user_id]
            thread |= {"userId": user_id, "userIdentifier": user.identifier}
        thread |= {key: value for key, value in (("name", name), ("tags", tags)) if value is not None}
        merged = thread["metadata"] | deepcopy(metadata or {})
        thread["metadata"] = {key: value for key, value in merged.items() if value is not None}

    async def build_debug_url(self) -> str:
        return ""

    async def close(self) -> None:
        self.is_closed = True

    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        return [
            deepcopy(step)  # type: ignore[misc]
            for thread_id, steps in self.store.steps.items()
            for step in steps.values()
            if self.store.threads[thread_id]["userId"] == user_id and step["metadata"].get("favorite")
        ]

    def _thread(self, thread_id: str) -> ThreadDict:
        steps = sorted(self.store.steps.get(thread_id, {}).values(), key=lambda step: step["createdAt"] or "")
        elements = self.store.elements.get(thread_id, {}).values()
        return deepcopy({**self.store.threads[thread_id], "steps": steps, "elements": list(elements)})  # type: ignore[return-value]


class TestContract(DataLayerSuite):
    """The four stories that are told again below are those the interface has no words for."""

    @pytest.fixture
    def create_data_layer(self) -> Callable[[], DataLayer]:
        store = Store()
        return lambda: LegacyDataLayer(RowsLayer(store))

    async def test_a_claim_counts_for_every_process(self, data_layer: DataLayer, second: DataLayer) -> None:
        """It has no claims: they count within a process, and another one is not kept out."""
        old = await data_layer.claim_thread("t", "p1")
        await data_layer.apply(changes("t", old, steps=[message("m1")]))
        new = await second.claim_thread("t", "p2")
        await second.apply(changes("t", new, steps=[message("m2")]))
        assert [step.id for step in (await self._state(data_layer, "t")).steps] == ["m1", "m2"]

    async def test_a_thread_that_does_not_move_keeps_its_place_and_its_time(self, data_layer: DataLayer) -> None:
        """In which order threads come, the layer says itself; when one changed is kept beside it."""
        await self._store(data_layer, State(thread=ThreadInfo(id="a")))
        [before] = (await data_layer.list_threads("ann", Pagination())).threads
        epoch = await data_layer.claim_thread("a", "p")
        await data_layer.apply(replace(changes("a", epoch), moves=False))
        [after] = (await data_layer.list_threads("ann", Pagination())).threads
        assert after.changed_at == before.changed_at == (await self._stored(data_layer, "a")).changed_at

    async def test_the_same_id_in_another_collection_or_thread_is_another_entry(self, data_layer: DataLayer) -> None:
        """`delete_step` has no thread: ids of steps are unique. Collections are apart."""
        state = State(
            thread=ThreadInfo(id="t"), steps=[message("x")], elements=[ElementNoun(id="x", type="text", name="x")]
        )
        await self._store(data_layer, state)
        epoch = await data_layer.claim_thread("t", "p2")
        await data_layer.apply(changes("t", epoch, removed=[("steps", "x")]))
        state = await self._state(data_layer, "t")
        assert (len(state.steps), len(state.elements)) == (0, 1)

    async def test_an_owner_is_forgotten_with_all_threads(self, data_layer: DataLayer) -> None:
        """It cannot delete users: the threads go, and what was known of the user."""
        user = await data_layer.save_user(User("ann", display_name="Ann", metadata={"tel": "123"}))
        kept = await data_layer.save_user(User("bob", metadata={"tel": "456"}))
        for i in range(3):
            await self._store(data_layer, full_state(f"a{i}"), owner_id=user.id)
            await self._store(data_layer, full_state(f"b{i}"), owner_id=kept.id)
        assert sorted(await data_layer.delete_owner(user.id)) == ["a0", "a1", "a2"]
        assert await data_layer.delete_owner(user.id) == []
        assert await data_layer.delete_owner("nobody") == []
        forgotten = await data_layer.get_user("ann")
        assert forgotten is not None
        assert (forgotten.id, forgotten.display_name, forgotten.metadata) == (user.id, None, {})
        assert await data_layer.get_user("bob") == kept
        assert await data_layer.get_thread("a0") is None
        assert await self._all_ids(data_layer, None, 9) == ["b2", "b1", "b0"]

    async def test_threads_are_given_to_another_owner(self, data_layer: DataLayer) -> None:
        """To be given is a change there: those threads come first, in their order."""
        for i in range(3):
            state = State(thread=ThreadInfo(id=f"v{i}", name="mine"), steps=[message("m1", favourite=True)])
            await self._store(data_layer, state, owner_id="visitor")
        await self._store(data_layer, full_state("hers"))
        await self._store(data_layer, full_state("his"), owner_id="bob")
        before = await data_layer.get_thread("v1")
        assert sorted(await data_layer.give_threads("visitor", "ann")) == ["v0", "v1", "v2"]
        assert await data_layer.give_threads("visitor", "ann") == []
        assert await self._all_ids(data_layer, "ann", 2) == ["v2", "v1", "v0", "hers"]
        assert await self._all_ids(data_layer, "visitor", 3) == []
        assert await self._all_ids(data_layer, "bob", 3) == ["his"]
        assert len(await self._search(data_layer, "mine")) == 3
        assert await self._search(data_layer, "mine", owner_id="visitor") == []
        assert len(await self._favourites(data_layer, 3)) == 4
        assert await data_layer.get_thread_owner("v1") == "ann"
        after = await data_layer.get_thread("v1")
        assert before is not None
        assert after is not None
        assert after.state == before.state


@pytest.fixture
def store() -> Store:
    return Store()


def app_over(store: Store) -> convo.App:
    """An app with one of everything that is stored."""
    app = convo.App(data_layer=RowsLayer(store))

    @app.on_chat_start
    async def start() -> None:
        convo.user_session.set("mood", "curious")

    @app.on_chat_resume
    async def resume(thread: ThreadDict) -> None:
        convo.user_session.set("resumed", len([s for s in thread["steps"] if s["type"] == "user_message"]))

    @app.on_message
    async def answer(question: convo.Message) -> None:
        async with convo.Step(name="look up", type="tool", icon="search") as step:
            async with convo.Step(name="ask", type="llm") as inner:
                await inner.stream_token("deep")
            step.output = {"found": 3}
        files = [
            convo.File(name="notes.txt", content=b"bytes of the file"),
            convo.CustomElement("Card", props={"a": 1}),
        ]
        reply = convo.Message("", elements=files, actions=[convo.Action("more", {"n": 1})], tags=["t"])
        for token in ("You ", "said ", question.content):
            await reply.stream_token(token)
        reply.metadata = {"model": "m"}
        await reply.send()

    return app


async def test_a_chat_is_written_row_by_row_in_order(store: Store) -> None:
    async with ChatClient(app_over(store)) as chat:
        reply = await chat.send("hello")
        await chat.rest()
        thread_id = chat.thread_id
    steps = store.steps[thread_id]
    created = [id for name, id in store.calls if name == "create_step"]
    assert store.orphans == []
    assert len(created) == len(set(created)) == len(steps)  # streamed steps are updated, not made again
    assert {step["type"] for step in steps.values()} == {"run", "user_message", "assistant_message", "tool", "llm"}
    answer = steps[reply.messages[0].id]
    assert (answer["output"], answer["streaming"], answer["tags"]) == ("You said hello", False, ["t"])
    assert answer["metadata"]["model"] == "m"
    [tool] = [step for step in steps.values() if step["type"] == "tool"]
    [inner] = [step for step in steps.values() if step["type"] == "llm"]
    assert inner["parentId"] == tool["id"]
    assert ("icon" in tool, tool["metadata"]["icon"]) == (False, "search")  # as existing apps have it
    assert steps[tool["parentId"]]["type"] == "run"
    assert set(store.blobs.values()) == {b"bytes of the file"}
    assert {element["type"] for element in store.elements[thread_id].values()} == {"file", "custom"}
    thread = store.threads[thread_id]
    assert (thread["name"], thread["metadata"]["mood"]) == ("hello", "curious")


async def test_a_stored_chat_goes_on_with_its_branches(store: Store) -> None:
    async with ChatClient(app_over(store)) as chat:
        first = await chat.send("one")
        await chat.edit(chat.messages[0].id, "two")
        await chat.rate(first.messages[0].id, 0, "too short")
        before = chat.state.view()
        thread, principal = chat.thread_id, chat.principal
    assert [(one.value, one.comment) for one in store.feedback.values()] == [(0, "too short")]
    async with ChatClient(app_over(store), thread=thread, principal=principal) as chat:
        after = chat.state.view()
        assert [step.output for step in chat.messages] == ["two", "You said two"]
        assert after.steps == before.steps
        assert after.elements == before.elements
        assert after.actions == before.actions
        assert [run.id for run in after.runs][: len(before.runs)] == [run.id for run in before.runs]
        await chat.send("three")
        await chat.rate(first.messages[0].id, None)
        assert [listed.name for listed in await chat.threads()] == ["one"]
    assert store.feedback == {}


async def test_a_database_that_goes_away_gets_everything_once_it_is_back(store: Store) -> None:
    for name in ("update_thread", "create_step", "update_step", "create_element", "get_thread"):
        store.fails_at = name
        async with ChatClient(app_over(store)) as chat:
            reply = await chat.send("hello")
            await chat.rest()
            view, thread_id = chat.state.view(), chat.thread_id
        stored = await LegacyDataLayer(RowsLayer(store)).get_thread(thread_id)
        assert stored is not None, name
        assert stored.state.steps == view.steps, name
        assert stored.state.elements == view.elements, name
        assert reply.status == "done"


async def test_what_a_process_left_behind_that_died_while_it_wrote_is_a_chat(store: Store) -> None:
    class Dying(RowsLayer):
        async def create_element(self, element: Element) -> None:
            raise SystemExit

    state = State(
        thread=ThreadInfo(id="t", name="Half"),
        steps=[message("m1", "why?"), message("m2", "because", prior_id="m1")],
        elements=[ElementNoun(id="e", type="text", name="e", for_id="m2", url="/public/e")],
        leaf="m3",
    )
    layer = LegacyDataLayer(Dying(store))
    epoch = await layer.claim_thread("t", "p")
    with pytest.raises(SystemExit):
        await layer.apply(Changes("t", "visitor", epoch, 1, state, []))
    after = LegacyDataLayer(RowsLayer(store))
    stored = await after.get_thread("t")
    assert stored is not None
    assert stored.owner_id == await after.get_thread_owner("t") == "visitor"
    assert [(step.id, step.prior_id, step.metadata) for step in stored.state.steps] == [
        ("m1", None, None),
        ("m2", "m1", None),
    ]
    assert stored.state.leaf == "m2"
    assert [info.id for info in (await after.list_threads("visitor", Pagination())).threads] == ["t"]


async def test_a_thread_of_an_existing_app_is_read_and_gone_on_with(store: Store) -> None:
    layer = RowsLayer(store)
    user = await layer.create_user(User("ann"))
    assert user is not None
    await layer.update_thread("old", name="Old", user_id=user.id, metadata={"mood": "calm", "chat_profile": "Fast"})
    rows: list[dict[str, Any]] = [
        {"id": "q", "type": "user_message", "name": "ann", "output": "why?", "createdAt": "2025-01-01T10:00:00Z"},
        {"id": "r", "type": "run", "name": "on_message", "parentId": "q", "createdAt": "2025-01-01T10:00:00.000002Z"},
        {"id": "s", "type": "tool", "name": "search", "parentId": "r", "input": "w", "output": '{"a": 1}',
         "showInput": "json", "createdAt": "2025-01-01T10:00:00.000003Z"},
        {"id": "l", "type": "llm", "name": "gpt", "parentId": "s", "createdAt": "2025-01-01T10:00:00.000004Z",
         "generation": '{"type": "CHAT", "model": "m", "tokenCount": 3}'},
        {"id": "a", "type": "assistant_message", "name": "Bot", "parentId": "r", "output": "because",
         "createdAt": "2025-01-01T10:00:01Z", "isError": False, "feedback": {"id": "f", "value": 1, "comment": "yes"}},
    ]  # fmt: skip
    for row in rows:
        await layer.create_step({"threadId": "old", "parentId": None, "metadata": {}, **row})  # type: ignore[misc]
    stored = await LegacyDataLayer(layer).get_thread("old")
    assert stored is not None
    state = stored.state
    assert stored.owner_id == user.id == await LegacyDataLayer(layer).get_thread_owner("old")
    assert [(step.id, step.parent_id, step.run_id, step.prior_id) for step in state.steps] == [
        ("q", None, "r", None),
        ("s", None, "r", None),
        ("l", "s", "r", None),
        ("a", None, "r", "q"),
    ]
    assert (state.leaf, state.profile, state.session) == ("a", "Fast", {"mood": "calm"})
    assert [(run.id, run.status, run.trigger) for run in state.runs] == [("r", "done", "q")]
    generation = state.steps[2].generation
    assert generation is not None
    assert (generation.type, generation.model, generation.token_count) == ("chat", "m", 3)
    principal = Principal(user.id, user)
    async with ChatClient(app_over(store), thread="old", principal=principal) as chat:
        assert [step.output for step in chat.messages] == ["why?", "because"]
        await chat.send("and then?")
        await chat.rate("a", None)
        view = chat.state.view()
    again = await LegacyDataLayer(layer).get_thread("old")
    assert again is not None
    assert again.state.steps == view.steps
    assert [step.prior_id for step in again.state.steps if step.id in ("q", "a")] == [None, "q"]
    assert ("delete_feedback", "f") in store.calls


async def test_what_a_layer_changes_of_a_thread_is_seen(store: Store) -> None:
    async with ChatClient(app_over(store)) as chat:
        reply = await chat.send("hello")
        thread_id, question_id = chat.thread_id, chat.messages[0].id
    layer = RowsLayer(store)
    await layer.update_thread(thread_id, name="Renamed", metadata={"case": 7})
    store.steps[thread_id][reply.messages[0].id]["output"] = "Redacted"
    await layer.delete_step(question_id)
    stored = await LegacyDataLayer(layer).get_thread(thread_id)
    assert stored is not None
    assert (stored.state.thread.name, stored.state.thread.metadata) == ("Renamed", {"case": 7})
    assert stored.state.leaf == reply.messages[0].id
    assert [step.output for step in stored.state.steps if step.type == "assistant_message"] == ["Redacted"]


async def test_an_app_finds_its_own_data_layer(store: Store) -> None:
    app, layer = convo.App(), RowsLayer(store)
    found: list[object] = []

    @app.data_layer
    def make() -> BaseDataLayer:
        return layer

    @app.on_message
    async def answer(question: convo.Message) -> None:
        found.append(get_data_layer())

    async with ChatClient(app) as chat:
        await chat.send("hello")
    assert found == [layer]
    assert layer.is_closed
    with pytest.raises(convo.NoContextError):
        get_data_layer()
    with pytest.raises(TypeError, match=r"a `convo.DataLayer` or a `convo.data.BaseDataLayer`, not a `str`"):
        convo.App().data_layer(lambda: "sqlite")


async def test_what_a_layer_raises_means_try_again_later(store: Store) -> None:
    layer = LegacyDataLayer(RowsLayer(store))
    store.fails_at = "list_threads"
    with pytest.raises(UnavailableError, match="`list_threads` of the data layer `RowsLayer` raised ConnectionError"):
        await layer.list_threads("ann", Pagination())
    with pytest.raises(MisconfiguredError, match="Nobody can sign in as `convo:secret`"):
        await layer.save_user(User("convo:secret"))
    await layer.get_secret()
    assert await layer.get_user("convo:secret") is None
