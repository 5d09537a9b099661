"""The listing: what a server offers, as the chat's state shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from convo.protocol import McpPrompt, McpResource, McpServer, McpTool
from mcp import ClientSession
from mcp_types import PaginatedRequestParams

from convo_mcp.settings import ServerSettings

__all__ = ["read_listing"]

MOST = 200  # of each kind that are shown
LONGEST = 500  # characters of a description that are shown


async def read_listing(session: ClientSession, settings: ServerSettings, known: Iterable[McpTool]) -> McpServer:
    """A server that is connected, with what the user chose of its tools. Raises what the SDK raises."""
    able = session.server_capabilities
    chosen = {tool.name: tool for tool in known}
    tools: list[McpTool] = []
    resources: list[McpResource] = []
    prompts: list[McpPrompt] = []
    if able is not None and able.tools is not None:
        listed = await _read_all(session.list_tools, "tools")
        used = [one for one in listed if settings.approval_of(one.name) != "off"]
        tools = [_tool(one, settings, chosen.get(one.name)) for one in used]
    if able is not None and able.resources is not None:
        listed = await _read_all(session.list_resources, "resources")
        resources = [McpResource(str(one.uri), one.title or one.name, _short(one.description)) for one in listed]
    if able is not None and able.prompts is not None:
        listed = await _read_all(session.list_prompts, "prompts")
        prompts = [McpPrompt(one.name, _short(one.description)) for one in listed]
    return McpServer(state="connected", tools=tools, resources=resources, prompts=prompts)


def _tool(tool: Any, settings: ServerSettings, chosen: McpTool | None) -> McpTool:
    always = chosen is not None and chosen.always
    return McpTool(
        name=tool.name,
        description=_short(tool.description),
        on=chosen is None or chosen.on,
        asks=settings.approval_of(tool.name) == "ask" and not always,
        always=always,
    )


async def _read_all(read: Callable[..., Any], field: str) -> list[Any]:
    """What all pages have, as far as it is shown."""
    found: list[Any] = []
    cursor = None
    while len(found) < MOST:
        page = await read(params=None if cursor is None else PaginatedRequestParams(cursor=cursor))
        found += getattr(page, field)
        cursor = page.next_cursor
        if cursor is None or not getattr(page, field):
            break
    return found[:MOST]


def _short(text: str | None) -> str:
    return " ".join((text or "").split())[:LONGEST]
