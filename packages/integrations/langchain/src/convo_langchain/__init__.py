"""What LangChain and LangGraph do, as steps of a convo chat."""

from convo_langchain._version import __version__
from convo_langchain.handler import AsyncLangchainCallbackHandler, LangchainCallbackHandler
from convo_langchain.history import add_messages, chat_messages
from convo_langchain.install import install
from convo_langchain.interrupts import ask_interrupt, run_graph

__all__ = [
    "AsyncLangchainCallbackHandler",
    "LangchainCallbackHandler",
    "__version__",
    "add_messages",
    "ask_interrupt",
    "chat_messages",
    "install",
    "run_graph",
]
