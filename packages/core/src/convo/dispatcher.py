"""The dispatcher: every command of every transport comes through here, is authorized, and is done once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec.structs import replace

from convo.input_widget import widgets_of
from convo.log import Subscription
from convo.mcp import McpConnections
from convo.principal import Principal, authorize
from convo.protocol import (
    Act,
    Action,
    Answer,
    AnswerAsk,
    AudioData,
    AudioEnd,
    AudioStart,
    CallResult,
    CancelAsk,
    Command,
    CommandError,
    Dequeue,
    EditMessage,
    Element,
    ElementAct,
    ElementPut,
    ElementRemove,
    ElementRemoved,
    ElementUpdate,
    Failure,
    FileInfo,
    Leave,
    McpAdd,
    McpConnect,
    McpDisconnect,
    McpSwitch,
    Page,
    PostWindowMessage,
    Regenerate,
    SendMessage,
    SetFavourite,
    SetFeedback,
    SetSettings,
    ShowBranch,
    StateFields,
    StatePatched,
    Stop,
)
from convo.run import Client
from convo.session import Session

__all__ = ["discard_file", "dispatch", "receive_file", "turn_page"]

logger = logging.getLogger("convo.dispatcher")

REMEMBERED_ANSWERS = 1000
MOST_TURNS = 1000
"""How many turns one page may have."""


def dispatch(session: Session, command: Command, principal: Principal, client: Client) -> Answer:
    """Do what `command` asks for, and answer. A repeated id gets the first answer again and does nothing.

    Never raises: what is refused, or goes wrong, is in the answer.
    """
    key = (principal.id, command.id)
    known = session.answers.get(key)
    if known is not None:
        return known
    try:
        answer = _do(session, command, principal, client)
    except CommandError as error:
        return Answer(id=command.id, error=error.failure)  # nothing was done: a later try may work
    except Exception:  # a bug of ours must reach the log and the client, and cost nobody the connection
        error_id = secrets.token_hex(4)
        logger.exception("The command `%s` raised an exception (error %s)", type(command).__name__, error_id)
        failure = Failure(
            code="internal",
            text=f"Something went wrong on the server (error {error_id}).",
            key="server",
            details={"id": error_id},
        )
        return Answer(id=command.id, error=failure)
    if isinstance(command, AudioData):
        return answer  # its index says whether it comes again; many of them would push out what is remembered
    session.answers[key] = answer
    while len(session.answers) > REMEMBERED_ANSWERS:
        session.answers.popitem(last=False)
    return answer


def _do(session: Session, command: Command, principal: Principal, client: Client) -> Answer:
    verb = str(type(command).__struct_config__.tag)
    authorize(principal, verb, session.owner_id, takes_part=principal.id in session.participants)
    if session.is_ending and not isinstance(command, Leave):
        text = "This chat is being closed; connect again and send it once more."
        raise CommandError("unavailable", text, key="closing", retry_after=1.0)  # a client keeps what it may send again
    handler = _HANDLERS.get(type(command))
    if handler is None:
        raise CommandError("unsupported", f"This server does not do `{verb}` yet.")
    if isinstance(command, _BEGINS_RUN):
        session.quota.check_runs()
    done = handler(session, command, client)
    seq, data = done if isinstance(done, tuple) else (done, None)
    return Answer(id=command.id, ok=True, seq=seq, data=data)


async def receive_file(
    session: Session,
    principal: Principal,
    source: AsyncIterator[bytes],
    *,
    name: str,
    mime: str | None = None,
    ask_id: str | None = None,
) -> FileInfo:
    """Keep a file for a message to come, or for the answer to an ask. Raises `CommandError`."""
    verb = "message" if ask_id is None else "answer"
    authorize(principal, verb, session.owner_id, takes_part=principal.id in session.participants)
    ask = None if ask_id is None else session.questions.pending(ask_id)
    if ask is not None and ask.type != "file":
        raise CommandError("invalid", "This question is not answered with a file.")
    file = await session.uploads.receive(source, name=name, mime=mime, ask=ask, config=session.config)
    return file.info


async def discard_file(session: Session, principal: Principal, file_id: str) -> None:
    """Forget a file that was not sent. Idempotent. Raises `CommandError`."""
    authorize(principal, "message", session.owner_id)
    await session.uploads.discard(file_id)


def _message(session: Session, command: SendMessage, client: Client) -> int:
    _check_content(session, command.content, is_optional=bool(command.files))
    _check_command(session, command.command)
    return session.conversation.submit(replace(command, modes=_modes(session, command.modes or {})), client)


def _check_command(session: Session, name: str | None) -> None:
    offered = [command["id"] for command in session.state.fields.get("commands") or ()]
    if name is not None and name not in offered and name not in session.callbacks.starter_commands:
        raise CommandError(
            "invalid",
            f"There is no command `{name[:64]}` at the moment.",
            key="command",
            details={"command": name[:64], "offered": offered},
        )


def _modes(session: Session, chosen: dict[str, str]) -> dict[str, str] | None:
    """What is chosen of each mode that is offered: the default where the client says nothing."""
    offered = {mode["id"]: mode["options"] for mode in session.state.fields.get("modes") or ()}
    if unknown := next((name for name in chosen if name not in offered), None):
        raise CommandError("invalid", f"There is no mode `{unknown[:64]}` at the moment.", details={"mode": unknown})
    modes = {}
    for name, options in offered.items():
        default = next((option for option in options if option["default"]), options[0])
        modes[name] = chosen.get(name, default["id"])
        if modes[name] not in [option["id"] for option in options]:
            text = f"The mode `{name}` has no option `{modes[name][:64]}`."
            raise CommandError("invalid", text, details={"mode": name, "offered": [option["id"] for option in options]})
    return modes or None


def _settings(session: Session, command: SetSettings, client: Client) -> Done:
    """Take over values for the form, all of them or none; while it is edited (`live`), only the callback does."""
    form = session.state.fields.get("settings")
    if form is None:
        raise CommandError("not-found", "This chat has no settings.")
    widgets = {widget.id: widget for widget in widgets_of(form)}
    values = dict(form["values"])
    problems: dict[str, str] = {}
    for name, value in command.values.items():
        widget = widgets.get(name)
        try:
            if widget is None:
                raise ValueError("There is no such setting.")
            if widget.disabled and value != values.get(name):
                raise ValueError("This cannot be changed.")
            values[name] = widget.check(value)
        except ValueError as error:
            problems[name] = str(error)
    if problems:
        name, text = next(iter(problems.items()))
        raise CommandError("invalid", f"`{name[:64]}`: {text}", details={"problems": problems})
    seq = session.log.seq
    if not command.live:
        seq = session.log.append(StatePatched(set=StateFields(settings=form | {"values": values})))
    run = session.runs.start("on_settings_edit" if command.live else "on_settings_update", dict(values), client=client)
    return seq, None if run is None else {"runId": run.id}


def _edit(session: Session, command: EditMessage, client: Client) -> int:
    if not session.config.features.edit_message:
        raise CommandError("unsupported", "This app does not let messages be edited.")
    _check_content(session, command.content, is_optional=True)
    return session.conversation.edit(command, client)


def _feedback(session: Session, command: SetFeedback, client: Client) -> int:
    if not session.config.features.feedback:
        raise CommandError("unsupported", "This app takes no feedback.")
    _check_content(session, command.comment or "", is_optional=True)
    return session.ratings.rate(command, client)


def _favourite(session: Session, command: SetFavourite, client: Client) -> int:
    if not session.config.features.favorites:
        raise CommandError("unsupported", "This app keeps no favourites.")
    return session.ratings.favour(command, client)


def _answer(session: Session, command: AnswerAsk, client: Client) -> int:
    if isinstance(command.value, str):
        _check_content(session, command.value)
    return session.questions.answer(command, client)


def _act(session: Session, command: Act, client: Client) -> Done:
    seq, run_id = session.runs.act(command.action_id, client)
    return seq, {"runId": run_id}


def _audio_start(session: Session, _: AudioStart, client: Client) -> Done:
    seq, run_id = session.voice.start(client)
    return seq, {"runId": run_id}


def _element_act(session: Session, command: ElementAct, client: Client) -> Done:
    element = _custom(session, command.element_id)
    action = Action(id=element.id, name=command.name, for_id=element.for_id, payload=command.payload)
    seq, run_id = session.runs.run_action(action, client)
    return seq, {"runId": run_id}


def _element_update(session: Session, command: ElementUpdate, _: Client) -> int:
    return session.log.append(ElementPut(element=replace(_custom(session, command.element_id), props=command.props)))


def _element_remove(session: Session, command: ElementRemove, _: Client) -> int:
    return session.log.append(ElementRemoved(id=_custom(session, command.element_id).id))


def _mcp(session: Session) -> McpConnections:
    if session.mcp is None:
        raise CommandError("unsupported", "This app has no MCP servers.")
    return session.mcp


def _mcp_add(session: Session, command: McpAdd, client: Client) -> Done:
    seq, name = _mcp(session).add(command.url, command.transport, client)
    return seq, {"name": name}


def _page(session: Session, command: Page, client: Client) -> Done:
    return turn_page(session.readers.get(client.connection_id or ""), command)


def turn_page(reader: Subscription | None, command: Page) -> tuple[int, dict[str, Any]]:
    """Let a reader by pages have an older one. Returns its seq, and where it begins. Raises `CommandError`."""
    if reader is None or reader.turns is None:
        raise CommandError("invalid", "Pages are for a connection that said, with `turns`, that it reads by pages.")
    if not 1 <= command.turns <= MOST_TURNS:
        raise CommandError("invalid", f"A page has 1 to {MOST_TURNS} turns.")
    try:
        seq, place = reader.page(command.before, command.turns, command.to)
    except LookupError:
        raise CommandError("not-found", "There is no such message in this thread.", key="message") from None
    return seq, {"more": place > 0, "place": place}


def _custom(session: Session, element_id: str) -> Element:
    """An element that is the author's own component: the only kind that the page may change."""
    element = session.state.elements.get(element_id)
    if element is None or element.type != "custom":
        raise CommandError("not-found", "There is no such element in this thread.")
    return element


