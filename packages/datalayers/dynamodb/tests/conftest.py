"""A DynamoDB for tests: Moto's over real HTTP, with a fresh table for each story."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from convo_dynamodb import DynamoDBDataLayer
from convo_dynamodb.table import Table, open_table
from convo_dynamodb.urls import parse

sys.path.insert(0, str(Path(__file__).parent))
from gate import Gate

SERVER = Path(__file__).with_name("server.py")


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a DynamoDB that holds nothing."""
    moto = shutil.which("moto_server")
    if moto is None:
        pytest.skip("no `moto_server`; install it with: pip install 'moto[dynamodb,server]'")
    python = Path(moto).with_name("python")  # which may be another environment's
    errors = tmp_path_factory.mktemp("moto") / "errors"
    with (
        errors.open("w") as log,
        subprocess.Popen([python, str(SERVER)], stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        assert port, errors.read_text()
        yield f"http://127.0.0.1:{port}"
        process.kill()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the vendor's chain finds, whatever this machine has."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def url(endpoint: str) -> str:
    """A table that is not there yet."""
    return f"dynamodb://convo-{secrets.token_hex(6)}?region=eu-central-1&endpoint={endpoint}"


@pytest.fixture
async def gate(endpoint: str) -> AsyncIterator[Gate]:
    async with Gate(endpoint) as gate:
        yield gate


@pytest.fixture
def gated_url(url: str, gate: Gate) -> str:
    """The table at `url`, through the gate."""
    return f"{url.partition('&')[0]}&endpoint={gate.address}"


@pytest.fixture
async def data_layer(url: str) -> AsyncIterator[DynamoDBDataLayer]:
    layer = DynamoDBDataLayer(url)
    await layer.open()
    yield layer
    await layer.close()


@pytest.fixture
async def table(url: str) -> AsyncIterator[Table]:
    """What is really stored."""
    table = await open_table(parse(url))
    yield table
    await table.close()
