"""What people do on a platform, as commands to a session: pure."""

from __future__ import annotations

from typing import Literal

from convo.bridge.delivery import posted_refs
from convo.principal import Principal
from convo.protocol import Act, AnswerAsk, Ask, Command, CommandError, EditMessage, SetFeedback, Stop
from convo.session import Session

__all__ = ["chosen_action", "open_ask", "pressed", "rated", "revised"]


def pressed(session: Session, command_id: str, key: str, value: str | None) -> Command:
    """Of a button with this `key`; `value` is the text of a `reply`, or a comment. Raises `CommandError`."""
    kind, _, target = key.partition(":")
    match kind:
        case "act":
            return Act(id=command_id, action_id=target)
        case "answer":
            return AnswerAsk(id=command_id, ask_id=_asked_with(session, target), value=target)
        case "reply":
            return AnswerAsk(id=command_id, ask_id=target, value=value or "")
        case "stop":
            return Stop(id=command_id, run_id=target)
        case "good" | "bad":
            rating = _rating(session, target, kind, value)
            return SetFeedback(id=command_id, step_id=target, value=rating, comment=value)
    raise CommandError("not-found", "This button is not offered (any more).", key="button")


def rated(
    session: Session, command_id: str, platform: str, ref: str, value: Literal[0, 1] | None, comment: str | None
) -> Command:
    """Of the message that stands on `platform` under this reference. Raises `CommandError`."""
    for delivery in session.state.deliveries.values():
        if delivery.platform == platform and ref in posted_refs(delivery.ref):
            return SetFeedback(id=command_id, step_id=delivery.id, value=value, comment=comment)
    raise CommandError("not-found", "There is no such message in this thread.", key="message")


def revised(session: Session, command_id: str, said: str, text: str) -> Command:
    """Of the message that was the command `said`. Raises `CommandError`."""
    for step_id, entry in reversed(session.state.steps.items()):
        if entry.facts.command_id == said:
            return EditMessage(id=command_id, message_id=step_id, content=text)
    raise CommandError("not-found", "There is no such message in this thread.", key="message")


def open_ask(session: Session, principal: Principal) -> Ask | None:
    """What somebody is asked last, and can answer with a message."""
    for ask in reversed(session.state.asks.values()):
        run = session.state.runs.get(ask.run_id)
        is_asked = ask.anyone or run is None or run.by in (None, principal.id)
        if ask.outcome is None and is_asked and ask.type != "element":
            return ask
    return None


def chosen_action(session: Session, ask: Ask, text: str) -> str | None:
    """The action of a question whose label somebody wrote."""
    for action_id in ask.spec.get("actions") or ():
        action = session.state.actions.get(action_id)
        if action is not None and text.strip().lower() in (action.label.lower(), action.name.lower()):
            return str(action_id)
    return None


def _rating(session: Session, step_id: str, kind: str, comment: str | None) -> Literal[0, 1] | None:
    """What a button to rate says: pressed once more it takes back what it said."""
    value: Literal[0, 1] = 1 if kind == "good" else 0
    entry = session.state.steps.get(step_id)
    given = None if entry is None or entry.facts.feedback is None else entry.facts.feedback.value
    return None if given == value and comment is None else value


def _asked_with(session: Session, action_id: str) -> str:
    """The question that a button answers. Raises `CommandError`."""
    for ask in session.state.asks.values():
        if action_id in (ask.spec.get("actions") or ()):
            return ask.id
    raise CommandError("not-found", "There is no such question in this thread.", key="question")
