"""`user_session`: values that belong to one session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from convo.context import context
from convo.run import Client

__all__ = ["Accessor", "UserSession", "user_session"]

T = TypeVar("T")

_NO_CLIENT = Client()
_RESERVED: dict[str, Callable[[Client], Any]] = {
    "env": lambda client: client.env,
    "user": lambda client: client.user,
    "client_type": lambda client: client.type,
    "language": lambda client: client.language,
}


class Accessor(Generic[T]):
    """One key of `user_session`, with a default and a type."""

    def __init__(self, key: str, default: T) -> None:
        self._key = key
        self._default = default

    def get(self) -> T:
        value: T = user_session.get(self._key, self._default)
        return value

    def set(self, value: T) -> None:
        user_session.set(self._key, value)

    def reset(self) -> None:
        user_session.set(self._key, self._default)


class UserSession:
    """A dict per session. What JSON can hold survives a resume from storage.

    Reserved keys: `id`, `chat_settings` (the values), `chat_profile` (its name); and, of the connection whose command
    started the run, `env`, `user`, `client_type`, `language`.
    """

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`. Raises `NoContextError` outside a callback."""
        session = context.session
        if key in session.values:
            return session.values[key]
        if key == "id":
            return session.id
        if key == "chat_settings":
            settings = session.state.fields.get("settings") or {}
            return dict(settings.get("values") or {})
        if key == "chat_profile":
            return session.state.fields.get("profile")
        if key in _RESERVED:
            run = context.current_run
            return _RESERVED[key](run.client if run is not None else _NO_CLIENT)
        return default

    def set(self, key: str, value: Any) -> None:
        """Keep `value` for this session. Raises `NoContextError` outside a callback."""
        context.session.values[key] = value

    def create_accessor(self, key: str, default: T) -> Accessor[T]:
        """A typed view of one key: `counter = user_session.create_accessor("counter", 0)`."""
        return Accessor(key, default)


user_session = UserSession()
