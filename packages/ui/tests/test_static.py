"""What the built web app promises: small, self-contained, compressed beforehand, a template for its server."""

from __future__ import annotations

import gzip
import re
from importlib.metadata import entry_points
from pathlib import Path

import convo_ui
import pytest

FIRST_LOAD_BYTES = 150_000
FIRST_LOAD_FILES = 6
FIRST_ANSWER_SCRIPTS = 7
INSTALLED_BYTES = 16_000_000
TWINS_ONLY_BYTES = 64_000
"""From here on, only the compressed twins of a text are kept."""


@pytest.fixture(scope="module")
def static() -> Path:
    return convo_ui.static_path()


def test_every_public_name_exists() -> None:
    assert all(hasattr(convo_ui, name) for name in convo_ui.__all__)


def test_the_server_finds_it_by_its_entry_point() -> None:
    (entry,) = entry_points(group="convo.ui", name="web")
    assert entry.load() is convo_ui.static_path


def test_index_is_a_template_for_the_server(static: Path) -> None:
    index = (static / "index.html").read_text()
    assert '<base href="{{root}}/"' in index
    assert 'id="convo-config"' in index
    for token in ("{{title}}", "{{config}}"):
        assert token in index
    scripts = re.findall(r"<script[^>]*>", index)
    assert scripts
    assert all('nonce="{{nonce}}"' in script for script in scripts)


def test_first_load_stays_small(static: Path) -> None:
    index = (static / "index.html").read_text()
    scripts = re.findall(r'(?:src|href)="\./([^"]+\.js)"', index)
    assert scripts
    assert sum((static / f"{script}.gz").stat().st_size for script in scripts) <= FIRST_LOAD_BYTES
    assert len(named(index)) <= FIRST_LOAD_FILES


def test_a_first_answer_needs_little_more(static: Path) -> None:
    """As browsers take it, with the parts that the page asks for itself."""
    index = (static / "index.html").read_text()
    wanted = [static / name for name in named(index) if name.endswith(".js")]
    wanted += [twin.with_suffix("") for twin in (static / "assets").glob("Transcript-*.js.gz")]
    scripts: set[Path] = set()
    while wanted:
        script = wanted.pop()
        if script not in scripts:
            scripts.add(script)
            text = gzip.decompress(Path(f"{script}.gz").read_bytes()).decode()
            wanted += [script.parent / name for name in re.findall(r'(?:import|from)\s*"\./([^"]+\.js)"', text)]
    assert any(script.name.startswith("talk-") for script in scripts)
    assert len(scripts) <= FIRST_ANSWER_SCRIPTS
    assert sum(Path(f"{script}.br").stat().st_size for script in scripts) <= FIRST_LOAD_BYTES


def test_a_frame_loads_nothing_of_the_app(static: Path) -> None:
    """Where both need the same few lines, these have a file of their own."""
    page, frame = (named((static / name).read_text()) for name in ("index.html", "diagram.html"))
    shared = [name for name in page & frame if name.endswith(".js")]
    assert sum((static / f"{name}.gz").stat().st_size for name in shared) < 3_000


def named(document: str) -> set[str]:
    """The files that a document makes a browser load."""
    return {*re.findall(r'(?:src|href)="\./([^"]+)"', document)}


def test_text_assets_are_hashed_and_compressed_beforehand(static: Path) -> None:
    twins = [path for path in (static / "assets").iterdir() if path.name.endswith((".js.gz", ".css.gz"))]
    assert twins
    for twin in twins:
        asset = twin.with_suffix("")
        assert re.search(r"-[\w-]{8}\.(js|css)$", asset.name)
        assert asset.with_name(f"{asset.name}.br").is_file()
        text = gzip.decompress(twin.read_bytes())
        assert asset.read_bytes() == text if asset.is_file() else len(text) >= TWINS_ONLY_BYTES
    assert sum(path.stat().st_size for path in static.rglob("*") if path.is_file()) <= INSTALLED_BYTES


def test_there_are_no_source_maps(static: Path) -> None:
    assert not list(static.rglob("*.map"))


def test_nothing_is_loaded_from_other_hosts(static: Path) -> None:
    index = (static / "index.html").read_text()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', index)
    for sheet in static.rglob("*.css"):
        assert not re.findall(r"url\(['\"]?(?:https?:)?//|@import", sheet.read_text())
