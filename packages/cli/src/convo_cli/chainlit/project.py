"""The Project: a folder that Chainlit runs, and the files that make it one of convo's."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from convo import ConvoError
from convo.config import FILE_NAME
from convo.folder import TRANSLATIONS

from convo_cli.chainlit.imports import Imports
from convo_cli.chainlit.looks import pictures, reworked
from convo_cli.chainlit.mentions import mentions
from convo_cli.chainlit.remainder import Remainder
from convo_cli.chainlit.settings import as_toml, settings_of
from convo_cli.chainlit.shipped import is_shipped
from convo_cli.chainlit.words import language_of, words_of
from convo_cli.rewriting import Rewritten

__all__ = ["Project"]

CONFIG = ".chainlit/config.toml"
PAGE = "chainlit.md"
SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}


class Project:
    """In `folder`, which is only read. `made` are files to write, `edited` those to change, `left` is the rest.

    Raises `ConvoError` if there is nothing of Chainlit.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConvoError(f"There is no folder `{folder}`; name the one that has the app, or the URL of a database.")
        self._folder = folder
        self.made: list[Rewritten] = []
        self.edited: list[Rewritten] = []
        self.left: list[Remainder] = []
        is_theirs = (folder / ".chainlit").is_dir() or (folder / PAGE).is_file()
        self._take_settings()
        self._take_words()
        self._take_pages()
        is_concerned = self._take_code()
        if not is_theirs and not is_concerned:
            raise ConvoError(
                f"Nothing in `{folder}` is Chainlit's: there is no `.chainlit`, no `{PAGE}` and no import of "
                "`chainlit`. Name the folder that has the app."
            )
        self.left += [*reworked(folder), *mentions(folder)]

    @property
    def existing(self) -> list[Path]:
        """Files to write that are there already, and hold something else."""
        return [file.path for file in self.made if file.before is not None and file.before != file.after]

    def _take_settings(self) -> None:
        values: dict[str, Any] = {}
        if (self._folder / CONFIG).is_file():
            values, left = settings_of(self._folder / CONFIG, CONFIG)
            self.left += left
        values = {**pictures(self._folder), **values}
        if values:
            self._make(FILE_NAME, as_toml(values))

    def _take_words(self) -> None:
        taken: dict[str, str] = {}
        for path in sorted((self._folder / ".chainlit" / "translations").glob("*.json")):
            name = path.relative_to(self._folder).as_posix()
            words, left = words_of(path, name)
            self.left += left
            if not words:
                continue
            target = f"{TRANSLATIONS}/{language_of(path.stem)}.json"
            if target in taken:
                self.left.append(Remainder(name, f"would be `{target}`, which is made of {taken[target]}; it is left."))
                continue
            taken[target] = name
            self._make(target, json.dumps(words, indent=2, ensure_ascii=False) + "\n")

    def _take_pages(self) -> None:
        taken: dict[str, str] = {}
        for path in sorted(self._folder.glob("chainlit*.md")):
            tag = path.stem.removeprefix("chainlit").lstrip("_")
            if path.stem != f"chainlit_{tag}" and path.name != PAGE:
                continue
            text = path.read_text("utf-8-sig", "replace")
            if not text.strip() or is_shipped("", text):
                continue  # nobody has written anything
            target = f"convo.{language_of(tag) or tag}.md" if tag else "convo.md"
            if target in taken:
                self.left.append(Remainder(path.name, f"would be `{target}`, as {taken[target]}; it is left."))
                continue
            taken[target] = path.name
            self._make(target, text)

    def _take_code(self) -> bool:
        """Whether any file imports Chainlit."""
        is_concerned = False
        packages: set[str] = set()
        for path in _python_files(self._folder):
            name = path.relative_to(self._folder).as_posix()
            try:
                before = path.read_bytes().decode("utf-8")
            except (OSError, ValueError) as error:
                self.left.append(Remainder(name, f"cannot be read as UTF-8 ({error}); nothing in it is changed."))
                continue
            mark = "\ufeff" if before.startswith("\ufeff") else ""
            imports = Imports(name, before[len(mark) :])
            is_concerned |= imports.is_concerned
            packages |= imports.packages
            self.left += imports.left
            if imports.text != before[len(mark) :]:
                self.edited.append(Rewritten(path, before, mark + imports.text))
        for package in sorted(packages):
            self.left.append(Remainder(package, f"names that the code imports are in it: pip install {package}."))
        return is_concerned

    def _make(self, name: str, text: str) -> None:
        path = self._folder / name
        before = path.read_text("utf-8", "replace") if path.is_file() else None
        self.made.append(Rewritten(path, before, text))


def _python_files(folder: Path) -> Iterator[Path]:
    """The author's own: not those of environments, and none in hidden folders."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in SKIPPED and not (Path(root) / name / "pyvenv.cfg").exists()
        )
        yield from (Path(root) / name for name in sorted(files) if name.endswith(".py"))
