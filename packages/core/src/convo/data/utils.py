"""What data layers of existing apps import from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["queue_until_user_message"]

F = TypeVar("F", bound=Callable[..., Any])


def queue_until_user_message() -> Callable[[F], F]:
    """Gives the method back as it is: a thread is stored from its first message on in any case."""
    return lambda method: method
