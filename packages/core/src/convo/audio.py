"""Voice: what a user says to the app, and what the app says back, as pieces of sound."""

from __future__ import annotations

import asyncio
import contextvars
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict

from convo.allowance import Allowance
from convo.info import listens
from convo.protocol import CommandError, Json, StateFields, StatePatched
from convo.run import Client, Run

if TYPE_CHECKING:
    from convo.session import Session

__all__ = ["PCM16", "InputAudioChunk", "OutputAudioChunk", "Voice"]

PCM16 = "pcm16"  # 16-bit little-endian samples, one channel, at `features.audio.sample_rate`
SAMPLE_BYTES = 2

Reason = Literal["refused", "failed", "ended", "gone"]


@dataclass(frozen=True, slots=True)
class InputAudioChunk:
    """A piece of what the user says. `elapsedTime` is where it begins, in milliseconds since the first one."""

    isStart: bool  # noqa: N815 - the names existing apps use
    mimeType: str  # noqa: N815
    elapsedTime: float  # noqa: N815
    data: bytes


class OutputAudioChunk(TypedDict):
    """A piece of what the app says. Chunks of one `track` follow each other without a gap.

    `mimeType` is `pcm16` (16-bit samples, one channel, at `features.audio.sample_rate`), `audio/pcm;rate=16000` for
    another rate, or a format that browsers play, as `audio/mpeg`; then each chunk is a whole file.
    """

    mimeType: str
    track: str
    data: bytes


class Voice:
    """What a session hears. One connection talks at a time; its chunks reach the App in order, one after the other.

    Ends with the connection. `on_audio_end` runs once for each stream that was accepted, however it ended.
    """

    __slots__ = ("_session", "_stream")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stream: _Stream | None = None

    @property
    def is_open(self) -> bool:
        """Somebody talks, or the App still works on what was said."""
        return self._stream is not None

    def start(self, client: Client) -> tuple[int, str]:
        """A user wants to talk: ask the App. Returns the seq, and the id of the run that answers.

        Raises `CommandError`.
        """
        session = self._session
        if client.connection_id is None:
            raise CommandError("unsupported", "Voice needs a connection that stays open; connect by socket.")
        if not listens(session.callbacks, session.config):
            raise CommandError("unsupported", "This app does not listen; write to it instead.")
        if self._stream is not None:
            text, key = self._stream.busy(client)
            raise CommandError("conflict", text, key=key, retry_after=1.0)
        run = session.runs.start("on_audio_start", client=client)
        assert run is not None  # it listens
        seq = self._show("starting", run)
        session.recorder.start()
        stream = self._stream = _Stream(run, session.config.limits.audio_bytes_per_second)
        context = contextvars.Context()
        context.run(session.enter, run)
        context.run(run.spawn, self._follow(stream))
        return seq, run.id

    def decide(self, accepted: bool) -> None:
        """What the App answers the user who wants to talk. Raises `RuntimeError` when nobody does."""
        stream = self._stream
        if stream is None:
            if accepted:
                raise RuntimeError("Nobody wants to talk: a user begins, with the microphone button of the page.")
            return
        if accepted and not stream.is_closed and not stream.is_accepted:
            self._show("on", stream.run)
        stream.is_accepted = stream.is_accepted or accepted
        if not accepted:
            stream.chunks.clear()
            self._close(stream, "ended" if stream.is_accepted else "refused")

    def take(self, index: int, data: bytes, client: Client) -> int:
        """The next chunk. One that was taken already is ignored. Raises `CommandError`, and then takes nothing."""
        session, stream = self._session, self._stream
        limits = session.config.limits
        if stream is None or stream.is_closed or stream.client.connection_id != client.connection_id:
            raise CommandError("conflict", "The microphone is off; turn it on again.", key="microphoneOff")
        if index < stream.next_index:
            return session.log.seq
        if index > stream.next_index:
            raise CommandError(
                "conflict", f"Chunk {stream.next_index} comes next.", details={"expected": stream.next_index}
            )
        if len(data) > limits.audio_chunk_bytes:
            raise CommandError(
                "too-large",
                f"A chunk may have {limits.audio_chunk_bytes:,} bytes; this one has {len(data):,}.",
                details={"limit": limits.audio_chunk_bytes},
            )
        if not data or len(data) % SAMPLE_BYTES:
            raise CommandError("invalid", "A chunk holds samples of 16 bits, and at least one.")
        if stream.waiting_bytes + len(data) > limits.audio_waiting_bytes:
            raise CommandError("rate-limited", "The app cannot follow; wait a moment.", key="slowApp", retry_after=0.25)
        stream.allowance.spend(len(data))
        stream.push(data, session.config.features.audio.sample_rate)
        return session.log.seq

    def end(self, client: Client) -> int:
        """The user is done. What waits still reaches the App. Idempotent; `CommandError` when it is another's voice."""
        stream = self._stream
        if stream is not None and not stream.is_closed:
            if stream.client.connection_id != client.connection_id:
                text, key = stream.busy(client)
                raise CommandError("conflict", text, key=key)
            self._close(stream, "ended")
        return self._session.log.seq

    def part(self, connection_id: str) -> None:
        """A connection is gone, and its microphone with it."""
        stream = self._stream
        if stream is not None and stream.client.connection_id == connection_id:
            self._close(stream, "gone")

    def abort(self) -> Run | None:
        """The session ends: hear no more. Returns the run of `on_audio_end`, if there is one."""
        stream, self._stream = self._stream, None
        if stream is None:
            return None
        self._close(stream, "ended")
        stream.run.cancel()
        return self._session.runs.start("on_audio_end", client=stream.client) if stream.is_accepted else None

    async def _follow(self, stream: _Stream) -> None:
        """Hand over one chunk after the other, once the App has accepted."""
        session = self._session
        reason: Reason = "refused"
        try:
            await stream.run.ended.wait()
            if stream.is_accepted:
                reason = "failed"
                while (chunk := await stream.next()) is not None:
                    function = session.callbacks.get("on_audio_chunk")
                    if function is not None:
                        await function(chunk)
        except Exception as raised:  # the author's code: whatever it raises is shown and logged, never swallowed
            session.runs.fail("on_audio_chunk", raised, stream.client)
        finally:
            if self._stream is stream:
                self._stream = None
                self._close(stream, reason)
                if stream.is_accepted:
                    session.runs.start("on_audio_end", client=stream.client)

    def _close(self, stream: _Stream, reason: Reason) -> None:
        if not stream.is_closed:
            stream.close()
            self._show("off", stream.run, reason)

    def _show(self, state: Literal["starting", "on", "off"], run: Run, reason: Reason | None = None) -> int:
        shown: dict[str, Json] = {"state": state, "connection": run.client.connection_id, "run": run.id}
        if reason is not None:
            shown["reason"] = reason
        return self._session.log.append(StatePatched(set=StateFields(audio=shown)))


