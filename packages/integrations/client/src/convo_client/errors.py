"""The errors of a client, in one tree.

ClientError (a `convo.errors.ConvoError`)
├── UnreachableError        no answer came, for as long as the client's patience lasts
├── UnexpectedAnswerError   what came is not what a convo server says: look at the address
├── NotFollowedError        needs `async with thread:`
├── LostError               the server no longer knows what it was asked: it ended before it had stored it
└── RefusedError            the server said no; `code`, `text`, `retry_after` and `details` say why
    ├── UnauthenticatedError   the token is missing, wrong or ended
    ├── InvalidError           it can never be done so
    ├── NotFoundError          it is not there, or not yours
    ├── TooLargeError          it is more than the server takes
    ├── RateLimitedError       too often; `retry_after` says when again
    ├── ConflictError          something else came first
    ├── ExpiredError           it is too late
    ├── UnavailableError       not now: a later try may work
    ├── UnsupportedError       this server or app does not do it
    └── InternalError          something went wrong there; the text has an id to quote
"""

from __future__ import annotations

from convo.errors import ConvoError
from convo.protocol import Failure, Json

__all__ = [
    "ClientError",
    "ConflictError",
    "ExpiredError",
    "InternalError",
    "InvalidError",
    "LostError",
    "NotFollowedError",
    "NotFoundError",
    "RateLimitedError",
    "RefusedError",
    "TooLargeError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnreachableError",
    "UnsupportedError",
    "refused",
]


class ClientError(ConvoError):
    """Whatever a client raises on purpose."""


class UnreachableError(ClientError):
    """No answer came. `retry_after`: in how many seconds what stands before the server asks to try again."""

    def __init__(self, text: str, *, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class UnexpectedAnswerError(ClientError):
    """What came is not what a convo server says. `status` is that of HTTP, if there was one."""

    def __init__(self, text: str, *, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


class NotFollowedError(ClientError):
    """It can only be known of a thread that is followed."""


class LostError(ClientError):
    """The server no longer knows what it was asked."""


class RefusedError(ClientError):
    """The server said no. Nothing was changed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.text)
        self.failure = failure

    @property
    def code(self) -> str:
        return self.failure.code

    @property
    def text(self) -> str:
        """For people: what is wrong, and what to do next."""
        return self.failure.text

    @property
    def retry_after(self) -> float | None:
        """Seconds."""
        return self.failure.retry_after

    @property
    def details(self) -> dict[str, Json]:
        return self.failure.details or {}


class UnauthenticatedError(RefusedError):
    """The token is missing, wrong or ended."""


class InvalidError(RefusedError):
    """It can never be done so."""


class NotFoundError(RefusedError):
    """It is not there, or not yours."""


class TooLargeError(RefusedError):
    """It is more than the server takes."""


class RateLimitedError(RefusedError):
    """Too often."""


class ConflictError(RefusedError):
    """Something else came first."""


class ExpiredError(RefusedError):
    """It is too late."""


class UnavailableError(RefusedError):
    """Not now: a later try may work."""


class UnsupportedError(RefusedError):
    """This server or app does not do it."""


class InternalError(RefusedError):
    """Something went wrong at the server."""


def refused(failure: Failure) -> RefusedError:
    """The error that belongs to a failure's code."""
    match failure.code:
        case "unauthenticated":
            return UnauthenticatedError(failure)
        case "invalid":
            return InvalidError(failure)
        case "not-found":
            return NotFoundError(failure)
        case "too-large":
            return TooLargeError(failure)
        case "rate-limited":
            return RateLimitedError(failure)
        case "conflict":
            return ConflictError(failure)
        case "expired":
            return ExpiredError(failure)
        case "unavailable":
            return UnavailableError(failure)
        case "unsupported":
            return UnsupportedError(failure)
        case "internal":
            return InternalError(failure)
