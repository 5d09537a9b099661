"""The Host: what a running server has of an App: its directory, who may come in, its pace. Outlives a reload."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from convo import App, Config
from convo.bridge import Platforms
from convo.directory import Directory
from convo.protocol import CommandError, LoginProvider, Notice, new_id

from convo_server.additions import check_routes
from convo_server.auth import Authentication
from convo_server.auth.authentication import check_login
from convo_server.lifespan import Lifespan
from convo_server.oauth.extra import load_oauth
from convo_server.origins import Origins
from convo_server.pace import Pump

if TYPE_CHECKING:
    from convo_server.oauth.client import OAuth

__all__ = ["Host"]

logger = logging.getLogger("convo_server.host")

_RELOAD, _SHUTDOWN, _APP, _ELEMENTS, _LOOKS = "reload", "shutdown", "app", "elements", "looks"  # ids of notices


class Host:
    """Runs an App. `start` and `stop` are called once each, by the server's lifespan; both are idempotent."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.config: Config = app.config
        self.origins = Origins(self.config)
        self.pump = Pump()
        self.platforms = Platforms.of(self.config)
        self.lifespan = Lifespan(())
        self._directory: Directory | None = None
        self._authentication: Authentication | None = None
        self._oauth: OAuth | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self._stopping: asyncio.Task[None] | None = None
        self.looks_revision = ""  # what a page that is opened now has: the `detail` of the latest `looks-changed`

    @property
    def is_ready(self) -> bool:
        return self._directory is not None and self._stopping is None

    @property
    def is_busy(self) -> bool:
        """Somebody waits for a callback."""
        return self._directory is not None and any(session.runs for session in self._directory.sessions)

    @property
    def keeps_history(self) -> bool:
        """Whether the page shows its visitors their threads."""
        return self._directory is not None and self._directory.history.info is not None

    @property
    def directory(self) -> Directory:
        """Raises `CommandError`: `unavailable` before the start and after the end."""
        if self._directory is None:
            raise CommandError("unavailable", "The server is starting.", key="starting", retry_after=1.0)
        return self._directory

    @property
    def authentication(self) -> Authentication:
        """Raises `CommandError`: `unavailable` before the start."""
        if self._authentication is None:
            raise CommandError("unavailable", "The server is starting.", key="starting", retry_after=1.0)
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
        lifespan = Lifespan(self.app.routes)
        await lifespan.start()
        try:
            directory = await self.app.startup()
        except BaseException:
            await lifespan.stop()
            raise
        self.lifespan = lifespan
        self._authentication = Authentication(self, directory, await directory.data_layer.get_secret())
        self._use_oauth(oauth)
        self._directory = directory
        self.platforms.start(directory)

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
            await self.platforms.stop_receiving()
            await self.app.shutdown(directory, grace=grace)
            await asyncio.gather(*self._retiring)
        finally:
            await self._end(self.lifespan)
            await self.platforms.stop(grace)
            self.pump.flush()
            self.pump.close()

    async def _end(self, lifespan: Lifespan) -> None:
        try:
            await lifespan.stop()
        except Exception:  # the author's code, at whose end nothing can be done about it
            logger.exception("The lifespan of an app in `App.routes` raised an exception at its end")

    # --- Reload ---

    async def swap(self, app: App) -> list[str]:
        """Go on with a newly loaded App and its settings: sessions and sockets stay.

        Returns the settings that count from the next start only, as `server.port`. Raises what `on_app_startup` raises;
        then the old App goes on. The old one's `on_app_shutdown` runs when the runs that are going have ended.
        """
        check_routes(app.routes)
        config, later = self.config.renewed(app.config)
        check_login(app.callbacks, config.auth)
        oauth = self._load_oauth(app)
        app.use(config)
        app.attach(self.directory)
        lifespan = Lifespan(app.routes)
        await lifespan.start()
        try:
            await app.begin()
        except BaseException:
            await lifespan.stop()
            raise
        old, self.app, self.config = self.app, app, config
        old_lifespan, self.lifespan = self.lifespan, lifespan
        self._use_oauth(oauth)
        going = [run for session in self.directory.sessions for run in session.runs]
        await self.directory.swap(app.callbacks, config)
        self.directory.clear_notice(_RELOAD)
        self.report_changed_info()

        async def retire() -> None:
            await asyncio.gather(*(run.ended.wait() for run in going))
            try:
                await old.end()
            except Exception:  # the author's code; the new App is already serving
                logger.exception("`on_app_shutdown` of the app before the reload raised an exception")
            await self._end(old_lifespan)

        task = asyncio.create_task(retire(), name="convo-retire")
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)
        return later

    def renew_values(self, renew: Callable[[Any], Any]) -> None:
        """Hold what `renew` makes of each value in a `user_session`: its class may have been loaded anew."""
        for session in self.directory.sessions:
            session.values = {key: renew(value) for key, value in session.values.items()}

    def report_changed_info(self) -> None:
        """Let every open page ask anew what the app says of itself: its settings, profiles, starters or readme."""
        self.directory.post_notice(Notice(id=_APP, type="app-changed", text="The app has changed.", detail=new_id()))

    def report_failed_reload(self, text: str, detail: str | None = None) -> None:
        """Show everybody why the file on disk is not what is running. Cleared by the next `swap`."""
        self.directory.post_notice(Notice(id=_RELOAD, type="reload-failed", text=text, detail=detail))

    def report_changed_looks(self, names: list[str]) -> None:
        """Let every open page take its theme, stylesheet and words anew: these files have changed."""
        text = f"Changed: {', '.join(names)}"
        self.looks_revision = new_id()
        self.directory.post_notice(Notice(id=_LOOKS, type="looks-changed", text=text, detail=self.looks_revision))

    def report_changed_elements(self, names: list[str]) -> None:
        """Let every open page read the components of custom elements anew: files of these names have changed."""
        text = f"Changed: {', '.join(names)}"
        self.directory.post_notice(Notice(id=_ELEMENTS, type="elements-changed", text=text, detail=new_id()))
