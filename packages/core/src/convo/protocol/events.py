"""Events: what happened, in the order of a log. Those of a principal's log stand at the end."""

from __future__ import annotations

from typing import Literal, TypeAlias, Union

import msgspec
from msgspec import field

from convo.protocol.nouns import (
    Action,
    AskOutcome,
    AskType,
    CallOutcome,
    Element,
    Notice,
    QueuedMessage,
    Removal,
    RunError,
    StateFields,
    Step,
    StepFields,
    TextField,
    ThreadFields,
    ThreadInfo,
)
from convo.protocol.wire import Json, WireStruct, encode

__all__ = [
    "PASSING",
    "ActionPut",
    "ActionRemoved",
    "AskClosed",
    "AskOpened",
    "AudioChunk",
    "AudioInterrupted",
    "CallClosed",
    "CallOpened",
    "ElementPut",
    "ElementRemoved",
    "Event",
    "EventStruct",
    "LeafMoved",
    "NoticeCleared",
    "NoticePosted",
    "RunEnded",
    "RunQueued",
    "RunStarted",
    "SaveFailed",
    "SaveProgressed",
    "SessionEnded",
    "StatePatched",
    "StepClosed",
    "StepDelivered",
    "StepDelta",
    "StepOpened",
    "StepPatched",
    "StepRemoved",
    "ThreadListed",
    "ThreadPatched",
    "ThreadUnlisted",
    "Toast",
    "WindowMessage",
    "encode_event",
]


class EventStruct(WireStruct, frozen=True, tag_field="kind"):
    """What happened: past tense, frozen."""


class RunQueued(EventStruct, frozen=True, tag="run-queued"):
    id: str
    callback: str
    at: str
    trigger: str | None = None
    text: str | None = None
    message: QueuedMessage | None = None
    command_id: str | None = None
    by: str | None = None


class RunStarted(EventStruct, frozen=True, tag="run-started"):
    id: str
    at: str


class RunEnded(EventStruct, frozen=True, tag="run-ended"):
    id: str
    at: str
    status: Literal["done", "failed", "stopped", "interrupted"]
    by: str | None = None
    error: RunError | None = None
    value: Json = None


class StepOpened(EventStruct, frozen=True, tag="step-opened"):
    step: Step


class StepDelta(EventStruct, frozen=True, tag="step-delta", gc=False):
    id: str
    text: str
    field: TextField = "output"


class StepPatched(EventStruct, frozen=True, tag="step-patched"):
    id: str
    set: StepFields


class StepClosed(EventStruct, frozen=True, tag="step-closed"):
    id: str
    end: str
    is_error: bool = False
    set: StepFields = field(default_factory=StepFields)


class StepRemoved(EventStruct, frozen=True, tag="step-removed"):
    id: str


class StepDelivered(EventStruct, frozen=True, tag="step-delivered"):
    id: str
    platform: str
    ref: str
    digest: str


class LeafMoved(EventStruct, frozen=True, tag="leaf-moved"):
    id: str | None = None


class ElementPut(EventStruct, frozen=True, tag="element-put"):
    element: Element


class ElementRemoved(EventStruct, frozen=True, tag="element-removed"):
    id: str


class ActionPut(EventStruct, frozen=True, tag="action-put"):
    action: Action


class ActionRemoved(EventStruct, frozen=True, tag="action-removed"):
    id: str


class AskOpened(EventStruct, frozen=True, tag="ask-opened"):
    id: str
    step_id: str
    run_id: str
    type: AskType
    spec: dict[str, Json] = field(default_factory=dict)
    expires_at: str | None = None
    anyone: bool = False


class AskClosed(EventStruct, frozen=True, tag="ask-closed"):
    id: str
    outcome: AskOutcome
    by: str | None = None
    answer: Json = None


class CallOpened(EventStruct, frozen=True, tag="call-opened"):
    id: str
    name: str
    args: dict[str, Json] = field(default_factory=dict)
    expires_at: str | None = None
    to: str | None = None


class CallClosed(EventStruct, frozen=True, tag="call-closed"):
    id: str
    outcome: CallOutcome
    value: Json = None


class ThreadPatched(EventStruct, frozen=True, tag="thread-patched"):
    set: ThreadFields


class StatePatched(EventStruct, frozen=True, tag="state-patched"):
    set: StateFields


class SaveProgressed(EventStruct, frozen=True, tag="save-progressed"):
    seq: int


class SaveFailed(EventStruct, frozen=True, tag="save-failed"):
    since: str
    reason: str


class SessionEnded(EventStruct, frozen=True, tag="session-ended"):
    reason: str


class Toast(EventStruct, frozen=True, tag="toast"):
    message: str
    type: Literal["info", "success", "warning", "error"] = "info"
    to: str | None = None


class WindowMessage(EventStruct, frozen=True, tag="window-message"):
    data: Json = None
    to: str | None = None


class AudioChunk(EventStruct, frozen=True, tag="audio-chunk"):
    mime: str
    track: str
    data: bytes
    to: str | None = None


class AudioInterrupted(EventStruct, frozen=True, tag="audio-interrupted"):
    to: str | None = None


class NoticePosted(EventStruct, frozen=True, tag="notice-posted"):
    notice: Notice


class NoticeCleared(EventStruct, frozen=True, tag="notice-cleared"):
    id: str


class ThreadListed(EventStruct, frozen=True, tag="thread-listed"):
    """A thread of the principal is new or changed in the history."""

    thread: ThreadInfo


class ThreadUnlisted(EventStruct, frozen=True, tag="thread-unlisted"):
    """A thread of the principal is gone from the history: for good, or with `removal` until it is restored."""

    id: str
    removal: Removal | None = None


Event: TypeAlias = Union[  # noqa: UP007 - msgspec reads the union at run time
    RunQueued,
    RunStarted,
    RunEnded,
    StepOpened,
    StepDelta,
    StepPatched,
    StepClosed,
    StepRemoved,
    StepDelivered,
    LeafMoved,
    ElementPut,
    ElementRemoved,
    ActionPut,
    ActionRemoved,
    AskOpened,
    AskClosed,
    CallOpened,
    CallClosed,
    ThreadPatched,
    StatePatched,
    SaveProgressed,
    SaveFailed,
    SessionEnded,
    Toast,
    WindowMessage,
    AudioChunk,
    AudioInterrupted,
    NoticePosted,
    NoticeCleared,
    ThreadListed,
    ThreadUnlisted,
]

_decoder = msgspec.json.Decoder(Event)


def encode_event(event: Event) -> bytes:
    """An event as JSON that every reader can read.

    Raises `TypeError` or `ValueError` when JSON cannot carry it, and `TypeError` when a field is of another type than
    the wire has: an author's mistake, which is told before anybody could trip over it.
    """
    encoded = encode(event)
    try:
        _decoder.decode(encoded)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        place = where.strip("`$.") or "it"
        raise TypeError(f"`{place}` is of another type than it must be: {what[:1].lower()}{what[1:]}.") from error
    return encoded


PASSING: tuple[type[EventStruct], ...] = (Toast, WindowMessage, AudioChunk, AudioInterrupted)
