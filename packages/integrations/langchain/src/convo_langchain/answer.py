"""The final answer of a chain, which can be streamed into the chat beside its steps."""

from __future__ import annotations

__all__ = ["DEFAULT_ANSWER_PREFIX_TOKENS", "FinalAnswer"]

DEFAULT_ANSWER_PREFIX_TOKENS = ["Final", "Answer", ":"]


class FinalAnswer:
    """Finds in the tokens of one model's answer where the final answer begins: after `prefix`, in one token or several.

    With `is_reached`, all of it is the final answer.
    """

    def __init__(self, prefix: list[str], *, strip: bool, is_reached: bool) -> None:
        self._strip = strip
        self._prefix = [self._bare(token) for token in prefix]
        self._last = [""] * len(prefix)
        self.is_reached = is_reached

    def take(self, token: str) -> str:
        """What of a token is of the final answer."""
        if self.is_reached:
            return token
        self._last = [*self._last, self._bare(token)][-len(self._prefix) :] if self._prefix else []
        self.is_reached = self._last == self._prefix or any(
            all(word in last for word in self._prefix) for last in self._last
        )
        return ""

    def _bare(self, token: str) -> str:
        return token.strip() if self._strip else token
