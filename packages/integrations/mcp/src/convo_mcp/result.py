"""What a tool returned, as the text of its step; and what a model is told instead of a tool that was not used."""

from __future__ import annotations

from typing import Any

from mcp_types import CallToolResult, TextContent

__all__ = ["refusal", "text_of"]


def text_of(result: Any) -> Any:
    """The texts of a result; what it has beside them is named. Structured content, if there is no text."""
    parts = []
    for block in getattr(result, "content", ()):
        match block.type:
            case "text":
                parts.append(block.text)
            case "image" | "audio":
                parts.append(f"[{block.type}: {block.mime_type}]")
            case "resource_link":
                parts.append(f"[{block.name}: {block.uri}]")
            case "resource":
                parts.append(getattr(block.resource, "text", None) or f"[{block.resource.uri}]")
    return "\n\n".join(parts) if parts else getattr(result, "structured_content", None)


def refusal(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)
