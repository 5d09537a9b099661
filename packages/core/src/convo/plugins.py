"""Plugins: leaves that announce themselves by entry point."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from convo.errors import MissingPackageError

__all__ = [
    "Group",
    "is_installed",
    "known_names",
    "list_plugins",
    "load_installed",
    "load_names",
    "load_plugin",
    "missing",
]

Group = Literal[
    "datalayers",
    "sources",
    "storages",
    "integrations",
    "platforms",
    "routes",
    "ui",
    "commands",
    "settings",
    "templates",
    "elements",
]

_PACKAGES: dict[tuple[Group, str], str] = {
    ("datalayers", "sqlalchemy"): "convo-sqlalchemy",
    ("datalayers", "dynamodb"): "convo-dynamodb",
    ("sources", "chainlit"): "convo-sqlalchemy",
    ("storages", "s3"): "convo-s3",
    ("storages", "azure-blob"): "convo-azure-blob",
    ("storages", "gcs"): "convo-gcs",
    ("integrations", "langchain"): "convo-langchain",
    ("integrations", "llama-index"): "convo-llama-index",
    ("integrations", "mcp"): "convo-mcp",
    ("integrations", "mistral"): "convo-mistral",
    ("integrations", "openai"): "convo-openai",
    ("integrations", "otel"): "convo-otel",
    ("integrations", "protocols"): "convo-protocols",
    ("integrations", "semantic-kernel"): "convo-semantic-kernel",
    ("platforms", "slack"): "convo-slack",
    ("platforms", "discord"): "convo-discord",
    ("platforms", "teams"): "convo-teams",
    ("ui", "web"): "convo-ui",
}
_NOUNS: dict[Group, str] = {
    "datalayers": "data layer",
    "sources": "source",
    "storages": "storage",
    "integrations": "integration",
    "platforms": "platform",
    "routes": "route",
    "ui": "web app",
    "commands": "command",
    "settings": "settings",
    "templates": "template",
    "elements": "element",
}


def list_plugins(group: Group) -> list[EntryPoint]:
    """What is installed of a group, by name."""
    return sorted(_installed().select(group=f"convo.{group}"), key=lambda point: point.name)


def _installed() -> Any:
    """Something to `select` from; of what class, depends on Python's version."""
    return _read(*((path, os.stat(path).st_mtime_ns) for path in sys.path if os.path.isdir(path)))


@functools.lru_cache(4)
def _read(*_: tuple[str, int]) -> Any:
    """The entry points of folders that have not changed meanwhile: where much is installed, reading takes long."""
    return entry_points()


def is_installed(group: Group, name: str) -> bool:
    """Whether a leaf announces `name`."""
    return any(point.name == name for point in list_plugins(group))


def known_names(group: Group) -> list[str]:
    """The names of a group that are installed, or that we know what to install for."""
    ours = {name for known, name in _PACKAGES if known == group}
    return sorted(ours | {point.name for point in list_plugins(group)})


def load_plugin(group: Group, name: str) -> Any:
    """The object a leaf announces. Raises `MissingPackageError`, which says what to install."""
    for point in list_plugins(group):
        if point.name == name:
            return point.load()
    raise missing(group, name)


def load_installed(group: Group, name: str) -> Any:
    """The same; `None` where no leaf announces it."""
    try:
        return load_plugin(group, name)
    except MissingPackageError:
        return None


def load_names(group: Group, name: str) -> Mapping[str, Any]:
    """What the package of a leaf offers by name. Raises `MissingPackageError`."""
    load_plugin(group, name)
    package = next(point.module.partition(".")[0] for point in list_plugins(group) if point.name == name)
    return vars(import_module(package))


def missing(group: Group, name: str) -> MissingPackageError:
    """The error that says what to install for `name`."""
    package = _PACKAGES.get((group, name), f"convo-{name}")
    return MissingPackageError(
        f'No {_NOUNS[group]} "{name}" is installed; install it with: pip install {package}', package=package
    )
