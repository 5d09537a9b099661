"""Generates what others read of the wire from the structs of `convo.protocol`: JSON Schema and TypeScript.

python scripts/wire.py            writes them
python scripts/wire.py --check    fails when they are not what the structs say
"""

from __future__ import annotations

import json
from typing import Any, Literal, get_args, get_origin

import msgspec
from convo import protocol
from convo.protocol import account, commands, events, frames, nouns, wire
from generated import ROOT, keep
from msgspec import NODEFAULT, inspect

SCHEMA = ROOT / "docs" / "protocol.schema.json"
TYPESCRIPT = ROOT / "packages" / "ui" / "client" / "src" / "protocol.gen.ts"

MODULES = (nouns, events, commands, frames, account)
BASES = {"WireStruct", "EventStruct", "CommandStruct"}
STATES = "State | PrincipalState"


def structs() -> list[type[msgspec.Struct]]:
    """All structs of the wire, in the order they are written."""
    return [
        value
        for module in MODULES
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__module__ == module.__name__
        and value.__name__ not in BASES
    ]


def aliases() -> dict[str, tuple[Any, ...]]:
    """The named Literals."""
    return {
        name: get_args(value)
        for module in MODULES
        for name, value in vars(module).items()
        if get_origin(value) is Literal
    }


def typescript() -> str:
    out = [
        "// Generated from the structs of `convo.protocol` by scripts/wire.py. Do not edit.",
        "",
        f"export const PROTOCOL_VERSION = {protocol.PROTOCOL_VERSION};",
        "",
    ]
    out += [f"export type {name} = {_literal(values)};" for name, values in aliases().items()]
    messages = [value for value in aliases()["StepType"] if value in protocol.MESSAGE_TYPES]
    out += ["", f"export const MESSAGE_TYPES: readonly StepType[] = {json.dumps(messages)};"]
    for struct in structs():
        out += ["", *_interface(struct)]
    for name in ("Event", "Command"):
        members = get_args(getattr(protocol, name))
        out += ["", f"export type {name} =", *(f"  | {member.__name__}" for member in members)]
        out[-1] += ";"
    return "\n".join(out) + "\n"


def _interface(struct: type[msgspec.Struct]) -> list[str]:
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    lines = []
    doc = vars(struct).get("__doc__")
    if doc:
        lines.append(f"/** {' '.join(doc.split())} */")
    lines.append(f"export interface {struct.__name__} {{")
    if info.tag is not None:
        lines.append(f"  kind: {json.dumps(info.tag)};")
    for item in info.fields:
        keeps_null = not item.required and item.default is NODEFAULT and item.default_factory is NODEFAULT
        shown = STATES if (struct.__name__, item.name) == ("Snapshot", "state") else _type(item.type, keeps_null)
        lines.append(f"  {item.encode_name}{'' if item.required else '?'}: {shown};")
    return [*lines, "}"]


def _literal(values: tuple[Any, ...]) -> str:
    return " | ".join(json.dumps(value) for value in values)


def _type(info: inspect.Type, keeps_null: bool) -> str:
    match info:
        case inspect.AnyType():
            return "unknown"
        case inspect.BoolType():
            return "boolean"
        case inspect.StrType() | inspect.BytesType():
            return "string"  # bytes are base64 in JSON
        case inspect.IntType() | inspect.FloatType():
            return "number"
        case inspect.LiteralType(values):
            named = [name for name, known in aliases().items() if set(known) == set(values)]
            return named[0] if named else _literal(values)
        case inspect.StructType(cls):
            return cls.__name__
        case inspect.ListType(item_type):
            return f"{_type(item_type, keeps_null)}[]" if not isinstance(item_type, inspect.UnionType) else "Event[]"
        case inspect.TupleType(item_types):
            return f"[{', '.join(_type(item, keeps_null) for item in item_types)}]"
        case inspect.DictType(_, value_type):
            return f"Record<string, {_type(value_type, keeps_null)}>"
        case inspect.UnionType(types):
            shown = [_type(item, keeps_null) for item in types if not isinstance(item, inspect.NoneType)]
            if keeps_null and any(isinstance(item, inspect.NoneType) for item in types):
                shown.append("null")
            return " | ".join(dict.fromkeys(shown))
        case _:
            raise TypeError(f"scripts/wire.py does not know how TypeScript writes {info}")


def schema() -> str:
    roots = (protocol.Event, protocol.Command, *structs())
    _, components = msgspec.json.schema_components(roots, ref_template="#/$defs/{name}")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The convo protocol, version {protocol.PROTOCOL_VERSION}",
        "description": wire.__doc__,
        "$defs": dict(sorted(components.items())),
    }
    return json.dumps(document, indent=2) + "\n"


if __name__ == "__main__":
    raise SystemExit(keep({SCHEMA: schema(), TYPESCRIPT: typescript()}, "the structs"))
