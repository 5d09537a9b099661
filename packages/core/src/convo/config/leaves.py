"""Tables of leaves: `[integrations]`, `[platforms.*]` and `[mcp.servers.*]`, whose packages say what is in them.

A package announces the `Section` of its table by the entry point group `convo.settings`, as `integrations.openai`,
`platforms.slack` or, for every table of `[mcp.servers]`, `mcp.servers`. An integration without settings of its own is
turned on by `name = true`, and needs none.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import SerializeAsAny, TypeAdapter, ValidationError

from convo.config.section import Section
from convo.errors import ConfigError
from convo.plugins import is_installed, known_names, load_plugin, missing

__all__ = ["OPEN_TABLES", "Leaf", "OpenTable", "canonical_name", "read_leaf", "read_leaves", "section_of"]

OpenTable = Literal["integrations", "platforms", "mcp.servers"]
OPEN_TABLES: tuple[OpenTable, ...] = ("integrations", "platforms", "mcp.servers")

Leaf = bool | SerializeAsAny[Section]
"""What stands at a leaf's name: `true`, `false` or its table."""

_SWITCH = TypeAdapter(bool)
_NOUNS: Mapping[OpenTable, str] = {"integrations": "integration", "platforms": "platform", "mcp.servers": "MCP server"}


def canonical_name(table: OpenTable, name: str) -> str:
    """A leaf's name as its package has it: modules and variables have no `-`, so `llama_index` is `llama-index`."""
    if table == "mcp.servers":
        return name
    names, dashed = known_names(table), name.replace("_", "-")
    return dashed if name not in names and dashed in names else name


def section_of(table: OpenTable, name: str) -> type[Section] | None:
    """The `Section` that a package announces for a leaf; `None` for an integration that has no settings of its own.

    Raises `MissingPackageError` when the package is not installed, `ConfigError` for a name that is a typo.
    """
    place = "mcp.servers" if table == "mcp.servers" else f"{table}.{name}"
    if is_installed("settings", place):
        section: type[Section] = load_plugin("settings", place)
        return section
    if table == "mcp.servers":
        raise missing("integrations", "mcp")
    if is_installed(table, name) or (table == "integrations" and is_installed("routes", name)):
        return None
    known = known_names(table)
    if name not in known and (close := difflib.get_close_matches(name, known, n=1)):
        raise ConfigError(f"there is no such {_NOUNS[table]}. Did you mean `{close[0]}`?")
    raise missing(table, name)


def read_leaf(table: OpenTable, name: str, value: Any) -> Leaf:
    """A leaf's table as its package understands it. Raises `ValidationError` too, and as `section_of`."""
    if isinstance(value, Section):
        return value
    if isinstance(value, Mapping):
        section = section_of(table, name)
        if section is None:
            raise ConfigError(f"this {_NOUNS[table]} has no settings of its own; turn it on with `{name} = true`.")
        return section.model_validate(value)
    if table != "integrations":
        raise ConfigError(f"must be a table, as `[{table}.{name}]`.")
    is_on = _SWITCH.validate_python(value)
    if is_on:
        section_of(table, name)
    return is_on


def read_leaves(table: OpenTable, values: Any) -> Any:
    """All leaves of a table, for settings that come from code. Raises `ValueError`."""
    if not isinstance(values, Mapping):
        return values
    leaves: dict[str, Leaf] = {}
    for key, value in values.items():
        name = canonical_name(table, key)
        try:
            leaves[name] = read_leaf(table, name, value)
        except (ValidationError, ConfigError, ImportError) as error:
            raise ValueError(f"`{name}`: {error}") from error
    return leaves
