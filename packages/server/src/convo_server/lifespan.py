"""Lifespan: apps that are mounted among an author's own routes start and stop with the app they are in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount, Router

__all__ = ["Lifespan"]


class Lifespan:
    """That of all Starlette and FastAPI apps in `routes`. Entered and left in one task, as task groups ask for."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._apps = {id(app): app for route in routes for app in _mounted(route)}
        self._states: dict[int, dict[str, Any]] = {}
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises what they raise; those that had started are stopped then."""
        if not self._apps:
            return
        started = asyncio.Event()
        self._task = asyncio.create_task(self._live(started), name="convo-lifespan")
        starting = asyncio.create_task(started.wait())
        try:
            await asyncio.wait({starting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            starting.cancel()
            if not started.is_set():
                self._task.cancel()
        if not started.is_set():
            task, self._task = self._task, None
            await task

    async def stop(self) -> None:
        """Raises what they raise. Idempotent."""
        task, self._task = self._task, None
        if task is not None:
            self._stopping.set()
            await task

    def state_of(self, route: BaseRoute) -> Mapping[str, Any]:
        """What the lifespan of the app behind `route` has yielded, for its requests' `state`."""
        return next((self._states[id(app)] for app in _mounted(route) if id(app) in self._states), {})

    async def _live(self, started: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            for key, app in self._apps.items():
                router = app.router if isinstance(app, Starlette) else app
                state = await stack.enter_async_context(router.lifespan_context(app))
                if state is not None:
                    self._states[key] = dict(state)
            started.set()
            await self._stopping.wait()


def _mounted(route: BaseRoute) -> Iterator[Starlette | Router]:
    """The apps behind a route. What an app has mounted itself is its own affair."""
    if not isinstance(route, Mount | Host):
        return
    app: Any = route.app
    while not isinstance(app, Starlette | Router) and hasattr(app, "app"):  # middleware of the mount
        app = app.app
    if isinstance(app, Starlette | Router):
        yield app
    if isinstance(app, Router):  # it is but a list of routes
        for inner in app.routes:
            yield from _mounted(inner)
