"""Runs by plain HTTP: say something and wait for the answer, look after a run, stop it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
from convo.dispatcher import dispatch
from convo.principal import Principal, authorize
from convo.protocol import (
    PROTOCOL_VERSION,
    Command,
    CommandError,
    Connect,
    MessageRequest,
    RunReply,
    Snapshot,
    State,
    decode_command,
    new_id,
)
from convo.session import Session
from starlette.requests import Request
from starlette.responses import Response

from convo_server.host import Host
from convo_server.payload import payload_response, read_payload
from convo_server.threads import Threads
from convo_server.trace import trace_of

__all__ = ["MOST_SECONDS", "Runs"]

MOST_SECONDS = 60.0
"""How long a request may wait: what stands before the server gives up on longer ones."""

_GOING = ("queued", "running")


class Runs:
    """The endpoints, for a Host."""

    def __init__(self, host: Host, threads: Threads) -> None:
        self._host = host
        self._threads = threads

    async def say(self, request: Request) -> Response:
        """`POST api/v1/threads/{id}/messages?wait=`: a message of the user's; the response is what its run says.

        `Idempotency-Key` is the command's id: a message that is sent twice with the same is one.
        """
        principal = await self._threads.authenticate(request)
        seconds = _seconds(request)
        body = await self._threads.body(request)
        message = read_payload(body, MessageRequest, refusal="Not a valid message")
        fields = msgspec.to_builtins(message)
        command = decode_command(fields | {"kind": "message", "id": _key(request)})
        session = await self._do(request, principal, command)
        runs = session.state.runs
        run_id = next((run.id for run in reversed(runs.values()) if run.command_id == command.id), None)
        if run_id is None:
            raise CommandError("conflict", "This `Idempotency-Key` was used for something that is no message.")
        return await self._reply(principal, request.path_params["id"], run_id, seconds)

    async def read(self, request: Request) -> Response:
        """`GET api/v1/threads/{id}/runs/{run}?wait=`: the run, when it has ended or `wait` seconds have passed."""
        principal = await self._threads.authenticate(request)
        ids = request.path_params
        return await self._reply(principal, ids["id"], ids["run"], _seconds(request))

    async def stop(self, request: Request) -> Response:
        """`POST api/v1/threads/{id}/runs/{run}/stop`: end it, or take its message back. Idempotent."""
        principal = await self._threads.authenticate(request)
        ids = request.path_params
        await self._do(request, principal, decode_command({"kind": "stop", "id": _key(request), "runId": ids["run"]}))
        return await self._reply(principal, ids["id"], ids["run"], 0.0)

    async def _do(self, request: Request, principal: Principal, command: Command) -> Session:
        connect = Connect(protocol=PROTOCOL_VERSION, client="api", thread=request.path_params["id"])
        session, client = await self._host.directory.open(principal, connect, trace=trace_of(request))
        answer = dispatch(session, command, principal, client)
        if (failure := answer.error) is not None:
            raise CommandError(
                failure.code, failure.text, key=failure.key, retry_after=failure.retry_after, details=failure.details
            )
        return session

    async def _reply(self, principal: Principal, thread_id: str, run_id: str, seconds: float) -> Response:
        directory = self._host.directory
        session = directory.live(thread_id)
        if session is not None and seconds:
            authorize(principal, "thread:read", session.owner_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wait(principal, session, run_id)
        frame = await directory.read(principal, thread_id)
        assert isinstance(frame, Snapshot)  # of a reader without a position
        return payload_response(_reply_of(frame.state, run_id))

    async def _wait(self, principal: Principal, session: Session, run_id: str) -> None:
        """Until the run has ended, or the session. It counts as a connection of the principal's."""
        audience = self._host.directory.audience
        with audience.counting(principal):
            reader = session.log.subscribe(log=session.log.id, after=session.log.seq)
            try:
                while _is_going(session, run_id) and not reader.is_finished:
                    await reader.wait()
                    reader.read()
            finally:
                reader.close()
        audience.forget_connection(principal)


def _is_going(session: Session, run_id: str) -> bool:
    run = session.state.runs.get(run_id)
    return run is not None and run.status in _GOING


def _reply_of(state: State, run_id: str) -> RunReply:
    """Raises `CommandError`: `not-found`."""
    run = next((run for run in state.runs if run.id == run_id), None)
    if run is None:
        raise CommandError("not-found", "There is no such run in this thread.")
    said = [step for step in state.steps if step.run_id == run_id and step.type == "assistant_message"]
    return RunReply(run=run, text="\n\n".join(step.output for step in said), messages=said)


def _key(request: Request) -> str:
    return request.headers.get("idempotency-key") or new_id()


def _seconds(request: Request) -> float:
    """Raises `CommandError`: `invalid`."""
    text = request.query_params.get("wait", "0")
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise CommandError("invalid", f"`wait` is a number of seconds, from 0 to {MOST_SECONDS:.0f}.")
    return seconds
