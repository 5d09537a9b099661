"""The documents: how they are read, searched, and talked about."""

import os
import threading
from pathlib import Path

from convo_llama_index import chat_messages
from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.chat_engine.types import BaseChatEngine
from llama_index.core.llms import LLM
from llama_index.core.memory import ChatMemoryBuffer

FOLDER = Path(__file__).parent / "documents"
KINDS = {".md", ".txt"}  # others, as PDF, by LlamaIndex's `SimpleDirectoryReader` and `llama-index-readers-file`
SYSTEM = "Answer from the documents alone, in Markdown, and briefly. If they do not say it, say so."

_lock = threading.Lock()
_index: tuple[object, VectorStoreIndex] | None = None


class NoDocumentsError(Exception):
    """There is nothing to answer from."""


def chat_engine() -> BaseChatEngine:
    """What answers the chat so far. A follow-up question is put so that it can be searched for by itself."""
    *before, _ = chat_messages()
    return index().as_chat_engine(
        chat_mode="condense_plus_context",
        llm=chat_model(),
        memory=ChatMemoryBuffer.from_defaults(chat_history=before, token_limit=4000),
        system_prompt=SYSTEM,
        similarity_top_k=3,
    )


def index() -> VectorStoreIndex:
    """The index of the documents. It is kept, and made again once one of them has changed."""
    global _index
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in KINDS)
    if not files:
        raise NoDocumentsError("There are no documents yet: put some into the folder `documents/`.")
    state = [(path, path.stat().st_mtime_ns) for path in files]
    with _lock:
        if _index is None or _index[0] != state:
            documents = [Document(text=path.read_text("utf-8"), metadata={"file_name": path.name}) for path in files]
            _index = state, VectorStoreIndex.from_documents(documents, embed_model=embedding_model())
        return _index[1]


def chat_model() -> LLM:
    """Any model that LlamaIndex knows; that of another provider needs its package."""
    from llama_index.llms.openai import OpenAI

    return OpenAI(model=os.environ.get("OPENAI_MODEL", "gpt-4.1-mini"), api_base=os.environ.get("OPENAI_BASE_URL"))


def embedding_model() -> BaseEmbedding:
    """What makes texts comparable."""
    from llama_index.embeddings.openai import OpenAIEmbedding

    return OpenAIEmbedding(
        model=os.environ.get("OPENAI_EMBEDDING_MODEL", "text-embedding-3-small"),
        api_base=os.environ.get("OPENAI_BASE_URL"),
    )
