"""A thread as JSON: all of its branches, and all that its owner may see of it.

`{"version": 1, "app": …, "exportedAt": …, "state": …}`, where `state` is the `State` of `docs/protocol.schema.json`.
Each of its entries stands on a line of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from convo.protocol import State, encode

__all__ = ["VERSION", "Record"]

VERSION = 1


class Record:
    """Writes a state as it is."""

    def __init__(self, state: State, *, app: str, exported_at: str) -> None:
        self._state = state
        self._app = app
        self._exported_at = exported_at

    def pieces(self) -> Iterator[str]:
        head = msgspec.json.encode({"version": VERSION, "app": self._app, "exportedAt": self._exported_at})
        yield f'{head[:-1].decode()},"state":{{'
        separator = "\n"
        for field in msgspec.structs.fields(State):
            value = getattr(self._state, field.name)
            if value is None or value == [] or field.name == "saved":  # that says how far it was stored, at the time
                continue
            yield f'{separator}"{field.encode_name}":'
            separator = ",\n"
            if not isinstance(value, list):
                yield encode(value).decode()
                continue
            for at, entry in enumerate(value):
                yield ("," if at else "[") + "\n" + encode(entry).decode()
            yield "\n]"
        yield "\n}}\n"
