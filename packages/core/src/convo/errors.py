"""The errors convo raises, in one tree.

ConvoError
├── CommandError            a client's command was refused (in `convo.protocol`: it carries a wire `Failure`)
├── ConfigError             a setting is unknown, of the wrong type or out of range
├── LoadError               the author's file cannot be loaded as an App
├── MissingPackageError     a leaf is not installed (also an `ImportError`)
├── NoContextError          needs a running callback (also a `RuntimeError`)
├── CallFailed              a function of the page did not return a value
├── RunEnded                the run that writes was stopped, failed or interrupted
└── DataLayerError          history or files could not be read or written
    ├── NotFoundError       it is not there
    ├── ConflictError       another process owns the thread
    ├── IdentifierTakenError   another identity is the user of that identifier
    ├── UnavailableError    could not look: try again later
    └── MisconfiguredError  never works until a setting changes
"""

from __future__ import annotations

__all__ = [
    "CallFailed",
    "ConfigError",
    "ConflictError",
    "ConvoError",
    "DataLayerError",
    "IdentifierTakenError",
    "LoadError",
    "MisconfiguredError",
    "MissingPackageError",
    "NoContextError",
    "NotFoundError",
    "RunEnded",
    "UnavailableError",
]


class ConvoError(Exception):
    """Whatever convo raises on purpose."""


class ConfigError(ConvoError):
    """A setting is unknown, of the wrong type or out of range; the text names it and what was expected."""


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
