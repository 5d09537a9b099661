"""Which packages the workflow tests after a change: `scripts/changed.py`, in a repository of four."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "changed.py"
PACKAGES = {
    "packages/core": ("core", [], []),
    "packages/datalayers/shelf": ("shelf", ["core>=1"], []),
    "packages/cli": ("run", ["core[all]>=1"], ["shelf[fast]>=1"]),
    "packages/client": ("client", ["core>=1"], ["run>=1"]),
}


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    for folder, (name, needs, uses) in PACKAGES.items():
        (tmp_path / folder).mkdir(parents=True)
        about = f'[project]\nname = "{name}"\ndependencies = {needs}\n[dependency-groups]\ntest = {uses}\n'
        (tmp_path / folder / "pyproject.toml").write_text(about)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "All")
    return tmp_path


def changed(repository: Path, base: str) -> list[str]:
    command = [sys.executable, str(repository / "scripts" / "changed.py"), base]
    found: list[str] = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


@pytest.mark.parametrize(
    ("file", "tested"),
    [
        ("packages/client/a.py", ["packages/client"]),
        ("packages/cli/a.py", ["packages/cli", "packages/client"]),
        ("packages/datalayers/shelf/a.py", ["packages/cli", "packages/datalayers/shelf"]),  # `run` itself is the same
        ("packages/core/a.py", sorted(PACKAGES)),
        ("hatch.toml", sorted(PACKAGES)),
        ("docs/a.html", []),
        ("examples/a.py", []),
        ("README.md", []),
    ],
)
def test_it_is_those_that_changed_that_need_them_or_whose_tests_use_them(
    repository: Path, file: str, tested: list[str]
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    (repository / file).parent.mkdir(exist_ok=True)
    (repository / file).write_text("new")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "A change")

    assert changed(repository, base) == tested


def test_after_an_unknown_commit_it_is_all(repository: Path) -> None:
    assert changed(repository, "0" * 40) == sorted(PACKAGES)
