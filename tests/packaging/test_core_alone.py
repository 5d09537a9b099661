"""A project outside this repository that depends on `convo-core` alone, from its wheel."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.packaging

ROOT = Path(__file__).parents[2]

DRIVE = """
import asyncio
import convo
from convo.testing import ChatClient

app = convo.App()

@convo.step(type="tool")
async def look_up(word):
    return word.upper()

@app.on_message
async def answer(message):
    reply = convo.Message()
    for letter in await look_up(message.content):
        await reply.stream_token(letter)
    await reply.update()

async def main():
    async with ChatClient(app) as chat:
        print((await chat.send("hello")).content)

asyncio.run(main())
"""


def _says(core_alone: Any, code: str, cwd: Path) -> str:
    result = core_alone.run("python", "-c", code, cwd=cwd)
    return str(result.stdout + result.stderr)


def test_an_app_is_driven_in_process(core_alone: Any, tmp_path: Path) -> None:
    assert _says(core_alone, DRIVE, tmp_path) == "HELLO\n"


def test_it_brings_neither_server_nor_database_nor_pytest(core_alone: Any) -> None:
    ours = {name for name in core_alone.distributions() if name.startswith("convo")}

    assert ours == {"convo-core"}
    assert not core_alone.distributions() & {"starlette", "python-socketio", "hypercorn", "sqlalchemy", "pytest"}


def test_what_is_missing_says_what_to_install(core_alone: Any, tmp_path: Path) -> None:
    load = "from convo.plugins import load_plugin; load_plugin({!r}, {!r})"

    for group, name, package in (
        ("ui", "web", "convo-ui"),
        ("datalayers", "sqlalchemy", "convo-sqlalchemy"),
        ("storages", "s3", "convo-s3"),
        ("platforms", "slack", "convo-slack"),
    ):
        assert f"install it with: pip install {package}\n" in _says(core_alone, load.format(group, name), tmp_path)


def test_the_readme_of_core_runs_under_the_testing_extra(install: Callable[..., Any], tmp_path: Path) -> None:
    readme = (ROOT / "packages" / "core" / "README.md").read_text("utf-8")
    examples = re.findall(r"^```python\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert examples
    for number, example in enumerate(examples):
        (tmp_path / f"test_readme_{number}.py").write_text(example)
    options = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nfilterwarnings = error\n"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{options}")

    result = install("convo-core[testing]").run("python", "-m", "pytest", "-q", cwd=tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
