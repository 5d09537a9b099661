"""The steps of a template's Dockerfile, in a folder in place of an image: install, start, health. No image is built."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from convo_cli.template import find_template

from tests.harness.server import free_port

pytestmark = pytest.mark.packaging

FOLDERS = re.compile(r"(?<![\w.:/-])/(app|data|tmp|venv)\b")


class Image:
    """What a Dockerfile makes, with the folder `root` as its file system."""

    def __init__(self, root: Path, project: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.environment = environment
        self.port = str(free_port())
        self.health: list[str] = []
        self.start: list[str] = []
        self._project = project
        self._cwd = root
        (root / "data").mkdir(parents=True)

    def build(self, dockerfile: str) -> None:
        for instruction, text in _instructions(dockerfile):
            match instruction:
                case "WORKDIR":
                    self._cwd = self._path(text)
                    self._cwd.mkdir(exist_ok=True)
                case "COPY" if not text.startswith("--from"):
                    self._copy(*text.split())
                case "RUN" if not text.startswith("useradd"):
                    command = self._here(text)
                    done = subprocess.run(["sh", "-ec", command], cwd=self._cwd, env=self.environment, check=False)
                    assert done.returncode == 0, text
                case "ENV":
                    for name, value in re.findall(r"(\w+)=(\S+)", self._here(text)):
                        path = self.environment["PATH"]
                        self.environment[name] = value.replace("$PATH", path).replace("8000", self.port)
                case "HEALTHCHECK":
                    self.health = json.loads(self._here(text.partition(" CMD ")[2]).replace("8000", self.port))
                case "CMD":
                    self.start = json.loads(text)

    def run(self, command: list[str]) -> subprocess.Popen[bytes]:
        program = shutil.which(command[0], path=self.environment["PATH"])
        assert program is not None
        return subprocess.Popen([program, *command[1:]], cwd=self._cwd, env=self.environment)

    def _copy(self, *paths: str) -> None:
        for path in paths[:-1]:
            if path == ".":
                shutil.copytree(self._project, self._cwd, dirs_exist_ok=True)
            else:
                shutil.copy(self._project / path, self._cwd / path)

    def _path(self, text: str) -> Path:
        return self.root / text.lstrip("/")

    def _here(self, text: str) -> str:
        text = text.replace("sqlite:////data", f"sqlite:///{self.root}/data")
        return FOLDERS.sub(lambda found: f"{self.root}/{found[1]}", text)


def _instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    for line in dockerfile.replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            instruction, _, text = line.partition(" ")
            yield instruction, " ".join(text.split())


@pytest.mark.timeout(300)
def test_an_app_is_installed_started_and_healthy_by_the_steps_of_its_dockerfile(
    install: Callable[..., Any], dist: Path, tmp_path: Path
) -> None:
    find_template("echo").write(tmp_path / "shop", "shop", "Shop")
    base = install("pip")
    constraints = str(dist / "constraints.txt")
    environment = base.environment | {"PIP_CONSTRAINT": constraints, "UV_CONSTRAINT": constraints}
    image = Image(tmp_path / "image", tmp_path / "shop", environment)

    image.build((tmp_path / "shop" / "Dockerfile").read_text("utf-8"))
    process = image.run(image.start)
    try:
        end = time.monotonic() + 60
        while image.run(image.health).wait() != 0:  # as Docker does, until it is healthy
            assert process.poll() is None
            assert time.monotonic() < end
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()

    assert (image.root / "data" / "history.db").is_file()
    assert Path(image.environment["PATH"].split(":")[0]) == image.root / "venv" / "bin"
