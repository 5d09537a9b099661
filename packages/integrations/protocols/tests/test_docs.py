"""What `docs/protocols.md` shows runs, against a real server."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import convo
import pytest

from .conftest import PATIENCE, programs

PAGE = Path(__file__).parents[4] / "docs" / "protocols.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def app() -> convo.App:
    """It knows what was said."""
    app = convo.App()

    @app.on_message
    async def answer(message: convo.Message) -> AsyncIterator[str]:
        said = [one.content for one in convo.chat_context.get() if one.type == "user_message"]
        yield " / ".join(said)

    return app


async def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, env=environment, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(PATIENCE):
        out, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return out.decode()


async def test_the_examples_in_python(url: str, token: str) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(blocks("python")[0], str(PAGE), "exec"), names)

    assert await names["complete"](url, token) == "My name is Ann. / What is my name?"
    assert await names["converse"](url, token) == "My name is Ann. / What is my name?"


async def test_the_examples_in_javascript(url: str, token: str, packages: Path) -> None:
    said = []
    for block in blocks("javascript"):
        command = [programs()[0], "--no-warnings", "--input-type=module", "-e", block]
        said.append(await run(*command, cwd=packages, URL=url, TOKEN=token))
    assert said == ["My name is Ann. / What is my name?\n", "Good morning\n"]


async def test_the_example_by_curl(url: str, token: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    said = await run("bash", "-euc", blocks("bash")[0], URL=url, TOKEN=token, PATH=os.environ["PATH"])
    assert '"content":"Good morning"' in said
    assert said.rstrip().endswith("data: [DONE]")
