"""The Reloader: a saved file becomes the running app, and no chat notices but by its answers."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from convo import App, ConvoError, LoadError, make_async
from convo.config import FILE_NAME
from convo.folder import ELEMENT_SUFFIXES, Folder
from convo.loader import load_app, split_target
from watchfiles import Change, awatch

__all__ = ["Reloader", "app_folder"]

logger = logging.getLogger("convo_cli.reload")

SUFFIXES = (".py", ".toml")
IGNORED = frozenset({"node_modules", "site-packages", "venv", "__pycache__"})  # and whatever begins with a dot
OURS = ("convo", "convo_cli", "convo_server", "convo_ui")


class Host(Protocol):
    """What a Reloader needs of the server."""

    async def swap(self, app: App) -> None: ...

    def report_failed_reload(self, text: str, detail: str | None) -> None: ...

    def report_changed_elements(self, names: list[str]) -> None: ...


def app_folder(target: str) -> str:
    """The folder of the file that `target` names: its settings are there, and its other modules."""
    return str(split_target(target)[0].resolve().parent)


class Reloader:
    """Watches the folder of an app's file, and gives `host` a fresh App after each change that can be imported.

    Components in `public/elements` are none of the App's: open pages read them again.
    """

    def __init__(self, target: str, settings: Mapping[str, Any], host: Host) -> None:
        self._target = target
        self._settings = settings
        self._host = host
        self._file = split_target(target)[0].resolve()
        self._folder = self._file.parent
        self._elements = Folder(self._folder).elements
        self._homes = (self._elements, self._elements.parent)
        specs = [importlib.util.find_spec(name) for name in OURS]
        self._ours = [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]

    async def watch(self, stop: asyncio.Event) -> None:
        """Reload after each change, until `stop`."""
        async for changes in awatch(self._folder, watch_filter=self._is_relevant, stop_event=stop):
            paths = [Path(path) for _, path in changes]
            if any(path in self._homes for path in paths):  # new: files may have come before it was watched
                paths = [path for path in paths if path not in self._homes] + list(self._elements.glob("*"))
            elements = sorted({path.name for path in paths if self._is_element(path)})
            if elements:
                self._host.report_changed_elements(elements)
                logger.info("Showing anew: %s", ", ".join(elements))
            if names := sorted({path.name for path in paths if path.suffix in SUFFIXES}):
                await self.reload(names)

    async def reload(self, names: list[str]) -> None:
        """Swap in the app as it is on disk; when that fails, keep the old one and tell everybody who has it open.

        Files run in a worker thread (with the context copied, so that only they see the App being loaded): one that
        loads a model would stop every stream, and its own sockets' heartbeats, on the event loop.
        """
        try:
            app = await make_async(self._load)()
            await self._host.swap(app)
        except Exception as error:  # the author's code, at import or in `on_app_startup`: shown to the author
            detail = error.detail if isinstance(error, LoadError) else _detail(error)
            text = str(error) if isinstance(error, ConvoError) else f"{type(error).__name__}: {error}"
            logger.error("Kept the app as it was: %s%s", text, f"\n{detail}" if detail else "")
            self._host.report_failed_reload(text, detail)
        else:
            logger.info("Reloaded after a change of %s", ", ".join(names))
            if FILE_NAME in names:
                logger.info("The settings are right; they count from the next start")

    def _load(self) -> App:
        old = self._forget()
        try:
            app = load_app(self._target)
            app.configure(str(self._folder), self._settings)
        except BaseException:
            self._forget()
            sys.modules.update(old)  # what the old app imports later must be its own
            raise
        return app

    def _forget(self) -> dict[str, ModuleType]:
        """Take the author's modules out of `sys.modules`, and their bytecode from the disk.

        Python takes bytecode for current when the source has the same size and second: too coarse for a quick save.
        """
        modules = {name: module for name, module in list(sys.modules.items()) if self._is_authors_module(module)}
        for name, module in modules.items():
            del sys.modules[name]
            _delete_bytecode(getattr(module, "__file__", None))
        _delete_bytecode(str(self._file))
        importlib.invalidate_caches()
        return modules

    def _is_authors_module(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        places = [file] if file else list(getattr(module, "__path__", ()))
        return bool(places) and all(self._is_authors(Path(place)) for place in places)

    def _is_authors(self, path: Path) -> bool:
        """Whether a file in the folder is the author's, not a library's or ours."""
        if path == self._file:
            return True
        if not path.is_relative_to(self._folder) or any(path.is_relative_to(folder) for folder in self._ours):
            return False
        parts = path.relative_to(self._folder).parts
        return not any(part in IGNORED or part.startswith(".") for part in parts)

    def _is_relevant(self, _: Change, path: str) -> bool:
        if Path(path) in self._homes or self._is_element(Path(path)):
            return True
        return path.endswith(SUFFIXES) and self._is_authors(Path(path))

    def _is_element(self, path: Path) -> bool:
        """Whether a file is the component of a custom element, which browsers run."""
        return path.parent == self._elements and path.suffix in ELEMENT_SUFFIXES


def _delete_bytecode(file: str | None) -> None:
    if file is not None and file.endswith(".py"):
        Path(importlib.util.cache_from_source(file)).unlink(missing_ok=True)


def _detail(error: Exception) -> str | None:
    """The traceback of an error that is not convo's own."""
    return None if isinstance(error, ConvoError) else "".join(traceback.format_exception(error)).rstrip()
