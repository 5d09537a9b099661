"""Tracing of LlamaIndex: by a call, or without a line of code by `[integrations] llama_index = true`."""

from __future__ import annotations

from convo_llama_index.tracing import tracing

__all__ = ["install", "instrument_llama_index", "uninstrument_llama_index"]


def install(app: object = None) -> None:
    """Trace in apps whose settings turn it on. Idempotent; called at an App's start."""
    tracing()


def instrument_llama_index() -> None:
    """Show what LlamaIndex does in any callback, from now on. Idempotent."""
    tracing().is_everywhere = True


def uninstrument_llama_index() -> None:
    """Undo `instrument_llama_index`. What settings or a callback manager turned on stays on."""
    tracing().is_everywhere = False
