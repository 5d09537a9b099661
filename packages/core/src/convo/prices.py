"""Prices: what a model's answer cost, in US dollars, by the settings or by the table of `genai-prices`."""

from __future__ import annotations

import asyncio
import functools
import importlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from convo.config.prices import Price

__all__ = ["awaits_table", "cost_of", "load_table"]

logger = logging.getLogger("convo.prices")

_MILLION = 1_000_000
_USUAL = frozenset({None, "auto", "default", "standard"})
"""Tiers of service that cost what the list says."""


class _Generation(Protocol):
    """What counts of a generation, whether an author's or the log's."""

    @property
    def provider(self) -> str | None: ...
    @property
    def model(self) -> str | None: ...
    @property
    def settings(self) -> Mapping[str, Any] | None: ...
    @property
    def metadata(self) -> Mapping[str, Any] | None: ...
    @property
    def token_count(self) -> int | None: ...
    @property
    def input_token_count(self) -> int | None: ...
    @property
    def output_token_count(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class _Tokens:
    """`cached` and `written`, which the provider had and keeps, are part of `input`."""

    input: int
    output: int
    cached: int
    written: int


async def load_table() -> None:
    """Load `genai-prices`, where it is installed: off the event loop, as that takes a while."""
    await asyncio.to_thread(_load)


def awaits_table(generation: _Generation) -> bool:
    """Whether a generation without a cost may have one once the table is loaded."""
    is_told = generation.model and generation.provider and generation.input_token_count is not None
    return bool(is_told) and _load.cache_info().currsize == 0


def cost_of(generation: _Generation, prices: Mapping[str, Price]) -> float | None:
    """What a generation cost; `None` where that is not known for certain. Nothing here raises.

    What the provider says itself in `metadata["usage"]` counts first, then `prices`, then the table if it is loaded.
    """
    if not generation.metadata and generation.input_token_count is None:
        return None
    try:
        usage = (generation.metadata or {}).get("usage")
        usage = usage if isinstance(usage, Mapping) else {}
        own = _own_cost(usage)
        tokens = None if own is not None else _tokens(generation, usage)
        if tokens is None or not generation.model:
            return own
        price = _set_price(prices, generation.provider, generation.model)
        return _by_table(generation, tokens) if price is None else _by_price(price, tokens)
    except Exception as error:  # whatever a framework made of it: its run must go on
        logger.debug("No cost of `%s`: %s", generation.model, error)
        return None


@functools.cache
def _load() -> Any:
    """The table, ready to be asked; `None` where it is not installed."""
    try:
        table = importlib.import_module("genai_prices")
        table.calc_price(table.Usage(input_tokens=1), "gpt-4o", provider_id="openai")  # reads what it knows
    except ModuleNotFoundError:
        return None
    except Exception as error:  # a package that is broken is no business of the app that is watched
        logger.warning("`genai-prices` cannot be used, so models have no price from it: %s", error)
        return None
    return table


def _own_cost(usage: Mapping[str, Any]) -> float | None:
    """What some providers say: a number, or a table with a total."""
    cost = usage.get("cost")
    if isinstance(cost, Mapping):
        cost = cost.get("total_cost")
    is_number = isinstance(cost, int | float) and not isinstance(cost, bool)
    return float(cost) if is_number and 0 <= cost < float("inf") else None  # type: ignore[arg-type, operator]


def _tokens(generation: _Generation, usage: Mapping[str, Any]) -> _Tokens | None:
    """The tokens, if they are known and cost what the list says. Sound and pictures cost otherwise."""
    total, input, output = generation.token_count, generation.input_token_count, generation.output_token_count
    if output is None and total is not None and input is not None:
        output = total - input  # embeddings have none
    if input is None or output is None or (generation.settings or {}).get("service_tier") not in _USUAL:
        return None
    into = _details(usage, "prompt_tokens_details", "input_tokens_details", "input_token_details")
    out = _details(usage, "completion_tokens_details", "output_tokens_details", "output_token_details")
    if any(side.get(kind) for side in (into, out) for kind in ("audio_tokens", "audio", "image_tokens", "image")):
        return None
    if into.get("ephemeral_1h_input_tokens"):
        return None  # kept for an hour, at another price
    cached = _most(into, "cached_tokens", "cache_read") or _most(usage, "prompt_cache_hit_tokens")
    written = _most(into, "cache_creation", "cache_creation_tokens", "cache_write_tokens", "ephemeral_5m_input_tokens")
    return _Tokens(input, output, cached, written) if output >= 0 and cached + written <= input else None


def _details(usage: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    return next((usage[name] for name in names if isinstance(usage.get(name), Mapping)), {})


def _most(counts: Mapping[str, Any], *names: str) -> int:
    return max(int(counts.get(name) or 0) for name in names)


def _set_price(prices: Mapping[str, Price], provider: str | None, model: str) -> Price | None:
    """By `provider/model`, by the model, or by the first pattern that fits one of them."""
    names = [model] if provider is None else [f"{provider}/{model}", model]
    for name in names:
        if name in prices:
            return prices[name]
    return next(
        (price for key, price in prices.items() if "*" in key and any(fnmatchcase(name, key) for name in names)), None
    )


def _by_price(price: Price, tokens: _Tokens) -> float:
    fresh = tokens.input - tokens.cached - tokens.written
    cached = price.input if price.cached_input is None else price.cached_input
    written = price.input if price.cache_write is None else price.cache_write
    cost = fresh * price.input + tokens.cached * cached + tokens.written * written + tokens.output * price.output
    return round(cost / _MILLION, 12)


def _by_table(generation: _Generation, tokens: _Tokens) -> float | None:
    """By `genai-prices`, for a provider and a model that it knows both; a host is known by its address."""
    table, provider = _load() if _load.cache_info().currsize else None, generation.provider
    if table is None or not provider:
        return None
    counts = {"input_tokens": tokens.input, "output_tokens": tokens.output}
    if tokens.cached:
        counts["cache_read_tokens"] = tokens.cached
    if tokens.written:
        counts["cache_write_tokens"] = tokens.written
    where = {"provider_api_url": f"https://{provider}"} if "." in provider else {"provider_id": provider}
    try:
        return float(table.calc_price(table.Usage(**counts), generation.model, **where).total_price)
    except LookupError:
        return None
