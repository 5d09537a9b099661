"""`convo test` as an author runs it: in the folder of an app, or below it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.harness.command import convo as run_convo

APP = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message("heard " + message.content).send()
"""
TESTS = """
async def test_it_answers(chat):
    assert (await chat.send("hi")).content == "heard hi"

async def test_it_does_not_shout(chat):
    assert (await chat.send("hi")).content == "HEARD HI"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_app.py").write_text(TESTS)
    return tmp_path


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_convo("test", *arguments, cwd=folder, **{"PYTEST_ADDOPTS": "-p no:cacheprovider"} | variables)


def test_it_runs_the_tests_of_the_app_without_any_configuration(folder: Path) -> None:
    done = run(folder)

    assert "1 failed, 1 passed" in done.stdout
    assert done.returncode == 1


def test_from_below_too_and_what_follows_is_pytest_s(folder: Path) -> None:
    done = run(folder / "tests", "test_app.py::test_it_answers", "-q")

    assert done.stdout.startswith(".")
    assert done.returncode == 0


def test_another_file_can_be_the_app(folder: Path) -> None:
    (folder / "loud.py").write_text(APP.replace('"heard " + message.content', '"HEARD HI"'))

    done = run(folder, "-k", "shout", "--app", "loud.py")

    assert "1 passed" in done.stdout
    assert done.returncode == 0


def test_without_pytest_it_says_what_to_install(folder: Path) -> None:
    hide = "import sys\nsys.modules['pytest'] = None\n"
    (folder / "sitecustomize.py").write_text(hide)

    done = run(folder, PYTHONPATH=str(folder))

    assert 'pip install "convo-core[testing]"' in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