class _Stream:
    """What one connection says, from the moment it asks to talk. `run` is that of `on_audio_start`."""

    def __init__(self, run: Run, bytes_per_second: int) -> None:
        self.run = run
        self.is_accepted = False
        self.is_closed = False  # nothing more comes; what waits is still handed over
        self.next_index = 0
        self.chunks: deque[InputAudioChunk] = deque()
        self.allowance = Allowance(bytes_per_second, "Too much sound at a time; wait a moment.", key="sound")
        self._bytes = 0
        self._news = asyncio.Event()

    @property
    def client(self) -> Client:
        return self.run.client

    @property
    def waiting_bytes(self) -> int:
        return sum(len(chunk.data) for chunk in self.chunks)

    def busy(self, client: Client) -> tuple[str, str]:
        """Why `client` cannot talk now: a text, and its key."""
        if self.client.connection_id != client.connection_id:
            return "Somebody talks in another tab of this chat; end it there first.", "talksElsewhere"
        if self.is_closed:
            return "The app still works on what you said; try again in a moment.", "stillListening"
        return "The microphone is on already.", "microphoneOn"

    def push(self, data: bytes, rate: int) -> None:
        elapsed = self._bytes / SAMPLE_BYTES / rate * 1000
        self.chunks.append(
            InputAudioChunk(isStart=self.next_index == 0, mimeType=PCM16, elapsedTime=elapsed, data=data)
        )
        self._bytes += len(data)
        self.next_index += 1
        self._news.set()

    async def next(self) -> InputAudioChunk | None:
        """The next chunk, as soon as there is one; `None` after the last."""
        while not self.chunks:
            if self.is_closed:
                return None
            self._news.clear()
            await self._news.wait()
        return self.chunks.popleft()

    def close(self) -> None:
        self.is_closed = True
        self._news.set()
