"""Parts: what a platform shows of a thread, in pieces that it can take."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

__all__ = ["Attachment", "Button", "ButtonKind", "Part", "Question", "Task", "digest_of"]

ButtonKind = Literal["act", "answer", "reply", "stop", "good", "bad", "open"]


class Button(msgspec.Struct, frozen=True):
    """A button. What a platform sends back when it is pressed is its `key`, which `Bridge.press` takes.

    `act` runs an action, `answer` answers a question with it, `reply` asks for a text to answer with, `stop` stops a
    run, `good` and `bad` rate a message; `open` opens `url`, and is not sent back.
    """

    kind: ButtonKind
    id: str
    label: str
    tooltip: str = ""
    icon: str | None = None
    url: str | None = None

    @property
    def key(self) -> str:
        """At most 40 ASCII characters: ids of ours are short."""
        return f"{self.kind}:{self.id}"


class Attachment(msgspec.Struct, frozen=True):
    """A file to show. `url` is where it is elsewhere; else its bytes come from `Bridge.read`.

    `kind` is an element's type: `image`, `audio`, `video`, `pdf`, `file` …
    """

    id: str
    name: str
    kind: str
    mime: str | None = None
    bytes: int | None = None
    url: str | None = None
    file: tuple[str, str] | None = None  # the ids of its thread and of the file
    content: str | None = None  # of a text too long for a message


class Task(msgspec.Struct, frozen=True):
    """A line of a task list."""

    title: str
    status: Literal["ready", "running", "failed", "done"] = "ready"


class Question(msgspec.Struct, frozen=True):
    """What a part asks for. `accept` are types and suffixes of files, as in `AskFileMessage`."""

    id: str
    kind: Literal["text", "file", "action", "element"]
    accept: tuple[str, ...] = ()
    expires_at: str | None = None


class Part(msgspec.Struct, frozen=True):
    """A message of a platform as it should be. `key` names it within the thread, and never changes.

    `text` is Markdown, as long as `Bridge.text_limit` allows. `kind`: what the app says (`answer`), what somebody said
    elsewhere (`said`), a word of ours (`note`). `is_open`: more text comes. An attachment stands alone, without text.
    """

    key: str
    text: str = ""
    kind: Literal["answer", "said", "note"] = "answer"
    author: str | None = None
    buttons: tuple[Button, ...] = ()
    question: Question | None = None
    attachment: Attachment | None = None
    tasks: tuple[Task, ...] = ()
    is_open: bool = False
    is_error: bool = False


def digest_of(part: Part) -> str:
    """The same for parts that look alike, in every process."""
    return hashlib.sha256(msgspec.json.encode(part)).hexdigest()[:16]
