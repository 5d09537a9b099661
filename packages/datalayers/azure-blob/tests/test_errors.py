"""What is wrong is told apart: not there, never works as it is set, may work in a moment."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator

import pytest
from convo.errors import MisconfiguredError, NotFoundError, UnavailableError
from convo.testing.storage_suite import joined, pieces
from convo_azure_blob import AzureBlobStorage

from tests.harness.server import free_port


@pytest.fixture
async def storage(url: str) -> AsyncIterator[AzureBlobStorage]:
    storage = AzureBlobStorage(url)
    await storage.open()
    yield storage
    await storage.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://container/x", "write one like `azure://bucket/prefix`"),
        ("azure:///x", "write one like `azure://bucket/prefix`"),
        ("azure://container?acount=ann", "no option `acount`; known are `account`, `endpoint`"),
        ("azure://container?endpoint=nonsense", "is an address as `https://host:port`"),
    ],
)
def test_a_url_that_cannot_be_one_says_what_can(url: str, says: str) -> None:
    with pytest.raises(MisconfiguredError) as caught:
        AzureBlobStorage(url)
    assert says in str(caught.value)


async def _opening(storage: AzureBlobStorage) -> None:
    try:
        await storage.open()
    finally:
        await storage.close()


async def test_without_an_account_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(MisconfiguredError, match=r"names no account; end it with `\?account=…`"):
        await _opening(AzureBlobStorage("azure://container"))


async def test_a_connection_string_is_enough(service: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = os.environ["AZURE_STORAGE_KEY"]
    parts = (
        "DefaultEndpointsProtocol=http",
        "AccountName=devstoreaccount1",
        f"AccountKey={key}",
        f"BlobEndpoint={service}",
    )
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", ";".join(parts))
    storage = AzureBlobStorage(url.partition("?")[0])
    await storage.open()
    assert await storage.put("t/a", pieces(b"a")) == 1
    link = await storage.link("t/a", name="a", mime="text/plain", inline=True, seconds=60)
    assert link is not None
    assert link.startswith(service)
    await storage.close()


async def test_a_connection_string_that_cannot_be_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "nonsense")
    with pytest.raises(MisconfiguredError, match="`AZURE_STORAGE_CONNECTION_STRING` cannot be used"):
        await _opening(AzureBlobStorage("azure://container"))


async def test_a_container_that_is_not_there_is_told_at_the_start(service: str, url: str) -> None:
    with pytest.raises(MisconfiguredError, match="There is no container `nowhere`; make it"):
        await _opening(AzureBlobStorage(f"azure://nowhere?account=devstoreaccount1&endpoint={service}"))


async def test_a_wrong_key_is_told_at_the_start(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_KEY", "d3Jvbmc=")
    with pytest.raises(MisconfiguredError, match="credentials of Azure"):
        await _opening(AzureBlobStorage(url))


async def test_a_host_that_does_not_answer_may_do_so_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_KEY", "d3Jvbmc=")
    endpoint = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(UnavailableError, match="does not answer"):
        await _opening(AzureBlobStorage(f"azure://container?account=ann&endpoint={endpoint}"))


async def test_what_is_missing_names_its_key(storage: AzureBlobStorage) -> None:
    with pytest.raises(NotFoundError, match="files/t/missing"):
        await joined(storage.read("t/missing"))


async def test_a_container_that_was_deleted_is_no_missing_file(storage: AzureBlobStorage) -> None:
    await storage._container.delete_container()
    with pytest.raises(MisconfiguredError, match="There is no container"):
        await storage.put("t/a", pieces(b"a"))


async def test_many_are_deleted(storage: AzureBlobStorage) -> None:
    for number in range(120):
        await storage.put(f"t/{number}", pieces(b""))

    await storage.delete_all("t/")

    assert [await storage.size(f"t/{number}") for number in (0, 60, 119)] == [None] * 3
