"""Texts that Chainlit itself writes into a project, known by their digests alone."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["FILE", "digest", "is_shipped"]

FILE = Path(__file__).with_name("shipped.hex")
"""Digests of 2.0 to 2.12, one after the other; `scripts/chainlit_texts.py` writes it."""

SIZE = 8


def digest(key: str, text: str) -> str:
    """Of a text of a catalogue, or of the page about the app, whose key is nothing."""
    return hashlib.sha256(f"{key}\0{text.strip()}".encode()).hexdigest()[:SIZE]


def is_shipped(key: str, text: str) -> bool:
    """Whether nobody has changed this text, in whatever language it is."""
    return digest(key, text) in _digests()


@cache
def _digests() -> frozenset[str]:
    whole = FILE.read_text("ascii").replace("\n", "")
    return frozenset(whole[at : at + SIZE] for at in range(0, len(whole), SIZE))
