"""The types of other modules, under the name that existing apps import them from."""

from __future__ import annotations

from convo.ask import AskActionResponse, AskElementResponse, AskFileResponse
from convo.audio import InputAudioChunk, OutputAudioChunk
from convo.command import CommandDict
from convo.data import PageInfo, PaginatedResponse, Pagination, ThreadFilter
from convo.profile import ChatProfile
from convo.ratings import Feedback
from convo.starter import Starter, StarterCategory
from convo.thread import FeedbackDict, StepDict, ThreadDict

__all__ = [
    "AskActionResponse",
    "AskElementResponse",
    "AskFileResponse",
    "ChatProfile",
    "CommandDict",
    "Feedback",
    "FeedbackDict",
    "InputAudioChunk",
    "OutputAudioChunk",
    "PageInfo",
    "PaginatedResponse",
    "Pagination",
    "Starter",
    "StarterCategory",
    "StepDict",
    "ThreadDict",
    "ThreadFilter",
]
