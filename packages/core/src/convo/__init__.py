"""convo turns a file of decorated callbacks into a conversational app.

import convo

@convo.on_message
async def answer(message: convo.Message):
    await convo.Message(f"You said: {message.content}").send()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convo import input_widget
from convo import sync as sync
from convo import types as types
from convo._version import __version__
from convo.action import Action
from convo.aio import make_async, run_sync, sleep
from convo.app import App
from convo.ask import (
    AskActionMessage,
    AskActionResponse,
    AskElementMessage,
    AskElementResponse,
    AskFileMessage,
    AskFileResponse,
    AskUserMessage,
)
from convo.audio import InputAudioChunk, OutputAudioChunk
from convo.cache import cache
from convo.chat_context import chat_context
from convo.chat_settings import ChatSettings
from convo.command import CommandDict
from convo.context import context
from convo.copilot import CopilotFunction, send_window_message
from convo.datalayer import DataLayer
from convo.decorators import (
    action_callback,
    author_rename,
    custom_auth,
    data_layer,
    header_auth_callback,
    oauth_callback,
    on_action,
    on_app_shutdown,
    on_app_startup,
    on_audio_chunk,
    on_audio_end,
    on_audio_start,
    on_chat_end,
    on_chat_resume,
    on_chat_start,
    on_connect,
    on_disconnect,
    on_feedback,
    on_logout,
    on_mcp_connect,
    on_mcp_disconnect,
    on_mcp_sampling,
    on_message,
    on_settings_edit,
    on_settings_update,
    on_shared_thread_view,
    on_slack_reaction_added,
    on_stop,
    on_window_message,
    password_auth_callback,
    redact,
    set_chat_profiles,
    set_starter_categories,
    set_starters,
    thread_title,
)
from convo.element import (
    Audio,
    CustomElement,
    Dataframe,
    Element,
    File,
    Image,
    Pdf,
    Plotly,
    Pyplot,
    Text,
    Video,
)
from convo.errors import (
    CallFailed,
    ConfigError,
    ConflictError,
    ConvoError,
    DataLayerError,
    IdentifierTakenError,
    LoadError,
    MisconfiguredError,
    MissingPackageError,
    NoContextError,
    NotFoundError,
    RunEnded,
    UnavailableError,
)
from convo.generation import ChatGeneration, CompletionGeneration, GenerationMessage
from convo.local_storage import LocalStorage
from convo.memory import MemoryDataLayer
from convo.message import ErrorMessage, Message
from convo.mode import Mode, ModeOption
from convo.profile import ChatProfile
from convo.ratings import Feedback
from convo.sidebar import ElementSidebar
from convo.starter import Starter, StarterCategory
from convo.step import Step, step
from convo.storage import Storage
from convo.task_list import Task, TaskList, TaskStatus
from convo.thread import StepDict, ThreadDict
from convo.tracer import Tracer, Uncaptured
from convo.user import PersistedUser, User
from convo.user_session import user_session

if TYPE_CHECKING:
    from convo.config import Config

__all__ = [
    "Action",
    "App",
    "AskActionMessage",
    "AskActionResponse",
    "AskElementMessage",
    "AskElementResponse",
    "AskFileMessage",
    "AskFileResponse",
    "AskUserMessage",
    "Audio",
    "CallFailed",
    "ChatGeneration",
    "ChatProfile",
    "ChatSettings",
    "CommandDict",
    "CompletionGeneration",
    "Config",
    "ConfigError",
    "ConflictError",
    "ConvoError",
    "CopilotFunction",
    "CustomElement",
    "DataLayer",
    "DataLayerError",
    "Dataframe",
    "Element",
    "ElementSidebar",
    "ErrorMessage",
    "Feedback",
    "File",
    "GenerationMessage",
    "IdentifierTakenError",
    "Image",
    "InputAudioChunk",
    "LoadError",
    "LocalStorage",
    "MemoryDataLayer",
    "Message",
    "MisconfiguredError",
    "MissingPackageError",
    "Mode",
    "ModeOption",
    "NoContextError",
    "NotFoundError",
    "OutputAudioChunk",
    "Pdf",
    "PersistedUser",
    "Plotly",
    "Pyplot",
    "RunEnded",
    "Starter",
    "StarterCategory",
    "Step",
    "StepDict",
    "Storage",
    "Task",
    "TaskList",
    "TaskStatus",
    "Text",
    "ThreadDict",
    "Tracer",
    "UnavailableError",
    "Uncaptured",
    "User",
    "Video",
    "__version__",
    "action_callback",
    "author_rename",
    "cache",
    "chat_context",
    "context",
    "custom_auth",
    "data_layer",
    "header_auth_callback",
    "input_widget",
    "make_async",
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
    "run_sync",
    "send_window_message",
    "set_chat_profiles",
    "set_starter_categories",
    "set_starters",
    "sleep",
    "step",
    "thread_title",
    "user_session",
]


_OF_INTEGRATIONS = {
    "LangchainCallbackHandler": "langchain",
    "AsyncLangchainCallbackHandler": "langchain",
    "LlamaIndexCallbackHandler": "llama-index",
    "instrument_llama_index": "llama-index",
    "instrument_mistralai": "mistral",
    "instrument_openai": "openai",
    "SemanticKernelFilter": "semantic-kernel",
}


def __getattr__(name: str) -> Any:
    """`Config` on first use, because it brings pydantic; and what integrations add when they are installed."""
    if name == "Config":
        from convo.config import Config

        return Config
    if name in _OF_INTEGRATIONS:
        from convo.plugins import load_names

        return load_names("integrations", _OF_INTEGRATIONS[name])[name]
    raise AttributeError(f"module `convo` has no attribute `{name}`")
