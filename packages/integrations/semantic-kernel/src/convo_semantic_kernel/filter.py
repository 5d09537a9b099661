"""The filter that an author puts into a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from convo import Tracer

from convo_semantic_kernel.functions import Functions
from convo_semantic_kernel.inside import innermost

if TYPE_CHECKING:
    from semantic_kernel import Kernel

__all__ = ["SemanticKernelFilter"]


class SemanticKernelFilter(Functions):
    """Shows the functions that a kernel invokes as steps, but for the plugins and functions whose names are excluded.

    It may be put into several kernels and used in all chats at once. In its kernels it has the say, also where all
    kernels are traced.
    """

    def __init__(
        self,
        excluded_plugins: Sequence[str] | None = None,
        excluded_functions: Sequence[str] | None = None,
        *,
        kernel: Kernel | None = None,
    ) -> None:
        super().__init__(Tracer("semantic-kernel", locate=innermost))
        self.excluded_plugins = excluded_plugins
        self.excluded_functions = excluded_functions
        if kernel is not None:
            self.add_to_kernel(kernel)

    def add_to_kernel(self, kernel: Kernel) -> None:
        """Show what this kernel invokes from now on."""
        kernel.add_filter("function_invocation", self.invoke_function)  # type: ignore[arg-type]  # as its docs do
        kernel.add_filter("prompt_rendering", self.render_prompt)  # type: ignore[arg-type]

    def is_excluded(self, function: Any) -> bool:
        return function.plugin_name in (self.excluded_plugins or ()) or function.name in (self.excluded_functions or ())
