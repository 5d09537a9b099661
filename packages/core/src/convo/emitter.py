"""The emitter: what a callback does to the page itself, beside sending messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from convo.audio import PCM16, SAMPLE_BYTES, OutputAudioChunk
from convo.command import CommandDict, command_dicts
from convo.mode import Mode
from convo.protocol import (
    AudioChunk,
    AudioInterrupted,
    Json,
    StateFields,
    StatePatched,
    Toast,
    WindowMessage,
    well_formed,
)
from convo.run import current_run
from convo.session import Session

__all__ = ["Emitter"]

ToastType = Literal["info", "success", "warning", "error"]

PIECE_BYTES = 32 * 1024  # of samples, which can be cut anywhere
FILE_BYTES = 1024 * 1024


class Emitter:
    """The page of a session. What passes (toasts, sound, window messages) reaches the tab that started the callback.

    All methods raise `RunEnded` when the run was stopped.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- What passes ---

    async def send_toast(self, message: str, type: ToastType | None = "info") -> None:
        """Show a short text for a few seconds."""
        type = type or "info"
        if type not in get_args(ToastType):
            raise ValueError(f"There is no toast of the type `{type}`; take one of {', '.join(get_args(ToastType))}.")
        self._session.append(Toast(message=well_formed(str(message)), type=type, to=self._tab()))

    async def send_window_message(self, data: Json) -> None:
        """Post any JSON value to the page around the chat. Raises `TypeError` for what is none."""
        self._session.append(WindowMessage(data=data, to=self._tab()))

    async def send_audio_chunk(self, chunk: OutputAudioChunk) -> None:
        """Play a piece of sound after those of its track that were sent before. Raises `TypeError`, `ValueError`."""
        try:
            mime, track, data = str(chunk["mimeType"]), str(chunk["track"]), bytes(memoryview(chunk["data"]))
        except (KeyError, TypeError) as error:
            raise TypeError("An `OutputAudioChunk` has `mimeType`, `track`, and `data`, which are bytes.") from error
        is_samples = mime == PCM16 or mime.startswith("audio/pcm")
        if is_samples and len(data) % SAMPLE_BYTES:
            raise ValueError(f"`{mime}` has samples of 16 bits; {len(data)} bytes end in the middle of one.")
        if not is_samples and len(data) > FILE_BYTES:
            raise ValueError(
                f"A chunk of `{mime}` may have {FILE_BYTES:,} bytes; this one has {len(data):,}. "
                "Send it as an `Audio` element, or in several files."
            )
        size = PIECE_BYTES if is_samples else FILE_BYTES
        run = current_run.get()
        for start in range(0, len(data), size):
            piece = data[start : start + size]
            self._session.append(AudioChunk(mime=mime, track=track, data=piece, to=self._tab()))
            if run is not None and run.is_breathless:
                await run.breathe()

    async def send_audio_interrupt(self) -> None:
        """Be silent at once: what was sent and not played yet is dropped."""
        self._session.append(AudioInterrupted(to=self._tab()))

    # --- What stays ---

    async def set_commands(self, commands: Sequence[CommandDict]) -> None:
        """Offer these commands and no others. Raises `ValueError` for what is none."""
        self._session.append(StatePatched(set=StateFields(commands=command_dicts(commands) or None)))

    async def set_modes(self, modes: Sequence[Mode]) -> None:
        """Offer these modes and no others. Raises `ValueError` when two share an id."""
        for mode in modes:
            if not isinstance(mode, Mode):
                raise TypeError(f"A mode is a `Mode`, not a `{type(mode).__name__}`.")
        ids = [mode.id for mode in modes]
        if len(ids) != len(set(ids)):
            raise ValueError("Two modes have the same id.")
        self._session.append(StatePatched(set=StateFields(modes=[mode.to_dict() for mode in modes] or None)))

    async def update_audio_connection(self, state: Literal["on", "off"]) -> None:
        """Turn the microphone of the user who talks, or wants to, on or off.

        Raises `RuntimeError` when it is to be on and nobody wants to talk.
        """
        if state not in ("on", "off"):
            raise ValueError(f"The microphone is `on` or `off`, not `{state}`.")
        self._session.voice.decide(state == "on")

    async def update_token_count(self, count: int) -> None:
        """Add `count` to the tokens that this chat has used."""
        if type(count) is not int or count < 0:
            raise ValueError(f"`count` is a number of tokens, 0 or more, not `{count!r}`.")
        with self._session.log.lock:
            used = self._session.state.fields.get("usage", {}).get("tokens", 0)
            self._session.append(StatePatched(set=StateFields(usage={"tokens": used + count})))

    async def task_start(self) -> None:
        """Show that the app is at work, from a task that outlives its callback. A running callback shows it itself."""
        self._session.runs.begin_task(current_run.get())

    async def task_end(self) -> None:
        """What `task_start` began is done. Idempotent."""
        self._session.runs.end_task()

    def _tab(self) -> str | None:
        """The tab whose doing this is; all of them once it is gone, since it may have come back by another name."""
        run = current_run.get()
        tab = None if run is None else run.client.connection_id
        return tab if tab in self._session.connections else None
