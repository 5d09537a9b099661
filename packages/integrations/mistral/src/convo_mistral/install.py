"""Tracing of the SDK: by a call, or without a line of code by `[integrations] mistral = true`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from convo import Tracer
from convo.call import Call, Exchange
from convo.exchanges import EmbeddingsExchange, Request
from convo.patch import CallPatch, Patch

from convo_mistral.chat import AgentExchange, FillExchange, StreamedChatExchange
from convo_mistral.ocr import OcrExchange
from convo_mistral.request import read_request

__all__ = ["install", "instrument_mistralai", "sdk_name", "uninstrument_mistralai"]

EXCHANGES: Mapping[tuple[str, str], Callable[[Request], Exchange]] = MappingProxyType(
    {
        ("Chat", "complete"): StreamedChatExchange,
        ("Chat", "stream"): StreamedChatExchange,
        ("Agents", "complete"): AgentExchange,
        ("Agents", "stream"): AgentExchange,
        ("Fim", "complete"): FillExchange,
        ("Fim", "stream"): FillExchange,
        ("Embeddings", "create"): EmbeddingsExchange,
        ("Ocr", "process"): OcrExchange,
    }
)
"""By the class of a resource and its method, which has a twin that ends in `_async`."""


def install(app: object = None) -> None:
    """Trace in apps whose settings turn it on. Idempotent; called at an App's start."""
    _apply(Tracer("mistral", integration="mistral"))


def instrument_mistralai() -> None:
    """Show what models are asked through Mistral's SDK in any callback, from now on. Idempotent.

    Clients are traced that were made before, too.
    """
    _apply(Tracer("mistral"))


def uninstrument_mistralai() -> None:
    """Undo `instrument_mistralai` and what settings turned on. Calls that go on are still shown."""
    for resource, method, _ in _methods():
        Patch.remove(resource, method)


def _apply(tracer: Tracer) -> None:
    for resource, method, kind in _methods():
        CallPatch(tracer, functools.partial(_read, kind), _follow).apply(resource, method)


def _methods() -> Iterator[tuple[type, str, Callable[[Request], Exchange]]]:
    for (name, method), kind in EXCHANGES.items():
        resource = getattr(import_module(f"{sdk_name()}.{name.lower()}"), name)
        yield resource, method, kind
        yield resource, f"{method}_async", kind


def sdk_name() -> str:
    """The package that has the client: since 2.0 of the SDK it is an inner one."""
    try:
        import_module("mistralai.client.sdk")
    except ImportError:
        return "mistralai"
    return "mistralai.client"


def _read(
    kind: Callable[[Request], Exchange], resource: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Callable[[], Exchange]:
    return lambda: kind(read_request(resource, kwargs))


def _follow(call: Call, result: Any) -> None:
    if hasattr(result, "generator"):
        call.watch(result, "generator")
    else:
        call.finish(result)
