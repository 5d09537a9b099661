"""Resumption: a session that goes on where a thread was left, also by a process that died."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from convo.datalayer import StoredThread
from convo.files import Files, StoredFile
from convo.protocol import (
    Answer,
    AskClosed,
    CallClosed,
    ElementPut,
    McpServer,
    QueuedMessage,
    RunEnded,
    RunInfo,
    State,
    StateFields,
    StatePatched,
    Step,
    StepClosed,
    timestamp,
)
from convo.session import Session
from convo.uploads import element_for

__all__ = ["queued_files", "resume"]


async def queued_files(stored: StoredThread, files: Files) -> dict[str, StoredFile]:
    """The files of messages that wait in the queue, by id, of those that are there. Raises `DataLayerError`."""
    thread_id = stored.state.thread.id
    waiting = [run for run in stored.state.runs if run.status == "queued" and run.message is not None]
    ids = [file_id for run in waiting if run.message is not None for file_id in run.message.files]
    found = [await files.get(thread_id, file_id) for file_id in ids]
    return {file.id: file for file in found if file is not None}


def resume(session: Session, stored: StoredThread, files: Mapping[str, StoredFile]) -> State:
    """Make a new session of a stored thread what the last one was; returns what the thread holds then.

    For a session that nobody can find yet, in a thread of its own: a long one takes its time. `files` are those of
    messages that waited.
    """
    _interrupt(session, files)
    session.restore_values(stored.state.session or {})
    view = session.state.view()
    commanded: list[Step | RunInfo] = [*view.steps, *view.runs]  # a regenerate has a run, but no message
    session.answers = OrderedDict(
        ((done.by, done.command_id), Answer(id=done.command_id, ok=True, seq=session.log.seq))
        for done in commanded
        if done.command_id is not None and done.by is not None
    )
    return view


def _interrupt(session: Session, files: Mapping[str, StoredFile]) -> None:
    """End what was going when the process died. `files` are those of messages that waited."""
    log, state, now = session.log, session.state, timestamp()
    for ask in list(state.asks.values()):
        if ask.outcome is None:
            session.questions.close(AskClosed(id=ask.id, outcome="cancelled"))
    for call in list(state.calls.values()):
        if call.outcome is None:
            session.questions.close(CallClosed(id=call.id, outcome="cancelled"))
    if (state.fields.get("audio") or {}).get("state", "off") != "off":
        log.append(StatePatched(set=StateFields(audio={"state": "off"})))
    if servers := state.fields.get("mcp"):  # what was chosen of their tools stays
        off = {name: McpServer(tools=server.tools, own=server.own) for name, server in servers.items()}
        log.append(StatePatched(set=StateFields(mcp=off)))
    for step_id in [i for i, entry in state.steps.items() if entry.facts.end is None]:
        log.append(StepClosed(id=step_id, end=now, is_error=state.steps[step_id].facts.is_error))
    for run in list(state.runs.values()):
        if run.status == "queued" and run.text is not None and run.trigger is not None:
            session.conversation.open(_question(run, run.trigger))
            for file_id in run.message.files if run.message is not None else ():
                if file_id in files:
                    log.append(ElementPut(element=element_for(files[file_id], run.trigger, run.by)))
        if run.status in ("queued", "running"):
            log.append(RunEnded(id=run.id, at=now, status="interrupted"))


def _question(run: RunInfo, step_id: str) -> Step:
    """The message that waited in the queue when the process died: it was promised to be kept."""
    message = run.message or QueuedMessage()
    return Step(
        id=step_id,
        type="user_message",
        name="on_message",
        author=message.author,
        command=message.command,
        modes=message.modes,
        by=run.by,
        command_id=run.command_id,
        output=run.text or "",
        created_at=run.queued_at,
        start=run.queued_at,
        end=run.queued_at,
    )
