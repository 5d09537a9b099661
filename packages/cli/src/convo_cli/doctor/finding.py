"""A Finding: one thing the doctor looked at, how it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "Status", "broken", "fine", "warning"]

Status = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` is what was looked at, in a word. What is broken keeps the app from running as it is configured."""

    subject: str
    status: Status
    text: str
    fix: str | None = None


def fine(subject: str, text: str) -> Finding:
    return Finding(subject, "ok", text)


def warning(subject: str, text: str, fix: str) -> Finding:
    return Finding(subject, "warning", text, fix)


def broken(subject: str, text: str, fix: str) -> Finding:
    return Finding(subject, "broken", text, fix)
