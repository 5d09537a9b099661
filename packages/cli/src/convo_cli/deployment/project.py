"""The Project: what can be known of an app before it is deployed, read from its folder."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convo import App, Config, ConfigError, ConvoError
from convo.config.sources import Sources
from convo.loader import load_app, split_target

from convo_cli.template import project_name, project_title

__all__ = ["Project"]

NEEDS = ("uv.lock", "requirements.txt", "pyproject.toml")
"""Where an app's packages are named: the first of these that is there counts."""

_LOG_INS = ("password_auth_callback", "header_auth_callback", "oauth_callback", "custom_auth")
_VARIABLE = re.compile(r"^([A-Z][A-Z0-9_]*)=", re.MULTILINE)
_FILES = ("sqlite", "file")


@dataclass(frozen=True)
class Project:
    """An app's folder, its file as `convo run` takes it, and its settings.

    `variables` are those that its `.env.example` says have to be set.
    """

    folder: Path
    target: str
    name: str
    title: str
    config: Config
    settings: Sources
    has_log_in: bool
    needs: str
    variables: tuple[str, ...]

    @classmethod
    def read(cls, target: str, name: str | None = None) -> Project:
        """The project of an app's file. The app is loaded, as it would be to run. Raises `ConvoError`."""
        file, _ = split_target(target)
        folder = file.resolve().parent
        if folder != Path.cwd():
            raise ConvoError(f"Go to the app's folder first: cd {folder}")
        app = load_app(target)
        config = app.configure(str(folder))
        needs = next((name for name in NEEDS if (folder / name).is_file()), None)
        if needs is None:
            raise ConvoError(
                "Nothing here says which packages the app needs; add a pyproject.toml with its dependencies, or a "
                "requirements.txt. `convo create` makes a project that has one."
            )
        called = name or _named(folder) or folder.name
        return cls(
            folder=folder,
            target=target,
            name=project_name(called),
            title=config.project.name if config.project.name != "Assistant" else project_title(called),
            config=config,
            settings=Sources.read(folder),
            has_log_in=_has_log_in(app),
            needs=needs,
            variables=_variables(folder),
        )

    @property
    def database(self) -> str | None:
        """The scheme of the database that has the chats, as `postgresql`; `None` where they are in a file or memory."""
        url = self.config.data.url
        scheme = "" if url is None else url.partition(":")[0].partition("+")[0]
        return None if scheme in ("", "memory", *_FILES) else {"postgres": "postgresql"}.get(scheme, scheme)

    @property
    def has_remote_files(self) -> bool:
        """Whether files of users are kept by a service, not in a folder."""
        return "://" in (self.config.storage.url or "")

    def is_needed(self, *packages: str) -> bool:
        """Whether one of these packages is named where the app's packages are."""
        text = (self.folder / self.needs).read_text("utf-8").lower()
        return any(re.search(rf"(?<![\w-]){re.escape(package)}(?![\w-])", text) for package in packages)


def _has_log_in(app: App) -> bool:
    return any(name in app.callbacks for name in _LOG_INS) or bool(app.config.auth.oauth)


def _named(folder: Path) -> str | None:
    file = folder / "pyproject.toml"
    if not file.is_file():
        return None
    try:
        project: Mapping[str, Any] = tomllib.loads(file.read_text("utf-8")).get("project", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}") from error
    name = project.get("name")
    return name if isinstance(name, str) else None


def _variables(folder: Path) -> tuple[str, ...]:
    file = folder / ".env.example"
    return tuple(dict.fromkeys(_VARIABLE.findall(file.read_text("utf-8")))) if file.is_file() else ()
