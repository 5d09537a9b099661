"""What events and states carry: steps, runs, elements, asks and their kin."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from convo.protocol.wire import Json, WireStruct

__all__ = [
    "MESSAGE_TYPES",
    "Action",
    "Ask",
    "AskOutcome",
    "AskType",
    "Call",
    "CallOutcome",
    "Delivery",
    "Element",
    "Feedback",
    "Generation",
    "McpPrompt",
    "McpResource",
    "McpServer",
    "McpTool",
    "Notice",
    "QueuedMessage",
    "Removal",
    "RunError",
    "RunInfo",
    "RunStatus",
    "Saved",
    "StateFields",
    "Step",
    "StepFields",
    "StepType",
    "TextField",
    "ThreadFields",
    "ThreadInfo",
]

StepType: TypeAlias = Literal[
    "user_message",
    "assistant_message",
    "system_message",
    "run",
    "tool",
    "llm",
    "embedding",
    "retrieval",
    "rerank",
    "undefined",
]
RunStatus: TypeAlias = Literal["queued", "running", "done", "failed", "stopped", "interrupted"]
AskType: TypeAlias = Literal["text", "file", "action", "element"]
AskOutcome: TypeAlias = Literal["answered", "timed-out", "cancelled"]
CallOutcome: TypeAlias = Literal["returned", "failed", "timed-out", "cancelled"]
TextField: TypeAlias = Literal["input", "output"]

MESSAGE_TYPES: frozenset[str] = frozenset({"user_message", "assistant_message", "system_message"})


class Feedback(WireStruct, frozen=True):
    """What a reader thinks of a message: 1 is good, 0 is bad."""

    value: Literal[0, 1]
    comment: str | None = None
    by: str | None = None  # principal id


Count: TypeAlias = Annotated[int, Meta(ge=0)]
Amount: TypeAlias = Annotated[float, Meta(ge=0)]


class Generation(WireStruct, frozen=True):
    """What a language model was asked and what it said. A chat has messages, a completion a prompt."""

    type: Literal["chat", "completion"] = "chat"
    id: str | None = None
    prompt_id: str | None = None
    provider: str | None = None
    model: str | None = None
    error: str | None = None
    settings: dict[str, Json] | None = None
    variables: dict[str, Json] | None = None
    tags: list[str] | None = None
    metadata: dict[str, Json] | None = None
    tools: list[Json] | None = None
    messages: list[dict[str, Json]] | None = None
    message_completion: dict[str, Json] | None = None
    prompt: str | None = None
    completion: str | None = None
    token_count: Count | None = None
    input_token_count: Count | None = None
    output_token_count: Count | None = None
    tt_first_token: Amount | None = None  # milliseconds
    token_throughput_in_s: Amount | None = None  # tokens a second
    duration: Amount | None = None  # seconds
    cost: Amount | None = None  # US dollars


class Step(WireStruct, frozen=True):
    """A timed, nested piece of work, or (by its `type`) a message. `end` is absent while it is open."""

    id: str
    type: StepType
    name: str = ""
    parent_id: str | None = None
    run_id: str | None = None
    prior_id: str | None = None  # messages: the message this one follows
    author: str | None = None  # messages: shown name
    by: str | None = None  # messages: principal id
    command_id: str | None = None  # messages: the client's id of the command that made it
    input: str = ""
    output: str = ""
    language: str | None = None
    show_input: bool | str = False
    is_error: bool = False
    created_at: str | None = None
    start: str | None = None
    end: str | None = None
    icon: str | None = None
    default_open: bool = False
    auto_collapse: bool = False
    command: str | None = None
    modes: dict[str, str] | None = None
    generation: Generation | None = None
    metadata: dict[str, Json] | None = None
    tags: list[str] | None = None
    feedback: Feedback | None = None
    favourite: bool = False


class StepFields(WireStruct, frozen=True):
    """Fields of a step to replace; what is absent stays."""

    name: str | UnsetType = UNSET
    type: StepType | UnsetType = UNSET
    parent_id: str | UnsetType | None = UNSET
    author: str | UnsetType | None = UNSET
    input: str | UnsetType = UNSET
    output: str | UnsetType = UNSET
    language: str | UnsetType | None = UNSET
    show_input: bool | str | UnsetType = UNSET
    is_error: bool | UnsetType = UNSET
    start: str | UnsetType | None = UNSET
    end: str | UnsetType | None = UNSET
    icon: str | UnsetType | None = UNSET
    default_open: bool | UnsetType = UNSET
    auto_collapse: bool | UnsetType = UNSET
    command: str | UnsetType | None = UNSET
    modes: dict[str, str] | UnsetType | None = UNSET
    generation: Generation | UnsetType | None = UNSET
    metadata: dict[str, Json] | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    feedback: Feedback | UnsetType | None = UNSET
    favourite: bool | UnsetType = UNSET


class RunError(WireStruct, frozen=True):
    """What a failed run shows: a log id to quote, and a text; `key` names one of ours, as that of a `Failure`."""

    id: str
    text: str
    key: str | None = None


class QueuedMessage(WireStruct, frozen=True):
    """What a message that waits will have besides its text."""

    author: str | None = None
    command: str | None = None
    modes: dict[str, str] | None = None
    files: list[str] = field(default_factory=list)  # ids


class RunInfo(WireStruct, frozen=True):
    """One callback's execution as readers see it."""

    id: str
    callback: str
    status: RunStatus
    trigger: str | None = None  # id of the message, action, ask … that started it
    text: str | None = None  # a queued message's text, until its step opens
    message: QueuedMessage | None = None  # until then, too
    command_id: str | None = None
    by: str | None = None  # principal whose command started it
    queued_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    ended_by: str | None = None
    error: RunError | None = None
    value: Json = None  # what an action's callback returned


