"""History: the port to it, and the interface that data layers of existing apps implement."""

from __future__ import annotations

from convo.context import context
from convo.data.base import BaseDataLayer
from convo.data.legacy import LegacyDataLayer
from convo.data.pages import PageInfo, PaginatedResponse, ThreadFilter
from convo.datalayer import DataLayer, Pagination
from convo.element import ElementDict
from convo.ratings import Feedback
from convo.thread import FeedbackDict, StepDict, ThreadDict

__all__ = [
    "BaseDataLayer",
    "DataLayer",
    "ElementDict",
    "Feedback",
    "FeedbackDict",
    "LegacyDataLayer",
    "PageInfo",
    "PaginatedResponse",
    "Pagination",
    "StepDict",
    "ThreadDict",
    "ThreadFilter",
    "get_data_layer",
]


def get_data_layer() -> BaseDataLayer | DataLayer:
    """What keeps the history of the chat this is called in: the author's own object where he gave one.

    Raises `NoContextError` outside a callback; there, an author has the object he made.
    """
    layer = context.session.data_layer
    return layer.layer if isinstance(layer, LegacyDataLayer) else layer
