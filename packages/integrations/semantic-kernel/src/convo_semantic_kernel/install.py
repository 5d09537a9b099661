"""Tracing of all kernels: by a call, or without a line of code by `[integrations] semantic_kernel = true`."""

from __future__ import annotations

from collections.abc import Iterator

from convo import Tracer
from convo.patch import Patch

from convo_semantic_kernel.inside import innermost
from convo_semantic_kernel.kernels import KernelPatch
from convo_semantic_kernel.services import ServicePatch

__all__ = ["install", "instrument_semantic_kernel", "uninstrument_semantic_kernel"]

NAME = "semantic-kernel"


def install(app: object = None) -> None:
    """Trace in apps whose settings turn it on. Idempotent; called at an App's start."""
    _apply(NAME)


def instrument_semantic_kernel() -> None:
    """Show what kernels invoke and what they ask models in any callback, from now on. Idempotent."""
    _apply(None)


def uninstrument_semantic_kernel() -> None:
    """Undo `instrument_semantic_kernel` and what settings turned on. Filters of kernels stay."""
    for owner, method, _ in _methods():
        Patch.remove(owner, method)


def _apply(integration: str | None) -> None:
    tracer = Tracer(NAME, locate=innermost, integration=integration)
    for owner, method, patch in _methods():
        patch(tracer).apply(owner, method)


def _methods() -> Iterator[tuple[type, str, type[Patch]]]:
    from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
    from semantic_kernel.connectors.ai.text_completion_client_base import TextCompletionClientBase
    from semantic_kernel.filters.kernel_filters_extension import KernelFilterExtension

    yield KernelFilterExtension, "construct_call_stack", KernelPatch
    yield ChatCompletionClientBase, "get_chat_message_contents", ServicePatch
    yield ChatCompletionClientBase, "get_streaming_chat_message_contents", ServicePatch
    yield TextCompletionClientBase, "get_text_contents", ServicePatch
    yield TextCompletionClientBase, "get_streaming_text_contents", ServicePatch
