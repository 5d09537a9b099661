"""What `.env` beside an app says, wherever a command reads settings; and never over a variable that is set."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import convo
import pytest
from starlette.applications import Starlette

from tests.harness.command import convo as run_convo

APP = """
import os

import convo

NAME = os.environ["APP_NAME"]  # there before the file runs


@convo.on_message
async def answer(message):
    await convo.Message(f"I am {NAME}").send()
"""
TEST = """
import os

NAME = os.environ["APP_NAME"]


async def test_it_knows_its_name(chat):
    assert (await chat.send("?")).content == f"I am {NAME}" == "I am Ada"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CONVO_DATA__URL")
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / ".env").write_text(f"APP_NAME=Ada\nCONVO_DATA__URL=sqlite:///{tmp_path / 'kept.db'}\n")
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_convo(*arguments, cwd=folder, **variables)


@pytest.mark.parametrize("app", [[], ["--app", "app.py"]])
def test_commands_about_history_find_it_where_the_file_says(folder: Path, app: list[str]) -> None:
    assert run(folder, "db", "upgrade", *app).returncode == 0
    assert (folder / "kept.db").is_file()
    assert "is up to date" in run(folder, "db", "check", *app).stdout
    assert run(folder, "threads", "list", *app).returncode == 0


def test_migrate_stores_where_the_file_says(folder: Path) -> None:
    done = run(folder, "migrate", "chainlit", f"sqlite:///{folder / 'none.db'}")

    assert (folder / "kept.db").is_file()
    assert done.returncode == 1


def test_chat_and_test_run_the_app_with_its_variables(folder: Path) -> None:
    (folder / "test_app.py").write_text(TEST)

    assert run(folder, "chat", "app.py", "-m", "?").stdout.strip() == "I am Ada"
    done = run(folder, "test", "-q", "-p", "no:cacheprovider")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_a_variable_that_is_set_stays(folder: Path) -> None:
    run(folder, "db", "upgrade", CONVO_DATA__URL=f"sqlite:///{folder / 'other.db'}")
    assert (folder / "other.db").is_file()
    assert not (folder / "kept.db").exists()
    assert run(folder, "chat", "app.py", "-m", "?", APP_NAME="Bob").stdout.strip() == "I am Bob"


@pytest.mark.parametrize(
    "command",
    [("db", "check"), ("threads", "list"), ("chat", "app.py", "-m", "?"), ("test",), ("hello",), ("config", "check")],
    ids=lambda command: command[0],
)
def test_a_wrong_line_is_named_by_each_command(folder: Path, command: tuple[str, ...]) -> None:
    (folder / ".env").write_text("APP_NAME=Ada\nno variable\n")

    done = run(folder, *command)

    assert ".env, line 2: is no variable" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_hello_has_the_variables_of_the_folder_one_is_in(folder: Path) -> None:
    (folder / ".env").write_text("CONVO_SERVER__PORT=many\n")

    assert "line 1, `CONVO_SERVER__PORT`" not in run(folder, "hello", "--help").stderr
    assert "`CONVO_SERVER__PORT`: `server.port`: must be a whole number" in run(folder, "hello").stderr


def test_an_app_that_is_mounted_has_them_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import convo_server

    monkeypatch.setattr(os, "environ", os.environ.copy())
    parent = Starlette()
    settings = {"server": {"headless": True}, "data": {"url": "memory"}}
    convo_server.mount(parent, str(folder / "app.py"), "/chat", settings)

    assert os.environ["APP_NAME"] == "Ada"
    assert isinstance(parent.routes[-1].app.state.host.app, convo.App)
