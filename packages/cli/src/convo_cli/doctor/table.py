"""The table of what the doctor found; and the same for programs."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

import typer
from convo.masking import masked

from convo_cli.console import has_colour
from convo_cli.doctor.finding import Finding, Status

__all__ = ["as_lines", "to_json"]

_COLOURS: dict[Status, str] = {"ok": "green", "warning": "yellow", "broken": "red"}
_STATUS, _SUBJECT = 9, 10
_NARROW, _WIDE = 60, 120


def as_lines(findings: Sequence[Finding]) -> str:
    """A line for each finding, below it how to mend it, and a sum. As wide as the terminal."""
    width = min(max(shutil.get_terminal_size((_WIDE, 24)).columns, _NARROW), _WIDE) - _STATUS - _SUBJECT
    lines: list[str] = []
    for one in findings:
        status = f"{one.status:{_STATUS}}"
        if has_colour(sys.stdout):
            status = typer.style(status, fg=_COLOURS[one.status])
        first, *others = _wrapped(masked(one.text), width)
        lines.append(f"{status}{one.subject:{_SUBJECT}}{first}")
        lines += [f"{'':{_STATUS + _SUBJECT}}{line}" for line in others]
        if one.fix is not None:
            lines += [f"{'':{_STATUS + _SUBJECT}}{line}" for line in _wrapped(f"→ {one.fix}", width)]
    return "\n".join([*lines, "", _sum(findings)])


def to_json(findings: Sequence[Finding]) -> str:
    """A list of objects: `subject`, `status` (`ok`, `warning`, `broken`), `text`, and `fix`, which may be `null`."""
    return json.dumps([asdict(one) | {"text": masked(one.text)} for one in findings], indent=2, ensure_ascii=False)


def _wrapped(text: str, width: int) -> list[str]:
    """Paths, addresses and commands stay whole."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def _sum(findings: Sequence[Finding]) -> str:
    count = {status: sum(one.status == status for one in findings) for status in _COLOURS}
    if count["broken"]:
        return f"{count['broken']} broken, {count['warning']} doubtful, {count['ok']} fine."
    return f"Nothing is broken; {count['warning']} doubtful, {count['ok']} fine."
