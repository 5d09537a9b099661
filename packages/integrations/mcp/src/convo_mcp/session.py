"""The session with a server, as callbacks have it: the SDK's, whose tools are shown as steps and asked for."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from convo.run import current_life, current_run
from mcp import ClientSession

if TYPE_CHECKING:
    from convo_mcp.connection import Connection

__all__ = ["ServerSession"]


class ServerSession(ClientSession):
    """An `mcp.ClientSession` of one chat."""

    def __init__(self, connection: Connection, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connection = connection

    async def send_request(self, *args: Any, **options: Any) -> Any:
        """Every request of the SDK's goes this way."""
        return await _apart(super().send_request(*args, **options))

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        read_timeout_seconds: float | None = None,
        progress_callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> Any:
        """Use a tool, if it is on and the user allows it: else the result is an error that says so to a model."""
        seconds = self._connection.settings.call_seconds if read_timeout_seconds is None else read_timeout_seconds
        plain = super().call_tool

        async def call() -> Any:
            return await plain(name, arguments, seconds, progress_callback, **options)

        return await self._connection.use(name, arguments, call)


async def _apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Do what a run wants done as a task that is not the run's.

    Transports start tasks of their own in the context of who sends: a run that is stopped must not take them with it.
    """
    context = contextvars.copy_context()
    context.run(current_run.set, None)
    context.run(current_life.set, None)
    return await asyncio.get_running_loop().create_task(work, context=context)
