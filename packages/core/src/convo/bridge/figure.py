"""Figures: those of Plotly as pages of their own, for who cannot draw them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cache
from importlib.util import find_spec

__all__ = ["can_draw", "page_of"]


@cache
def can_draw() -> bool:
    """Whether Plotly is installed, as it is wherever an app makes figures."""
    return find_spec("plotly") is not None


async def page_of(figure: AsyncIterator[bytes]) -> bytes:
    """A figure that comes as JSON, as an HTML page. Its script comes from Plotly's own address."""
    text = b"".join([piece async for piece in figure]).decode("utf-8", "replace")
    return await asyncio.to_thread(_drawn, text)


def _drawn(text: str) -> bytes:
    from plotly import io  # type: ignore[import-not-found,import-untyped,unused-ignore]  # the author's package

    page: str = io.to_html(io.from_json(text, skip_invalid=True), include_plotlyjs="cdn")
    return page.encode()
