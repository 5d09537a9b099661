"""The Schema: the settings as JSON Schema, by which editors complete a file and mark what is wrong in it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from convo.config.leaves import OPEN_TABLES, OpenTable
from convo.config.section import Section
from convo.config.settings import Config
from convo.config.upgrade import SCHEMA_VERSION
from convo.plugins import list_plugins, load_plugin

__all__ = ["json_schema"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(*, with_leaves: bool = True) -> dict[str, Any]:
    """The schema of `convo.toml`; `with_leaves`, the tables of the packages that are installed are in it."""
    sections = _announced() if with_leaves else {}
    models: list[type[BaseModel]] = [Config, *sections.values()]
    references, together = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}"
    )
    definitions = together["$defs"]
    root = definitions.pop(references[Config, "validation"]["$ref"].rpartition("/")[2])
    for table in OPEN_TABLES:
        _open(root, definitions, table, {name: references[model, "validation"] for name, model in sections.items()})
    root["properties"] = {
        "$schema": {"type": "string", "description": "Where this schema is, for editors."},
        "schema_version": {"type": "integer", "minimum": 1, "maximum": SCHEMA_VERSION},
        **root["properties"],
    }
    root["description"] = "The settings of a convo app."
    return {"$schema": DIALECT, "title": "convo.toml", **_tidy(root), "$defs": _tidy(definitions)}


def _announced() -> dict[str, type[Section]]:
    """The `Section` of every installed leaf that has one, by the place of its table."""
    return {point.name: load_plugin("settings", point.name) for point in list_plugins("settings")}


def _open(root: dict[str, Any], definitions: dict[str, Any], table: OpenTable, leaves: dict[str, Any]) -> None:
    """Say of a table of leaves what is known: pydantic knows that it holds some `Section`."""
    holder = definitions["Mcp"] if table == "mcp.servers" else root
    key = table.rpartition(".")[2]
    shown = {"type": "object", "description": holder["properties"][key].get("description", "")}
    if table == "mcp.servers":
        shown["additionalProperties"] = leaves.get(table, {"type": "object"})
    else:
        kinds = [{"type": "boolean"}, {"type": "object"}] if table == "integrations" else [{"type": "object"}]
        shown["additionalProperties"] = {"anyOf": kinds}
        shown["properties"] = {
            place.partition(".")[2]: {"anyOf": [kinds[0], leaf]} if table == "integrations" else leaf
            for place, leaf in leaves.items()
            if place.startswith(f"{table}.")
        }
    holder["properties"][key] = shown


def _tidy(node: Any) -> Any:
    """Without the titles that pydantic makes of names, defaults of whole tables, and what nothing refers to."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _tidy(value)
        for key, value in node.items()
        if not (key == "title" and isinstance(value, str))
        and not (key == "default" and (value is None or "$ref" in node))
        and not (key == "Section" and "properties" not in node)
    }
