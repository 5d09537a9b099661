"""Audit: what matters for security, as structured records of the logger `convo.audit`."""

from __future__ import annotations

import logging

__all__ = ["audit"]

logger = logging.getLogger("convo.audit")


def audit(event: str, **facts: str | int | bool | None) -> None:
    """Write that something happened. A record has `event` and `facts` as attributes, and both in its message."""
    said = " ".join(f"{name}={value!r}" for name, value in facts.items() if value is not None)
    logger.info("%s %s", event, said, extra={"event": event, "facts": facts})
