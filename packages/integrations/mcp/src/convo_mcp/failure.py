"""Failures: why a server is not there, in a word for users and a sentence for authors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import httpx2
from mcp import MCPError
from mcp_types import CONNECTION_CLOSED

from convo_mcp.authorization import Authorization
from convo_mcp.guard import BarredError
from convo_mcp.settings import ServerSettings
from convo_mcp.sign_in import SignIn
from convo_mcp.target import Target

__all__ = ["Failure", "UnsetVariableError", "failure_of", "late_of", "refusal_of"]

Reason = Literal[
    "not-started", "unreachable", "refused", "not-allowed", "timed-out", "lost", "unknown", "signed-out", "denied"
]

_REFUSED = (401, 403)


class UnsetVariableError(Exception):
    """A variable that a server shall get is not set; the argument is its name."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`text` says what to do; it may name commands and addresses, so users never see it.

    Where a user `needs_sign_in`, there is a `reason` if he has been signed in, or has tried.
    """

    reason: Reason | None
    text: str
    needs_sign_in: bool = False


def failure_of(name: str, target: Target, raised: BaseException) -> Failure:
    """What went wrong while connecting with a server."""
    settings, place, address = target.settings, _place(name, target), _address(target)
    for error in _causes(raised):
        if isinstance(error, BarredError):
            return Failure("not-allowed", str(error))
        if isinstance(error, UnsetVariableError):
            return Failure("not-started", f"`{error}` is not set, and `pass_env` under {place} names it: set it.")
        if isinstance(error, OSError) and settings.command is not None:
            return Failure("not-started", _unstarted(place, settings, error))
        if isinstance(error, httpx2.HTTPStatusError):
            status = error.response.status_code
            if status in _REFUSED:
                return Failure("refused", _refused(name, target, status))
            if target.is_own:
                return Failure("unreachable", f"{address} answers {status}: is it the other transport, or address?")
            return Failure("unreachable", f"{address} answers {status}: see `url` and `transport` under {place}.")
        if isinstance(error, httpx2.TransportError):
            text = f"{address} cannot be reached ({type(error).__name__}): start it, or see `url` under {place}."
            if target.is_own:
                text = f"{address} cannot be reached ({type(error).__name__}): is it the right address?"
            return Failure("unreachable", text)
        if isinstance(error, MCPError) and error.code == CONNECTION_CLOSED and settings.command is not None:
            text = (
                f"`{settings.command}` ended before it was ready; the log has what it said. See `args` under {place}."
            )
            return Failure("not-started", text)
    first = next(_causes(raised))
    said = f"{type(first).__name__}: {first}"
    return Failure("unknown", f"No connection with what {place} names. {said}")


def late_of(name: str, target: Target) -> Failure:
    """One for a server that was not there in time."""
    seconds = f"{target.settings.connect_seconds:g}"
    if target.is_own:
        return Failure("timed-out", f"{_address(target)} was not there within {seconds} s: is it the right address?")
    return Failure("timed-out", f"It was not there within {seconds} s; `connect_seconds` under {_place(name, target)}.")


def refusal_of(name: str, target: Target, authorization: Authorization, sign_in: SignIn | None) -> Failure | None:
    """What came of a user who is not signed in; `None`: he is, or need not be."""
    outcome = None if sign_in is None else sign_in.outcome
    if outcome == "unsafe":
        return Failure("refused", f"{_address(target)} sends users to an address that is not https to sign in.")
    if outcome is not None:
        return Failure(outcome, "Nobody has signed in.", needs_sign_in=True)
    if authorization.refusal == "signed-out":
        return Failure("signed-out", "What the user had granted is no longer accepted.", needs_sign_in=True)
    if authorization.refusal == "needs-sign-in":
        return Failure(None, "The user has to sign in.", needs_sign_in=True)
    if authorization.refusal == "refused":
        return Failure("refused", _refused(name, target, 401))
    return None


def _place(name: str, target: Target) -> str:
    """Where in the settings it stands."""
    return "`[mcp.own]`" if target.is_own else f"`[mcp.servers.{name}]`"


def _address(target: Target) -> str:
    """Of a server with a `url`."""
    return f"`{target.settings.url}`"


def _refused(name: str, target: Target, status: int) -> str:
    if target.is_own:
        return f"{_address(target)} refuses the app ({status}), and lets nobody sign in."
    return f"{_address(target)} refuses the app ({status}): it wants other `headers` under {_place(name, target)}."


def _unstarted(place: str, settings: ServerSettings, error: OSError) -> str:
    if settings.cwd is not None and error.filename == settings.cwd:
        return f"There is no folder `{settings.cwd}`: see `cwd` under {place}."
    if isinstance(error, FileNotFoundError):
        return f"There is no command `{settings.command}`: install it, or give its path as `command` under {place}."
    return f"`{settings.command}` cannot be started ({error.strerror}): see `command` under {place}."


def _causes(raised: BaseException) -> Iterator[BaseException]:
    """The exceptions of a group, one by one."""
    if isinstance(raised, BaseExceptionGroup):
        for one in raised.exceptions:
            yield from _causes(one)
    else:
        yield raised
