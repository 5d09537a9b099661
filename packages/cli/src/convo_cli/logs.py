"""Logs: what running apps say on stderr, a line a record: for people, or as JSON for machines."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any, Literal, TextIO, TypeAlias

import typer
from convo.masking import MaskingFormatter, masked

from convo_cli.console import has_colour

__all__ = ["JsonFormatter", "LogFormat", "TextFormatter", "set_up_logging"]

LogFormat: TypeAlias = Literal["text", "json"]

_COLOURS = {"WARNING": "yellow", "ERROR": "red", "CRITICAL": "red"}
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; all else came by `extra`."""


def set_up_logging(*, is_verbose: bool, log_format: LogFormat = "text", stream: TextIO | None = None) -> None:
    """One line per record on stderr: ours from INFO, others from WARNING; with `is_verbose` one level more each.

    Passwords, tokens and keys are left out of it, whoever writes them.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    coloured = has_colour(handler.stream)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter(is_verbose, coloured))
    logging.basicConfig(level=logging.INFO if is_verbose else logging.WARNING, handlers=[handler])
    for ours in ("convo", "convo_server", "convo_cli"):
        logging.getLogger(ours).setLevel(logging.DEBUG if is_verbose else logging.INFO)


class TextFormatter(MaskingFormatter):
    """`09:30:00 WARNING text`, with the logger's name where it `is_verbose`."""

    def __init__(self, is_verbose: bool = False, has_colour: bool = False) -> None:
        name = " %(name)s:" if is_verbose else ""
        super().__init__(f"%(asctime)s %(levelname)s{name} %(message)s", datefmt="%H:%M:%S")
        self._has_colour = has_colour

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        colour = _COLOURS.get(record.levelname) if self._has_colour else None
        if colour is None:
            return line
        return line.replace(record.levelname, typer.style(record.levelname, fg=colour), 1)


class JsonFormatter(logging.Formatter):
    """One JSON object a record: `at`, `level`, `logger`, `message`, what came by `extra`, and `error` if one is told.

    `error` has the exception's `type`, `text` and `traceback`. Records of `convo.audit` have `event` and `facts`.
    """

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        said |= {name: value for name, value in vars(record).items() if name not in _OWN and name not in said}
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, _ = record.exc_info
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            said["error"] = {"type": kind.__qualname__, "text": str(error), "traceback": text}
        return json.dumps(_masked(said), default=lambda value: masked(repr(value)), ensure_ascii=False)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {str(key): _masked(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return value
