"""The loader: from an author's file to an App."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from convo.app import App, loading_app
from convo.errors import LoadError

__all__ = ["load_app", "split_target"]


def split_target(target: str) -> tuple[Path, str | None]:
    """`app.py` or `app.py:app` as the file and the name of the App in it."""
    file, colon, name = target.rpartition(":")
    if colon and name.isidentifier() and file:
        return Path(file), name
    return Path(target), None


BEGINNINGS = ("on_message", "on_chat_start", "on_audio_start", "on_window_message")
"""The callbacks with which something can begin; an app without any of them is a mistake."""


def load_app(target: str) -> App:
    """Run the file that `target` names, fresh, and return its App. What `.env` beside it says is a variable by then.

    That is the App of the given name (`app.py:app`), else the one its decorators registered on, else the only App in
    it. Raises `ConfigError` for a wrong `.env`, and `LoadError`, whose `detail` has the traceback of code that raised.
    """
    path, name = split_target(target)
    path = path.resolve()
    if not path.is_file():
        raise LoadError(f"There is no file `{path}`.")
    if path.suffix != ".py":
        raise LoadError(f"`{path.name}` is not a Python file.")
    from convo.config import load_dotenv  # pydantic is loaded by whoever needs settings, not by `import convo`

    load_dotenv(path.parent)
    app = App()
    module = _run(path, app)
    if name is not None:
        found = getattr(module, name, None)
        if not isinstance(found, App):
            raise LoadError(f"`{path.name}` has no `convo.App` named `{name}`.")
        return found
    if not len(app.callbacks):
        apps = {id(value): value for value in vars(module).values() if isinstance(value, App)}
        if len(apps) == 1:
            app = next(iter(apps.values()))
        elif apps:
            raise LoadError(f"`{path.name}` has several Apps; say which, as `{path.name}:app`.")
    if not any(name in app.callbacks for name in BEGINNINGS):
        raise LoadError(f"`{path.name}` has no callback; add one, as: @convo.on_message")
    return app


def _run(path: Path, app: App) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise LoadError(f"Python cannot import `{path}`.")
    module = importlib.util.module_from_spec(spec)
    token = loading_app.set(app)
    try:
        with _importable(path, module):
            spec.loader.exec_module(module)
    except SyntaxError as error:
        where = f"{error.filename}:{error.lineno}"
        raise LoadError(f"{where}: {error.msg}", detail=_traceback(error)) from error
    except (Exception, SystemExit) as error:  # the author's code: whatever stops it is shown
        raise LoadError(f"`{path.name}` raised {type(error).__name__}: {error}", detail=_traceback(error)) from error
    finally:
        loading_app.reset(token)
    return module


@contextmanager
def _importable(path: Path, module: ModuleType) -> Iterator[None]:
    """Let the file import its neighbours and be found by name, as if Python ran it; undone when it fails."""
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield
    except BaseException:
        if before is None:
            sys.modules.pop(module.__name__, None)
        else:
            sys.modules[module.__name__] = before
        raise


def _traceback(error: BaseException) -> str:
    """The traceback without the frames of the loader and the import system."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and not frame.filename.startswith("<frozen")
    ]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)] if frames else []
    return "".join(lines + traceback.format_exception_only(error)).rstrip()
