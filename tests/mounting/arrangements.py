"""Arrangements: the ways an app is put into the web, as processes of their own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.harness.command import convo
from tests.harness.server import free_port

__all__ = ["ARRANGEMENTS", "Arrangement", "running"]

APP = """
import convo

@convo.oauth_callback
def admit(provider_id, token, raw_user_data, default_user):
    return default_user

@convo.on_message
async def answer(message):
    for word in message.content.split():
        yield f"{word} "
    for file in message.elements:
        yield f"with {file.name}"
"""
SITE = """
import convo_server
from fastapi import FastAPI

site = FastAPI()

@site.get("/")
def home():
    return "the site"

convo_server.mount(site, "app.py", "/chat")
"""
PATIENCE = 30


@dataclass(frozen=True)
class Arrangement:
    """`path` is where browsers find the app; with `strips`, nginx stands before it and keeps that much to itself."""

    path: str = ""
    is_mounted: bool = False
    root_path: str = ""
    """What the server is told of the path."""
    strips: str | None = None

    @property
    def has_proxy(self) -> bool:
        return self.strips is not None


ARRANGEMENTS: Mapping[str, Arrangement] = {
    "bare": Arrangement(),
    "root path": Arrangement("/chat", root_path="/chat"),
    "mounted": Arrangement("/chat", is_mounted=True),
    "mounted under a root path": Arrangement("/base/chat", is_mounted=True, root_path="/base"),
    "prefix-stripping nginx": Arrangement("/chat", root_path="/chat", strips="/chat"),
    "prefix-keeping nginx": Arrangement("/chat", root_path="/chat", strips=""),
    "mounted, behind a prefix-stripping nginx": Arrangement(
        "/base/chat", is_mounted=True, root_path="/base", strips="/base"
    ),
}


@contextmanager
def running(arrangement: Arrangement, folder: Path, settings: Mapping[str, str]) -> Iterator[str]:
    """Its processes, all it needs of files in `folder`. Gives the address at which browsers find the app."""
    (folder / "app.py").write_text(APP)
    (folder / "shop.py").write_text(SITE)
    port, public = free_port(), free_port() if arrangement.has_proxy else None
    environment = os.environ | {f"CONVO_{name}": value for name, value in settings.items()}
    environment["CONVO_SERVER__TRUST_PROXY"] = str(arrangement.has_proxy).lower()
    if arrangement.is_mounted:
        command = ["hypercorn", "shop:site", "--workers", "0", "--bind", f"127.0.0.1:{port}"]
        command += ["--root-path", arrangement.root_path] if arrangement.root_path else []
    else:
        command = ["convo_cli", "run", "app.py", "--no-open", "--port", str(port)]
        command += ["--root-path", arrangement.root_path] if arrangement.root_path else []
    with _process([sys.executable, "-m", *command], folder, environment) as server:
        own = f"http://127.0.0.1:{port}{arrangement.path.removeprefix(arrangement.strips or '')}/"
        _wait(own, server, folder)
        if public is None:
            yield own
            return
        prefix = arrangement.root_path if arrangement.is_mounted else arrangement.path
        _write_proxy(folder, prefix, is_stripped=bool(arrangement.strips), to=port, at=public)
        nginx = [_nginx(), "-p", str(folder), "-c", "all.conf", "-e", "nginx.log"]
        with _process(nginx, folder, os.environ) as proxy:
            url = f"http://127.0.0.1:{public}{arrangement.path}/"
            _wait(url, proxy, folder)
            yield url


@contextmanager
def _process(command: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait(url: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"{url}ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"{url} does not answer:\n{(folder / 'log').read_text()}")


def _nginx() -> str:
    found = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")
    assert found is not None, "These tests need nginx: apt-get install -y --no-install-recommends nginx-light"
    return found


@cache
def _recommended() -> str:
    """What `convo deploy` writes for an app at `/prefix`."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.py").write_text(APP)
        (folder / "convo.toml").write_text('[server]\nroot_path = "/prefix"\n')
        (folder / "requirements.txt").write_text("convo-run\n")
        done = convo("deploy", "systemd", "--domain", "chat.example.com", "--name", "shop", "--yes", cwd=folder)
        assert done.returncode == 0, done.stderr
        return (folder / "nginx.conf").read_text()


def _write_proxy(folder: Path, prefix: str, *, is_stripped: bool, to: int, at: int) -> None:
    """The recommended settings, at other ports, and those around them that Debian has in files of its own."""
    written = _recommended()
    for before, after in (
        ("location /prefix/ {", f"location {prefix}/ {{"),
        ("listen 80;", f"listen 127.0.0.1:{at};"),
        ("listen [::]:80;", ""),
        ("proxy_pass http://127.0.0.1:8000;", f"proxy_pass http://127.0.0.1:{to}{'/' if is_stripped else ''};"),
    ):
        assert before in written
        written = written.replace(before, after)
    (folder / "nginx.conf").write_text(written)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"    {kind}_temp_path {kind};" for kind in kinds)
    (folder / "all.conf").write_text(
        f"daemon off;\npid nginx.pid;\nerror_log nginx.log;\n{'user root;' if os.geteuid() == 0 else ''}\n"
        f"events {{}}\nhttp {{\n    access_log off;\n{temporary}\n    include nginx.conf;\n}}\n"
    )
