"""The decorators of a file of callbacks: each registers on the App being loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from convo.app import current_app

__all__ = [
    "author_rename",
    "data_layer",
    "on_app_shutdown",
    "on_app_startup",
    "on_chat_end",
    "on_chat_resume",
    "on_chat_start",
    "on_connect",
    "on_disconnect",
    "on_message",
    "on_stop",
]

F = TypeVar("F", bound=Callable[..., Any])


def on_app_startup(function: F) -> F:
    """Called when the process starts, also when the App is mounted in another."""
    return current_app().on_app_startup(function)


def on_app_shutdown(function: F) -> F:
    """Called when the process ends."""
    return current_app().on_app_shutdown(function)


def on_chat_start(function: F) -> F:
    """Called once per new session."""
    return current_app().on_chat_start(function)


def on_chat_resume(function: F) -> F:
    """Called with a `ThreadDict`, once when a stored thread gets a session."""
    return current_app().on_chat_resume(function)


def on_chat_end(function: F) -> F:
    """Called once, when the session ends; never for a dropped connection."""
    return current_app().on_chat_end(function)


def on_connect(function: F) -> F:
    """Called when a connection joined the session."""
    return current_app().on_connect(function)


def on_disconnect(function: F) -> F:
    """Called when a connection left the session."""
    return current_app().on_disconnect(function)


def on_message(function: F) -> F:
    """Called with each `Message` of a user. A generator's pieces stream as the answer."""
    return current_app().on_message(function)


def on_stop(function: F) -> F:
    """Called after a run was stopped."""
    return current_app().on_stop(function)


def author_rename(function: F) -> F:
    """Called with an author's name before a message is shown; returns the name to show."""
    return current_app().author_rename(function)


def data_layer(function: F) -> F:
    """Called once, for the `DataLayer` of the App."""
    return current_app().data_layer(function)
