"""An App that traces LlamaIndex by its settings, and what it searches in."""

import convo
import pytest
from llama_index.core import Document, MockEmbedding, VectorStoreIndex


@pytest.fixture
def app() -> convo.App:
    return convo.App({"debug": True, "integrations": {"llama_index": True}})


@pytest.fixture
def index() -> VectorStoreIndex:
    documents = [Document(text=f"about {what}", metadata={"file_name": "a.md"}) for what in ("cats", "dogs")]
    index: VectorStoreIndex = VectorStoreIndex.from_documents(documents, embed_model=MockEmbedding(embed_dim=4))
    return index
