"""AG-UI: `POST /ag-ui` runs the app as an agent and streams AG-UI events.

`threadId` names a thread; of `messages` the last one is said, and the others only begin a thread that is new. A
question of the app's is an interrupt, which `resume` answers. Elements and actions, for which AG-UI has no events, are
`CUSTOM`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from convo.protocol import Ask, CommandError, Failure, Step
from msgspec import Struct, field

from convo_protocols.exchange import About, Exchange, Named, Place, sse
from convo_protocols.prompt import Attachment, Prompt, Said, from_base64, from_url, parse, part_text, prompt_of
from convo_protocols.turn import (
    ActionOffered,
    Asked,
    ElementShown,
    Ended,
    Happening,
    StateSet,
    StepBegan,
    StepEnded,
    TextAdded,
    TextBegan,
    TextEnded,
    Usage,
    json_or_text,
)

__all__ = ["Answer", "Run", "RunInput", "refusal"]

_ID_LENGTH = 100
_VERSION = "1.0"


class Answer(Struct, rename="camel"):
    """What a user says to an interrupt."""

    interrupt_id: str
    status: str
    payload: Any = None


class RunMessage(Struct):
    role: str
    id: str | None = None
    content: str | list[dict[str, Any]] | dict[str, Any] | None = None


class RunInput(Struct, rename="camel"):
    thread_id: str
    run_id: str
    messages: list[RunMessage]
    tools: list[Any] | None = None
    context: list[Any] | None = None
    state: Any = None
    forwarded_props: Any = None
    resume: list[Answer] | None = field(default=None)


class Run(Exchange):
    """One `RunAgentInput`, and the events of its run. Raises `CommandError` for one that makes no sense."""

    protocol = "ag-ui"

    def __init__(self, body: bytes, *, instructions: bool) -> None:
        given = parse(body, RunInput)
        for name, value in (("threadId", given.thread_id), ("runId", given.run_id)):
            if not 0 < len(value) <= _ID_LENGTH:
                raise CommandError("invalid", f"`{name}` has 1 to {_ID_LENGTH} characters.", details={"param": name})
        self.thread_id, self.run_id = given.thread_id, given.run_id
        self.answers = given.resume or []
        ignored = [name for name in ("tools", "context", "state") if getattr(given, name)]
        if self.answers:
            self.prompt = Prompt("", ignored=tuple(ignored))
        else:
            said = [_said(message) for message in given.messages]
            self.prompt = prompt_of(said, instructions=instructions, ignored=ignored)
        props = given.forwarded_props if isinstance(given.forwarded_props, dict) else {}
        self.profile = props.get("profile") if isinstance(props.get("profile"), str) else None
        self.place: Place = Named(given.thread_id)
        self.key = given.run_id
        self._active: dict[str, str] = {}  # names of steps that are going, by their ids
        self._called: set[str] = set()  # tools whose input was told
        self._tools: set[str] = set()

    def awaits(self, ask: Ask) -> bool:
        return True

    def begin(self, about: About) -> Iterable[bytes]:
        self._about = about
        yield _event("RUN_STARTED", threadId=self.thread_id, runId=self.run_id, protocolVersion=_VERSION)

    def tell(self, happening: Happening) -> Iterable[bytes]:
        match happening:
            case StateSet(values):
                yield _event("STATE_SNAPSHOT", snapshot=values)
            case TextBegan(id):
                yield _event("TEXT_MESSAGE_START", messageId=id, role="assistant")
            case TextAdded(id, text):
                yield _event("TEXT_MESSAGE_CONTENT", messageId=id, delta=text)
            case TextEnded(id):
                yield _event("TEXT_MESSAGE_END", messageId=id)
            case StepBegan(step):
                yield from self._step_began(step)
            case StepEnded(step):
                yield from self._step_ended(step)
            case ElementShown(element):
                shown = msgspec.to_builtins(element)
                if element.url is not None and "://" not in element.url:
                    shown["url"] = f"{self._about.base_url}/{element.url}"
                yield _event("CUSTOM", name="convo.element", value=shown)
            case ActionOffered(action):
                yield _event("CUSTOM", name="convo.action", value=msgspec.to_builtins(action))
            case Asked():
                yield from self._suspend(happening)
            case Ended():
                yield from self._end(happening)

    def fail(self, failure: Failure) -> Iterable[bytes]:
        yield _event("RUN_ERROR", message=failure.text, code=failure.code)

    def _step_began(self, step: Step) -> Iterable[bytes]:
        if step.type == "tool":
            self._tools.add(step.id)
            yield _event("TOOL_CALL_START", toolCallId=step.id, toolCallName=step.name or "tool")
            if step.input:
                yield from self._call(step)
            return
        name, times = step.name or step.type, 2
        while name in self._active.values():  # two of one name at a time would be one
            name, times = f"{step.name or step.type} ({times})", times + 1
        self._active[step.id] = name
        yield _event("STEP_STARTED", stepName=name)

    def _step_ended(self, step: Step) -> Iterable[bytes]:
        if step.id in self._active:
            yield _event("STEP_FINISHED", stepName=self._active.pop(step.id))
        if step.id in self._tools:
            if step.id not in self._called:
                yield from self._call(step)
            result = f"{step.id}-result"
            yield _event("TOOL_CALL_RESULT", messageId=result, toolCallId=step.id, content=step.output, role="tool")

    def _call(self, step: Step) -> Iterable[bytes]:
        self._called.add(step.id)
        given = json_or_text(step.input)
        if not isinstance(given, dict):
            given = {"input": given} if given else {}
        yield _event("TOOL_CALL_ARGS", toolCallId=step.id, delta=msgspec.json.encode(given).decode())
        yield _event("TOOL_CALL_END", toolCallId=step.id)

    def _suspend(self, asked: Asked) -> Iterable[bytes]:
        for name in self._active.values():  # no run ends with steps that are going
            yield _event("STEP_FINISHED", stepName=name)
        self._active.clear()
        ask = asked.ask
        interrupt = {
            "id": ask.id,
            "reason": f"convo:{ask.type}",
            "message": asked.text,
            "responseSchema": _schema(asked),
            "metadata": {"choices": asked.choices} if asked.choices else {"spec": ask.spec},
        }
        if ask.expires_at is not None:
            interrupt["expiresAt"] = ask.expires_at
        outcome = {"type": "interrupt", "interrupts": [interrupt]}
        yield _event("RUN_FINISHED", threadId=self.thread_id, runId=self.run_id, outcome=outcome)

    def _end(self, end: Ended) -> Iterable[bytes]:
        usage = _usage(end.usage)
        if end.run.status in ("failed", "interrupted"):
            text = "The run was interrupted." if end.run.error is None else end.run.error.text
            yield _event("RUN_ERROR", message=text, code=end.run.status, **usage)
            return
        outcome = {"type": "cancelled" if end.run.status == "stopped" else "success"}
        yield _event("RUN_FINISHED", threadId=self.thread_id, runId=self.run_id, outcome=outcome, **usage)


def refusal(failure: Failure) -> bytes:
    """A refusal's body: what the protocol says of a run that fails."""
    return msgspec.json.encode({"type": "RUN_ERROR", "message": failure.text, "code": failure.code})


