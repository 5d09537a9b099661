"""Mentions: lines of files that are no code, which name Chainlit and have to be looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from convo_cli.chainlit.remainder import Remainder

__all__ = ["mentions"]

FILES = (
    *("requirements*.txt", "requirements/*.txt", "pyproject.toml", "Pipfile", "setup.cfg", "environment.y*ml"),
    *(".env", ".env.*", "Dockerfile*", "*compose*.y*ml", "Procfile", "Makefile", "*.sh"),
)

VARIABLES = {
    "CHAINLIT_AUTH_SECRET": "CONVO_AUTH__SECRET",
    "CHAINLIT_HOST": "CONVO_SERVER__HOST",
    "CHAINLIT_PORT": "CONVO_SERVER__PORT",
    "CHAINLIT_ROOT_PATH": "CONVO_SERVER__ROOT_PATH",
    "CHAINLIT_SSL_CERT": "CONVO_SERVER__SSL_CERT",
    "CHAINLIT_SSL_KEY": "CONVO_SERVER__SSL_KEY",
}

_VARIABLE = re.compile(r"CHAINLIT_[A-Z_]+")
_COMMAND = re.compile(r"\bchainlit (run|hello|init|create-secret)\b")
_REQUIREMENT = re.compile(r"""(?:^\s*-?\s*|["'])(chainlit(?![\w-])[^"'#;\s]*)""", re.IGNORECASE)


def mentions(folder: Path) -> Iterator[Remainder]:
    """Requirements, commands and variables, each with its line."""
    for path in sorted({path for pattern in FILES for path in folder.glob(pattern) if path.is_file()}):
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except (OSError, ValueError):
            continue  # no text
        for number, line in enumerate(lines, start=1):
            if line.lstrip().startswith("#") or (what := _what(line)) is None:
                continue
            yield Remainder(f"{path.relative_to(folder).as_posix()}:{number}", what)


def _what(line: str) -> str | None:
    if (found := _VARIABLE.search(line)) is not None:  # and not its value, which may be a secret
        here = VARIABLES.get(found[0])
        return (
            f"`{found[0]}` is `{here}`." if here else f"`{found[0]}` is not read; variables here begin with `CONVO_`."
        )
    if (found := _COMMAND.search(line)) is not None:
        here = "convo secret" if found[1] == "create-secret" else f"convo {found[1]}"
        return f"`{found[0]}` is `{here}`."
    if (found := _REQUIREMENT.search(line)) is not None:
        return f"`{found[1]}` is `convo-core[run]`, and `convo-sqlalchemy` to keep history."
    return None
