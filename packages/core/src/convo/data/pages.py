"""Pages of threads, as data layers of existing apps give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

__all__ = ["PageInfo", "PaginatedResponse", "ThreadFilter"]

T = TypeVar("T")


@dataclass
class ThreadFilter:
    """Which threads: a user's, those with a rated answer, those in which a text is."""

    feedback: Literal[0, 1] | None = None
    userId: str | None = None  # noqa: N815 - existing apps know them by these names
    search: str | None = None


@dataclass
class PageInfo:
    """Where a page begins and ends, and whether there is one after it."""

    hasNextPage: bool  # noqa: N815
    startCursor: str | None  # noqa: N815
    endCursor: str | None  # noqa: N815

    def to_dict(self) -> dict[str, Any]:
        """As a dict with the same keys."""
        return {"hasNextPage": self.hasNextPage, "startCursor": self.startCursor, "endCursor": self.endCursor}

    @classmethod
    def from_dict(cls, page_info_dict: Mapping[str, Any]) -> PageInfo:
        """From such a dict; what is missing says that nothing follows."""
        return cls(
            hasNextPage=bool(page_info_dict.get("hasNextPage", False)),
            startCursor=page_info_dict.get("startCursor"),
            endCursor=page_info_dict.get("endCursor"),
        )


@dataclass
class PaginatedResponse(Generic[T]):
    """One page."""

    pageInfo: PageInfo  # noqa: N815
    data: list[T]

    def to_dict(self) -> dict[str, Any]:
        """As a dict; so are its items that know how."""
        found: list[Any] = list(self.data)
        items = [item.to_dict() if callable(getattr(item, "to_dict", None)) else item for item in found]
        return {"pageInfo": self.pageInfo.to_dict(), "data": items}

    @classmethod
    def from_dict(cls, paginated_response_dict: Mapping[str, Any], the_class: Any) -> PaginatedResponse[Any]:
        """From such a dict, whose items `the_class.from_dict` makes."""
        items = [the_class.from_dict(item) for item in paginated_response_dict.get("data", [])]
        return PaginatedResponse(PageInfo.from_dict(paginated_response_dict.get("pageInfo", {})), items)
