"""Quantiles, by the nearest rank: always a value that was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["quantile"]


def quantile(values: Sequence[float], share: float) -> float:
    """Infinite where nothing was measured: a machine that is too busy for that has kept nobody's time."""
    if not values:
        return math.inf
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