def _check_content(session: Session, content: str, *, is_optional: bool = False) -> None:
    limit = session.config.limits.message_bytes
    size = len(content.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise CommandError(
            "too-large",
            f"A message may have {limit:,} bytes; this one has {size:,}. Send it in parts.",
            key="longMessage",
            details={"limit": limit, "size": size},
        )
    if not content.strip() and not is_optional:
        raise CommandError("invalid", "A message needs some text.", key="empty")
    session.conversation.take_text(size)


_BEGINS_RUN = (SendMessage, EditMessage, Regenerate, Act, ElementAct, SetSettings, PostWindowMessage, AudioStart)
"""What a client can have a callback run for, as often as it likes."""

Done = tuple[int, Any]
"""The seq at which an effect is visible, and what the answer carries."""

_HANDLERS: dict[type, Callable[[Session, Any, Client], int | Done]] = {
    SendMessage: _message,
    EditMessage: _edit,
    Regenerate: lambda session, command, client: session.conversation.regenerate(command, client),
    ShowBranch: lambda session, command, _: session.conversation.show_branch(command.leaf_id),
    Stop: lambda session, command, client: session.runs.stop(command.run_id, by=client.principal_id),
    Dequeue: lambda session, command, client: session.conversation.dequeue(command.run_id, by=client.principal_id),
    AnswerAsk: _answer,
    CancelAsk: lambda session, command, client: session.questions.cancel(command.ask_id, client),
    Act: _act,
    ElementUpdate: _element_update,
    ElementRemove: _element_remove,
    SetSettings: _settings,
    SetFeedback: _feedback,
    SetFavourite: _favourite,
    ElementAct: _element_act,
    CallResult: lambda session, command, _: session.questions.return_call(command),
    PostWindowMessage: lambda session, command, client: session.runs.take_window_message(command.data, client),
    AudioStart: _audio_start,
    AudioData: lambda session, command, client: session.voice.take(command.index, command.data, client),
    AudioEnd: lambda session, _, client: session.voice.end(client),
    McpAdd: _mcp_add,
    McpConnect: lambda session, command, client: _mcp(session).connect(command.name, client),
    McpDisconnect: lambda session, command, client: _mcp(session).disconnect(command.name, client),
    McpSwitch: lambda session, command, _: _mcp(session).switch(command.name, command.tool, command.on),
    Page: _page,
    Leave: lambda session, _, client: session.leave(client),
}
