"""Requests: what the SDK is about to send, whatever method of it was called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convo.exchanges import Request

__all__ = ["read_request"]


def read_request(client: Any, options: Any) -> Request:
    body = options.json_data if isinstance(options.json_data, Mapping) else {}
    more = getattr(options, "extra_json", None)
    return Request(
        body={**body, **more} if isinstance(more, Mapping) else body,
        files=_names(options.files),
        provider=_provider(client),
    )


def _provider(client: Any) -> str:
    """`openai`, `azure`, or the host that speaks their API."""
    host = str(client.base_url.host)
    if "azure" in type(client).__name__.lower() or host.endswith(".azure.com"):
        return "azure"
    return "openai" if host.endswith("openai.com") else host


def _names(files: Any) -> list[str]:
    pairs = list(files.items()) if isinstance(files, Mapping) else list(files or [])
    return [str(file[0]) if isinstance(file, tuple) and file and file[0] else str(key) for key, file in pairs]
