"""Commands: what a client asks for, and the answer it gets."""

from __future__ import annotations

from typing import Literal, TypeAlias, Union, get_args

import msgspec
from msgspec import field

from convo.errors import ConvoError
from convo.protocol.wire import Json, WireStruct, decode_json

__all__ = [
    "COMMANDS",
    "Act",
    "Answer",
    "AnswerAsk",
    "AudioData",
    "AudioEnd",
    "AudioStart",
    "CallError",
    "CallResult",
    "CancelAsk",
    "Command",
    "CommandError",
    "CommandStruct",
    "Dequeue",
    "EditMessage",
    "ElementAct",
    "ElementRemove",
    "ElementUpdate",
    "ErrorCode",
    "Failure",
    "Leave",
    "McpAdd",
    "McpConnect",
    "McpDisconnect",
    "McpSwitch",
    "Page",
    "PostWindowMessage",
    "Regenerate",
    "SendMessage",
    "SetFavourite",
    "SetFeedback",
    "SetSettings",
    "ShowBranch",
    "Stop",
    "decode_command",
]


class CommandStruct(WireStruct, frozen=True, tag_field="kind"):
    """What a client asks for. `id` is made by the client; a repeated id gets the first answer again."""

    id: str


class SendMessage(CommandStruct, frozen=True, tag="message"):
    content: str
    files: list[str] = field(default_factory=list)
    command: str | None = None
    modes: dict[str, str] | None = None
    prior_id: str | None = None


class EditMessage(CommandStruct, frozen=True, tag="edit"):
    message_id: str
    content: str


class Regenerate(CommandStruct, frozen=True, tag="regenerate"):
    message_id: str


class ShowBranch(CommandStruct, frozen=True, tag="show-branch"):
    leaf_id: str


class Stop(CommandStruct, frozen=True, tag="stop"):
    run_id: str | None = None


class Dequeue(CommandStruct, frozen=True, tag="dequeue"):
    run_id: str


class AnswerAsk(CommandStruct, frozen=True, tag="answer"):
    ask_id: str
    value: Json = None


class CancelAsk(CommandStruct, frozen=True, tag="cancel-ask"):
    ask_id: str


class Act(CommandStruct, frozen=True, tag="act"):
    action_id: str


class ElementUpdate(CommandStruct, frozen=True, tag="element-update"):
    element_id: str
    props: dict[str, Json] = field(default_factory=dict)


class ElementRemove(CommandStruct, frozen=True, tag="element-remove"):
    element_id: str


class ElementAct(CommandStruct, frozen=True, tag="element-act"):
    element_id: str
    name: str
    payload: dict[str, Json] = field(default_factory=dict)


class SetSettings(CommandStruct, frozen=True, tag="settings"):
    values: dict[str, Json]
    live: bool = False


class SetFeedback(CommandStruct, frozen=True, tag="feedback"):
    step_id: str
    value: Literal[0, 1] | None = None
    comment: str | None = None


class SetFavourite(CommandStruct, frozen=True, tag="favourite"):
    step_id: str
    on: bool


class CallError(WireStruct, frozen=True):
    """Why a page's function failed."""

    text: str


class CallResult(CommandStruct, frozen=True, tag="call-result"):
    call_id: str
    value: Json = None
    error: CallError | None = None


class PostWindowMessage(CommandStruct, frozen=True, tag="window-message"):
    data: Json = None


class AudioStart(CommandStruct, frozen=True, tag="audio-start"):
    pass


class AudioData(CommandStruct, frozen=True, tag="audio-chunk"):
    index: int
    data: bytes = field(name="bytes")


class AudioEnd(CommandStruct, frozen=True, tag="audio-end"):
    pass


class McpConnect(CommandStruct, frozen=True, tag="mcp-connect"):
    name: str


class McpAdd(CommandStruct, frozen=True, tag="mcp-add"):
    """Connect an MCP server by its address, where the app lets users do so. `data` of the answer has its `name`."""

    url: str
    transport: Literal["http", "sse"] = "http"


class McpDisconnect(CommandStruct, frozen=True, tag="mcp-disconnect"):
    """Leave an MCP server; one that the user added is forgotten."""

    name: str


class McpSwitch(CommandStruct, frozen=True, tag="mcp-switch"):
    """Let the app use a tool of an MCP server in this chat, or not."""

    name: str
    tool: str
    on: bool


class Page(CommandStruct, frozen=True, tag="page"):
    """Older turns of a thread that is read by pages: `turns` of them before the message `before`.

    With `to`, as many more as it takes to have that step too.
    """

    before: str
    turns: int = 20
    to: str | None = None


class Leave(CommandStruct, frozen=True, tag="leave"):
    pass


Command: TypeAlias = Union[  # noqa: UP007 - msgspec reads the union at run time
    SendMessage,
    EditMessage,
    Regenerate,
    ShowBranch,
    Stop,
    Dequeue,
    AnswerAsk,
    CancelAsk,
    Act,
    ElementUpdate,
    ElementRemove,
    ElementAct,
    SetSettings,
    SetFeedback,
    SetFavourite,
    CallResult,
    PostWindowMessage,
    AudioStart,
    AudioData,
    AudioEnd,
    McpAdd,
    McpConnect,
    McpDisconnect,
    McpSwitch,
    Page,
    Leave,
]

ErrorCode: TypeAlias = Literal[
    "unauthenticated",
    "invalid",
    "not-found",
    "too-large",
    "rate-limited",
    "conflict",
    "expired",
    "unavailable",
    "unsupported",
    "internal",
]


class Failure(WireStruct, frozen=True):
    """A typed error: a code for programs, a text for people that says what to do next.

    `key` names the text for whoever says it in another language; `details` has what stands in it.
    """

    code: ErrorCode
    text: str
    key: str | None = None
    retry_after: float | None = None  # seconds
    details: dict[str, Json] | None = None


class Answer(WireStruct, frozen=True):
    """The answer to the command `id`: `ok` and the `seq` at which its effect is visible, or an `error`."""

    id: str
    ok: bool = False
    seq: int | None = None
    data: Json = None
    error: Failure | None = None


class CommandError(ConvoError):
    """A command was refused; `failure` says why. Nothing was changed."""

    def __init__(
        self,
        code: ErrorCode,
        text: str,
        *,
        key: str | None = None,
        retry_after: float | None = None,
        details: dict[str, Json] | None = None,
    ) -> None:
        super().__init__(text)
        self.failure = Failure(code=code, text=text, key=key, retry_after=retry_after, details=details)


COMMANDS: dict[str, type[CommandStruct]] = {str(struct.__struct_config__.tag): struct for struct in get_args(Command)}
_ID_LENGTH = 128


def decode_command(data: object) -> Command:
    """A command from JSON bytes or already parsed JSON.

    Raises `CommandError`: `unsupported` for a kind this version does not know, `invalid` for anything else.
    """
    try:
        if isinstance(data, bytes | str):
            data = decode_json(data)
        if isinstance(data, dict) and isinstance(data.get("kind"), str) and data["kind"] not in COMMANDS:
            raise CommandError("unsupported", f"This server does not know the command `{data['kind'][:64]}`.")
        command: Command = msgspec.convert(data, Command)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise CommandError("invalid", f"Not a valid command: {error}.") from error
    if not 0 < len(command.id) <= _ID_LENGTH:
        raise CommandError("invalid", f"A command's `id` has 1 to {_ID_LENGTH} characters.")
    return command
