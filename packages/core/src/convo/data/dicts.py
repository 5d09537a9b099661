"""Threads of existing apps: from the dicts that came out of their stores to the nouns of the protocol.

Stores differ: JSON comes as text or as a dict, a time with or without its zone, a flag as `"true"`. Nothing is relied
on, and what a noun cannot hold is left out or kept in its metadata; nothing is raised because of what a dict says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from convo.protocol import (
    MESSAGE_TYPES,
    Element,
    Feedback,
    Generation,
    RunError,
    RunInfo,
    State,
    Step,
    StepType,
    ThreadInfo,
    well_formed,
)

__all__ = ["element_of", "generation_of", "listed", "mapping", "moment", "state_of", "step_of"]

_TYPES = frozenset(get_args(StepType))
_RESERVED = frozenset(
    {"id", "env", "user", "client_type", "chat_profile", "chat_settings", "languages", "http_referer"}
)
"""Keys of a session that are the framework's own. They are not `user_session`'s values."""
_AGES = datetime.max.replace(tzinfo=UTC)


def state_of(thread: Mapping[str, Any], by: str | None = None) -> State:
    """A thread as existing apps store it; `by` is the principal who wrote its users' messages.

    Their threads know no branches: each message follows the one before. A run is a step there; here it becomes a run.
    """
    found = {str(step["id"]): step for step in listed(thread.get("steps")) if step.get("id")}
    found = dict(sorted(found.items(), key=lambda item: _when(item[1].get("createdAt") or item[1].get("start"))))
    runs = {i: run_of(step, by) for i, step in found.items() if _is_run(step, found)}
    runs_by_trigger = {run.trigger: run.id for run in runs.values() if run.trigger is not None}
    steps: list[Step] = []
    placed: set[str] = set()
    leaf: str | None = None
    for step_id in _parents_first(found, runs):
        step = replace(step_of(found[step_id]), run_id=_run_id(step_id, found, runs) or runs_by_trigger.get(step_id))
        parent = step.parent_id
        if parent not in placed or found[parent].get("type") == "user_message":
            step = replace(step, parent_id=None)
        if step.type in MESSAGE_TYPES:
            step = replace(step, prior_id=leaf, by=by if step.type == "user_message" else None)
            leaf = step.id
        steps.append(step)
        placed.add(step.id)
    elements = [element_of(found) for found in listed(thread.get("elements")) if found.get("id")]
    metadata = mapping(thread.get("metadata"))
    settings, profile = mapping(metadata.get("chat_settings")), metadata.get("chat_profile")
    return State(
        thread=ThreadInfo(
            id=str(thread["id"]),
            name=text(thread["name"]) if thread.get("name") else None,
            created_at=moment(thread.get("createdAt")),
            tags=_texts(thread.get("tags")),
        ),
        runs=list(runs.values()),
        steps=steps,
        leaf=leaf,
        elements=[one if one.for_id in placed else replace(one, for_id=None) for one in elements],
        settings={"values": settings} if settings else None,
        profile=profile if isinstance(profile, str) else None,
        session={key: value for key, value in metadata.items() if key not in _RESERVED} or None,
    )


def step_of(found: Mapping[str, Any]) -> Step:
    """One step or message, alone: what it hangs on may be missing, and what it follows is not known."""
    kind = found.get("type") if found.get("type") in _TYPES else "undefined"
    is_message = kind in MESSAGE_TYPES
    name, created_at = text(found.get("name")), moment(found.get("createdAt")) or moment(found.get("start"))
    metadata = mapping(found.get("metadata"))
    is_favourite = metadata.pop("favorite", False) is True
    icon = _some(found.get("icon")) or _some(metadata.pop("icon", None))
    generation, kept = generation_of(found.get("generation"))
    modes = mapping(found.get("modes"))
    return Step(
        id=str(found["id"]),
        type=kind,  # type: ignore[arg-type]  # one of `_TYPES`
        name="" if is_message else name,
        parent_id=str(found["parentId"]) if found.get("parentId") else None,
        author=name if is_message and name else None,
        input="" if is_message else text(found.get("input")),
        output=text(found.get("output")),
        language=_some(found.get("language")),
        show_input=_shown(found.get("showInput")) if not is_message else False,
        is_error=_flag(found.get("isError")),
        created_at=created_at,
        start=moment(found.get("start")) or created_at,
        end=moment(found.get("end")) or moment(found.get("start")) or created_at,
        icon=icon,
        default_open=_flag(found.get("defaultOpen")),
        auto_collapse=_flag(found.get("autoCollapse")),
        command=_some(found.get("command")),
        modes={key: text(value) for key, value in modes.items()} or None,
        generation=generation,
        metadata=(metadata | ({"generation": kept} if kept else {})) or None,
        tags=_texts(found.get("tags")),
        feedback=_feedback(found.get("feedback")),
        favourite=is_favourite and kind == "user_message",
    )


def run_of(found: Mapping[str, Any], by: str | None = None) -> RunInfo:
    """A step of type `run` as the run it is; it is over."""
    began = moment(found.get("createdAt")) or moment(found.get("start"))
    failed = _flag(found.get("isError"))
    run_id, output = str(found["id"]), text(found.get("output"))
    return RunInfo(
        id=run_id,
        callback=_some(found.get("name")) or "on_message",
        status="failed" if failed else "done",
        trigger=str(found["parentId"]) if found.get("parentId") else None,
        by=by,
        queued_at=began,
        started_at=moment(found.get("start")) or began,
        ended_at=moment(found.get("end")) or began,
        error=RunError(id=run_id[:8], text=output) if failed else None,
    )


def element_of(found: Mapping[str, Any]) -> Element:
    """An element. Where its bytes were kept stays in its metadata, as `object_key` and `chainlit_key`."""
    props = mapping(found.get("props"))
    for key in ("page", "autoPlay", "playerConfig"):
        value = _json(found.get(key))
        if value:
            props.setdefault(key, value)
    keys = {"object_key": _some(found.get("objectKey")), "chainlit_key": _some(found.get("chainlitKey"))}
    display, size, url = found.get("display"), found.get("size"), _some(found.get("url"))
    return Element(
        id=str(found["id"]),
        type=_some(found.get("type")) or "file",
        name=text(found.get("name")),
        for_id=_some(found.get("forId")),
        display=display if display in ("inline", "side", "page") else "inline",
        url=url if url is not None and url.lower().startswith(("http://", "https://", "data:image/", "/")) else None,
        mime=_some(found.get("mime")),
        size=size if size in ("small", "medium", "large") else None,
        language=_some(found.get("language")),
        props=props or None,
        metadata={key: value for key, value in keys.items() if value is not None} or None,
    )


def generation_of(found: Any) -> tuple[Generation | None, Any]:
    """What a model was asked and said; and, if it cannot be read as that, the JSON it is."""
    facts = mapping(found)
    if not facts:
        return None, None
    known = {field.encode_name for field in msgspec.structs.fields(Generation)}
    kept = {key: value for key, value in facts.items() if key in known and value is not None}
    kept["type"] = text(facts.get("type") or "chat").lower()
    try:
        return msgspec.convert(kept, Generation), None
    except msgspec.ValidationError:
        return None, facts


# --- Values ---


def moment(value: Any) -> str | None:
    """A time as the wire writes it; one without a zone is taken for UTC."""
    at = _time(value)
    return None if at is None else at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def mapping(value: Any) -> dict[str, Any]:
    """A JSON object that may have come as text; empty for anything else."""
    found = _json(value)
    return found if isinstance(found, dict) else {}


def listed(value: Any) -> list[dict[str, Any]]:
    """The dicts of a list that may be missing."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, Sequence) else []


