"""Peers: other software, measured in an environment of its own that is made at first use and kept."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

__all__ = ["Peer", "PeerError"]

PATIENCE = 600.0
FILES = "files"


class PeerError(Exception):
    """The environment cannot be made; says why, in one line."""


@dataclass(frozen=True)
class Peer:
    """What is installed for it. Other pins or another Python are another environment."""

    name: str
    pins: tuple[str, ...]

    @property
    def folder(self) -> Path:
        fingerprint = hashlib.sha256("\n".join((platform.python_version(), *self.pins)).encode()).hexdigest()
        return _cache() / f"{self.name}-{fingerprint[:12]}"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def files(self) -> Path:
        """Where it may keep its own."""
        return self.folder / FILES

    @property
    def is_made(self) -> bool:
        return self.python.exists()

    def make(self) -> None:
        """Make the environment unless it is there. Raises `PeerError`."""
        if self.is_made:
            return
        print(f"→ installing {' '.join(self.pins)} into {self.folder}", file=sys.stderr, flush=True)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix=f"{self.name}-") as rest:
                part = Path(rest) / "environment"
                _uv("venv", "--relocatable", "--python", sys.executable, str(part))
                _uv("pip", "install", "--python", str(part / "bin" / "python"), *self.pins)
                (part / FILES).mkdir()
                part.rename(self.folder)  # whole or not at all, also for who makes it at the same time
        except OSError as error:
            if not self.is_made:
                raise PeerError(str(error)) from error


def _uv(*arguments: str) -> None:
    """Raises `PeerError` with the last that uv said."""
    command = [find_uv_bin(), "--quiet", *arguments]
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise PeerError(f"`uv {arguments[0]}` took longer than {PATIENCE:.0f} s") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.split())
        raise PeerError(f"`uv {arguments[0]}` failed: {said[:300]}")


def _cache() -> Path:
    """Outside the sources, and there the next time."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "convo-benchmarks"
