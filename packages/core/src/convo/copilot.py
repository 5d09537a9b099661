"""The copilot: the page around an embedded chat, which runs functions and gets messages."""

from __future__ import annotations

from typing import Any

from convo.context import context
from convo.errors import CallFailed
from convo.protocol import CallOpened, Json, new_id, timestamp
from convo.run import current_run

__all__ = ["CopilotFunction", "send_window_message"]

SECONDS = 300.0


class CopilotFunction:
    """A function of the page around the chat. `args` are its named arguments, JSON values."""

    def __init__(self, name: str, args: dict[str, Json]) -> None:
        if not isinstance(name, str):
            raise TypeError(f"`name` is that of the page's function, a text, not a `{type(name).__name__}`.")
        if not isinstance(args, dict):
            raise TypeError(f"`args` is a dict of named arguments, not a `{type(args).__name__}`.")
        if not name:
            raise ValueError("`name` is the page's function; it cannot be empty.")
        self.name = name
        self.args = args

    async def acall(self, timeout: float = SECONDS) -> Any:
        """Have the page run it, and return what it returned.

        It waits through reloads and lost connections, and is answered once. Raises `CallFailed` when the page says so,
        `TimeoutError` after `timeout` seconds, `TypeError` when `args` are no JSON.
        """
        if not timeout > 0:
            raise ValueError("`timeout` is a number of seconds, more than 0.")
        session, run = context.session, current_run.get()
        opened = CallOpened(
            id=new_id(),
            name=self.name,
            args=self.args,
            expires_at=timestamp(timeout),
            to=None if run is None else run.client.connection_id,
        )
        await session.questions.settle(opened, timeout)
        call = session.state.calls[opened.id]
        if call.outcome == "timed-out":
            raise TimeoutError(f"No page ran `{self.name}` within {timeout:g} s.")
        if call.outcome == "failed":
            raise CallFailed(self.name, str(call.value))
        return call.value


async def send_window_message(data: Json) -> None:
    """Post any JSON value to the page around the chat. Raises `TypeError` for what is none."""
    await context.emitter.send_window_message(data)
