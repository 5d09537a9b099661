"""A plugin that is no part of convo: built, installed beside convo's wheels, found by its entry points, and used."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.server
import json
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.packaging, pytest.mark.timeout(180)]

PLUGIN = Path(__file__).parents[2] / "examples" / "plugin"
SECRET = "a secret of both sides"
APP = """
import convo

@convo.on_message
async def answer(message):
    await convo.Message(message.content.upper(), elements=[convo.CustomElement("Gauge", props={"value": 1})]).send()
"""


@pytest.fixture(scope="module")
def installed(install: Callable[..., Any], machine: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("plugin")
    command = ["uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(PLUGIN)]
    built = subprocess.run(command, cwd=folder, env=machine, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    return install(f"convo-sample[command,test] @ {wheel.as_uri()}")


class Rooms(http.server.BaseHTTPRequestHandler):
    """The other side of the webhooks: keeps what the app shows, and whether it was signed."""

    shown: list[dict[str, Any]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_signed = self.headers["X-Convo-Signature"] == signature(self.headers["X-Convo-Time"], body)
        self.shown.append({**json.loads(body), "signed": is_signed})
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def rooms() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    handler = type("Handler", (Rooms,), {"shown": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", handler.shown
        finally:
            server.shutdown()
            thread.join()


def signature(at: str, body: bytes) -> str:
    return hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()


def say(url: str, text: str, *, secret_is_known: bool = True) -> int:
    """Say something in a room; the status of the answer."""
    said = {"happened": "said", "id": "1", "room": "kitchen", "by": {"id": "ann", "name": "Ann"}, "text": text}
    body, now = json.dumps(said).encode(), str(int(time.time()))
    headers = {"X-Convo-Time": now, "X-Convo-Signature": signature(now, body) if secret_is_known else "x"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{url}/webhook/", body, headers), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return int(error.code)


def read(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def test_its_own_tests_pass_with_what_is_installed(installed: Any, tmp_path: Path) -> None:
    shutil.copytree(PLUGIN / "tests", tmp_path / "tests")
    shutil.copy(PLUGIN / "pyproject.toml", tmp_path)

    result = installed.run("python", "-m", "pytest", "-q", "tests", cwd=tmp_path)

    assert result.returncode == 0, result.stdout + result.stderr
    assert " passed" in result.stdout


async def test_an_app_uses_all_that_it_brings(installed: Any, tmp_path: Path) -> None:
    with rooms() as (hook, shown):
        (tmp_path / "convo.toml").write_text(
            f'[data]\nlayer = "shelf"\nurl = "shelf:///history.db"\n\n[platforms.webhook]\nurl = "{hook}"\n'
            f'secret = "{SECRET}"\n'
        )
        (tmp_path / "app.py").write_text(APP)

        process = await asyncio.create_subprocess_exec(
            *(installed.bin / "convo", "run", "app.py", "--no-open", "--port", "0"),
            cwd=tmp_path,
            env=installed.environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(30):
                while "http://" not in (line := (await process.stdout.readline()).decode()):
                    assert line, "it ended"
                url = "http://" + line.split("http://")[1].split()[0].rstrip("/")
                while (await asyncio.to_thread(read, f"{url}/ready"))["platforms"] != {"webhook": "connected"}:
                    await asyncio.sleep(0.05)
                assert await asyncio.to_thread(say, url, "let me in", secret_is_known=False) == 401
                assert await asyncio.to_thread(say, url, "hello") == 200
                while not any(one.get("text") == "HELLO" for one in shown):
                    await asyncio.sleep(0.05)
            component = await asyncio.to_thread(read, f"{url}/elements/Gauge")
            assert component["file"] == "components/Gauge.jsx"
            assert "export default function Gauge()" in component["source"]
            with pytest.raises(urllib.error.HTTPError, match="404") as missing:
                await asyncio.to_thread(read, f"{url}/elements/shelf")
            missing.value.close()
        finally:
            process.terminate()
            _, errors = await process.communicate()
        (line,) = errors.decode().splitlines()
        assert (process.returncode, line.partition("WARNING ")[2]) == (
            0,
            "webhook shows `CustomElement` as a link to the web app; docs/platforms.md has the table",
        )
        assert all(one["signed"] for one in shown)

    listed = installed.run("convo", "shelf", "history.db", cwd=tmp_path)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert len(listed.stdout.splitlines()) == 1
    absent = installed.run("convo", "shelf", "other.db", cwd=tmp_path)
    assert (absent.returncode, absent.stdout) == (1, "")
    assert "There is no `other.db`" in absent.stderr

    checked = installed.run("convo", "doctor", "app.py", cwd=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "webhook" in checked.stdout
