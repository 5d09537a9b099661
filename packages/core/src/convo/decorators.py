"""The decorators of a file of callbacks: each registers on the App being loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from convo.app import current_app

__all__ = [
    "action_callback",
    "author_rename",
    "custom_auth",
    "data_layer",
    "header_auth_callback",
    "oauth_callback",
    "on_action",
    "on_app_shutdown",
    "on_app_startup",
    "on_audio_chunk",
    "on_audio_end",
    "on_audio_start",
    "on_chat_end",
    "on_chat_resume",
    "on_chat_start",
    "on_connect",
    "on_disconnect",
    "on_feedback",
    "on_logout",
    "on_mcp_connect",
    "on_mcp_disconnect",
    "on_mcp_sampling",
    "on_message",
    "on_settings_edit",
    "on_settings_update",
    "on_shared_thread_view",
    "on_slack_reaction_added",
    "on_stop",
    "on_window_message",
    "password_auth_callback",
    "redact",
    "set_chat_profiles",
    "set_starter_categories",
    "set_starters",
    "thread_title",
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


def on_feedback(function: F) -> F:
    """Called with a `Feedback` when a user has rated an answer, after that was stored."""
    return current_app().on_feedback(function)


def on_shared_thread_view(function: F) -> F:
    """Called with a `ThreadDict` and the `User` who opens it by a share (`None` for a visitor); truthy lets him."""
    return current_app().on_shared_thread_view(function)


def action_callback(name: str) -> Callable[[F], F]:
    """Called with the `Action` when one of this name is clicked; what it returns is handed back."""
    return current_app().action_callback(name)


def on_action(name: str) -> Callable[[F], F]:
    """`action_callback`, by another name."""
    return current_app().action_callback(name)


def on_stop(function: F) -> F:
    """Called after a run was stopped."""
    return current_app().on_stop(function)


def on_audio_start(function: F) -> F:
    """Called when a user wants to talk; truthy lets him."""
    return current_app().on_audio_start(function)


def on_audio_chunk(function: F) -> F:
    """Called with each `InputAudioChunk` of what a user says, in order, one after the other."""
    return current_app().on_audio_chunk(function)


def on_audio_end(function: F) -> F:
    """Called once after the last chunk, however the talking ended."""
    return current_app().on_audio_end(function)


def oauth_callback(function: F) -> F:
    """Called when a provider says who has logged in; returns the `User` to let in, or `None`."""
    return current_app().oauth_callback(function)


def on_mcp_connect(function: F) -> F:
    """Called with a connection, whose `name` is the MCP server's, and its `mcp.ClientSession`, once it is there."""
    return current_app().on_mcp_connect(function)


def on_mcp_disconnect(function: F) -> F:
    """Called with the name of an MCP server and the `mcp.ClientSession` that is over."""
    return current_app().on_mcp_disconnect(function)


def on_mcp_sampling(function: F) -> F:
    """Called with what an MCP server wants a model to be asked, and its session; returns the answer."""
    return current_app().on_mcp_sampling(function)


def on_slack_reaction_added(function: F) -> F:
    """Called with Slack's event as a dict, when somebody reacts to a message of the app."""
    return current_app().on_slack_reaction_added(function)


def on_window_message(function: F) -> F:
    """Called with what the page around the chat posted to it."""
    return current_app().on_window_message(function)


def on_settings_update(function: F) -> F:
    """Called with the values of the chat settings, when the user has confirmed the form."""
    return current_app().on_settings_update(function)


def on_settings_edit(function: F) -> F:
    """Called with the values of the chat settings while the user edits the form; they count when confirmed."""
    return current_app().on_settings_edit(function)


def password_auth_callback(function: F) -> F:
    """Called with a name and a password; returns the `User` they are, or `None`."""
    return current_app().password_auth_callback(function)


def header_auth_callback(function: F) -> F:
    """Called with the headers of who is not known yet; returns the `User` they name, or `None`."""
    return current_app().header_auth_callback(function)


def custom_auth(function: F) -> F:
    """Called with each connection's request; returns the `User` it is from, or `None`."""
    return current_app().custom_auth(function)


def on_logout(function: F) -> F:
    """Called with the request and the response of a log-out: the place to drop cookies of your own."""
    return current_app().on_logout(function)


def set_chat_profiles(function: F) -> F:
    """Called with the user and the language of his page; returns a list of `ChatProfile`."""
    return current_app().set_chat_profiles(function)


def set_starters(function: F) -> F:
    """Called with the user, the language and the profile's name; returns a list of `Starter`."""
    return current_app().set_starters(function)


def set_starter_categories(function: F) -> F:
    """Called with the user, the language and the profile's name; returns a list of `StarterCategory`."""
    return current_app().set_starter_categories(function)


def author_rename(function: F) -> F:
    """Called with an author's name before a message is shown; returns the name to show."""
    return current_app().author_rename(function)


def thread_title(function: F) -> F:
    """Called with a `ThreadDict` after the first answer; returns the title, or `None` to leave it."""
    return current_app().thread_title(function)


def redact(function: F) -> F:
    """Called with each text of a traced framework, before it is shown or stored; returns the text to show."""
    return current_app().redact(function)


def data_layer(function: F) -> F:
    """Called once, for the `DataLayer` of the App, or the `BaseDataLayer` of an existing one."""
    return current_app().data_layer(function)
