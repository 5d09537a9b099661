"""What every data layer promises, and what is this one's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
from convo.errors import MisconfiguredError, UnavailableError
from convo.testing import DataLayerSuite
from convo_sample.shelf import ShelfDataLayer


class TestShelf(DataLayerSuite):
    @pytest.fixture
    def create_data_layer(self, tmp_path: Path) -> Callable[[], ShelfDataLayer]:
        return lambda: ShelfDataLayer(f"shelf:///{tmp_path}/history.db")


@pytest.mark.parametrize("url", ["shelf:///", "sqlite:///history.db", ""])
def test_an_address_that_names_no_file_says_how_to_write_one(url: str) -> None:
    with pytest.raises(MisconfiguredError, match=r"shelf:///history\.db"):
        ShelfDataLayer(url)


async def test_a_file_that_is_something_else_could_not_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "history.db").write_text("This is a letter, and no database. " * 100)
    with pytest.raises(UnavailableError, match=r"history\.db"):
        await ShelfDataLayer(f"shelf:///{tmp_path}/history.db").open()


async def test_without_leave_to_migrate_it_makes_no_tables(tmp_path: Path) -> None:
    layer = ShelfDataLayer(f"shelf:///{tmp_path}/history.db")
    layer.migrates = False
    with pytest.raises(MisconfiguredError, match="migrate = true"):
        await layer.open()
