"""Runs as OpenTelemetry's spans and metrics, and spans of GenAI frameworks as steps of a convo chat."""

from typing import TYPE_CHECKING, Any

from convo_otel._version import __version__
from convo_otel.install import install, instrument

if TYPE_CHECKING:
    from convo_otel.processor import ConvoSpanProcessor

__all__ = ["ConvoSpanProcessor", "__version__", "install", "instrument"]


def __getattr__(name: str) -> Any:
    """The processor is a class of the SDK's, which only those have who take spans in."""
    if name != "ConvoSpanProcessor":
        raise AttributeError(f"module `{__name__}` has no attribute `{name}`")
    from convo_otel.processor import ConvoSpanProcessor

    return ConvoSpanProcessor
