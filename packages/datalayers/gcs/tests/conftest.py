"""Google Cloud Storage for tests: an emulator, started once, and a bucket of its own for each test."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest
from convo.protocol import new_id

from tests.harness import emulator


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Google Cloud Storage that is empty."""
    start = "pip install gcp-storage-emulator"
    arguments = ("start", "--host", "127.0.0.1", "--port", "{port}", "--in-memory", "--quiet")
    with emulator.running("gcp-storage-emulator", *arguments, start=start, cwd=tmp_path_factory.mktemp("gcs")) as url:
        yield url


@pytest.fixture
def url(service: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, as `[storage] url` says it."""
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    bucket = f"convo-{new_id().lower().replace('_', '-').strip('-')}"
    request = urllib.request.Request(
        f"{service}/storage/v1/b?project=test",
        data=json.dumps({"name": bucket}).encode(),
        headers={"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()
    return f"gs://{bucket}/files?endpoint={service}"
