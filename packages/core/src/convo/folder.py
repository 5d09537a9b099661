"""The folder of an app: the files beside its code that its page shows."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from convo.plugins import list_plugins

__all__ = ["ELEMENT_SUFFIXES", "TRANSLATIONS", "Folder", "author_key"]

ELEMENT_SUFFIXES = (".jsx", ".tsx", ".js", ".ts")
"""Of components; where a name has several, the first counts."""

TRANSLATIONS = "translations"
"""The name of the folder with the app's own words, `de.json` and so on."""

logger = logging.getLogger("convo.folder")

_PICTURES = (".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".avif")


class Folder:
    """Reads what lies in `path`. What clients send is compared with its listing, and never becomes a path."""

    def __init__(self, path: Path | str = ".") -> None:
        self.path = Path(path).resolve()

    @property
    def public(self) -> Path:
        """What anybody may fetch lies here."""
        return self.path / "public"

    @property
    def translations(self) -> Path:
        """The app's own words for the page lie here."""
        return self.path / TRANSLATIONS

    @property
    def theme(self) -> Path:
        """The file with the app's own values of the design tokens."""
        return self.public / "theme.json"

    @property
    def avatars(self) -> Path:
        """The pictures of authors lie here."""
        return self.public / "avatars"

    def read_readme(self, language: str | None = None) -> str | None:
        """The text of `convo.<language>.md`, for `de-CH` also of `convo.de.md`, else of `convo.md`. Blocking."""
        found = {path.name.lower(): path for path in self._files(self.path) if path.suffix.lower() == ".md"}
        wanted = (language or "").lower()
        for name in (f"convo.{wanted}.md", f"convo.{wanted.partition('-')[0]}.md", "convo.md"):
            if name in found:
                text = found[name].read_text("utf-8", "replace")
                return text if text.strip() else None
        return None

    def list_avatars(self) -> dict[str, Path]:
        """The pictures in `public/avatars`, by the key of the author whose name they bear. Blocking."""
        pictures = [path for path in self._files(self.avatars) if path.suffix.lower() in _PICTURES]
        return {author_key(path.stem): path for path in sorted(pictures, reverse=True)}

    @property
    def elements(self) -> Path:
        """The components of custom elements lie here."""
        return self.public / "elements"

    def list_elements(self) -> dict[str, Path]:
        """The files of components by their names: in `public/elements`, else of installed packages. Blocking."""
        found = [path for path in self._files(self.elements) if path.suffix in ELEMENT_SUFFIXES]
        own = {path.stem: path for path in sorted(found, key=lambda path: -ELEMENT_SUFFIXES.index(path.suffix))}
        return _announced_elements() | own

    def _files(self, folder: Path) -> list[Path]:
        try:
            return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        except OSError:  # there is none, or it is nobody's to read
            return []


def _announced_elements() -> dict[str, Path]:
    """The components that packages announce, each by its name; of one that cannot be had the log says why."""
    found: dict[str, Path] = {}
    for point in list_plugins("elements"):
        package = point.dist.name if point.dist is not None else point.value
        try:
            folder = Path(point.load()())
        except Exception:  # whatever another package does wrong, the other components are there
            logger.exception("The component `%s` of the package %s cannot be loaded", point.name, package)
            continue
        files = [folder / f"{point.name}{suffix}" for suffix in ELEMENT_SUFFIXES]
        if file := next((file for file in files if file.is_file()), None):
            found[point.name] = file
        else:
            logger.error("The package %s announces the component `%s`, but has no `%s`", package, point.name, files[0])
    return found


def author_key(author: str) -> str:
    """How an author's name is written in the name of his picture: `My Assistant` as `my_assistant`."""
    return re.sub(r"[\s._-]+", "_", author.strip().lower())
