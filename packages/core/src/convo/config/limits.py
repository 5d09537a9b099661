"""`[limits]`: what one user, connection or chat may cost."""

from __future__ import annotations

from pydantic import Field

from convo.config.section import Section

__all__ = ["Limits"]


class Limits(Section):
    """`[limits]`: sizes in bytes, times in seconds."""

    session_timeout: float = Field(
        3600.0,
        gt=0,
        description="How long a session lives that nobody is connected to and that has nothing to do: "
        "the time in which a lost connection finds it again.",
    )
    message_bytes: int = Field(256 * 1024, gt=0)
    frame_bytes: int = Field(1024 * 1024, gt=0, description="The largest frame a socket may send.")
    commands_per_second: float = Field(20.0, gt=0, description="Of one connection; and requests of one principal.")
    requests_per_second: float = Field(
        200.0, gt=0, description="From one address (of IPv6: its /64 network). This machine's own are not counted."
    )
    connections_per_address: int = Field(1000, gt=0, description="Open at a time; this machine's own are not counted.")
    audio_chunk_bytes: int = Field(64 * 1024, gt=0, description="The largest piece of voice.")
    audio_chunks_per_second: float = Field(60.0, gt=0)
    audio_bytes_per_second: int = Field(256 * 1024, gt=0)
    audio_waiting_bytes: int = Field(1024 * 1024, gt=0, description="Voice that waits for a slow `on_audio_chunk`.")
    connections_per_principal: int = Field(50, gt=0)
    sessions_per_principal: int = Field(
        200, gt=0, description="Live chats; beyond, the one that is idle for the longest ends."
    )
    runs_per_principal: int = Field(100, gt=0, description="Callbacks that are going or wait for their turn.")
    waiting_upload_bytes: int = Field(
        4_000_000_000, gt=0, description="A principal's files that are on their way, or wait to be sent."
    )
    upload_bytes_per_day: int = Field(20_000_000_000, gt=0, description="Of one principal.")
    thread_bytes: int = Field(64 * 1024 * 1024, gt=0, description="What a user may write in one chat.")
    traced_bytes: int = Field(
        64 * 1024, ge=1024, description="What a field of a traced step shows; all of it is a file beside it."
    )
    unsaved_bytes: int = Field(16 * 1024 * 1024, gt=0, description="Text a session holds while nothing can be saved.")
    tail_events: int = Field(8192, gt=1)
    tail_bytes: int = Field(1024 * 1024, gt=0)
