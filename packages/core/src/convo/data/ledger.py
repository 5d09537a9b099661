"""What is known of a thread that a legacy data layer keeps: its state, and which rows of it are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from convo.data.dicts import listed, mapping, moment, state_of, step_of, text
from convo.data.kept import HANGING, KEY, KeptStep, KeptThread, kept_step, kept_thread, packed, unpacked
from convo.datalayer import Changes
from convo.element import Element
from convo.errors import NotFoundError
from convo.files import Files
from convo.protocol import Element as ElementNoun
from convo.protocol import State, Step, ThreadInfo
from convo.state import Key, ThreadState
from convo.thread import StepDict, chosen, run_dict, step_dict

__all__ = ["Ledger", "changed_at", "element_for", "info_of", "stored_step"]

_FILES = "api/v1/threads/"  # how `file_url` begins
FAVOURITE, ICON = "favorite", "icon"  # in a step's metadata: existing apps have them there
_OURS = (KEY, FAVOURITE, ICON)


@dataclass(slots=True)
class Ledger:
    """Of one thread. `rows` are ids of steps and runs that have one, `elements` those of elements."""

    state: ThreadState
    owner_id: str | None = None
    exists: bool = False
    is_foreign: bool = False  # written by an existing app: all its rows are written anew when it goes on
    rows: set[str] = field(default_factory=set)
    elements: set[str] = field(default_factory=set)
    ratings: dict[str, str] = field(default_factory=dict)  # ids of feedback, by step
    keys: set[str] = field(default_factory=set)  # of the thread's metadata
    changed_at: str | None = None
    told: tuple[Any, ...] = (None, None, None)  # the name, tags and owner that are stored
    _places: dict[Key, int] = field(default_factory=dict)
    _next: int = 0

    # --- Reading ---

    @classmethod
    def new(cls, thread: ThreadInfo) -> Ledger:
        """Of a thread that is not stored yet."""
        return cls(ThreadState(thread))

    @classmethod
    def read(cls, thread: Mapping[str, Any]) -> Ledger:
        """From a `ThreadDict`, written by convo or by an existing app. Raises `DataLayerError`."""
        kept = kept_thread(thread.get("metadata"))
        rows = listed(thread.get("steps"))
        if kept is None:
            state = state_of(thread, _owner(thread))
            ledger = cls(ThreadState.from_view(state), owner_id=_owner(thread), is_foreign=True)
            ledger._place(state)
        else:
            ledger = cls(ThreadState(kept.state.thread), owner_id=kept.owner_id)
            ledger._fill(kept, thread)
            ledger.told = (kept.state.thread.name, kept.state.thread.tags, kept.owner_id)
        ledger.exists, ledger.changed_at = True, changed_at(thread)
        ledger.rows = {str(row["id"]) for row in rows if row.get("id")}
        ledger.elements = {str(found["id"]) for found in listed(thread.get("elements")) if found.get("id")}
        ledger.keys = set(mapping(thread.get("metadata"))) - {KEY}
        for row in rows:
            if (rating := mapping(row.get("feedback")).get("id")) is not None:
                ledger.ratings[str(row["id"])] = str(rating)
        return ledger

    def _fill(self, kept: KeptThread, thread: Mapping[str, Any]) -> None:
        found: dict[str, list[tuple[int, Any]]] = {"runs": [], "steps": [], **{name: [] for name in HANGING}}
        hanging = list(kept.hanging)
        last = 1 << 60
        for row in listed(thread.get("steps")):
            beside = kept_step(row.get("metadata"))
            if beside is None:
                if row.get("type") != "run":  # which a store made up, as parent of a step
                    last += 1
                    found["steps"].append((last, replace(step_of(row), parent_id=None)))
                continue
            hanging += beside.hanging
            if beside.run is not None:
                found["runs"].append((beside.place, beside.run))
            elif beside.step is not None:
                found["steps"].append((beside.place, stored_step(row, beside)))
        for place, name, entry in unpacked(hanging):
            found[name].append((place, entry))
        places = {name: [place for place, _ in sorted(entries, key=_first)] for name, entries in found.items()}
        entries = {name: [entry for _, entry in sorted(entries, key=_first)] for name, entries in found.items()}
        urls = {str(one.get("id")): one.get("url") for one in listed(thread.get("elements"))}
        entries["elements"] = [_located(element, urls.get(element.id)) for element in entries["elements"]]
        state = replace(kept.state, thread=info_of(thread, kept), **entries)
        ids = {step.id for step in state.steps}
        if state.leaf is not None and state.leaf not in ids:  # its row was deleted by somebody else
            spoken = [step.id for step in state.steps if step.type.endswith("_message")]
            state = replace(state, leaf=spoken[-1] if spoken else None)
        self.state = ThreadState.from_view(state)
        for name, ordered in places.items():
            self._places.update({(name, e.id): p for e, p in zip(entries[name], ordered, strict=True) if p < 1 << 60})
        self._next = max(self._places.values(), default=-1) + 1
        self._place(state)

    # --- Changing ---

    def merge(self, changes: Changes) -> tuple[list[str], list[str]]:
        """Take over what changed. Returns the ids of rows to delete, and of rows to write, in order."""
        touched: dict[str | None, None] = {}
        gone: list[str] = []
        for name, entry_id in changes.removed:
            if name in ("steps", "runs"):
                gone += [entry_id] if entry_id in self.rows else []
            else:
                touched[self._owner_of(name, entry_id)] = None
            self._places.pop((name, entry_id), None)
        for name in HANGING:
            touched.update(dict.fromkeys(self._owner_of(name, entry.id) for entry in getattr(changes.state, name)))
        self.state.merge(changes.state, changes.removed)
        self._place(changes.state)
        for name in HANGING:
            touched.update(dict.fromkeys(self._owner_of(name, entry.id) for entry in getattr(changes.state, name)))
        touched.update(dict.fromkeys(run.id for run in changes.state.runs))
        touched.update(dict.fromkeys(step.id for step in changes.state.steps))
        if self.is_foreign:
            touched.update(dict.fromkeys([*self.state.runs, *self.state.steps]))
        runs = [run_id for run_id in self.state.runs if run_id in touched]
        steps = [step_id for step_id in self.state.steps if step_id in touched and step_id not in self.state.runs]
        return gone, runs + steps

    def _place(self, state: State) -> None:
        """Number what is new, in the order in which it came."""
        for name in ("runs", "steps", *HANGING):
            for entry in getattr(state, name):
                if (name, entry.id) not in self._places:
                    self._places[name, entry.id] = self._next
                    self._next += 1

    def _owner_of(self, name: str, entry_id: str) -> str | None:
        """The step that an entry hangs on; `None`: the thread."""
        entry = getattr(self.state, name).get(entry_id)
        owner = {"elements": "for_id", "actions": "for_id", "asks": "step_id", "deliveries": "id"}.get(name)
        step_id = None if entry is None or owner is None else getattr(entry, owner)
        return step_id if step_id in self.state.steps else None

    # --- Writing ---

    def row(self, row_id: str) -> StepDict:
        """A step or run as the interface has it, with all that hangs on it."""
        thread_id = self.state.thread.id
        run = self.state.runs.get(row_id)
        if run is not None:
            row = run_dict(run, thread_id)
            row.pop("icon", None)
            kept = KeptStep(place=self._places["runs", row_id], run=run)
            row["metadata"] = {KEY: packed(kept)}
            return row
        step = self.state.steps[row_id].step
        row = step_dict(step, thread_id)
        row.pop("icon", None)  # a column that their tables do not have
        metadata = {key: value for key, value in (step.metadata or {}).items() if key not in _OURS}
        if step.favourite:
            metadata[FAVOURITE] = True
        if step.icon is not None:
            metadata[ICON] = step.icon
        kept = KeptStep(place=self._places["steps", row_id], step=_slim(step), hanging=self._hanging(row_id))
        row["metadata"] = metadata | {KEY: packed(kept)}
        return row

    def _hanging(self, step_id: str | None) -> list[tuple[int, str, Any]]:
        return [
            (self._places[name, entry.id], name, msgspec.to_builtins(entry))
            for name in HANGING
            for entry in getattr(self.state, name).values()
            if self._owner_of(name, entry.id) == step_id
        ]

    def metadata(self, changed_at: str) -> dict[str, Any]:
        """The thread's: what existing apps find there, and what they do not. `None` takes a key away."""
        state = self.state.view()
        plain = replace(state, runs=[], steps=[], **{name: [] for name in HANGING})
        kept = KeptThread(owner_id=self.owner_id or "", changed_at=changed_at, state=plain, hanging=self._hanging(None))
        shown = (state.thread.metadata or {}) | (state.session or {}) | chosen(state)
        gone = dict.fromkeys(self.keys - set(shown))
        self.keys = set(shown)
        return gone | shown | {KEY: packed(kept)}


