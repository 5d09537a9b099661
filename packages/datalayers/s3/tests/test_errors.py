"""What is wrong is told apart: not there, never works as it is set, may work in a moment."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from convo.errors import MisconfiguredError, NotFoundError, UnavailableError
from convo.testing.storage_suite import joined, pieces
from convo_s3 import S3Storage

from tests.harness.server import free_port


@pytest.fixture
async def storage(url: str) -> AsyncIterator[S3Storage]:
    storage = S3Storage(url)
    await storage.open()
    yield storage
    await storage.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://bucket/x", "write one like `s3://bucket/prefix`"),
        ("s3:///x", "write one like `s3://bucket/prefix`"),
        ("s3://key:secret@bucket", "write one like `s3://bucket/prefix`"),
        ("s3://bucket/a b", "The prefix `a b`"),
        ("s3://bucket/../x", "The prefix `../x`"),
        ("s3://bucket?regoin=eu-central-1", "no option `regoin`; known are `region`, `endpoint`"),
        ("s3://bucket?endpoint=nonsense", "is an address as `https://host:port`"),
        ("s3://bucket?endpoint=http://[::1", "is an address as `https://host:port`"),
    ],
)
def test_a_url_that_cannot_be_one_says_what_can(url: str, says: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        S3Storage(url)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


async def _opening(storage: S3Storage) -> None:
    try:
        await storage.open()
    finally:
        await storage.close()


async def test_a_bucket_that_is_not_there_is_told_at_the_start(service: str, url: str) -> None:
    with pytest.raises(MisconfiguredError, match="There is no bucket `nowhere`; make it"):
        await _opening(S3Storage(f"s3://nowhere?endpoint={service}&region=us-east-1"))


async def test_a_host_that_does_not_answer_may_do_so_later(url: str) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        await _opening(S3Storage(f"s3://bucket?endpoint=http://127.0.0.1:{free_port()}&region=us-east-1"))


async def test_a_region_that_cannot_be_is_told_at_the_start(url: str) -> None:
    with pytest.raises(MisconfiguredError, match=r"check `\[storage\] url`"):
        await _opening(S3Storage("s3://bucket?region=no%20region"))


async def test_without_credentials_it_says_so(
    service: str, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    with pytest.raises(MisconfiguredError, match="credentials of AWS"):
        await _opening(S3Storage(f"s3://bucket?endpoint={service}&region=us-east-1"))


async def test_what_is_missing_names_its_key(storage: S3Storage) -> None:
    with pytest.raises(NotFoundError, match="files/t/missing"):
        await joined(storage.read("t/missing"))


async def test_what_was_cut_off_leaves_no_parts_to_pay_for(storage: S3Storage) -> None:
    async def torn() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1024 * 1024
        raise EOFError

    with pytest.raises(EOFError):
        await storage.put("t/torn", torn())

    left = await storage._client.list_multipart_uploads(Bucket=storage._bucket)
    assert "Uploads" not in left


async def test_a_bucket_that_was_deleted_is_no_missing_file(storage: S3Storage) -> None:
    await storage._client.delete_bucket(Bucket=storage._bucket)
    with pytest.raises(MisconfiguredError, match="There is no bucket"):
        await storage.put("t/a", pieces(b"a"))


async def test_more_keys_than_one_request_can_name_are_deleted(storage: S3Storage) -> None:
    for number in range(1002):
        await storage.put(f"t/{number}", pieces(b""))

    await storage.delete_all("t/")

    assert [await storage.size(f"t/{number}") for number in (0, 500, 1000, 1001)] == [None] * 4
