"""Audio: spoken, written down and translated."""

from __future__ import annotations

from typing import Any

from convo import Audio, CompletionGeneration
from convo.call import Answer, Exchange
from convo.exchanges import Request, add_figures, as_json

__all__ = ["SpeechExchange", "TranscriptionExchange"]

_MIMES = {"mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav"}


class SpeechExchange(Exchange):
    def __init__(self, request: Request) -> None:
        text = request.body.get("input")
        self.name = request.model or request.provider
        self.input = text
        self.generation = CompletionGeneration(
            provider=request.provider,
            model=request.model,
            settings=request.settings("input"),
            prompt=text if isinstance(text, str) else None,
        )

    def finish(self, result: Any) -> Answer:
        sound = result if isinstance(result, bytes) else result.content
        kind = str((self.generation.settings or {}).get("response_format") or "mp3")
        # Browsers play no raw samples.
        elements = [Audio(name=f"speech.{kind}", content=sound, mime=_MIMES[kind])] if kind in _MIMES else []
        return Answer(output=f"{len(sound):,} bytes of {kind}", elements=elements)


class TranscriptionExchange(Exchange):
    """Of speech, also in another language."""

    def __init__(self, request: Request) -> None:
        self.name = request.model or request.provider
        self.input = ", ".join(request.files)
        self.generation: CompletionGeneration = CompletionGeneration(
            provider=request.provider, model=request.model, settings=request.settings("file")
        )
        self._texts: list[str] = []
        self._whole: Any = None

    def take(self, piece: Any) -> str | None:
        if piece.type == "transcript.text.delta":
            self._texts.append(piece.delta)
            return str(piece.delta)
        if piece.type == "transcript.text.done":
            self._whole = piece
        return None

    def finish(self, result: Any) -> Answer:
        result = self._whole or {"text": "".join(self._texts)} if result is None else result
        answer = as_json(result)
        add_figures(self.generation, answer)
        self.generation.completion = answer.get("text")
        return Answer(output=answer.get("text") or "")