def text(value: Any) -> str:
    """A text; JSON as its text."""
    if value is None:
        return ""
    plain = _plain(value)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _json(value: Any) -> Any:
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value)
        except ValueError:
            return None
    return _plain(value)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: numbers of databases and ids as texts, texts well-formed."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {well_formed(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(item) for item in value]
    return str(value)


def _some(value: Any) -> str | None:
    """A text with something in it; `"None"` is what some stores made of nothing."""
    found = text(value)
    return found if found and found != "None" else None


def _texts(value: Any) -> list[str] | None:
    found = _json(value) if isinstance(value, str) else value
    return [text(item) for item in found] or None if isinstance(found, list | tuple | set) else None


def _flag(value: Any) -> bool:
    return value.lower() in ("true", "1", "t") if isinstance(value, str) else bool(value)


def _shown(value: Any) -> bool | str:
    if isinstance(value, str):
        return {"true": True, "false": False, "none": False, "": False}.get(value.lower(), value)
    return bool(value)


def _feedback(found: Any) -> Feedback | None:
    facts = mapping(found)
    try:
        value = int(float(facts["value"]))
    except (KeyError, TypeError, ValueError):
        return None
    return Feedback(value=1 if value > 0 else 0, comment=_some(facts.get("comment")))


def _time(value: Any) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        return None


def _when(value: Any) -> datetime:
    return _time(value) or _AGES


# --- Trees ---


def _is_run(step: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether a step stands for a callback's run: of that type, and below nothing but the message it answers."""
    parent = found.get(str(step.get("parentId")))
    return step.get("type") == "run" and (parent is None or parent.get("type") in MESSAGE_TYPES)


def _ancestors(step_id: str, found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What a step stands below, nearest first; a circle ends where it closes."""
    seen = {step_id}
    parent = str(found[step_id].get("parentId"))
    while parent in found and parent not in seen:
        seen.add(parent)
        yield parent
        parent = str(found[parent].get("parentId"))


def _run_id(step_id: str, found: Mapping[str, Mapping[str, Any]], runs: Mapping[str, RunInfo]) -> str | None:
    return next((parent for parent in _ancestors(step_id, found) if parent in runs), None)


def _parents_first(found: Mapping[str, Mapping[str, Any]], runs: Mapping[str, RunInfo]) -> list[str]:
    """The steps in order, each after what it stands below."""
    order: dict[str, None] = {}
    for step_id in found:
        for one in [*reversed(list(_ancestors(step_id, found))), step_id]:
            if one not in runs:
                order[one] = None
    return list(order)
