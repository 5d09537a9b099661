"""A plugin of convo. What it brings stands in the entry points of `pyproject.toml`."""

from pathlib import Path

__all__ = ["components"]


def components() -> Path:
    """Where the components of custom elements are."""
    return Path(__file__).parent / "components"
