"""Exchanges in the format of OpenAI's API, which other providers took over: for adapters of their clients."""

from __future__ import annotations

from convo.exchanges.chat import ChatExchange
from convo.exchanges.convert import add_figures, as_json, content_text
from convo.exchanges.embeddings import EmbeddingsExchange
from convo.exchanges.request import Request

__all__ = ["ChatExchange", "EmbeddingsExchange", "Request", "add_figures", "as_json", "content_text"]