def info_of(thread: Mapping[str, Any], kept: KeptThread | None = None) -> ThreadInfo:
    """A thread's own facts. What somebody else changed of them since is as he left it."""
    kept = kept or kept_thread(thread.get("metadata"))
    if kept is None:
        return state_of({**thread, "steps": None, "elements": None}).thread
    info, state = kept.state.thread, kept.state
    name = thread.get("name")
    if isinstance(name, str) and name and not (info.name or "").startswith(name):  # stores cut long ones
        info = replace(info, name=text(name))
    ours = {KEY, *(info.metadata or {}), *(state.session or {}), *chosen(state)}
    added = {k: v for k, v in mapping(thread.get("metadata")).items() if k not in ours and v is not None}
    return replace(info, metadata=(info.metadata or {}) | added) if added else info


def changed_at(thread: Mapping[str, Any]) -> str | None:
    """When a thread was last written to."""
    kept = kept_thread(thread.get("metadata"))
    if kept is not None:
        return kept.changed_at
    times = [at for step in listed(thread.get("steps")) if (at := moment(step.get("createdAt"))) is not None]
    return max(times, default=moment(thread.get("createdAt")))


def stored_step(row: Mapping[str, Any], beside: KeptStep | None = None) -> Step:
    """The step of a `StepDict`."""
    beside = beside or kept_step(row.get("metadata"))
    if beside is None or beside.step is None:
        return step_of(row)
    step = beside.step
    metadata = {key: value for key, value in mapping(row.get("metadata")).items() if key not in _OURS}
    return replace(
        step,
        output=text(row.get("output")),
        input=step.input or (text(row.get("input")) if step.show_input else ""),
        metadata=(step.metadata or {}) | metadata if metadata or step.metadata is not None else None,
    )


