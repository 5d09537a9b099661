"""The screen: a terminal with a prompt on its last line, above which news appears; or two streams, for pipes."""

from __future__ import annotations

import io
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TextIO, cast

from rich.console import Console
from rich.text import Text

__all__ = ["Screen", "plain"]

LOOK_UP = 0.2
"""How often `input` looks up, in seconds."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """`text` without what would steer a terminal: whoever wrote it may write, and nothing else."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


class Screen:
    """Writes from any thread. Answers go to stdout; all else does so only where a person looks at it."""

    def __init__(self, *, is_interactive: bool) -> None:
        self.is_interactive = is_interactive
        self._out = Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._err = Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)
        self._lock = threading.RLock()
        self._is_fresh = True  # the cursor is at the beginning of a line
        self._prompt: str | None = None
        self._is_prompt_shown = False

    @property
    def width(self) -> int:
        return self._out.width

    def say(self, text: str, style: str = "") -> None:
        """Write on, as an answer comes in."""
        text = plain(text)
        if text:
            with self._above_the_prompt():
                self._out.print(Text(text, style), end="")
                self._is_fresh = text.endswith("\n")
            self._out.file.flush()

    def break_line(self) -> None:
        """Go on at the beginning of a line."""
        if not self._is_fresh:
            self.say("\n")

    def note(self, text: str, style: str = "dim") -> None:
        """A line of its own that is no answer."""
        with self._lock:
            self.break_line()
            if self.is_interactive:
                self.say(f"{plain(text)}\n", style)
            else:
                self._err.print(Text(plain(text)))

    def read(self, prompt: str) -> str:
        """A line from the keyboard. Raises `EOFError`, `KeyboardInterrupt`."""
        with self._lock:
            self.break_line()
            self._prompt, self._is_prompt_shown = prompt, True
        try:
            with _awake():
                return input(prompt)
        finally:
            with self._lock:
                self._prompt, self._is_fresh = None, True

    @contextmanager
    def _above_the_prompt(self) -> Iterator[None]:
        """Take the prompt and what is typed away while something is written, and put both below it."""
        with self._lock:
            if self._prompt is not None and self._is_prompt_shown:
                self._out.file.write("\r\x1b[K")
            yield
            self._is_prompt_shown = self._prompt is not None and self._is_fresh
            if self._is_prompt_shown:
                self._out.file.write(f"{self._prompt}{_typed()}")

    def stream(self) -> TextIO:
        """What stands in for `sys.stdout` while an app runs in this process: its prints are no answers."""
        return cast("TextIO", _Notes(self.note, self._out.file))


@contextmanager
def _awake() -> Iterator[None]:
    """Let `input` look up now and then: a Ctrl-C that comes when it is about to wait for a key does not wake it."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, LOOK_UP, LOOK_UP)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Notes(io.TextIOBase):
    """A stream whose lines become notes. For `input`, which asks only that, it is the terminal that it stands for."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, note: Callable[[str], None], terminal: IO[str]) -> None:
        self._note = note
        self._terminal = terminal
        self._rest = ""

    def fileno(self) -> int:
        return self._terminal.fileno()

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._note(line)
        return len(text)


def _typed() -> str:
    """What stands at the prompt so far."""
    with suppress(ImportError):  # Windows has none
        import readline

        return readline.get_line_buffer()
    return ""
