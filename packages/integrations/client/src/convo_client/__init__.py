"""An async client for the HTTP API of convo apps."""

from convo_client._version import __version__
from convo_client.client import Client
from convo_client.errors import (
    ClientError,
    ConflictError,
    ExpiredError,
    InternalError,
    InvalidError,
    LostError,
    NotFollowedError,
    NotFoundError,
    RateLimitedError,
    RefusedError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
    UnexpectedAnswerError,
    UnreachableError,
    UnsupportedError,
)
from convo_client.run import Reply, Run
from convo_client.thread import Thread

__all__ = [
    "Client",
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
    "Reply",
    "Run",
    "Thread",
    "TooLargeError",
    "UnauthenticatedError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnreachableError",
    "UnsupportedError",
    "__version__",
]
