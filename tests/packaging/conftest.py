"""What a user's machine has: our wheels, an environment of its own for each story, and no Node."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Installation:
    """A virtual environment that holds what was asked for, and nothing of this checkout."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.bin = folder / "bin"
        self.environment = {**environment, "PATH": f"{self.bin}{os.pathsep}{environment['PATH']}"}

    def run(self, *command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment by its name, in `cwd`."""
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def distributions(self) -> set[str]:
        code = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions()))"
        return set(self.run("python", "-c", code, cwd=self.bin).stdout.split())


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables of a machine without Node, pytest's options or settings of convo."""
    tools = tmp_path_factory.mktemp("no-node")
    for name in ("node", "npm", "npx"):
        tool = tools / name
        tool.write_text(f"#!/bin/sh\necho 'there is no {name} here' >&2\nexit 127\n")
        tool.chmod(0o755)
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CONVO_", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "HATCH_ENV"))
    }
    return {**kept, "PATH": f"{tools}{os.pathsep}{kept['PATH']}"}


@pytest.fixture(scope="session")
def sources() -> dict[str, Path]:
    """The folder of every package, by the name of its distribution."""
    files = [file for depth in ("*", "*/*") for file in (ROOT / "packages").glob(f"{depth}/pyproject.toml")]
    return {tomllib.loads(file.read_text("utf-8"))["project"]["name"]: file.parent for file in files}


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory, machine: dict[str, str]) -> Path:
    """An sdist of every package, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = ["uv", "build", "--all-packages", "--quiet", "--out-dir", str(folder)]
    built = subprocess.run(command, cwd=ROOT, env=machine, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="session")
def install(
    dist: Path, machine: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Installation]:
    """Install requirements, as `pip install` would were our wheels on PyPI."""
    # Constraints by path: a name of ours means the wheel that was just built, whatever an index has under it.
    constraints = dist / "constraints.txt"
    wheels = [(wheel.name.split("-")[0].replace("_", "-"), wheel.as_uri()) for wheel in sorted(dist.glob("*.whl"))]
    constraints.write_text("".join(f"{name} @ {uri}\n" for name, uri in wheels))

    def install(*requirements: str) -> Installation:
        folder = tmp_path_factory.mktemp("installed")
        subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(folder)], check=True, env=machine)
        installation = Installation(folder, machine)
        command = ["uv", "pip", "install", "--quiet", "--python", str(installation.bin / "python")]
        command += ["--constraints", str(constraints), *requirements]
        outside = folder.parent  # where no workspace of ours is found
        done = subprocess.run(command, cwd=outside, env=machine, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return installation

    return install


@pytest.fixture(scope="session")
def core_alone(install: Callable[..., Installation]) -> Installation:
    """An installation of `convo-core`, to look at."""
    return install("convo-core")
