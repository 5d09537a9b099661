"""What a stranger does with our wheels: test an app, keep its history, end it, build an sdist, miss a package."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import urllib.request
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from typing import Any

import pytest
import socketio

pytestmark = pytest.mark.packaging

APP = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message(message.content.upper()).send()
"""

STORY = """
from convo.testing import ChatClient

async def test_the_app_answers(chat: ChatClient) -> None:
    assert (await chat.send("hello")).content == "HELLO"
"""


async def _say(url: str, text: str) -> None:
    """Send a message as a browser does, and see its answer."""
    answered = asyncio.Event()

    async def take(batch: dict[str, Any]) -> None:
        await client.emit("received", {"log": batch["log"], "to": batch["to"]})
        if any(event.get("step", {}).get("output") == text.upper() for event in batch["events"]):
            answered.set()

    page = await asyncio.to_thread(urllib.request.urlopen, url, timeout=10)  # gives the visitor's cookie
    page.close()
    client = socketio.AsyncClient(reconnection=False)
    client.on("batch", take)
    await client.connect(
        url,
        headers={"Cookie": page.headers["Set-Cookie"].split(";")[0]},
        socketio_path="/ws/socket.io",
        transports=["websocket"],
        auth={"protocol": 1, "client": "test"},
    )
    sent = await client.call("command", {"id": "c1", "kind": "message", "content": text}, timeout=10)
    assert sent["ok"], sent
    await asyncio.wait_for(answered.wait(), 10)
    await client.disconnect()


def test_history_is_kept_and_ctrl_c_ends_it_well(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-core[run]", "convo-sqlalchemy")
    (tmp_path / "convo.toml").write_text('[data]\nurl = "sqlite:///history.db"\n')
    (tmp_path / "app.py").write_text(APP)
    command = [installed.bin / "convo", "run", "app.py", "--no-open", "--port", "0"]

    with subprocess.Popen(
        command, cwd=tmp_path, env=installed.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "http://" in line)
            asyncio.run(_say("http://" + line.split("http://")[1].split()[0].rstrip("/"), "kept"))
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=15)
            assert (process.returncode, errors) == (0, "")
        finally:
            process.kill()

    history = sqlite3.connect(tmp_path / "history.db")
    stored = "\n".join(history.iterdump())
    history.close()
    assert "kept" in stored
    assert "KEPT" in stored


def test_a_project_tests_its_app_with_core_alone(install: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "test_app.py").write_text(STORY)
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nconvo_app = app.py\n"
    )
    installed = install("convo-core[testing]")

    result = installed.run("python", "-m", "pytest", "-q", "-W", "error", cwd=tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
    assert not installed.distributions() & {"convo-server", "convo-run", "convo-ui", "starlette", "python-socketio"}


def test_a_setting_that_needs_a_package_names_it(install: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text('[data]\nurl = "sqlite:///history.db"\n')
    (tmp_path / "app.py").write_text(APP)
    code = "from convo.loader import load_app; load_app('app.py').create_data_layer()"

    result = install("convo-core").run("python", "-c", code, cwd=tmp_path)

    assert result.returncode == 1
    assert "pip install convo-sqlalchemy" in result.stderr


def test_core_alone_says_how_to_get_the_command(install: Callable[..., Any], tmp_path: Path) -> None:
    result = install("convo-core").run("python", "-m", "convo", "hello", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "The `convo` command is not installed; install it with: pip install convo-run\n"


def test_python_m_convo_is_the_command_where_it_is_installed(install: Callable[..., Any], tmp_path: Path) -> None:
    result = install("convo-core[run]", "convo-sqlalchemy").run("python", "-m", "convo", "--version", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("convo ")


def test_the_web_app_installs_from_its_sdist_without_node(dist: Path, machine: dict[str, str], tmp_path: Path) -> None:
    (sdist,) = dist.glob("convo_ui-*.tar.gz")
    command = ["uv", "build", "--quiet", "--wheel", "--out-dir", str(tmp_path), str(sdist)]

    built = subprocess.run(command, cwd=tmp_path, env=machine, capture_output=True, text=True, check=False)

    assert built.returncode == 0, built.stderr
    (ours,), (theirs,) = dist.glob("convo_ui-*.whl"), tmp_path.glob("*.whl")
    with zipfile.ZipFile(ours) as one, zipfile.ZipFile(theirs) as other:
        assert set(one.namelist()) == set(other.namelist())


def test_a_package_is_described_and_its_version_is_in_its_changelog(dist: Path, sources: dict[str, Path]) -> None:
    for name, folder in sources.items():
        (wheel,) = dist.glob(f"{name.replace('-', '_')}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            (metadata,) = (file for file in archive.namelist() if file.endswith(".dist-info/METADATA"))
            about = Parser().parsestr(archive.read(metadata).decode())
        assert about["Summary"], name
        assert about["Description-Content-Type"] == "text/markdown", name
        assert about.get_payload() == (folder / "README.md").read_text("utf-8"), name
        assert f"\n## {about['Version']}" in (folder / "CHANGELOG.md").read_text("utf-8"), name
