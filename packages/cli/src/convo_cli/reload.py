"""The Reloader: a saved file becomes the running app, and no chat notices but by its answers."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from convo import App, ConvoError, LoadError, make_async
from convo.folder import ELEMENT_SUFFIXES, Folder
from convo.loader import load_app, split_target
from watchfiles import Change, awatch

from convo_cli.renewal import Renewal

__all__ = ["Reloader"]

logger = logging.getLogger("convo_cli.reload")

SUFFIXES = (".py", ".toml")
IGNORED = frozenset({"node_modules", "site-packages", "venv", "__pycache__"})  # and whatever begins with a dot
OURS = ("convo", "convo_cli", "convo_server", "convo_ui")


class Host(Protocol):
    """What a Reloader needs of the server."""

    async def swap(self, app: App) -> list[str]: ...

    def renew_values(self, renew: Callable[[Any], Any]) -> None: ...

    def report_changed_info(self) -> None: ...

    def report_failed_reload(self, text: str, detail: str | None) -> None: ...

    def report_changed_elements(self, names: list[str]) -> None: ...

    def report_changed_looks(self, names: list[str]) -> None: ...


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
        self._shown = Folder(self._folder)
        self._homes = {self._shown.elements, self._shown.public, self._shown.translations}
        specs = [importlib.util.find_spec(name) for name in OURS]
        self._ours = [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]

    async def watch(self, stop: asyncio.Event) -> None:
        """Reload after each change, until `stop`."""
        async for changes in awatch(self._folder, watch_filter=self._is_relevant, stop_event=stop):
            paths = [Path(path) for _, path in changes]
            for home in self._homes.intersection(paths):  # new: files may have come before it was watched
                paths += [path for path in home.rglob("*") if path.is_file()]
            elements = sorted({path.name for path in paths if self._is_element(path)})
            if elements:
                self._host.report_changed_elements(elements)
                logger.info("Showing anew: %s", ", ".join(elements))
            if any(self._is_info(path) for path in paths):
                self._host.report_changed_info()
            if looks := sorted({path.name for path in paths if self._is_look(path)}):
                self._host.report_changed_looks(looks)
                logger.info("Showing anew: %s", ", ".join(looks))
            if names := sorted({path.name for path in paths if path.suffix in SUFFIXES and self._is_authors(path)}):
                await self.reload(names)

    async def reload(self, names: list[str]) -> None:
        """Swap in the app as it is on disk; when that fails, keep the old one and tell everybody who has it open.

        Files run in a worker thread (with the context copied, so that only they see the App being loaded): one that
        loads a model would stop every stream, and its own sockets' heartbeats, on the event loop.
        """
        try:
            app, old = await make_async(self._load)()
            try:
                later = await self._host.swap(app)
            except BaseException:
                self._restore(old)
                raise
        except Exception as error:  # the author's code, at import or in `on_app_startup`: shown to the author
            detail = error.detail if isinstance(error, LoadError) else _detail(error)
            text = str(error) if isinstance(error, ConvoError) else f"{type(error).__name__}: {error}"
            logger.error("Kept the app as it was: %s%s", text, f"\n{detail}" if detail else "")
            self._host.report_failed_reload(text, detail)
        else:
            self._host.renew_values(Renewal(old))
            logger.info("Reloaded after a change of %s", ", ".join(names))
            if later:
                logger.info("From the next start on: %s", ", ".join(later))

    def _load(self) -> tuple[App, dict[str, ModuleType]]:
        """The app as it is on disk, and the modules that were the author's before."""
        old = self._forget()
        try:
            app = load_app(self._target)
            app.configure(str(self._folder), self._settings)
        except BaseException:
            self._restore(old)
            raise
        return app, old

    def _restore(self, old: dict[str, ModuleType]) -> None:
        """What the old app imports later must be its own."""
        self._forget()
        sys.modules.update(old)

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
        kinds = (self._is_element, self._is_info, self._is_look)
        if Path(path) in self._homes or any(is_one(Path(path)) for is_one in kinds):
            return True
        return path.endswith(SUFFIXES) and self._is_authors(Path(path))

    def _is_element(self, path: Path) -> bool:
        """Whether a file is the component of a custom element, which browsers run."""
        return path.parent == self._shown.elements and path.suffix in ELEMENT_SUFFIXES

    def _is_info(self, path: Path) -> bool:
        """Whether the page shows a file beside the chat: the readme in some language, or a picture of an author."""
        is_readme = path.suffix == ".md" and path.name.partition(".")[0] == "convo" and path.parent == self._folder
        return is_readme or path.parent == self._shown.avatars

    def _is_look(self, path: Path) -> bool:
        """Whether a file says how the page looks, or what it says: the theme, stylesheets and scripts, words."""
        if path.parent == self._shown.translations:
            return path.suffix == ".json"
        is_asset = path.suffix in (".css", ".js") and not path.is_relative_to(self._shown.elements)
        return path == self._shown.theme or (path.is_relative_to(self._shown.public) and is_asset)


def _delete_bytecode(file: str | None) -> None:
    if file is not None and file.endswith(".py"):
        Path(importlib.util.cache_from_source(file)).unlink(missing_ok=True)


def _detail(error: Exception) -> str | None:
    """The traceback of an error that is not convo's own."""
    return None if isinstance(error, ConvoError) else "".join(traceback.format_exception(error)).rstrip()
