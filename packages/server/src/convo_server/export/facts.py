"""Facts in words: how long, how large, when, and where, the same in every format."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import quote, urljoin

from convo.language import Language
from convo.protocol import Element, RunInfo, Step

__all__ = [
    "address_of",
    "details_of",
    "duration_of",
    "ending_of",
    "file_name",
    "json_of",
    "size_in_words",
    "time_of",
]

_ENDINGS = {
    "failed": "This answer failed.",
    "stopped": "This answer was stopped.",
    "interrupted": "This answer was interrupted.",
    "running": "The app is still at work on this answer.",
}
_NAME_LENGTH = 80
_NOT_IN_NAMES = frozenset('<>:"/\\|?*')
_PRETTY_LENGTH = 100_000


def time_of(value: str | None, language: Language) -> str:
    """As `2026-11-26 07:33 UTC`; empty for what is no time."""
    try:
        moment = datetime.fromisoformat(value or "").astimezone(UTC)
    except ValueError:
        return ""
    return language.text(
        "document.moment",
        "{year}-{month}-{day} {hour}:{minute} UTC",
        year=f"{moment:%Y}",
        month=f"{moment:%m}",
        day=f"{moment:%d}",
        hour=f"{moment:%H}",
        minute=f"{moment:%M}",
    )


def duration_of(step: Step, language: Language) -> str:
    """As `1.2 s` or `3 min 5 s`; empty when that is not known."""
    try:
        begun = datetime.fromisoformat(step.start or step.created_at or "")
        seconds = max(0.0, (datetime.fromisoformat(step.end or "") - begun).total_seconds())
    except (ValueError, TypeError):
        return ""
    if seconds < 9.95:
        return language.text("duration.seconds", "{value} s", value=_tenths(seconds, language))
    whole = round(seconds)
    if whole < 60:
        return language.text("duration.seconds", "{value} s", value=whole)
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return language.text("duration.minutes", "{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, rest = divmod(whole // 60, 60)
    return language.text("duration.hours", "{hours} h {minutes} min", hours=hours, minutes=rest)


def size_in_words(size: int, language: Language) -> str:
    """As `340 bytes` or `1.2 MB`."""
    if size < 1000:
        return language.text("document.bytes", "{count} bytes", count=size)
    power = 3 if size >= 999_950_000 else 2 if size >= 999_950 else 1
    return f"{_tenths(size / 1000**power, language)} {('kB', 'MB', 'GB')[power - 1]}"


def _tenths(value: float, language: Language) -> str:
    return f"{value:.1f}".replace(".", language.decimal)


def details_of(element: Element, language: Language) -> list[str]:
    """What is known of a file beside its name: its type, and its size."""
    return [element.mime or element.type] + ([] if element.bytes is None else [size_in_words(element.bytes, language)])


def address_of(element: Element, base: str | None) -> str | None:
    """Where a file can be read, as an address that works anywhere; `None` where there is none."""
    url = (element.url or "").strip()
    if url.lower().startswith(("http://", "https://")):
        return quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    if base is None or not url or ":" in url.partition("/")[0] or url.startswith("//"):
        return None
    return quote(urljoin(base, url.lstrip("/")), safe="%/:=&?~#+!$,;'@()*[]")


def ending_of(run: RunInfo | None, language: Language) -> str | None:
    """What to know about a run that is not done."""
    if run is None or run.status not in _ENDINGS:
        return None
    ending = language.text(f"document.ending.{run.status}", _ENDINGS[run.status])
    if run.error is None or not run.error.text:
        return ending
    error = run.error
    return f"{ending} {error.text if error.key is None else language.text(f'errors.{error.key}', error.text)}"


def json_of(text: str, language: str | None) -> tuple[str, str | None]:
    """A text and its language; JSON is set out on lines."""
    looks_so = text.lstrip()[:1] in ("{", "[") and text.rstrip()[-1:] in ("}", "]")
    if language not in (None, "json") or not looks_so or len(text) > _PRETTY_LENGTH:
        return text, language
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2), "json"
    except (ValueError, RecursionError):
        return text, language


def file_name(title: str | None, ending: str, language: Language) -> str:
    """A name for a file, made of a thread's title: one that every system takes."""
    kept = "".join(" " if one in _NOT_IN_NAMES or not one.isprintable() else one for one in title or "")
    name = " ".join(kept.split())[:_NAME_LENGTH].strip(" .")
    return f"{name or language.text('document.chat', 'Chat')}.{ending}"
