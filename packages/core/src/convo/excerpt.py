"""Excerpts: what a traced step shows of a value, redacted and of a bounded size. Nothing here raises."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from convo.generation import BaseGeneration, generation_noun, renewed_noun
from convo.portrait import plain, portray
from convo.protocol import Generation, Json, encode, well_formed

__all__ = ["Excerpt", "GenerationExcerpt", "Uncaptured", "excerpt", "generation_excerpt", "plain_fields"]

logger = logging.getLogger("convo.tracer")

Redact = Callable[[str], str]
_CUT = "…"


class Uncaptured(str):
    """Stands where something of a framework's could not be captured, and says why."""

    __slots__ = ()

    @classmethod
    def because(cls, reason: str) -> Uncaptured:
        return cls(f"(not captured: {reason})")


class Excerpt(msgspec.Struct, frozen=True):
    """The text to show and its language; `whole` is all of it when it was cut."""

    text: str
    language: str | None = None
    whole: str | None = None


class GenerationExcerpt(msgspec.Struct, frozen=True):
    """The generation to show; `whole` is all of it as JSON when it was cut.

    `fields` are those it was made of, when it is shown as it is: what stays the same needs not be looked at again.
    """

    generation: Generation
    whole: str | None = None
    fields: Mapping[str, Any] | None = None


def excerpt(value: Any, *, limit: int, redact: Redact | None = None) -> Excerpt:
    """What to show of a value in `limit` bytes."""
    if type(value) is str and redact is None and len(value) <= limit and value.isascii():  # most are
        return Excerpt(value)
    text, language = portray(value)
    text = _redacted(well_formed(str(text)), redact)  # `str`: subclasses are no JSON
    beginning = _cut(text, limit)
    if beginning is None:
        return Excerpt(text, language)
    return Excerpt(f"{beginning}\n{_CUT} {len(text):,} characters in all", None, text)


def generation_excerpt(
    generation: BaseGeneration | Uncaptured,
    *,
    limit: int,
    redact: Redact | None = None,
    before: GenerationExcerpt | None = None,
) -> GenerationExcerpt:
    """What to show of a generation in `limit` bytes. One that cannot be shown says so as its `error`.

    `before` is what was shown when less of it was known.
    """
    try:
        noun = _noun(generation, before)
        fields = dict(vars(generation)) if redact is None and isinstance(generation, BaseGeneration) else None
        encoded = encode(noun)
        if redact is not None:
            encoded = _redacted(encoded.decode(), redact).encode()
            noun = msgspec.json.decode(encoded, type=Generation)
    except Exception as error:  # whatever a framework, or `redact`, made of it
        return GenerationExcerpt(_uncaptured(Uncaptured.because(f"{type(error).__name__}: {error}"[:500])))
    if len(encoded) <= limit:
        return GenerationExcerpt(noun, fields=fields)
    return GenerationExcerpt(_shortened(noun, limit), encoded.decode())


def _noun(generation: BaseGeneration | Uncaptured, before: GenerationExcerpt | None) -> Generation:
    if isinstance(generation, Uncaptured):
        return _uncaptured(generation)
    if before is not None and before.fields is not None:
        return renewed_noun(generation, before.fields, before.generation)
    return generation_noun(generation)


def _uncaptured(reason: Uncaptured) -> Generation:
    return Generation(error=well_formed(str(reason)))


def _shortened(noun: Generation, limit: int) -> Generation:
    """With shorter texts; if that is not enough, with figures alone."""
    shorter, fits = _fitting(msgspec.to_builtins(noun), limit)
    noun = msgspec.convert(shorter, Generation)
    if fits:
        return noun
    return msgspec.structs.replace(
        noun, messages=None, message_completion=None, tools=None, settings=None, variables=None, metadata=None
    )


def _fitting(value: Json, limit: int) -> tuple[Json, bool]:
    """A value with shorter texts, and whether `limit` bytes hold it then."""
    for length in (limit // 4, limit // 64, 64):
        shorter = _short(value, length)
        if len(encode(shorter)) <= limit:
            return shorter, True
    return shorter, False


def _short(value: Json, length: int) -> Json:
    if isinstance(value, str):
        beginning = _cut(value, length)
        return value if beginning is None else beginning + _CUT
    if isinstance(value, dict):
        return {key: _short(inner, length) for key, inner in value.items()}
    if isinstance(value, list):
        return [_short(inner, length) for inner in value]
    return value


def _cut(text: str, limit: int) -> str | None:
    """The beginning that fits into `limit` bytes; `None` when all of it does."""
    if len(text) <= limit and (text.isascii() or len(text.encode()) <= limit):
        return None
    return text[:limit].encode()[:limit].decode(errors="ignore")


def _redacted(text: str, redact: Redact | None) -> str:
    if redact is None or not text:
        return text
    try:
        return well_formed(_checked(redact(text)))
    except Exception as error:  # the author's code: what it does not let through is not shown
        name = type(error).__name__
        logger.error("`redact` raised %s; what it was given is not shown", name)
        return str(Uncaptured.because(f"`redact` raised {name}"))


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"`redact` must return a `str`, not a `{type(text).__name__}`.")
    return text


def plain_fields(fields: dict[str, Any] | None, *, limit: int, redact: Redact | None = None) -> dict[str, Json] | None:
    """A step's metadata as the log can carry it, in `limit` bytes; `None` where nothing of it can be shown."""
    if not fields:
        return None
    shown = plain(fields)
    encoded = encode(shown)
    if redact is not None:
        encoded = _redacted(encoded.decode(), redact).encode()
        try:
            shown = msgspec.json.decode(encoded)
        except msgspec.DecodeError:
            return None
    fits = True
    if len(encoded) > limit:
        shown, fits = _fitting(shown, limit)
    return shown if fits and isinstance(shown, dict) else None
