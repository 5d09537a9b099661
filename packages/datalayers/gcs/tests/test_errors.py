"""What is wrong is told apart: not there, never works as it is set, may work in a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from convo.errors import MisconfiguredError, NotFoundError, UnavailableError
from convo.testing.storage_suite import joined, pieces
from convo_gcs import GCSStorage

from tests.harness.server import free_port


@pytest.fixture
async def storage(url: str) -> AsyncIterator[GCSStorage]:
    storage = GCSStorage(url)
    await storage.open()
    yield storage
    await storage.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://bucket/x", "write one like `gs://bucket/prefix`"),
        ("gs:///x", "write one like `gs://bucket/prefix`"),
        ("gs://bucket?project=p", "no option `project`; known are `endpoint`"),
        ("gs://bucket?endpoint=nonsense", "is an address as `https://host:port`"),
    ],
)
def test_a_url_that_cannot_be_one_says_what_can(url: str, says: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        GCSStorage(url)
    assert says in str(caught.value)


async def _opening(storage: GCSStorage) -> None:
    try:
        await storage.open()
    finally:
        await storage.close()


async def test_a_bucket_that_is_not_there_is_told_at_the_start(service: str, url: str) -> None:
    with pytest.raises(MisconfiguredError, match="There is no bucket `nowhere`; make it"):
        await _opening(GCSStorage(f"gs://nowhere?endpoint={service}"))


async def test_a_host_that_does_not_answer_may_do_so_later(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convo_gcs.storage.RETRY_SECONDS", 0.1)
    with pytest.raises(UnavailableError, match="does not answer"):
        await _opening(GCSStorage(f"gs://bucket?endpoint=http://127.0.0.1:{free_port()}"))


async def test_credentials_that_cannot_be_used_are_told_at_the_start(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key.json").write_text('{"type": "nonsense"}')
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with pytest.raises(MisconfiguredError, match="credentials of Google"):
        await _opening(GCSStorage("gs://bucket"))


async def test_what_is_missing_names_its_key(storage: GCSStorage) -> None:
    with pytest.raises(NotFoundError, match="files/t/missing"):
        await joined(storage.read("t/missing"))


async def test_a_part_as_large_as_those_that_are_sent_is_kept_whole(storage: GCSStorage) -> None:
    from convo_gcs.storage import PART_BYTES

    for size in (PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES):
        assert await storage.put("t/a", pieces(b"x" * size)) == size
        assert await storage.size("t/a") == size


async def test_what_holds_no_key_signs_nothing(storage: GCSStorage) -> None:
    assert await storage.link("t/a", name="a", mime="text/plain", inline=True, seconds=60) is None


async def test_a_private_key_signs_addresses(storage: GCSStorage) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from google.cloud.storage import Client
    from google.oauth2 import service_account

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    about = {"client_email": "app@p.example", "token_uri": "https://none.example", "private_key": key.decode()}
    credentials = service_account.Credentials.from_service_account_info(about)
    storage._client = Client(project=None, credentials=credentials)

    link = await storage.link("t/a", name="grüße.txt", mime="text/plain", inline=False, seconds=60)

    assert link is not None
    assert link.startswith(f"https://storage.googleapis.com/{storage._bucket}/files/t/a?")
    for part in ("X-Goog-Signature=", "X-Goog-Expires=60", "response-content-disposition=attachment"):
        assert part in link
