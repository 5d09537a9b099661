"""Installations: the tokens of the workspaces that have installed the app, each a file of a folder."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import msgspec

__all__ = ["FOLDER", "Installation", "Installations"]

FOLDER = ".convo/slack"
_ID = re.compile(r"[A-Z0-9]{2,24}")


class Installation(msgspec.Struct, frozen=True):
    """What a workspace, or a whole organisation (without a `team_id`), gave when it installed the app."""

    token: str
    team_id: str | None = None
    enterprise_id: str | None = None
    team_name: str | None = None
    scopes: str = ""
    installed_by: str | None = None


class Installations:
    """A folder that only its owner reads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, team_id: str, enterprise_id: str | None = None) -> Installation | None:
        """That of a workspace, else of its organisation; `None` if neither has installed the app."""
        for name in (team_id, enterprise_id):
            try:
                if name:
                    return msgspec.json.decode(self._file(name).read_bytes(), type=Installation)
            except FileNotFoundError:
                continue
        return None

    def save(self, installation: Installation) -> None:
        """In place of one before. A reader finds the old or the new, and never a half."""
        file = self._file(installation.team_id or installation.enterprise_id or "")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=self._folder)  # which only its owner reads
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(msgspec.json.encode(installation))
            Path(path).replace(file)
        except BaseException:
            Path(path).unlink(missing_ok=True)
            raise

    def delete(self, team_id: str, enterprise_id: str | None = None) -> None:
        """Idempotent."""
        self._file(team_id or enterprise_id or "").unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        if not _ID.fullmatch(name):
            raise ValueError(f"`{name}` is no id of Slack's")
        return self._folder / f"{name}.json"
