"""Generations: what a language model was asked and what it said, with its figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, TypedDict, overload

import msgspec

from convo.portrait import plain
from convo.protocol import Generation as GenerationNoun
from convo.protocol import well_formed

__all__ = [
    "BaseGeneration",
    "ChatGeneration",
    "CompletionGeneration",
    "GenerationMessage",
    "generation_noun",
    "renewed_noun",
]


class GenerationMessage(TypedDict, total=False):
    """A message to or from a model, as its provider writes it: `role`, `content`, and what else it has."""

    uuid: str | None
    templated: bool | None
    name: str | None
    role: str | None
    content: Any
    function_call: dict[str, Any] | None
    tool_calls: list[dict[str, Any]] | None
    tool_call_id: str | None


@dataclass(kw_only=True)
class BaseGeneration:
    """What chats and completions have in common.

    `tt_first_token` is in milliseconds, `duration` in seconds, `token_throughput_in_s` tokens a second, `cost` US
    dollars.
    """

    type: ClassVar[Literal["chat", "completion"]]

    id: str | None = None
    prompt_id: str | None = None
    provider: str | None = None
    model: str | None = None
    error: str | None = None
    settings: dict[str, Any] | None = field(default_factory=dict)
    variables: dict[str, Any] | None = field(default_factory=dict)
    tags: list[str] | None = field(default_factory=list)
    metadata: dict[str, Any] | None = field(default_factory=dict)
    tools: list[dict[str, Any]] | None = None
    token_count: int | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None
    tt_first_token: float | None = None
    token_throughput_in_s: float | None = None
    duration: float | None = None
    cost: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As a dict, in the shape that is stored and sent. Raises `TypeError` for a field of another type."""
        fields: dict[str, Any] = msgspec.to_builtins(generation_noun(self))
        return fields


@dataclass(kw_only=True)
class ChatGeneration(BaseGeneration):
    """What a chat model was sent (`messages`) and what it answered (`message_completion`)."""

    type: ClassVar[Literal["chat", "completion"]] = "chat"

    messages: list[GenerationMessage] | None = field(default_factory=list)
    message_completion: GenerationMessage | None = None


@dataclass(kw_only=True)
class CompletionGeneration(BaseGeneration):
    """What a completion model was given (`prompt`) and how it went on (`completion`)."""

    type: ClassVar[Literal["chat", "completion"]] = "completion"

    prompt: str | None = None
    completion: str | None = None


def renewed_noun(generation: BaseGeneration, before: Mapping[str, Any], noun: GenerationNoun) -> GenerationNoun:
    """What the log carries when more became known. `noun` was made of `before`: what is the same is left as it is.

    Raises `TypeError`, as `generation_noun`.
    """
    changed = {name: value for name, value in vars(generation).items() if value is not before.get(name)}
    fresh = generation_noun({"type": generation.type} | changed)
    return msgspec.structs.replace(noun, **{name: getattr(fresh, name) for name in ("type", *changed)})


@overload
def generation_noun(generation: BaseGeneration | Mapping[str, Any]) -> GenerationNoun: ...
@overload
def generation_noun(generation: None) -> None: ...
@overload
def generation_noun(generation: BaseGeneration | Mapping[str, Any] | None) -> GenerationNoun | None: ...
def generation_noun(generation: BaseGeneration | Mapping[str, Any] | None) -> GenerationNoun | None:
    """What the log carries. Raises `TypeError`, which names the field, for one of another type or an unknown one."""
    if generation is None:
        return None
    if isinstance(generation, BaseGeneration):
        given: dict[str, Any] = {"type": generation.type} | vars(generation)
    elif isinstance(generation, Mapping):
        given = dict(generation)
    else:
        raise TypeError(
            "`generation` is a `ChatGeneration`, a `CompletionGeneration` or a dict of their fields,"
            f" not `{type(generation).__name__}`."
        )
    if not given.keys() <= _NAMES.keys():
        unknown = next(name for name in given if name not in _NAMES)
        raise TypeError(f"`generation` has no field `{unknown}`; it has {', '.join(_WIRE)}.")
    exact: dict[str, Any] = {}
    odd: dict[str, Any] = {}
    for name, value in given.items():
        kind = type(value)
        if value is None or (isinstance(value, _COLLECTIONS) and not value):
            continue
        if kind is str and len(value) < _LONG and (name in _TEXTS or (name == "type" and value in _KINDS)):
            exact[name] = value if value.isascii() else well_formed(value)
        elif kind is (int if name in _COUNTS else float) and name in _FIGURES and 0 <= value < _MUCH:
            exact[name] = value
        else:
            odd[_NAMES[name]] = value
    return msgspec.structs.replace(_plain_noun(odd), **exact) if odd else GenerationNoun(**exact)


def _plain_noun(odd: dict[str, Any]) -> GenerationNoun:
    """Models of providers and settings with odd values are no reason to fail: they become JSON."""
    fields: Any = plain(odd)
    if isinstance(fields.get("type"), str):
        fields["type"] = fields["type"].lower()
    try:
        return msgspec.convert(fields, GenerationNoun)
    except msgspec.ValidationError as error:
        raise TypeError(f"`generation` cannot be shown: {error}.") from error


_TEXTS = frozenset({"id", "prompt_id", "provider", "model", "error", "prompt", "completion"})
_COUNTS = frozenset({"token_count", "input_token_count", "output_token_count"})
_FIGURES = _COUNTS | {"tt_first_token", "token_throughput_in_s", "duration", "cost"}
_KINDS = frozenset({"chat", "completion"})
_LONG = 100_000  # characters; longer ones are looked at, and cut
_MUCH = 1 << 53
_COLLECTIONS = (dict, list)
_WIRE = {struct_field.name: struct_field.encode_name for struct_field in msgspec.structs.fields(GenerationNoun)}
_NAMES = _WIRE | {wire: wire for wire in _WIRE.values()} | {"tokenThroughputInSeconds": _WIRE["token_throughput_in_s"]}
