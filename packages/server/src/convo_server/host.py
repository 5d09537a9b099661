"""The Host: what a running server has of an App: its directory, who may come in, its pace. Outlives a reload."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING

from convo import App, Config
from convo.directory import Directory
from convo.protocol import CommandError, LoginProvider, Notice, new_id

from convo_server.auth import Authentication
from convo_server.auth.authentication import check_login
from convo_server.oauth.extra import load_oauth
from convo_server.origins import Origins
from convo_server.pace import Pump

if TYPE_CHECKING:
    from convo_server.oauth.client import OAuth

__all__ = ["Host"]

logger = logging.getLogger("convo_server.host")

_RELOAD, _SHUTDOWN, _ELEMENTS = "reload", "shutdown", "elements"  # ids of notices


class Host:
    """Runs an App. `start` and `stop` are called once each, by the server's lifespan; both are idempotent."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.config: Config = app.config
        self.origins = Origins(self.config)
        self.pump = Pump()
        self._directory: Directory | None = None
        self._authentication: Authentication | None = None
        self._oauth: OAuth | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._stopping: asyncio.Task[None] | None = None

    @property
    def is_ready(self) -> bool:
        return self._directory is not None and self._stopping is None

    @property
    def is_busy(self) -> bool:
        """Somebody waits for a callback."""
        return self._directory is not None and any(session.is_running for session in self._directory.sessions)

    @property
    def keeps_history(self) -> bool:
        """Whether the page shows its visitors their threads."""
        return self._directory is not None and self._directory.history.info is not None

    @property
    def directory(self) -> Directory:
        """Raises `CommandError`: `unavailable` before the start and after the end."""
        if self._directory is None:
            raise CommandError("unavailable", "The server is starting.", retry_after=1.0)
        return self._directory

    @property
    def authentication(self) -> Authentication:
        """Raises `CommandError`: `unavailable` before the start."""
        if self._authentication is None:
            raise CommandError("unavailable", "The server is starting.", retry_after=1.0)
        return self._authentication

    @property
    def oauth(self) -> OAuth:
        """Raises `CommandError`: `not-found` where nobody logs in elsewhere."""
        if self._oauth is None:
            raise CommandError("not-found", "Nobody logs in here.")
        return self._oauth

    async def start(self) -> None:
        """Run the App's `on_app_startup` and open its directory. Raises what they raise.

        Raises `ConfigError` for an App that lets users log in, without a secret, or with providers that make no sense.
        """
        if self._directory is not None:
            return
        check_login(self.app.callbacks, self.config.auth)
        oauth = self._load_oauth(self.app)
        directory = await self.app.startup()
        self._authentication = Authentication(self, directory, await directory.data_layer.get_secret())
        self._use_oauth(oauth)
        self._directory = directory

    def _load_oauth(self, app: App) -> OAuth | None:
        return load_oauth(self.config.auth, os.environ, is_wanted="oauth_callback" in app.callbacks)

    def _use_oauth(self, oauth: OAuth | None) -> None:
        """Offer these log-ins. One that is there and has not changed goes on: browsers may be on their way."""
        if self._oauth is None or oauth is None or self._oauth.providers != oauth.providers:
            self._oauth = oauth
        self.authentication.providers = [
            LoginProvider(provider.id, provider.label, f"auth/oauth/{provider.id}")
            for provider in (() if oauth is None else oauth.providers.values())
        ]

    async def stop(self, *, grace: float = 2.0) -> None:
        """Tell everybody, end all sessions (storing for at most `grace` seconds), close all connections."""
        if self._directory is None:
            return
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop(self._directory, grace), name="convo-stop")
        await self._stopping

    async def _stop(self, directory: Directory, grace: float) -> None:
        directory.post_notice(Notice(id=_SHUTDOWN, type="shutting-down", text="The server is shutting down."))
        self.pump.flush()
        if self._authentication is not None:
            await self._authentication.close()
        try:
            await self.app.shutdown(directory, grace=grace)
            await asyncio.gather(*self._retiring)
        finally:
            self.pump.flush()
            self.pump.close()

    # --- Reload ---

    async def swap(self, app: App) -> None:
        """Go on with a newly loaded App: sessions and sockets stay, as do the settings the server was started with.

        Raises what its `on_app_startup` raises; then the old App goes on. The old one's `on_app_shutdown` runs when
        the runs that are going have ended.
        """
        check_login(app.callbacks, self.config.auth)
        oauth = self._load_oauth(app)
        app.attach(self.directory)
        await app.run_lifecycle("on_app_startup")
        old, self.app = self.app, app
        self._use_oauth(oauth)
        going = [run for session in self.directory.sessions for run in session.runs]
        self.directory.swap(app.callbacks)
        self.directory.clear_notice(_RELOAD)

        async def retire() -> None:
            await asyncio.gather(*(run.ended.wait() for run in going))
            try:
                await old.run_lifecycle("on_app_shutdown")
            except Exception:  # the author's code; the new App is already serving
                logger.exception("`on_app_shutdown` of the app before the reload raised an exception")

        task = asyncio.create_task(retire(), name="convo-retire")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def report_failed_reload(self, text: str, detail: str | None = None) -> None:
        """Show everybody why the file on disk is not what is running. Cleared by the next `swap`."""
        self.directory.post_notice(Notice(id=_RELOAD, type="reload-failed", text=text, detail=detail))

    def report_changed_elements(self, names: list[str]) -> None:
        """Let every open page read the components of custom elements anew: files of these names have changed."""
        text = f"Changed: {', '.join(names)}"
        self.directory.post_notice(Notice(id=_ELEMENTS, type="elements-changed", text=text, detail=new_id()))
