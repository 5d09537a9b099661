"""Requests: what a client is about to send, whatever method of it was called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Request"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """`body` as the API takes it, without the files of a form; `provider` as steps show it."""

    body: Mapping[str, Any]
    provider: str
    files: list[str] = field(default_factory=list)

    @property
    def model(self) -> str | None:
        model = self.body.get("model")
        return None if model is None else str(model)

    def settings(self, *others: str) -> dict[str, Any]:
        """What else was sent: all but the model, tools and `others`."""
        return {key: value for key, value in self.body.items() if key not in ("model", "tools", "functions", *others)}

    @property
    def tools(self) -> list[dict[str, Any]] | None:
        tools = self.body.get("tools") or self.body.get("functions")
        if not isinstance(tools, list):
            return None
        return [_without_keys(tool) if isinstance(tool, Mapping) else tool for tool in tools]


def _without_keys(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A tool on an MCP server carries the key to it."""
    return {key: "…" if key in ("authorization", "headers") and value else value for key, value in tool.items()}