def _event(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind} | fields)


def _said(message: RunMessage) -> Said:
    if not isinstance(message.content, list):
        return Said(message.role, message.content if isinstance(message.content, str) else "", (), message.id)
    texts: list[str] = []
    files: list[Attachment] = []
    for part in message.content:
        kind = part.get("type")
        if kind == "text":
            texts.append(part_text(part))
        elif kind in ("image", "audio", "video", "document"):
            files.append(_file(part.get("source")))
        else:
            raise CommandError("invalid", f"There are no parts of type `{kind}` here.")
    return Said(message.role, "\n".join(texts), tuple(files), message.id)


def _file(source: Any) -> Attachment:
    if not isinstance(source, dict) or source.get("type") not in ("data", "url"):
        raise CommandError("invalid", "A file is sent within the request: its `source` has the type `data`.")
    mime = source.get("mimeType")
    if source["type"] == "url":
        return from_url(source.get("value"), mime=mime)
    return from_base64(source.get("value"), mime=mime)


def _schema(asked: Asked) -> dict[str, Any]:
    """What an answer looks like, as JSON Schema."""
    match asked.ask.type:
        case "action":
            return {"type": "string", "enum": list(asked.choices)}
        case "file":
            return {"type": "array", "items": {"type": "string", "format": "data-url"}}
        case "element":
            return {"type": "object"}
        case _:
            return {"type": "string"}


def _usage(usage: Usage | None) -> dict[str, Any]:
    if usage is None:
        return {}
    counted = []
    for provider, model, taken, given in usage.models:
        count: dict[str, Any] = {"inputTokens": taken, "outputTokens": given, "totalTokens": taken + given}
        counted.append({k: v for k, v in (("provider", provider), ("model", model)) if v is not None} | count)
    return {"usage": counted}
