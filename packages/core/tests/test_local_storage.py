"""The storage on a disk keeps the contract of storages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from convo import LocalStorage, MisconfiguredError, Storage
from convo.testing import StorageSuite
from convo.testing.storage_suite import joined, pieces


class TestInAFolder(StorageSuite):
    @pytest.fixture
    def create_storage(self, tmp_path: Path) -> Callable[[], Storage]:
        return lambda: LocalStorage(tmp_path / "files")


class TestInATemporaryFolder(StorageSuite):
    @pytest.fixture
    def create_storage(self) -> Callable[[], Storage]:
        return LocalStorage


async def test_only_a_folder_that_was_named_outlives_the_process(tmp_path: Path) -> None:
    named, temporary = LocalStorage(tmp_path), LocalStorage()
    for storage in (named, temporary):
        await storage.put("t/a", pieces(b"a"))
    path = temporary.path("t/a")
    assert path.exists()

    await named.close()
    await temporary.close()

    assert (named.is_durable, temporary.is_durable) == (True, False)
    assert named.path("t/a").exists()
    assert not path.exists()


async def test_what_is_cut_off_leaves_no_draft_behind(tmp_path: Path) -> None:
    async def torn():
        yield b"x"
        raise EOFError

    with pytest.raises(EOFError):
        await LocalStorage(tmp_path).put("t/a", torn())

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_a_folder_that_is_a_file_says_what_to_change(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("")
    storage = LocalStorage(tmp_path / "files")

    with pytest.raises(MisconfiguredError, match=r"check `\[storage\] url`"):
        await storage.put("t/a", pieces(b"a"))


async def test_a_full_disk_is_unavailable_and_nothing_is_kept() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full; only Linux has one")
    from convo.errors import UnavailableError
    from convo.local_storage import copy_pieces

    with pytest.raises(UnavailableError, match="full"):
        await joined(copy_pieces(full, pieces(b"x" * 1_000_000)))


async def test_a_file_stays_open_while_the_disk_reads_it_however_often_its_reader_is_cancelled(tmp_path: Path) -> None:
    storage, loop = LocalStorage(tmp_path), asyncio.get_running_loop()
    await storage.put("t/a", pieces(b"a" * 1_000_000))
    loop.set_default_executor(ThreadPoolExecutor(1))
    reading, slow = storage.read("t/a"), threading.Event()
    await anext(reading)
    waiting = loop.run_in_executor(None, slow.wait)  # a disk that takes its time
    next_piece = asyncio.ensure_future(anext(reading))
    for _ in range(5):
        await asyncio.sleep(0)
        next_piece.cancel()
    await asyncio.sleep(0)

    assert not next_piece.done()
    slow.set()
    await waiting
    with pytest.raises(asyncio.CancelledError):
        await next_piece
