"""The Blank: a file of settings in which all of them stand, explained and as they are by default."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from convo import Config
from convo.config import FILE_NAME, SCHEMA_VERSION, Section
from pydantic import SecretStr

from convo_cli.console import report
from convo_cli.effective import toml_value

__all__ = ["blank", "write_blank"]

OK, FAILED = 0, 1
_BEGINNING = f"""\
# The settings of this app: what is commented out is as it is by default. `convo config check` finds mistakes, and
# `convo config show --origin` says what counts and where it comes from. Passwords and keys belong in `.env` beside this
# file, or in the environment: CONVO_AUTH__SECRET is `secret` under [auth].
# Editors complete it once `convo config schema > convo.schema.json` is written:
# "$schema" = "convo.schema.json"
schema_version = {SCHEMA_VERSION}
"""
_EXAMPLES = """
# Where one can log in, each a table:
# [auth.oauth.github]
# client_id = "…"

# Tables of other packages: `pip install convo-langchain`, then
# [integrations]
# langchain = true
"""


def blank() -> str:
    """Its text, made of the settings themselves."""
    return _BEGINNING + "\n".join(_lines(Config)) + "\n" + _EXAMPLES


def write_blank(directory: str) -> int:
    """Write it into a folder that has no settings yet. Returns the exit code; what went wrong was said on stderr."""
    folder = Path(directory)
    path = folder / FILE_NAME
    if _is_in_project(folder):
        report(f"`{folder / 'pyproject.toml'}` has settings under [tool.convo]; nothing was written.")
        return FAILED
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(blank())
    except FileExistsError:
        report(f"`{path}` is there already, and was left as it is. `convo config show` prints what counts.")
        return FAILED
    except OSError as error:
        report(f"`{path}` cannot be written: {error.strerror}.")
        return FAILED
    typer.echo(f"Wrote {path}. All settings are in it, as they are by default; change what you like.")
    typer.echo("Passwords and keys go to .env beside it, which stays out of version control: convo secret >> .env")
    return OK


def _is_in_project(folder: Path) -> bool:
    try:
        return "convo" in tomllib.loads((folder / "pyproject.toml").read_text("utf-8")).get("tool", {})
    except (OSError, ValueError):
        return False


def _lines(section: type[Any], prefix: str = "") -> Iterator[str]:
    tables = []
    for name, field in section.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            tables.append((name, kind))
        elif not str(kind).startswith("dict"):
            yield from _explained(field.description)
            yield f"# {name} = {_default(field.default)}".rstrip()
    for name, kind in tables:
        if any(not str(field.annotation).startswith("dict") for field in kind.model_fields.values()):
            yield ""
            yield f"[{prefix}{name}]"
            yield from _lines(kind, f"{prefix}{name}.")


def _explained(description: str | None) -> Iterator[str]:
    for line in textwrap.wrap(description or "", 116):
        yield f"# {line}"


def _default(value: Any) -> str:
    return '""' if value is None or isinstance(value, SecretStr) else toml_value(value)
