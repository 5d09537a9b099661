"""Templates: the projects to begin with that installed packages bring, and a project made of one.

A package announces a template under the entry point `convo.templates`: its name, and the importable package that holds
a folder of that name. Everything in the folder is copied, and what a folder `every` beside it has that it has not. In
texts, `my-app` becomes the new project's name and `My app` its title. So a template is itself a project, and its tests
run where it stands.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from convo import ConvoError
from convo.plugins import list_plugins

__all__ = ["Template", "find_template", "list_templates", "project_name", "project_title"]

NAME, TITLE = "my-app", "My app"
EVERY = "every"
LEFTOVERS = frozenset({"__pycache__", ".pytest_cache", ".ruff_cache", ".mypy_cache", ".venv", ".convo", ".env"})
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Template:
    """A project to begin with. `package` is the distribution it came with; what is not in `folder` is in `every`."""

    name: str
    package: str
    summary: str
    folder: Traversable
    every: Traversable

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every file, by its path in the project."""
        shared = _files(self.every, "") if self.every.is_dir() else ()
        yield from (dict(shared) | dict(_files(self.folder, ""))).items()

    def needs(self) -> set[str]:
        """The distributions that a project of it depends on, without versions and extras."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))["project"]
        return {re.split(r"[^A-Za-z0-9._-]", need)[0].lower() for need in project.get("dependencies", ())}

    def project(self, name: str, title: str) -> Mapping[str, bytes]:
        """The files of a project of that name."""
        return {path: _named(content, name, title) for path, content in self.files()}

    def write(self, folder: Path, name: str, title: str) -> list[str]:
        """Write a project into `folder`, over files of the same names; the paths that were written."""
        project = self.project(name, title)
        for path, content in project.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        return sorted(project)


def list_templates(on_broken: Callable[[str], None]) -> list[Template]:
    """What is installed, by name. `on_broken` is told of each that cannot be read; the others are listed."""
    templates = []
    for point in list_plugins("templates"):
        try:
            templates.append(_load(point))
        except ConvoError as error:
            on_broken(str(error))
    return templates


def find_template(name: str) -> Template:
    """The template of that name. Raises `ConvoError`, which says what there is."""
    points = {point.name: point for point in list_plugins("templates")}
    if name not in points:
        raise ConvoError(f"There is no template `{name}` here. There are: {', '.join(points)}.")
    return _load(points[name])


def project_name(text: str) -> str:
    """A name that packages, images and services may have. Raises `ConvoError` if nothing of `text` is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = "-".join(_WORD.findall(plain))
    if not name or not name[0].isalpha():
        raise ConvoError(f"`{text}` is no name for a project; begin it with a letter from a to z, as `my-app`.")
    return name


def project_title(text: str) -> str:
    """What people read as its name."""
    words = re.sub(r"[^\w.]+|_", " ", text).split()
    return " ".join(words)[:1].upper() + " ".join(words)[1:]


def _load(point: EntryPoint) -> Template:
    package = point.dist.name if point.dist is not None else point.value
    try:
        folder = files(point.value) / point.name
        about = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
        return Template(point.name, package, about["project"]["description"], folder, files(point.value) / EVERY)
    except Exception as error:  # whatever another package does wrong is its own, and named
        raise ConvoError(
            f"The template `{point.name}` of the package {package} cannot be read: {type(error).__name__}: {error}. "
            f"Install another version of it: pip install --upgrade {package}"
        ) from error


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name in LEFTOVERS or entry.name.endswith(".pyc"):
            continue
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        else:
            yield f"{prefix}{entry.name}", entry.read_bytes()


def _named(content: bytes, name: str, title: str) -> bytes:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return content  # a picture, and the like
    return text.replace(NAME, name).replace(TITLE, title).encode()