async def element_for(noun: ElementNoun, thread_id: str, files: Files | None) -> Element:
    """The element to hand to a data layer: its bytes are a file, or it is elsewhere, or it is its props."""
    file = None if files is None else files.at(noun.url, name=noun.name, mime=noun.mime, bytes=noun.bytes)
    if file is not None and files is not None:
        try:
            await files.fetch(file)
        except NotFoundError:
            file = None
    element = Element.of_stored(noun, thread_id, file)
    element.__dict__["type"] = noun.type  # also of kinds that have no class, as lists of tasks
    element._file = None  # else its dict would say where the bytes are here
    if file is not None:
        element.url = None
    elif noun.url is None:
        element.content = msgspec.json.encode(noun.props or {}).decode()
    return element


def _slim(step: Step) -> Step:
    """Without what its row has; only the row's `input` is lost where stores give back none that is not shown."""
    metadata = {key: value for key, value in (step.metadata or {}).items() if key in _OURS}
    return replace(
        step,
        output="",
        input="" if step.show_input else step.input,
        metadata=None if step.metadata is None else metadata,
    )


def _located(element: ElementNoun, url: Any) -> ElementNoun:
    """With the address it has in the store, unless its bytes are a file of this server."""
    is_here = element.url is not None and element.url.startswith(_FILES)
    return replace(element, url=url) if isinstance(url, str) and url not in ("", "None") and not is_here else element


def _owner(thread: Mapping[str, Any]) -> str | None:
    return str(thread["userId"]) if thread.get("userId") else None


def _first(pair: tuple[int, Any]) -> int:
    return pair[0]
