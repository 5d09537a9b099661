"""The greeting: what the first frame says to every reader, whoever he is and whatever he reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convo.principal import Principal
from convo.protocol import PROTOCOL_VERSION, Hello, Limits, ShareInfo, timestamp

if TYPE_CHECKING:
    from convo.config import Config

__all__ = ["greeting"]


def greeting(
    principal: Principal,
    config: Config,
    *,
    connection_id: str,
    is_durable: bool,
    thread: str,
    session: str = "",
    share: ShareInfo | None = None,
) -> Hello:
    """The first frame of a connection to `thread`; who comes by a `share` is a viewer, and has no session."""
    limits = config.limits
    return Hello(
        protocol=PROTOCOL_VERSION,
        session=session,
        thread=thread,
        principal=principal.info,
        limits=Limits(
            message_bytes=limits.message_bytes,
            commands_per_second=limits.commands_per_second,
            session_timeout=limits.session_timeout,
        ),
        connection=connection_id,
        role="owner" if share is None else "viewer",
        share=share,
        app=config.project.name,
        durable=is_durable,
        time=timestamp(),
    )
