"""What a running app logs: lines for people, JSON for machines."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import Any

import pytest
from convo.audit import audit
from convo_cli.console import has_colour
from convo_cli.logs import JsonFormatter, TextFormatter


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def record(text: str, *arguments: Any, level: int = logging.INFO, **fields: Any) -> logging.LogRecord:
    fields.setdefault("exc_info", None)
    return logging.getLogger("shop").makeRecord("shop", level, "app.py", 1, text, arguments, **fields)


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(record)
    assert "\n" not in line
    read: dict[str, Any] = json.loads(line)
    return read


def test_a_record_is_one_object() -> None:
    said = as_json(record("sold %d cups of %s", 2, "tea"))

    assert said.pop("at").endswith("Z")
    assert said == {"level": "info", "logger": "shop", "message": "sold 2 cups of tea"}


def test_an_exception_is_a_field() -> None:
    try:
        raise KeyError("tea\nand more")
    except KeyError:
        said = as_json(record("no", exc_info=sys.exc_info()))

    assert said["error"]["type"] == "KeyError"
    assert "tea" in said["error"]["text"]
    assert said["error"]["traceback"].startswith("Traceback")


def test_what_comes_by_extra_are_fields_and_what_json_cannot_hold_is_written_out() -> None:
    said = as_json(record("sold", extra={"cups": 2, "to": {"ann"}, "level": "mine"}))

    assert (said["cups"], said["to"], said["level"]) == (2, "{'ann'}", "info")


def test_what_matters_for_security_has_its_facts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "convo.audit"):
        audit("log-in", user="u1", provider="password")

    said = as_json(caplog.records[0])

    assert (said["event"], said["facts"]) == ("log-in", {"user": "u1", "provider": "password"})


def test_passwords_and_tokens_are_in_neither() -> None:
    secret = "postgresql://ann:hunter22@db/app"
    told = record("at %s", secret, extra={"url": secret, "all": [secret], "thing": Exception(secret)})

    assert "hunter22" not in JsonFormatter().format(told)
    assert "hunter22" not in TextFormatter().format(told)


def test_levels_have_colours_only_at_a_terminal_that_wants_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert has_colour(Terminal())
    assert not has_colour(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colour(Terminal())

    warning = record("careful", level=logging.WARNING)
    assert "\x1b[33mWARNING" in TextFormatter(has_colour=True).format(warning)
    assert "\x1b" not in TextFormatter().format(warning)
