"""convo turns a file of decorated callbacks into a conversational app.

import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"You said: {message.content}").send()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo._version import __version__
from convo.aio import make_async, run_sync, sleep
from convo.app import App
from convo.cache import cache
from convo.chat_context import chat_context
from convo.context import context
from convo.datalayer import DataLayer
from convo.decorators import (
    author_rename,
    data_layer,
    on_app_shutdown,
    on_app_startup,
    on_chat_end,
    on_chat_resume,
    on_chat_start,
    on_connect,
    on_disconnect,
    on_message,
    on_stop,
)
from convo.errors import (
    ConfigError,
    ConflictError,
    ConvoError,
    DataLayerError,
    LoadError,
    MisconfiguredError,
    MissingPackageError,
    NoContextError,
    NotFoundError,
    RunEnded,
    UnavailableError,
)
from convo.memory import MemoryDataLayer
from convo.message import ErrorMessage, Message
from convo.step import Step, step
from convo.thread import StepDict, ThreadDict
from convo.user import PersistedUser, User
from convo.user_session import user_session

if TYPE_CHECKING:
    from convo.config import Config

__all__ = [
    "App",
    "Config",
    "ConfigError",
    "ConflictError",
    "ConvoError",
    "DataLayer",
    "DataLayerError",
    "ErrorMessage",
    "LoadError",
    "MemoryDataLayer",
    "Message",
    "MisconfiguredError",
    "MissingPackageError",
    "NoContextError",
    "NotFoundError",
    "PersistedUser",
    "RunEnded",
    "Step",
    "StepDict",
    "ThreadDict",
    "UnavailableError",
    "User",
    "__version__",
    "author_rename",
    "cache",
    "chat_context",
    "context",
    "data_layer",
    "make_async",
    "on_app_shutdown",
    "on_app_startup",
    "on_chat_end",
    "on_chat_resume",
    "on_chat_start",
    "on_connect",
    "on_disconnect",
    "on_message",
    "on_stop",
    "run_sync",
    "sleep",
    "step",
    "user_session",
]


def __getattr__(name: str) -> Any:
    """`Config` on first use, because it brings pydantic."""
    if name == "Config":
        from convo.config import Config

        return Config
    raise AttributeError(f"module `convo` has no attribute `{name}`")
