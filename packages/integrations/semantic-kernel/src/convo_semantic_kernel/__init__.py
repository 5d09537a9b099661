"""What Semantic Kernel invokes and asks models, as steps of a convo chat."""

from convo_semantic_kernel._version import __version__
from convo_semantic_kernel.filter import SemanticKernelFilter
from convo_semantic_kernel.install import install, instrument_semantic_kernel, uninstrument_semantic_kernel

__all__ = [
    "SemanticKernelFilter",
    "__version__",
    "install",
    "instrument_semantic_kernel",
    "uninstrument_semantic_kernel",
]
