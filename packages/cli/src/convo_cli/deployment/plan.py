"""The Plan: a Project and what was asked for, as all targets need it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from convo import ConvoError

from convo_cli.deployment.project import Project

__all__ = ["DATA", "OPTIONS", "PORT", "USER", "Plan", "read_options"]

PORT = 8000
USER = 10001
"""The number of the user that the app is in an image: one that no machine has, and not root."""
DATA = "/data"
OPTIONS = ("app", "name", "image", "domain", "region", "replicas", "data")
"""What a manifest remembers of the command that made it."""

_MADE_BY = re.compile(r"^# Made by: convo deploy (?P<target>\S+)(?P<options>.*)$", re.MULTILINE)
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_IMAGE = re.compile(r"[a-z0-9][a-z0-9._:/-]*[a-z0-9](@sha256:[0-9a-f]{64})?", re.IGNORECASE)
_REGION = re.compile(r"[a-z][a-z0-9-]{1,40}")


def read_options(text: str, target: str) -> dict[str, str]:
    """The options of the command that made a manifest, of that target; none of what somebody else wrote."""
    found = _MADE_BY.search(text)
    if found is None or found["target"] != target:
        return {}
    words = shlex.split(found["options"])
    pairs = zip(words[::2], words[1::2], strict=False)
    return {flag.removeprefix("--"): value for flag, value in pairs if flag.removeprefix("--") in OPTIONS}


@dataclass(frozen=True)
class Plan:
    """What to write for `target`. `options` are those that were given, by name. Raises `ConvoError` for a bad one."""

    project: Project
    target: str
    options: Mapping[str, str]

    def __post_init__(self) -> None:
        for name, pattern, example in (
            ("domain", _DOMAIN, "chat.example.com"),
            ("image", _IMAGE, "registry.example.com/my-app:1"),
            ("region", _REGION, "fra"),
        ):
            if (value := self.options.get(name)) is not None and not pattern.fullmatch(value):
                raise ConvoError(f"`--{name}` is as `{example}`, not `{value}`.")
        if not self.options.get("replicas", "1").isdecimal() or self.replicas < 1:
            raise ConvoError(f"`--replicas` is a number from 1, not `{self.options['replicas']}`.")
        if self.options.get("data", "volume") not in ("volume", "database"):
            raise ConvoError(f"`--data` is `volume` or `database`, not `{self.options['data']}`.")

    @property
    def made_by(self) -> str:
        """The line that says which command made a manifest."""
        words = [word for name in OPTIONS if name in self.options for word in (f"--{name}", self.options[name])]
        return f"# Made by: convo deploy {shlex.join([self.target, *words])}"

    @property
    def name(self) -> str:
        return self.project.name

    @property
    def image(self) -> str:
        return self.options.get("image", f"{self.name}:latest" if self.target in ("docker", "compose") else "")

    @property
    def domain(self) -> str | None:
        return self.options.get("domain")

    @property
    def region(self) -> str | None:
        return self.options.get("region")

    @property
    def replicas(self) -> int:
        return int(self.options.get("replicas", "1"))

    @property
    def has_database(self) -> bool:
        """Whether chats are kept in a database, which `CONVO_DATA__URL` names; else in a file on a volume."""
        if "data" in self.options:
            return self.options["data"] == "database"
        return self.project.database is not None

    @property
    def has_volume(self) -> bool:
        """Whether something of the app's is kept in a folder."""
        return not (self.has_database and self.project.has_remote_files)

    @property
    def secrets(self) -> list[str]:
        """The variables that hold what nobody may read, by name; none of their values is ever written."""
        names = [name for name in self.project.variables if name != "CONVO_DATA__URL"]
        if self.project.has_log_in:
            names.append("CONVO_AUTH__SECRET")
        if self.has_database:
            names.append("CONVO_DATA__URL")
        if self.project.has_remote_files and "url" not in self.project.settings.file.values.get("storage", {}):
            names.append("CONVO_STORAGE__URL")
        return sorted(set(names))

    def environment(self, *, is_behind_proxy: bool) -> dict[str, str]:
        """What an image does not say by itself: how the app is reached."""
        values = {}
        if is_behind_proxy:
            values["CONVO_SERVER__TRUST_PROXY"] = "true"
        if self.domain is not None:
            values["CONVO_SERVER__ALLOWED_HOSTS"] = json.dumps([self.domain])
        return values

    def kept(self, folder: str) -> dict[str, str]:
        """Where the app keeps what it keeps in `folder`."""
        values = {}
        if not self.has_database:
            values["CONVO_DATA__URL"] = f"sqlite:///{folder}/history.db"
        if not self.project.has_remote_files:
            values["CONVO_STORAGE__URL"] = f"{folder}/files"
        return values

    def path(self, probe: str) -> str:
        """The path of `/health` or `/ready`, where the app is mounted."""
        return f"{self.project.config.server.root_path}{probe}"
