"""The prompt: what a caller says, whatever the protocol: a text, files, and what was said before."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec
from convo.protocol import CommandError, StepType, decode_json

__all__ = ["Attachment", "Prompt", "Said", "from_base64", "from_url", "parse", "part_text", "prompt_of"]

T = TypeVar("T")

_ROLES: dict[str, StepType] = {
    "user": "user_message",
    "assistant": "assistant_message",
    "system": "system_message",
    "developer": "system_message",
}


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes within a request."""

    name: str
    data: bytes
    mime: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a request; its `role` as the protocols have it. `id` is the caller's."""

    role: str
    text: str
    attachments: tuple[Attachment, ...] = ()
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a caller says now, and what a thread begins with that has no messages yet.

    `ignored` names what the request asks for and the app does not heed.
    """

    text: str
    attachments: tuple[Attachment, ...] = ()
    earlier: tuple[tuple[StepType, str], ...] = ()
    id: str | None = None
    ignored: tuple[str, ...] = ()


def parse(body: bytes, kind: type[T]) -> T:
    """A request's body as `kind`. Raises `CommandError`: `invalid`, which names the field."""
    try:
        return msgspec.convert(decode_json(body), kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        where = str(error).partition(" - at ")[2]
        param = where.strip("`").removeprefix("$.") or None
        raise CommandError("invalid", f"Not a valid request: {error}.", details={"param": param}) from error


def prompt_of(said: Sequence[Said], *, instructions: bool, ignored: Sequence[str] = ()) -> Prompt:
    """The last message, which must be a user's, after all others.

    Instructions are left out unless they may be given; so are roles that a conversation does not have, as `tool`.
    """
    if not said or said[-1].role != "user":
        raise CommandError("invalid", "The last message must be a user's: that is what is answered.")
    earlier: list[tuple[StepType, str]] = []
    left_out = dict.fromkeys(ignored)
    for message in said[:-1]:
        kind = _ROLES.get(message.role)
        if kind is None or (kind == "system_message" and not instructions):
            left_out[f"messages.{message.role}"] = None
        elif message.text.strip():
            earlier.append((kind, message.text))
        if message.attachments:
            left_out["messages.files"] = None  # of messages that were answered elsewhere
    last = said[-1]
    return Prompt(last.text, last.attachments, tuple(earlier), last.id, tuple(left_out))


def part_text(part: Any) -> str:
    """The text of a part of a message. Raises `CommandError`."""
    text = part.get("text")
    if not isinstance(text, str):
        raise CommandError("invalid", f"A part of type `{part.get('type')}` needs a `text`.")
    return text


def from_url(url: Any, name: str | None = None, mime: str | None = None) -> Attachment:
    """The file in a data URL. Raises `CommandError`: what is elsewhere is not fetched for a caller."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise CommandError(
            "invalid", "A file is sent within the request, as a `data:` URL: the server fetches no addresses."
        )
    head, comma, rest = url[5:].partition(",")
    if not comma:
        raise CommandError("invalid", "A `data:` URL has a `,` before its data.")
    kind, *options = head.split(";")
    found = mime or kind or None
    if "base64" in options:
        return from_base64(rest, name, found)
    return Attachment(_name(name, found), unquote_to_bytes(rest), found)


def from_base64(data: Any, name: str | None = None, mime: str | None = None) -> Attachment:
    """The file in base64. Raises `CommandError`."""
    if not isinstance(data, str):
        raise CommandError("invalid", "A file's data is a text in base64.")
    if data.startswith("data:"):
        return from_url(data, name, mime)
    try:
        return Attachment(_name(name, mime), base64.b64decode(data, validate=True), mime)
    except (binascii.Error, ValueError) as error:
        raise CommandError("invalid", "A file's data is not base64.") from error


def _name(name: str | None, mime: str | None) -> str:
    if name:
        return name
    kind, _, ending = (mime or "").partition("/")
    return f"{kind or 'file'}.{ending}" if ending.isalnum() else kind or "file"
