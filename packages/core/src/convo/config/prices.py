"""`[prices]`: what models cost, where that is to be said by the app."""

from __future__ import annotations

from pydantic import Field

from convo.config.section import Section

__all__ = ["Price"]


class Price(Section):
    """`[prices."MODEL"]`: US dollars for a million tokens."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(0.0, ge=0, allow_inf_nan=False)
    cached_input: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="For input that the provider still had; without it, as `input`."
    )
    cache_write: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="For input that the provider keeps; without it, as `input`."
    )
