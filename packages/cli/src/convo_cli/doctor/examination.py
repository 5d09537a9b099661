"""The Examination: everything that the doctor looks at, in the order in which it is needed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout

from convo import App, Config, ConfigError, ConvoError, LoadError
from convo.config import Sources

from convo_cli.doctor.finding import Finding, broken, fine
from convo_cli.doctor.installation import check_installation
from convo_cli.doctor.login import check_login_of
from convo_cli.doctor.network import check_network
from convo_cli.doctor.platforms import check_platforms_of
from convo_cli.doctor.servers import check_servers
from convo_cli.doctor.stores import check_stores
from convo_cli.opening import folder_of, load_target

__all__ = ["Examination"]

_INSTALL = "install it with: "


class Examination:
    """Of the app in `target`, or of the settings of the folder we are in; stores have `seconds` each to answer."""

    def __init__(self, target: str | None, seconds: float) -> None:
        self._target = target
        self._seconds = seconds

    def findings(self) -> Iterator[Finding]:
        """One by one. What is broken hides no more than what cannot be looked at without it."""
        yield from check_installation()
        app = None
        try:
            with redirect_stdout(sys.stderr):  # what the file prints is no finding
                app = load_target(self._target)
        except LoadError as error:
            yield broken("app", str(error), f"convo run {self._target}  # shows where")
        except ConvoError as error:  # of `.env`
            yield from _mistakes(error)
            return
        else:
            if self._target is not None:
                yield fine("app", f"{self._target} can be loaded.")
        yield from self._with_settings(app)

    def _with_settings(self, app: App | None) -> Iterator[Finding]:
        folder, is_loaded = folder_of(self._target), app is not None
        app = app or App()
        try:
            config = app.configure(folder)
            settings = config.model_dump(exclude_unset=True) if app.settings is config else app.settings
            sources = Sources.read(folder, settings=None if isinstance(settings, Config) else settings)
        except ConvoError as error:
            yield from _mistakes(error)
            return
        yield fine("settings", f"{sources.file.path if sources.file.path.is_file() else 'What is set'} is right.")
        yield from check_network(config)
        yield from check_servers(config)
        if is_loaded:
            yield from check_login_of(app, sources)
            yield from check_platforms_of(app, folder)
        yield from asyncio.run(check_stores(app, self._seconds))


def _mistakes(error: ConvoError) -> Iterator[Finding]:
    """Each mistake in the settings by itself; a package that they name and that is not there is an extra."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    for text in [str(problem) for problem in problems] or [str(error)]:
        said, found, command = text.partition(_INSTALL)
        if found:
            yield broken("extras", said.rstrip("; ") + ".", command.rstrip("."))
        else:
            yield broken("settings", text, "Mend it there; docs/configuration.md has every setting.")
