"""The dispatcher: every command of every transport comes through here, is authorized, and is done once."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from convo.principal import Principal, authorize
from convo.protocol import (
    Answer,
    Command,
    CommandError,
    Dequeue,
    EditMessage,
    Failure,
    Leave,
    Regenerate,
    SendMessage,
    ShowBranch,
    Stop,
)
from convo.run import Client
from convo.session import Session

__all__ = ["dispatch"]

logger = logging.getLogger("convo.dispatcher")

REMEMBERED_ANSWERS = 1000


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
        failure = Failure(code="internal", text=f"Something went wrong on the server (error {error_id}).")
        return Answer(id=command.id, error=failure)
    session.answers[key] = answer
    while len(session.answers) > REMEMBERED_ANSWERS:
        session.answers.popitem(last=False)
    return answer


def _do(session: Session, command: Command, principal: Principal, client: Client) -> Answer:
    verb = str(type(command).__struct_config__.tag)
    authorize(principal, verb, session.owner_id)
    if session.is_ending and not isinstance(command, Leave):
        raise CommandError("unavailable", "This chat is being closed; connect again and send it once more.")
    handler = _HANDLERS.get(type(command))
    if handler is None:
        raise CommandError("unsupported", f"This server does not do `{verb}` yet.")
    return Answer(id=command.id, ok=True, seq=handler(session, command, client))


def _message(session: Session, command: SendMessage, client: Client) -> int:
    _check_content(session, command.content)
    if command.files:
        raise CommandError("unsupported", "This server does not take files yet.")
    return session.submit(command, client)


def _edit(session: Session, command: EditMessage, client: Client) -> int:
    _check_content(session, command.content)
    return session.edit(command.message_id, command.content, command.id, client)


def _check_content(session: Session, content: str) -> None:
    limit = session.config.limits.message_bytes
    size = len(content.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise CommandError(
            "too-large",
            f"A message may have {limit:,} bytes; this one has {size:,}. Send it in parts.",
            details={"limit": limit},
        )
    if not content.strip():
        raise CommandError("invalid", "A message needs some text.")


_HANDLERS: dict[type, Callable[[Session, Any, Client], int]] = {
    SendMessage: _message,
    EditMessage: _edit,
    Regenerate: lambda session, command, client: session.regenerate(command.message_id, command.id, client),
    ShowBranch: lambda session, command, _: session.show_branch(command.leaf_id),
    Stop: lambda session, command, client: session.stop(command.run_id, by=client.principal_id),
    Dequeue: lambda session, command, client: session.dequeue(command.run_id, by=client.principal_id),
    Leave: lambda session, _, client: session.leave(client),
}
