"""Media types: what a file is, by its first bytes and its name, and whether it is among those asked for."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

__all__ = ["HEAD_BYTES", "UNKNOWN", "accepts", "element_type", "extension", "flatten_accept", "media_type", "sniff"]

UNKNOWN = "application/octet-stream"
HEAD_BYTES = 256  # of a file, that `media_type` wants to see

# Source: https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern, and the formats' own specifications.
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (8, b"WAVE", "audio/wav"),
    (0, b"fLaC", "audio/flac"),
    (4, b"ftypM4A", "audio/mp4"),
    (0, b"OggS", "audio/ogg"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (8, b"AVI ", "video/x-msvideo"),
)
_SAME = (
    {"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"},
    {"audio/mpeg", "audio/mp3"},
    {"audio/mp4", "audio/x-m4a", "audio/m4a", "video/mp4", "video/quicktime"},
    {"audio/ogg", "video/ogg", "application/ogg", "audio/opus"},
    {"audio/webm", "video/webm", "video/x-matroska"},
    {"image/heic", "image/heif"},
    {"application/gzip", "application/x-gzip"},
)
_CONTAINERS = frozenset({"application/zip", "application/gzip"})  # documents of many types are these inside
_KNOWN = frozenset(mime for _, _, mime in _MAGIC)
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>|<!--(?:(?!-->).)*-->|\s)*(?:<!DOCTYPE svg|<svg[\s>])", re.DOTALL)
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*")


def sniff(head: bytes) -> str | None:
    """What the first bytes say the file is; `None` when they say nothing."""
    for offset, magic, mime in _MAGIC:
        if head.startswith(magic, offset) and (offset != 8 or head.startswith((b"RIFF", b"FORM"))):
            return mime
    return None


def media_type(head: bytes, name: str = "", declared: str | None = None) -> str:
    """The type of a file: what its bytes say, else what was declared, else what its name says.

    Raises `ValueError` when the bytes contradict what was declared.
    """
    said = (declared or "").partition(";")[0].strip().lower()
    if not _TYPE.fullmatch(said) or said == UNKNOWN:
        said = (mimetypes.guess_type(name)[0] or UNKNOWN) if name else UNKNOWN
    found = sniff(head)
    if found is None:
        if said in _KNOWN - _CONTAINERS and head:
            raise ValueError(f"it says that it is `{said}`, but its content is not")
        return "image/svg+xml" if said == UNKNOWN and _SVG.match(head) else said
    if said in (UNKNOWN, found) or any(said in same and found in same for same in _SAME):
        return found if said == UNKNOWN else said
    if found in _CONTAINERS and not said.startswith(("image/", "audio/", "video/", "text/")):
        return said
    raise ValueError(f"it says that it is `{said}`, but its content is `{found}`")


def flatten_accept(accept: str | Sequence[str] | Mapping[str, Iterable[str]]) -> list[str]:
    """What authors write (`"text/plain"`, a list, `{"text/plain": [".txt"]}`) as one list; empty for everything."""
    if isinstance(accept, str):
        accept = [accept]
    if isinstance(accept, Mapping):
        accept = [one for mime, endings in accept.items() for one in (mime, *endings)]
    patterns = [str(one).strip().lower() for one in accept]
    return [] if any(one in ("*", "*/*") for one in patterns) else patterns


def accepts(patterns: Sequence[str], mime: str, name: str) -> bool:
    """Whether a file is among `patterns`: types as `image/png` or `image/*`, or endings as `.csv`."""
    if not patterns:
        return True
    ending = PurePath(name).suffix.lower()
    return any(
        ending == one if one.startswith(".") else mime.startswith(one[:-1]) if one.endswith("/*") else mime == one
        for one in patterns
    )


def extension(name: str, mime: str) -> str:
    """An ending for a file on disk, with its dot: of letters and digits only, or empty."""
    ending = PurePath(name).suffix.lower()
    if re.fullmatch(r"\.[a-z0-9]{1,10}", ending):
        return ending
    return mimetypes.guess_extension(mime) or ""


def element_type(mime: str) -> str:
    """The type of element that a user's file arrives as."""
    if mime == "application/pdf":
        return "pdf"
    group = mime.partition("/")[0]
    return group if group in ("image", "audio", "video") else "file"
