"""`user_session`: values that belong to one session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from convo.context import context
from convo.session import Session

__all__ = ["Accessor", "UserSession", "user_session"]

T = TypeVar("T")

_RESERVED: dict[str, Callable[[Session], Any]] = {
    "id": lambda session: session.id,
    "env": lambda session: session.user_env,
    "user": lambda session: session.user,
    "chat_settings": lambda session: session.chat_settings,
    "chat_profile": lambda session: session.chat_profile,
    "client_type": lambda session: session.client_type,
    "language": lambda session: session.client.language,
}


class Accessor(Generic[T]):
    """One key of `user_session`, with a default and a type."""

    def __init__(self, key: str, default: T, apply_fn: Callable[[T], T] | None = None) -> None:
        self._key = key
        self._default = default
        self._apply_fn = apply_fn

    def get(self) -> T:
        value: T = user_session.get(self._key, self._default)
        return value

    def set(self, value: T) -> None:
        user_session.set(self._key, value)

    def reset(self) -> None:
        user_session.set(self._key, self._default)

    def apply(self) -> T:
        """Set the value to what `apply_fn` makes of it, and return that."""
        if self._apply_fn is None:
            raise TypeError(f"The accessor of `{self._key}` was created without an `apply_fn`.")
        value = self._apply_fn(self.get())
        self.set(value)
        return value


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
        if key in _RESERVED:
            return _RESERVED[key](session)
        return default

    def set(self, key: str, value: Any) -> None:
        """Keep `value` for this session. Raises `NoContextError` outside a callback."""
        context.session.values[key] = value

    def create_accessor(self, key: str, default: T, *, apply_fn: Callable[[T], T] | None = None) -> Accessor[T]:
        """A typed view of one key: `counter = user_session.create_accessor("counter", 0)`.

        With `apply_fn=lambda count: count + 1`, `counter.apply()` counts on.
        """
        return Accessor(key, default, apply_fn)


user_session = UserSession()
