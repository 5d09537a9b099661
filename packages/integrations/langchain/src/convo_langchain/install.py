"""Tracing without a line of code: `[integrations] langchain = true`."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache
from typing import Any

from langchain_core.tracers.context import register_configure_hook

from convo_langchain.handler import LangchainCallbackHandler, Tracing

__all__ = ["install"]


def install(app: object = None) -> None:
    """Trace every run inside a callback of apps whose settings turn it on. Idempotent; called at an App's start.

    A chain that has a handler of ours already gets no second one.
    """
    _install()


@cache
def _install() -> None:
    handler = LangchainCallbackHandler(integration="langchain")
    # LangChain asks the variable in each new run. Its default is right in every context and thread, and the handler
    # does nothing outside a callback.
    variable: ContextVar[Any] = ContextVar("convo_langchain", default=handler)
    register_configure_hook(variable, inheritable=True, handle_class=Tracing)  # type: ignore[arg-type]  # it asks `isinstance`
