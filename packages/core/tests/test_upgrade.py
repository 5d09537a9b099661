"""Settings of earlier versions become those of this one, comments included."""

import tomllib

import pytest
from convo import ConfigError
from convo.config import upgraded


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# mine\n[uploads] # files\nmax_files = 3\n", "# mine\n[features.uploads] # files\nmax_files = 3\n"),
        ("schema_version = 1\nuploads.max_files = 3\n", "schema_version = 2\nfeatures.uploads.max_files = 3\n"),
        ("[features]\nfeedback = false\n\n[uploads]\nenabled = true\n",
         "[features]\nfeedback = false\n\n[features.uploads]\nenabled = true\n"),
        ('[project]\nname = "uploads"\n', '[project]\nname = "uploads"\n'),
        ("[features.uploads]\nmax_files = 3\n", "[features.uploads]\nmax_files = 3\n"),
        ("schema_version = 2\n", "schema_version = 2\n"),
    ],
)  # fmt: skip
def test_a_moved_table_moves(before: str, after: str) -> None:
    assert upgraded(before) == after


def test_it_moves_in_a_project_file_too_and_leaves_what_belongs_to_others() -> None:
    before = "[uploads]\nx = 1\n[tool.convo]\nuploads.max_files = 3\n[tool.convo.server]\nport = 1\n[tool.uploads]\n"

    after = upgraded(before, "tool.convo.")

    assert after == before.replace("uploads.max_files", "features.uploads.max_files")
    assert tomllib.loads(after)["tool"]["convo"]["features"] == {"uploads": {"max_files": 3}}


def test_what_cannot_be_moved_line_by_line_is_said_to_its_author() -> None:
    with pytest.raises(ConfigError, match=r"move `uploads` to `features\.uploads` by hand"):
        upgraded("uploads.max_files = 3\n[features]\nfeedback = true\n")
