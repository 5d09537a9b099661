"""The web app of convo: built assets, and where they are."""

from __future__ import annotations

from pathlib import Path

from convo_ui._version import __version__

__all__ = ["__version__", "static_path"]


def static_path() -> Path:
    """The folder of the built web app.

    `index.html` in it is a template with the tokens `{{nonce}}`, `{{root}}`, `{{title}}` and `{{config}}`; everything
    below `assets/` is named by its hash and never changes. Text assets have a `.br` and a `.gz` twin, and
    large ones nothing but these.
    Raises `FileNotFoundError` when the web app is not built.
    """
    path = Path(__file__).parent / "static"
    if not (path / "index.html").is_file():
        raise FileNotFoundError(f"The web app is not built in `{path}`; build it with: hatch run ui-build")
    return path
