"""A Problem: one mistake in the settings, where it stands and what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from convo.config.upgrade import moved_to
from convo.errors import ConfigError
from convo.masking import masked

__all__ = ["Problem", "closest", "explain", "hint", "refusal"]

Key = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` is a file and line, a variable or a flag; `key` is the setting, if it is known which."""

    where: str
    key: str | None
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}" if self.key is None else f"{self.where}: `{self.key}`: {self.text}"


def explain(error: ErrorDetails, root: type[BaseModel], values: Any) -> tuple[str, str]:
    """The key and the text of what pydantic found wrong in `values` of `root`."""
    keys = error["loc"]
    name = ".".join(str(key) for key in keys)
    if error["type"] == "extra_forbidden":
        return name, f"there is no such setting.{hint([str(key) for key in keys], root)}"
    return name, f"{_expected(error, root)}{_given(error, str(keys[-1]) if keys else '')}."


def refusal(problems: Sequence[Problem]) -> ConfigError:
    """The error that tells of all `problems`, those of a file from its top to its end."""
    ordered = sorted(problems, key=lambda one: int(line[1]) if (line := _LINE.search(one.where)) else 0)
    if len(ordered) == 1:
        return ConfigError(str(ordered[0]), problems=ordered)
    lines = "".join(f"\n  {problem}" for problem in ordered)
    return ConfigError(f"{len(ordered)} mistakes in the settings:{lines}", problems=ordered)


def hint(keys: Sequence[str], root: type[BaseModel]) -> str:
    """What somebody who wrote an unknown key may have meant."""
    if place := moved_to(keys):
        return f" It is now `{place}`; `convo config upgrade` rewrites the file."
    section: Any = root
    for key in keys[:-1]:
        section = _below(section, key)
    here: Mapping[str, Any] = getattr(section, "model_fields", {})
    word, prefix = keys[-1], "".join(f"{key}." for key in keys[:-1])
    if close := closest(word, here):
        return f" Did you mean `{close}`?"
    places = dict(_places(root))
    everywhere = {place.rpartition(".")[2]: place for place in reversed(places)}
    if (elsewhere := everywhere.get(word) or everywhere.get(closest(word, everywhere) or "")) is not None:
        return f" Did you mean `{elsewhere}`?"
    return f" Known {f'in `{prefix[:-1]}`' if prefix else 'here'}: {', '.join(here)}." if here else ""


def closest(word: str, known: Mapping[str, Any]) -> str | None:
    """The name that was meant by a word, if there is one like it."""
    folded = {name.lower().replace("-", "_"): name for name in known}
    close = difflib.get_close_matches(word.lower().replace("-", "_"), folded, n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def _places(section: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key of a table and those below, by its path."""
    for name, field in section.model_fields.items():
        yield f"{prefix}{name}", field
        if hasattr(field.annotation, "model_fields"):
            yield from _places(field.annotation, f"{prefix}{name}.")


def _below(section: Any, key: str) -> Any:
    """What stands at a key: of a table of ours, of a list, or of a table of names."""
    if hasattr(section, "model_fields"):
        field = section.model_fields.get(key)
        return None if field is None else field.annotation
    return next((part for part in get_args(section) if part not in (str, ...)), None)


_SENTENCES: Mapping[str, str] = {
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "number_type": "must be a number",
    "finite_number": "must be a number that is not infinite",
    "bool_parsing": "must be `true` or `false`",
    "bool_type": "must be `true` or `false`",
    "string_type": "must be a text, in quotes",
    "tuple_type": 'must be a list, as `["one", "two"]`',
    "list_type": 'must be a list, as `["one", "two"]`',
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "missing": "is missing",
}
_BOUNDS: Mapping[str, str] = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have {min_length} characters or more",
    "too_short": "must have {min_length} entries or more",
    "string_pattern_mismatch": "must look like `{pattern}`",
    "literal_error": "must be {expected}",
}
_SECRET = re.compile(r"secret|token|password|key|credential", re.IGNORECASE)
_LENGTH = 60
_LINE = re.compile(r"line (\d+)")


def _expected(error: ErrorDetails, root: Any) -> str:
    kind = error["type"]
    if kind == "string_pattern_mismatch" and (examples := _examples(error["loc"], root)):
        return f"must look like {' or '.join(f'`{example}`' for example in examples)}"
    if kind in ("string_too_short", "too_short") and error["ctx"]["min_length"] == 1:
        return "must not be empty"
    if kind in _SENTENCES:
        return _SENTENCES[kind]
    if kind in _BOUNDS:
        return _BOUNDS[kind].format(**error["ctx"]).replace("'", '"')
    return error["msg"].removeprefix("Value error, ").rstrip(".")


def _examples(keys: Key, root: Any) -> Sequence[Any]:
    for key in keys[:-1]:
        root = _below(root, str(key))
    field = getattr(root, "model_fields", {}).get(keys[-1])
    return () if field is None else field.examples or ()


def _given(error: ErrorDetails, key: str) -> str:
    """What stands there, where that helps and gives nothing away."""
    value = error["input"]
    if error["type"] in ("missing", "value_error", "string_too_short", "too_short") or _SECRET.search(key):
        return ""
    if isinstance(value, bool):
        return f", not `{str(value).lower()}`"
    if isinstance(value, int | float):
        return f", not {value}"
    if isinstance(value, str):
        return f', not "{masked(value)[:_LENGTH]}"'
    return f", not a {'table' if isinstance(value, Mapping) else 'list'}" if isinstance(value, Mapping | list) else ""
