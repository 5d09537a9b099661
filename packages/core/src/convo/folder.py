"""The folder of an app: the files beside its code that its page shows."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["ELEMENT_SUFFIXES", "Folder", "author_key"]

ELEMENT_SUFFIXES = (".jsx", ".tsx", ".js", ".ts")
"""Of components; where a name has several, the first counts."""

_PICTURES = (".png", ".svg", ".jpg", ".jpeg", ".webp", ".gif", ".avif")


class Folder:
    """Reads what lies in `path`. What clients send is compared with its listing, and never becomes a path."""

    def __init__(self, path: Path | str = ".") -> None:
        self.path = Path(path).resolve()

    @property
    def public(self) -> Path:
        """What anybody may fetch lies here."""
        return self.path / "public"

    def read_readme(self, language: str | None = None) -> str | None:
        """The text of `convo_<language>.md`, for `de-CH` also of `convo_de.md`, else of `convo.md`. Blocking."""
        found = {path.name.lower(): path for path in self._files(self.path) if path.suffix.lower() == ".md"}
        wanted = (language or "").lower()
        for name in (f"convo_{wanted}.md", f"convo_{wanted.partition('-')[0]}.md", "convo.md"):
            if name in found:
                text = found[name].read_text("utf-8", "replace")
                return text if text.strip() else None
        return None

    def list_avatars(self) -> dict[str, Path]:
        """The pictures in `public/avatars`, by the key of the author whose name they bear. Blocking."""
        pictures = [path for path in self._files(self.public / "avatars") if path.suffix.lower() in _PICTURES]
        return {author_key(path.stem): path for path in sorted(pictures, reverse=True)}

    @property
    def elements(self) -> Path:
        """The components of custom elements lie here."""
        return self.public / "elements"

    def list_elements(self) -> dict[str, Path]:
        """The files in `public/elements`, by the name of the component that each is. Blocking."""
        found = [path for path in self._files(self.elements) if path.suffix in ELEMENT_SUFFIXES]
        return {path.stem: path for path in sorted(found, key=lambda path: -ELEMENT_SUFFIXES.index(path.suffix))}

    def _files(self, folder: Path) -> list[Path]:
        try:
            return [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
        except OSError:  # there is none, or it is nobody's to read
            return []


def author_key(author: str) -> str:
    """How an author's name is written in the name of his picture: `My Assistant` as `my_assistant`."""
    return re.sub(r"[\s._-]+", "_", author.strip().lower())
