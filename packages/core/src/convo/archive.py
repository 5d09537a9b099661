"""Where an App's history goes: what `[data]` says, or a file of its own, or memory."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convo.datalayer import DataLayer
from convo.errors import MissingPackageError
from convo.memory import MemoryDataLayer
from convo.plugins import load_plugin

if TYPE_CHECKING:
    from convo.config import Data

__all__ = ["Archive", "find_archive"]

FILE = ".convo/history.db"
LAYERS = {"dynamodb": "dynamodb"}
"""Data layers by the scheme of their URL; all others are databases of SQLAlchemy's."""

IN_MEMORY = "memory"  # the `[data] url` of whoever wants it so


@dataclass(frozen=True, slots=True)
class Archive:
    """A data layer, not open yet, and a line that says where history goes when nobody said where it should."""

    data_layer: DataLayer
    line: str | None = None


def find_archive(data: Data) -> Archive:
    """What `[data]` asks for. Raises `MissingPackageError` when that is not installed."""
    if data.url == IN_MEMORY:
        return Archive(MemoryDataLayer())
    if data.url is None:
        return _default(data)
    return Archive(_load(data, data.url))


def _default(data: Data) -> Archive:
    try:
        load_plugin("datalayers", "sqlalchemy")
    except MissingPackageError as error:
        keep = f"keep it with: pip install {error.package}"
        return Archive(MemoryDataLayer(), f"History stays in memory; {keep}")
    if not _is_writable(Path(FILE)):
        keep = "keep it with `url` under [data] in convo.toml."
        return Archive(MemoryDataLayer(), f"History stays in memory, as `{FILE}` cannot be written; {keep}")
    return Archive(_load(data, f"sqlite:///{FILE}"), f"History is kept in {FILE}.")


def _load(data: Data, url: str) -> DataLayer:
    name = data.layer or LAYERS.get(url.partition("://")[0], "sqlalchemy")
    layer: DataLayer = load_plugin("datalayers", name)(url)
    layer.migrates = data.migrate
    return layer


def _is_writable(file: Path) -> bool:
    """Whether history can be kept in a file. Its folder is made, and kept out of version control: it is private."""
    ignore = file.parent / ".gitignore"
    try:
        file.parent.mkdir(exist_ok=True)
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
    except OSError:
        return False
    return os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
