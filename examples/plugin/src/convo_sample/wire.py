"""What goes over the wire both ways, as JSON, and how each side knows that it is the other's."""

from __future__ import annotations

import hashlib
import hmac
from typing import Literal

import msgspec

__all__ = ["SIGNATURE", "TIME", "Changed", "File", "Happened", "Pressed", "Said", "Shown", "Someone", "sign"]

SIGNATURE, TIME = "X-Convo-Signature", "X-Convo-Time"


class File(msgspec.Struct, forbid_unknown_fields=True):
    """A file; in JSON its content is base64."""

    name: str
    content: bytes


class Someone(msgspec.Struct, forbid_unknown_fields=True):
    """Who does something. `id` is stable."""

    id: str
    name: str


class Said(msgspec.Struct, tag_field="happened", tag="said", forbid_unknown_fields=True):
    """Somebody says something in a room. `id` is the event's: what comes twice is done once."""

    id: str
    room: str
    by: Someone
    text: str = ""
    files: list[File] = []
    direct: bool = False


class Changed(msgspec.Struct, tag_field="happened", tag="changed", forbid_unknown_fields=True):
    """Somebody changes what was said by the event `said`."""

    id: str
    room: str
    by: Someone
    said: str
    text: str
    direct: bool = False


class Pressed(msgspec.Struct, tag_field="happened", tag="pressed", forbid_unknown_fields=True):
    """Somebody presses the button with this key."""

    id: str
    room: str
    by: Someone
    key: str
    direct: bool = False


Happened = Said | Changed | Pressed


class Shown(msgspec.Struct, omit_defaults=True):
    """What the app wants: a message shown, changed or removed, or that it works seen.

    `ref` names a message in its room: one that is shown again under the same `ref` is the same message.
    """

    do: Literal["show", "change", "remove", "status"]
    room: str
    ref: str = ""
    text: str = ""
    buttons: list[dict[str, str]] = []
    file: File | None = None


def sign(secret: str, time: str, body: bytes) -> str:
    """The signature of a body that was sent at a time, in seconds since 1970."""
    return hmac.new(secret.encode(), time.encode() + b"." + body, hashlib.sha256).hexdigest()