class Element(WireStruct, frozen=True):
    """Something shown with a message but not its text. Its bytes travel by HTTP, never in the log.

    `url` is absolute for what is elsewhere; what the server keeps has one that begins at the app's root, without `/`.
    """

    id: str
    type: str
    name: str
    for_id: str | None = None
    by: str | None = None  # principal id: who sent it; absent for what the app shows
    display: Literal["inline", "side", "page"] = "inline"
    url: str | None = None
    mime: str | None = None
    bytes: int | None = None
    size: Literal["small", "medium", "large"] | None = None
    language: str | None = None
    props: dict[str, Json] | None = None
    metadata: dict[str, Json] | None = None


class Action(WireStruct, frozen=True):
    """A button offered under a message. `payload` never leaves the server."""

    id: str
    name: str
    for_id: str | None = None
    label: str = ""
    tooltip: str = ""
    icon: str | None = None
    payload: dict[str, Json] | None = None


class Ask(WireStruct, frozen=True):
    """A question that waits for its answer. Absent `outcome`: pending."""

    id: str
    step_id: str
    run_id: str
    type: AskType
    spec: dict[str, Json] = field(default_factory=dict)
    expires_at: str | None = None
    anyone: bool = False
    outcome: AskOutcome | None = None
    by: str | None = None
    answer: Json = None


class Call(WireStruct, frozen=True):
    """A function for the page to run. Absent `outcome`: pending."""

    id: str
    name: str
    args: dict[str, Json] = field(default_factory=dict)
    expires_at: str | None = None
    to: str | None = None
    outcome: CallOutcome | None = None
    value: Json = None


class Delivery(WireStruct, frozen=True):
    """What a bridge has posted of a step: read back after a restart."""

    id: str
    platform: str
    ref: str
    digest: str


class ThreadInfo(WireStruct, frozen=True):
    """The stored conversation's own facts. `changed_at` and `running` are known of a thread in a list only."""

    id: str
    name: str | None = None
    created_at: str | None = None
    changed_at: str | None = None
    tags: list[str] | None = None
    metadata: dict[str, Json] | None = None
    shared: bool = False
    pinned: bool = False
    running: bool = False  # the app is at work in it


class ThreadFields(WireStruct, frozen=True):
    """Fields of a thread to replace; what is absent stays."""

    name: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    metadata: dict[str, Json] | UnsetType | None = UNSET
    shared: bool | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET


class McpTool(WireStruct, frozen=True):
    """A tool of an MCP server. `asks`: the user is asked before each use; `always`: he said that he need not be."""

    name: str
    description: str = ""
    on: bool = True
    asks: bool = True
    always: bool = False


class McpResource(WireStruct, frozen=True):
    """Something an MCP server lets be read."""

    uri: str
    name: str
    description: str = ""


class McpPrompt(WireStruct, frozen=True):
    """A prompt that an MCP server has ready."""

    name: str
    description: str = ""


class McpServer(WireStruct, frozen=True):
    """An MCP server as one chat has it.

    `reason` says why it `failed`, is `connecting` again or `needs-sign-in`; `detail` says it to authors. One is `own`
    whose address its user has entered: the app does not offer it.
    """

    state: Literal["connecting", "connected", "needs-sign-in", "failed", "off"] = "off"
    reason: (
        Literal[
            "not-started",
            "unreachable",
            "refused",
            "not-allowed",
            "timed-out",
            "lost",
            "unknown",
            "signed-out",
            "denied",
        ]
        | None
    ) = None
    detail: str | None = None
    tools: list[McpTool] = field(default_factory=list)
    resources: list[McpResource] = field(default_factory=list)
    prompts: list[McpPrompt] = field(default_factory=list)
    own: bool = False


class StateFields(WireStruct, frozen=True):
    """Fields of a state to replace. `session` (JSON keys of `user_session`) is for the Recorder alone."""

    settings: dict[str, Json] | UnsetType | None = UNSET
    commands: list[Json] | UnsetType | None = UNSET
    modes: list[Json] | UnsetType | None = UNSET
    profile: str | UnsetType | None = UNSET
    sidebar: dict[str, Json] | UnsetType | None = UNSET
    usage: dict[str, Json] | UnsetType | None = UNSET
    audio: dict[str, Json] | UnsetType | None = UNSET
    mcp: dict[str, McpServer] | UnsetType | None = UNSET
    session: dict[str, Json] | UnsetType = UNSET


class Saved(WireStruct, frozen=True):
    """How far the Recorder has stored the log. With `since`, saving fails since then, for `reason`."""

    seq: int = 0
    since: str | None = None
    reason: str | None = None


class Removal(WireStruct, frozen=True):
    """A thread that was deleted, and can be restored until `until`."""

    id: str
    until: str
    name: str | None = None


class Notice(WireStruct, frozen=True):
    """Something every tab of a principal should say, or heed, until it is cleared.

    `app-changed`: what the app says of itself (`GET api/v1/app`) may be something else now.
    `elements-changed`: components of custom elements are others now.
    `looks-changed`: the app's theme, stylesheet or words are others now; `text` names the files.
    `detail` is different each time, of these three.
    """

    id: str
    type: Literal["reload-failed", "shutting-down", "signed-out", "app-changed", "elements-changed", "looks-changed"]
    text: str
    detail: str | None = None
