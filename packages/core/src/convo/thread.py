"""Threads as dicts: the shape that callbacks of existing apps know."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

import msgspec

from convo.protocol import RunInfo, State, Step

__all__ = ["FeedbackDict", "StepDict", "ThreadDict", "chosen", "run_dict", "step_dict", "thread_dict"]


class FeedbackDict(TypedDict, total=False):
    """What a user thinks of the message `forId`, as a dict."""

    forId: str
    id: str | None
    value: Literal[0, 1]
    comment: str | None


class StepDict(TypedDict, total=False):
    """A step, message or run as a dict. Times are ISO 8601, UTC."""

    id: str
    threadId: str
    parentId: str | None
    name: str
    type: str
    input: str
    output: str
    command: str | None
    modes: dict[str, str] | None
    language: str | None
    showInput: bool | str
    isError: bool
    streaming: bool
    waitForAnswer: bool | None
    createdAt: str | None
    start: str | None
    end: str | None
    metadata: dict[str, Any]
    tags: list[str] | None
    icon: str | None
    defaultOpen: bool
    autoCollapse: bool
    generation: dict[str, Any] | None
    feedback: FeedbackDict | None


class ThreadDict(TypedDict, total=False):
    """A thread with all its steps as a dict; runs are steps of type `run`, so that each tree has its root."""

    id: str
    createdAt: str | None
    name: str | None
    userId: str | None
    userIdentifier: str | None
    tags: list[str] | None
    metadata: dict[str, Any]
    steps: list[StepDict]
    elements: list[dict[str, Any]]


def step_dict(step: Step, thread_id: str) -> StepDict:
    """A step as a dict. What a run did without a parent step of its own hangs below the run."""
    return StepDict(
        id=step.id,
        threadId=thread_id,
        parentId=step.parent_id or step.run_id,
        name=step.author or step.name,
        type=step.type,
        input=step.input,
        output=step.output,
        command=step.command,
        modes=step.modes,
        language=step.language,
        showInput=step.show_input,
        isError=step.is_error,
        streaming=step.end is None,
        createdAt=step.created_at,
        start=step.start,
        end=step.end,
        metadata=step.metadata or {},
        tags=step.tags,
        icon=step.icon,
        defaultOpen=step.default_open,
        autoCollapse=step.auto_collapse,
        generation=None if step.generation is None else msgspec.to_builtins(step.generation),
    )


def run_dict(run: RunInfo, thread_id: str) -> StepDict:
    """A run as a dict."""
    return StepDict(
        id=run.id,
        threadId=thread_id,
        parentId=None,
        name=run.callback,
        type="run",
        input="",
        output=run.error.text if run.error is not None else "",
        command=None,
        modes=None,
        language=None,
        showInput=False,
        isError=run.error is not None,
        streaming=run.ended_at is None,
        createdAt=run.queued_at,
        start=run.started_at,
        end=run.ended_at,
        metadata={"status": run.status},
        tags=None,
        icon=None,
        defaultOpen=False,
        autoCollapse=False,
        generation=None,
    )


def thread_dict(state: State, user_identifier: str | None = None) -> ThreadDict:
    """A stored or live thread as a dict."""
    thread = state.thread
    steps = [step_dict(step, thread.id) for step in state.steps] + [run_dict(run, thread.id) for run in state.runs]
    return ThreadDict(
        id=thread.id,
        createdAt=thread.created_at,
        name=thread.name,
        userId=None,
        userIdentifier=user_identifier,
        tags=thread.tags,
        metadata=(thread.metadata or {}) | (state.session or {}) | chosen(state),
        steps=sorted(steps, key=lambda step: step["createdAt"] or ""),
        elements=[msgspec.to_builtins(element) for element in state.elements],
    )


def chosen(state: State) -> dict[str, Any]:
    """What the user chose beside the messages."""
    chosen: dict[str, Any] = {}
    if state.profile is not None:
        chosen["chat_profile"] = state.profile
    if state.settings is not None:
        chosen["chat_settings"] = dict(state.settings.get("values") or {})
    return chosen
