"""The errors convo raises, in one tree.

ConvoError
├── CommandError            a client's command was refused (in `convo.protocol`: it carries a wire `Failure`)
├── ConfigError             a setting is unknown, of the wrong type or out of range
├── LoadError               the author's file cannot be loaded as an App
├── MissingPackageError     a leaf is not installed (also an `ImportError`)
├── NoContextError          needs a running callback (also a `RuntimeError`)
├── EgressError             a request may not go there: into a private network, or without encryption
├── CallFailed              a function of the page did not return a value
├── RunEnded                the run that writes was stopped, failed or interrupted
├── PlatformError           a chat platform will never take what a bridge asked of it
│   ├── PlatformBusyError   not now: try again later
│   ├── PlatformGoneError   the place or the message is not there any more
│   └── PlatformDeniedError nothing works until a setting changes
└── DataLayerError          history or files could not be read or written
    ├── NotFoundError       it is not there
    ├── ConflictError       another process owns the thread
    ├── IdentifierTakenError   another identity is the user of that identifier
    ├── UnavailableError    could not look: try again later
    └── MisconfiguredError  never works until a setting changes
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from convo.config.problem import Problem

__all__ = [
    "CallFailed",
    "ConfigError",
    "ConflictError",
    "ConvoError",
    "DataLayerError",
    "EgressError",
    "IdentifierTakenError",
    "LoadError",
    "MisconfiguredError",
    "MissingPackageError",
    "NoContextError",
    "NotFoundError",
    "PlatformBusyError",
    "PlatformDeniedError",
    "PlatformError",
    "PlatformGoneError",
    "RunEnded",
    "UnavailableError",
]


class ConvoError(Exception):
    """Whatever convo raises on purpose."""


class ConfigError(ConvoError):
    """A setting is unknown, of the wrong type or out of range; the text names it and what was expected.

    `problems` are the mistakes one by one, where several may be found.
    """

    def __init__(self, text: str, *, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class LoadError(ConvoError):
    """The author's file cannot be loaded as an App. `detail` holds the traceback, if its code raised."""

    def __init__(self, text: str, *, detail: str | None = None) -> None:
        super().__init__(text)
        self.detail = detail


class MissingPackageError(ConvoError, ImportError):
    """A leaf is not installed; `package` is what to `pip install`."""

    def __init__(self, text: str, *, package: str) -> None:
        super().__init__(text)
        self.package = package


class NoContextError(ConvoError, RuntimeError):
    """Something that talks to a user was used outside a callback."""


class EgressError(ConvoError):
    """A request may not go there. `reason`: into a `private` network, or `plain`, which is without encryption."""

    def __init__(self, reason: Literal["private", "plain"], text: str) -> None:
        super().__init__(text)
        self.reason: Literal["private", "plain"] = reason


class CallFailed(ConvoError):  # noqa: N818 - the page's doing, not the app's
    """A function of the page did not return a value. `name` is the function, `reason` what the page said."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The page's function `{name}` failed: {reason}")
        self.name = name
        self.reason = reason


class RunEnded(ConvoError):  # noqa: N818 - it happened; nobody did anything wrong
    """The run that writes has ended; nothing more of it is shown. `run_id` and `status` say which and how."""

    def __init__(self, run_id: str, status: str) -> None:
        super().__init__(f"The run `{run_id}` was {status}; what it sends is no longer shown.")
        self.run_id = run_id
        self.status = status


class PlatformError(ConvoError):
    """A chat platform will never take what a bridge asked of it."""


class PlatformBusyError(PlatformError):
    """A platform limits the rate, cannot be reached or has a fault: later the same may work.

    `retry_after` says in how many seconds, if the platform does. `is_unsure`: what was asked may have been done.
    """

    def __init__(self, text: str, *, retry_after: float | None = None, is_unsure: bool = False) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.is_unsure = is_unsure


class PlatformGoneError(PlatformError):
    """The place or the message is not there any more, or the bot was put out of it."""


class PlatformDeniedError(PlatformError):
    """A token was revoked or a permission is missing: nothing works until that changes. The text says what to do."""


class DataLayerError(ConvoError):
    """History or files could not be read or written."""


class NotFoundError(DataLayerError):
    """It is not there."""


class ConflictError(DataLayerError):
    """Another process has claimed the thread since."""


class IdentifierTakenError(DataLayerError):
    """Somebody who signs in another way is the user of that identifier."""


class UnavailableError(DataLayerError):
    """The store did not answer; trying again later may work."""


class MisconfiguredError(DataLayerError):
    """The store can never work as configured; the text says what to change."""
