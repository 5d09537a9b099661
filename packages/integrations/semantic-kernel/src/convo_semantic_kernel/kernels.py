"""Kernels: all that the process has, without a filter of the author's."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from convo.context import context
from convo.patch import Patch

from convo_semantic_kernel.filter import SemanticKernelFilter
from convo_semantic_kernel.functions import Functions

__all__ = ["KernelPatch"]


class KernelPatch(Patch):
    """The method that puts a kernel's filters around what they filter: ours comes around them."""

    def replacing(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def method(kernel: Any, filter_type: Any, inner_function: Any) -> Any:
            stack = original(kernel, filter_type, inner_function)
            if self.tracer is None or context.current_run is None or _has_a_filter(kernel):
                return stack
            functions = Functions(self.tracer)
            if filter_type == "function_invocation":
                return functools.partial(functions.invoke_function, next=stack)
            if filter_type == "prompt_rendering":
                return functools.partial(functions.render_prompt, next=stack)
            return stack

        return method


def _has_a_filter(kernel: Any) -> bool:
    filters = (getattr(one, "__self__", None) for _, one in kernel.function_invocation_filters)
    return any(isinstance(one, SemanticKernelFilter) for one in filters)
