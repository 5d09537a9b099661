"""Tracing of the SDK: by a call, or without a line of code by `[integrations] openai = true`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import openai
from convo import Tracer, Uncaptured
from convo.call import Call, Exchange
from convo.exchanges import ChatExchange, EmbeddingsExchange, Request
from convo.patch import CallPatch, Patch

from convo_openai.audio import SpeechExchange, TranscriptionExchange
from convo_openai.completions import CompletionsExchange
from convo_openai.images import ImagesExchange
from convo_openai.raw import follow_raw, is_raw
from convo_openai.request import read_request
from convo_openai.responses import ResponsesExchange

__all__ = ["install", "instrument_openai", "uninstrument_openai"]

EXCHANGES: Mapping[str, Callable[[Request], Exchange]] = MappingProxyType(
    {
        "/chat/completions": ChatExchange,
        "/responses": ResponsesExchange,
        "/completions": CompletionsExchange,
        "/embeddings": EmbeddingsExchange,
        "/images/generations": ImagesExchange,
        "/images/edits": ImagesExchange,
        "/images/variations": ImagesExchange,
        "/audio/speech": SpeechExchange,
        "/audio/transcriptions": TranscriptionExchange,
        "/audio/translations": TranscriptionExchange,
    }
)


def install(app: object = None) -> None:
    """Trace in apps whose settings turn it on. Idempotent; called at an App's start."""
    _apply(Tracer("openai", integration="openai"))


def instrument_openai() -> None:
    """Show what models are asked through the OpenAI SDK in any callback, from now on. Idempotent.

    Clients are traced that were made before, too, and those of subclasses and other servers.
    """
    _apply(Tracer("openai"))


def uninstrument_openai() -> None:
    """Undo `instrument_openai` and what settings turned on. Calls that go on are still shown."""
    for client in _clients():
        Patch.remove(client, "request")


def _apply(tracer: Tracer) -> None:
    for client in _clients():
        CallPatch(tracer, _read, _follow).apply(client, "request")


def _clients() -> Iterator[type]:
    """The classes through whose `request` all resources of the SDK send, whichever of their methods is called."""
    for client in (openai.OpenAI, openai.AsyncOpenAI):
        yield next(one for one in client.__mro__ if "request" in vars(one))


def _read(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[], Exchange] | None:
    options = args[1] if len(args) > 1 else kwargs["options"]
    kind = EXCHANGES.get(options.url)
    if kind is None or options.method.lower() != "post":
        return None
    return lambda: kind(read_request(client, options))


def _follow(call: Call, result: Any) -> None:
    if isinstance(result, openai.Stream | openai.AsyncStream):
        call.watch(result, "_iterator")
    elif is_raw(result):
        follow_raw(call, result)
    elif result is None:
        call.finish(Uncaptured.because("the server sent nothing"))
    else:
        call.finish(result)
