"""S3 for tests: moto's server, started once, and a bucket of its own for each test."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator

import pytest
from convo.protocol import new_id

from tests.harness import emulator


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an S3 that is empty."""
    start = "pip install 'moto[s3,server]'"
    arguments = ("-H", "127.0.0.1", "-p", "{port}")
    with emulator.running("moto_server", *arguments, start=start, cwd=tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def url(service: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, as `[storage] url` says it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ann")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    bucket = f"convo-{new_id().lower().replace('_', '-').strip('-')}"
    urllib.request.urlopen(urllib.request.Request(f"{service}/{bucket}", method="PUT"), timeout=10).close()
    return f"s3://{bucket}/files?endpoint={service}&region=us-east-1"
