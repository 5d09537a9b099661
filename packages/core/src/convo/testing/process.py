"""A process of an app on a platform, as tests start and end it, and the patience of those who watch."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from convo.app import App
from convo.bridge import Bridge, Platforms
from convo.directory import Directory

__all__ = ["PATIENCE", "Process", "until"]

PATIENCE = 60.0


class Process:
    """An app that serves a platform by `bridge`, as one process of it does: started, and stopped."""

    def __init__(self, app: App, bridge: Bridge, data_layer: Any) -> None:
        self.app, self.bridge = app, bridge
        self.platforms = Platforms({bridge.platform: bridge})
        self.directory: Directory
        self._data_layer = data_layer

    @property
    def state(self) -> tuple[str, str | None]:
        """How the platform is, as `/ready` of a server says it, and why."""
        state = self.platforms.states[self.bridge.platform]
        return state.status, state.text

    async def start(self) -> None:
        """Serve, and wait until the platform is connected, or does not let the app in."""
        self.directory = await self.app.startup(self._data_layer)
        self.platforms.start(self.directory)
        await until(lambda: self.bridge.is_connected or self.state[0] == "denied", lambda: self.state)

    async def stop(self) -> None:
        """End as a server does. Idempotent."""
        await self.platforms.stop_receiving()
        if not self.directory.is_stopping:
            await self.app.shutdown(self.directory)
        await self.platforms.stop(PATIENCE)


async def until(check: Callable[[], Any], say: Callable[[], object] = lambda: "", *, seconds: float = PATIENCE) -> Any:
    """What `check` returns, once that is true. Raises `AssertionError` with what `say` says."""
    try:
        async with asyncio.timeout(seconds):
            while not (found := check()):  # noqa: ASYNC110 - what people see has no event
                await asyncio.sleep(0.01)
            return found
    except TimeoutError:
        raise AssertionError(f"It did not come to it: {say()}") from None
