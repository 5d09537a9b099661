"""`BaseDataLayer`: the interface that data layers of existing apps implement."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from convo.data.pages import PaginatedResponse, ThreadFilter
from convo.datalayer import Pagination
from convo.element import Element, ElementDict
from convo.ratings import Feedback
from convo.thread import StepDict, ThreadDict
from convo.user import PersistedUser, User

__all__ = ["BaseDataLayer"]


class BaseDataLayer(ABC):
    """A data layer in the style of existing apps: rows that are created and updated one by one.

    `LegacyDataLayer` has them called in an order in which a row stands after those it names: the thread, its steps,
    their elements, their feedback. Every method may be called again with the same arguments, because what failed is
    tried again. New data layers implement `convo.DataLayer`, which has transactions, branches, search and claims.
    """

    @abstractmethod
    async def get_user(self, identifier: str) -> PersistedUser | None:
        """The user who signs in as `identifier`; `None` when there is none."""

    @abstractmethod
    async def create_user(self, user: User) -> PersistedUser | None:
        """Insert a user, or replace the metadata of the one with this identifier."""

    @abstractmethod
    async def delete_feedback(self, feedback_id: str) -> bool:
        """Forget what a user thinks of an answer."""

    @abstractmethod
    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Insert or replace by `feedback.id`; returns the id."""

    @abstractmethod
    async def create_element(self, element: Element) -> Any:
        """Insert or replace an element. Its bytes are in the file `element.path`, or it has a `url` or `content`."""

    @abstractmethod
    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        """An element of a thread; `None` when there is none."""

    @abstractmethod
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> Any:
        """Forget an element and its bytes."""

    @abstractmethod
    async def create_step(self, step_dict: StepDict) -> Any:
        """Insert a step, message or run."""

    @abstractmethod
    async def update_step(self, step_dict: StepDict) -> Any:
        """Replace a step, message or run: the dict is whole."""

    @abstractmethod
    async def delete_step(self, step_id: str) -> Any:
        """Forget a step with its elements and feedback."""

    @abstractmethod
    async def get_thread_author(self, thread_id: str) -> str:
        """The identifier of the user whose thread it is."""

    @abstractmethod
    async def delete_thread(self, thread_id: str) -> Any:
        """Forget a thread and all in it."""

    @abstractmethod
    async def list_threads(self, pagination: Pagination, filters: ThreadFilter) -> PaginatedResponse[ThreadDict]:
        """A page of threads, the latest changed first."""

    @abstractmethod
    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """A thread with its steps and elements; `None` when there is none."""

    @abstractmethod
    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> Any:
        """Insert a thread or change it; `None` leaves what is there, and so does a key that `metadata` has not."""

    @abstractmethod
    async def build_debug_url(self) -> str:
        """Where a thread can be looked at, with `[thread_id]` in it; empty for nowhere."""

    @abstractmethod
    async def close(self) -> None:
        """Let go of connections."""

    @abstractmethod
    async def get_favorite_steps(self, user_id: str) -> list[StepDict]:
        """The messages whose metadata say `"favorite": True` in a user's threads."""

    async def set_step_favorite(self, step_dict: StepDict, favorite: bool) -> StepDict:
        """Mark a message, or no longer; returns it as it is then."""
        marked = step_dict.copy()
        marked["metadata"] = {**(step_dict.get("metadata") or {}), "favorite": favorite}
        await self.update_step(marked)
        return marked
