"""Threads of places: which thread a place has now."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from convo.bridge.place import Place, day_of, place_of, thread_id_of
from convo.datalayer import Pagination
from convo.directory import Directory
from convo.principal import Principal
from convo.protocol import new_id

if TYPE_CHECKING:
    from convo.bridge.settings import PlatformSettings

__all__ = ["PlaceThreads"]

_LISTED = 50  # threads among which the last one of a place is looked for


class PlaceThreads:
    """Those of one platform. A place has one thread; direct messages may begin a new one by day or after a pause."""

    def __init__(self, settings: PlatformSettings, directory: Directory) -> None:
        self._settings = settings
        self._directory = directory
        self._current: dict[str, tuple[str, float]] = {}  # the thread of a place where it changes, and its last use

    async def id_of(self, place: Place, principal: Principal) -> str:
        """The thread for what `principal` says in a place now. Raises `CommandError`: `unavailable`."""
        thread_id = await self._id_of(place, principal)
        if self._directory.history.is_hidden(thread_id):  # its owner has deleted it: talk goes on in another
            thread_id = thread_id_of(place, new_id())
            self._current[place.key] = (thread_id, time.monotonic())
        return thread_id

    async def _id_of(self, place: Place, principal: Principal) -> str:
        known = self._current.get(place.key)
        if not place.is_direct or self._settings.direct == "one":
            return thread_id_of(place) if known is None else known[0]
        if self._settings.direct == "daily":
            return thread_id_of(place, day_of(self._settings.time_zone))
        pause = self._settings.idle_hours * 3600
        if known is not None and time.monotonic() - known[1] <= pause:
            thread_id = known[0]
        else:
            found = await self._last_thread(place, principal, pause) if known is None else None
            thread_id = found or thread_id_of(place, new_id())
        self._current[place.key] = (thread_id, time.monotonic())
        return thread_id

    async def _last_thread(self, place: Place, principal: Principal, pause: float) -> str | None:
        """The thread of a place that was used within `pause` seconds, in a process before this one."""
        listing = self._directory.data_layer.list_threads(principal.id, Pagination(_LISTED))
        page = await self._directory.look(listing, "The history")
        since = datetime.now(UTC) - timedelta(seconds=pause)
        for thread in page.threads:
            found = place_of(thread.metadata)
            if found is not None and found.key == place.key and thread.changed_at is not None:
                return thread.id if datetime.fromisoformat(thread.changed_at) >= since else None
        return None
