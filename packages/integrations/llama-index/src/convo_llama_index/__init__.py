"""What LlamaIndex does, as steps of a convo chat."""

from convo_llama_index._version import __version__
from convo_llama_index.convert import node_elements
from convo_llama_index.handler import LlamaIndexCallbackHandler
from convo_llama_index.history import chat_messages
from convo_llama_index.install import install, instrument_llama_index, uninstrument_llama_index

__all__ = [
    "LlamaIndexCallbackHandler",
    "__version__",
    "chat_messages",
    "install",
    "instrument_llama_index",
    "node_elements",
    "uninstrument_llama_index",
]
