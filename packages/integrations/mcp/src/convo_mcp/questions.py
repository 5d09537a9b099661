"""The questions of a server: to the user, as asks, and to a model, by the author's callback."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from convo.session import Session
from mcp import ClientSession
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    CreateMessageResult,
    CreateMessageResultWithTools,
    ElicitResult,
    ErrorData,
    TextContent,
)

from convo_mcp.elicitation import elicit
from convo_mcp.words import Words

__all__ = ["Questions"]

logger = logging.getLogger("convo_mcp")


class Questions:
    """Those of one `server` in one `chat`: asked and shown where the tool was called that is being used."""

    def __init__(self, server: str, chat: Session, words: Words, seconds: float) -> None:
        self._server = server
        self._chat = chat
        self._words = words
        self._seconds = seconds
        self._calls: list[contextvars.Context] = []  # of the tools that are being used, the latest last

    @contextmanager
    def asked_here(self) -> Iterator[None]:
        """A tool is used, and what its server asks meanwhile is asked here."""
        context = contextvars.copy_context()
        self._calls.append(context)
        try:
            yield
        finally:
            self._calls.remove(context)

    async def ask(self, request: Any) -> ElicitResult:
        """Ask the user what a server wants to know, or to go where it says. Called inside a callback."""
        return await elicit(self._server, request, self._seconds, await self._words.of(self._chat))

    async def elicit(self, _: Any, request: Any) -> Any:
        """What the SDK calls when a server asks the user."""
        if not self._calls:
            return ErrorData(code=INVALID_REQUEST, message="Nobody can be asked while no tool is used.")
        return await self._in_chat(partial(self.ask, request))

    async def sample(self, context: Any, request: Any) -> Any:
        """What the SDK calls when a server asks a model."""
        return await self._in_chat(partial(self._answer, request, context.session))

    async def _answer(self, request: Any, session: ClientSession) -> Any:
        function = self._chat.callbacks.get("on_mcp_sampling")
        if function is None:  # the app was loaded anew
            return ErrorData(code=INVALID_REQUEST, message="Sampling is not supported.")
        answer = await function(request, session)
        if isinstance(answer, str):
            content = TextContent(type="text", text=answer)
            return CreateMessageResult(role="assistant", content=content, model="convo")
        if isinstance(answer, CreateMessageResult | CreateMessageResultWithTools | ErrorData):
            return answer
        raise TypeError(
            f"`on_mcp_sampling` must return a `str` or an `mcp.CreateMessageResult`, not a `{type(answer).__name__}`."
        )

    async def _in_chat(self, work: Callable[[], Awaitable[Any]]) -> Any:
        async def do() -> Any:
            return await work()

        context = self._calls[-1] if self._calls else contextvars.copy_context()
        task = asyncio.get_running_loop().create_task(do(), context=context)
        try:
            return await task
        except asyncio.CancelledError:
            if not task.cancelled() or _is_cancelled():
                raise
            return ErrorData(code=INVALID_REQUEST, message="The user has stopped what this is for.")
        except Exception:  # the author's code, or a chat that is over: the server must not wait for ever
            error_id = secrets.token_hex(4)
            logger.exception("What the MCP server `%s` asked cannot be answered (error %s)", self._server, error_id)
            return ErrorData(code=INTERNAL_ERROR, message=f"The app could not answer (error {error_id}).")


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
