"""Responses as they came: what `with_raw_response` and `with_streaming_response` return."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import openai
from convo import Uncaptured
from convo.call import Call

__all__ = ["follow_raw", "is_raw"]


def is_raw(result: object) -> bool:
    """Whether the app wants to read the response by itself."""
    return hasattr(result, "http_response") and hasattr(result, "parse")


def follow_raw(call: Call, raw: Any) -> None:
    """Go on with a response: what is in it already, or what the app will parse; or it is read as bytes, and closed."""
    body = _body(raw.http_response)
    if body is not None:
        call.finish(body)
        return
    raw.parse = _followed(raw.parse, lambda parsed: call.capture(_go_on, call, raw, parsed))
    call.watch_close(raw, then=lambda: call.capture(_end, call, raw))


def _go_on(call: Call, raw: Any, parsed: Any) -> None:
    if isinstance(parsed, openai.Stream | openai.AsyncStream):
        call.watch(parsed, "_iterator")
    else:
        call.finish(_body(raw.http_response) or parsed)


def _end(call: Call, raw: Any) -> None:
    response = raw.http_response
    body = _body(response)
    if body is not None:
        call.finish(body)
    elif response.is_stream_consumed:
        call.finish(Uncaptured.because("the app read the answer as bytes"))
    else:
        call.abandon()


def _body(response: Any) -> Any:
    """What was read of a response; `None` if it has not been read."""
    if not hasattr(response, "_content"):
        return None
    if "json" in response.headers.get("content-type", ""):
        return response.json()
    return response.content


def _followed(parse: Callable[..., Any], then: Callable[[Any], object]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(parse):

        @functools.wraps(parse)
        async def method(*args: Any, **kwargs: Any) -> Any:
            parsed = await parse(*args, **kwargs)
            then(parsed)
            return parsed
    else:

        @functools.wraps(parse)
        def method(*args: Any, **kwargs: Any) -> Any:
            parsed = parse(*args, **kwargs)
            then(parsed)
            return parsed

    return method
