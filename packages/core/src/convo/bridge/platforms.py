"""Platforms: the bridges of a running App, from their start to their end."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from convo.bridge.bridge import ASGI, Bridge
from convo.directory import Directory
from convo.errors import PlatformDeniedError, PlatformError
from convo.plugins import load_plugin, missing

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["PlatformState", "Platforms"]

logger = logging.getLogger("convo.bridge")

Status: TypeAlias = Literal["starting", "connected", "retrying", "denied", "stopped"]

_LONGEST_PAUSE = 60.0
_STEADY_SECONDS = 60.0
"""After so long a connection counts as one that worked: the pauses begin anew."""
_CANCEL_SECONDS = 6.0  # more than a bridge takes for its last words


@dataclass(slots=True)
class PlatformState:
    """How a bridge is. `text` says why it is not connected."""

    status: Status = "starting"
    text: str | None = None


class Platforms:
    """Runs bridges, by the names of their platforms: each is started again, after longer pauses, when it fails."""

    def __init__(self, bridges: Mapping[str, Bridge]) -> None:
        self.bridges = dict(bridges)
        self._states = {name: PlatformState() for name in bridges}
        self._tasks: list[asyncio.Task[None]] = []

    @classmethod
    def of(cls, config: Config) -> Platforms:
        """Those whose settings are there; of others that the environment asks for, the log says what to install.

        Raises `MissingPackageError`, and `ConfigError` for what makes no sense.
        """
        from convo.config.environment import unheard  # pydantic is loaded by whoever has settings

        for name, variable in unheard().items():
            logger.warning("`%s` is set; %s", variable, str(missing("platforms", name)))
        wanted = {name: one for name, one in config.platforms.items() if getattr(one, "enabled", True)}
        return cls({name: load_plugin("platforms", name)(settings) for name, settings in wanted.items()})

    @property
    def states(self) -> dict[str, PlatformState]:
        """How each bridge is now."""
        for name, bridge in self.bridges.items():
            if bridge.is_connected and self._states[name].status in ("starting", "retrying"):
                self._states[name] = PlatformState("connected")
        return dict(self._states)

    def app(self, name: str) -> ASGI | None:
        """What a platform serves over HTTP."""
        bridge = self.bridges.get(name)
        return None if bridge is None else bridge.app

    def start(self, directory: Directory) -> None:
        """Let the bridges connect. Returns at once: an app does not wait for them."""
        for name, bridge in self.bridges.items():
            bridge.attach(directory, lambda error, name=name: self._deny(name, error))  # type: ignore[misc]
            self._tasks.append(asyncio.create_task(self._keep(name, bridge), name=f"convo-{name}"))

    async def stop_receiving(self) -> None:
        """Nothing comes in any more; what is left can still be shown. Idempotent."""
        tasks, self._tasks = {*self._tasks}, []
        while tasks:
            for task in tasks:
                task.cancel()
            # Once more where nothing came of it: `asyncio.wait_for` of Python 3.11, which packages use, loses one that
            # meets the error of what it waits for.
            ended, tasks = await asyncio.wait(tasks, timeout=_CANCEL_SECONDS)
            await asyncio.gather(*ended, return_exceptions=True)

    async def stop(self, seconds: float) -> None:
        """Show what is left to show, for at most so long, and disconnect. Idempotent."""
        await self.stop_receiving()
        await asyncio.gather(*(self._close(name, bridge, seconds) for name, bridge in self.bridges.items()))

    async def _close(self, name: str, bridge: Bridge, seconds: float) -> None:
        await bridge.settle(seconds)
        bridge.is_connected = False
        self._states[name] = PlatformState("stopped")
        try:
            await bridge.close()
        except Exception:  # the platform's package: the others have to be closed, too
            logger.exception("%s could not be closed", name)

    async def _keep(self, name: str, bridge: Bridge) -> None:
        """Run a bridge, again and again."""
        clock = asyncio.get_running_loop().time
        failures, is_open = 0, False
        while True:
            began = clock()
            try:
                if not is_open:
                    await bridge.open()
                    is_open = True
                await bridge.run()
                text = "The connection has ended."
            except PlatformDeniedError as error:
                self._deny(name, error)
                return
            except Exception as error:  # whatever a platform's package raises: it is tried again
                text = f"{type(error).__name__}: {error}" if not isinstance(error, PlatformError) else str(error)
                logger.debug("%s has failed", name, exc_info=error)
            bridge.is_connected = False
            failures = 1 if clock() - began > _STEADY_SECONDS else failures + 1
            pause = min(2.0 ** (failures - 1), _LONGEST_PAUSE) * random.uniform(0.8, 1.2)  # noqa: S311 - to spread them
            self._states[name] = PlatformState("retrying", text)
            logger.warning("%s is not connected; trying again in %.0f s: %s", name, pause, text)
            await asyncio.sleep(pause)

    def _deny(self, name: str, error: PlatformError) -> None:
        if self._states[name].status != "denied":
            self._states[name] = PlatformState("denied", str(error))
            self.bridges[name].is_connected = False
            logger.error("%s is off until that is mended: %s", name, error)
