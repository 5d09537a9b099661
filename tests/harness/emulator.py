"""A vendor's service, emulated by a program of the test environment in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.harness.server import free_port

__all__ = ["running"]

PATIENCE = 60.0  # seconds; on a busy machine they take their time to start


@contextmanager
def running(program: str | None, *arguments: str, start: str, cwd: Path) -> Iterator[str]:
    """Its URL, once it answers. `{port}` in `arguments` becomes a free one.

    A program that is not there, or does not start, skips what needs it, with the line `start`; in CI that is a failure.
    """
    path = program and shutil.which(program, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if not path:
        pytest.skip(f"no {program}; install it with: {start}")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = cwd / "emulator.log"
    with log.open("wb") as output:
        command = [path, *(argument.format(port=port) for argument in arguments)]
        process = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=output)
    try:
        if not _answers(url, process):
            pytest.skip(f"`{' '.join(command)}` does not answer; {start}\n{log.read_text('utf-8', 'replace')[-2000:]}")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            return True  # it refuses, so it is there
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
