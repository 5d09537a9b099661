"""Plugins: leaves that announce themselves by entry point."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from convo.errors import MissingPackageError

__all__ = ["Group", "list_plugins", "load_plugin"]

Group = Literal["datalayers", "sources", "storages", "integrations", "platforms", "routes", "ui", "commands"]

_PACKAGES: dict[tuple[Group, str], str] = {
    ("datalayers", "sqlalchemy"): "convo-sqlalchemy",
    ("datalayers", "dynamodb"): "convo-dynamodb",
    ("sources", "chainlit"): "convo-sqlalchemy",
    ("storages", "s3"): "convo-s3",
    ("storages", "azure-blob"): "convo-azure-blob",
    ("storages", "gcs"): "convo-gcs",
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
}


def list_plugins(group: Group) -> list[EntryPoint]:
    """What is installed of a group, by name."""
    return sorted(entry_points(group=f"convo.{group}"), key=lambda point: point.name)


def load_plugin(group: Group, name: str) -> Any:
    """The object a leaf announces. Raises `MissingPackageError`, which says what to install."""
    for point in list_plugins(group):
        if point.name == name:
            return point.load()
    package = _PACKAGES.get((group, name), f"convo-{name}")
    raise MissingPackageError(
        f'No {_NOUNS[group]} "{name}" is installed; install it with: pip install {package}', package=package
    )
