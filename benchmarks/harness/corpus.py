"""A corpus: conversations to fill a history with, the same ones each time. Needs nothing that is installed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["OWNER", "SEARCHES", "VOCABULARY", "Conversation", "conversations"]

OWNER = "owner"
_dice = random.Random(5)
VOCABULARY = ["".join(_dice.choices("abcdefghijklmnoprstuvwy", k=_dice.randint(3, 10))) for _ in range(20_000)]
"""Words, the most frequent first."""
_WEIGHTS = [1 / rank for rank in range(1, len(VOCABULARY) + 1)]  # as in natural languages
WORDS = 60  # of a message
RARE, USUAL, FREQUENT = 10_000, 300, 0  # the ranks of words

SEARCHES = {
    "rare": VOCABULARY[RARE],
    "usual": VOCABULARY[USUAL],
    "two": f"{VOCABULARY[FREQUENT]} {VOCABULARY[USUAL]}",
    "frequent": VOCABULARY[FREQUENT],
}
"""What is searched for, by the key of its figure."""


@dataclass(frozen=True)
class Conversation:
    """A thread's name, whose it is, and its messages: questions and answers by turns."""

    name: str
    owner: str
    messages: list[str]


def conversations(threads: int, steps: int) -> Iterator[Conversation]:
    """So many threads with so many messages each, nine of ten `OWNER`'s."""
    dice = random.Random(7)
    for number in range(threads):
        name = " ".join(dice.choices(VOCABULARY, k=4))
        messages = [" ".join(dice.choices(VOCABULARY, _WEIGHTS, k=WORDS)) for _ in range(steps)]
        yield Conversation(name, OWNER if number % 10 else "somebody else", messages)
