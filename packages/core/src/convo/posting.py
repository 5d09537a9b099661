"""Posting: writing into a thread from outside its callbacks."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Any

from convo.aio import event_loop
from convo.directory import Directory
from convo.run import current_run, current_step
from convo.session import Session, current_session

__all__ = ["Posting"]


class Posting:
    """A thread to write into, as `async with` on the event loop or `with` in any other thread.

        async with app.thread(thread_id):
            await convo.Message("The report is ready.").send()

    What is sent inside is stored, and shown live wherever the thread is open. Raises `CommandError` `not-found` when
    there is no such thread, `unavailable` when history cannot be read.
    """

    def __init__(self, directory: Directory, loop: asyncio.AbstractEventLoop, thread_id: str) -> None:
        self._directory = directory
        self._loop = loop
        self._thread_id = thread_id

    async def __aenter__(self) -> Session:
        session = await self._directory.enter(self._thread_id)
        self._enter(session)
        return session

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def __enter__(self) -> Session:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass
        else:
            raise RuntimeError("`with app.thread(…)` would block async code; use `async with`.")
        session = asyncio.run_coroutine_threadsafe(self._directory.enter(self._thread_id), self._loop).result()
        self._enter(session)
        return session

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def _enter(self, session: Session) -> None:
        self._tokens: tuple[Token[Any], ...] = (
            current_session.set(session),
            current_run.set(None),
            current_step.set(None),
            event_loop.set(self._loop),
        )

    def _leave(self) -> None:
        variables: tuple[ContextVar[Any], ...] = (current_session, current_run, current_step, event_loop)
        for variable, token in zip(variables, self._tokens, strict=True):
            variable.reset(token)
