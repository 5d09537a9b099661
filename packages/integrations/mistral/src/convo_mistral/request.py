"""Requests: what a method of the SDK was given, as the API takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from convo.exchanges import Request

__all__ = ["read_request"]

_OF_THE_SDK = ("retries", "server_url", "timeout_ms", "http_headers")
_NAMES = {"inputs": "input"}  # what the API calls otherwise


def read_request(resource: Any, arguments: Mapping[str, Any]) -> Request:
    body = {
        _NAMES.get(key, key): _plain(value)
        for key, value in arguments.items()
        if key not in _OF_THE_SDK and type(value).__name__ != "Unset"
    }
    return Request(body=body, provider=_provider(resource, arguments.get("server_url")))


def _plain(value: Any) -> Any:
    """Models as the API writes them."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", by_alias=True, warnings=False)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _provider(resource: Any, server_url: str | None) -> str:
    """`mistral`, or the host that speaks their API."""
    host = urlsplit(server_url or resource.sdk_configuration.get_server_details()[0]).hostname or ""
    return "mistral" if host.endswith("mistral.ai") else host
