"""What the documentation shows runs, and what it names is there."""

import inspect
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from convo.config import Config

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "packages/*/README.md", "packages/datalayers/*/README.md")
    for path in ROOT.glob(pattern)
)
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@PAGE
async def test_every_example_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text("import convo\n\n@convo.on_message\ndef answer(): ...\n")
    namespace: dict[str, Any] = {"__name__": "example"}
    if page.name == "README.md" and page.parent == ROOT:
        namespace["app"] = convo_app_of(blocks(page, "python")[0])
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), namespace)
    for name, value in list(namespace.items()):
        if name.startswith("test_") and inspect.iscoroutinefunction(value):
            await value()


def convo_app_of(source: str) -> Any:
    """The App that a page's file of callbacks makes."""
    from convo.loader import load_app

    Path("readme_app.py").write_text(source)
    return load_app("readme_app.py")


@PAGE
def test_every_setting_shown_is_one(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "toml"):
        tomllib.loads(block)
        (tmp_path / "convo.toml").write_text(block)
        Config.load(tmp_path)


@PAGE
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


def test_every_setting_is_documented() -> None:
    shown = set(
        re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "configuration.md").read_text("utf-8"), re.MULTILINE)
    )
    assert shown == set(settings(Config))


def settings(section: Any, prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        if hasattr(field.annotation, "model_fields"):
            yield from settings(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name
