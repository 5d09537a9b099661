"""Writes the digests of texts that Chainlit ships, by which `convo migrate chainlit` knows which an author changed.

`python scripts/chainlit_texts.py chainlit-2.*.whl`, of as many versions as shall be known.
"""

from __future__ import annotations

import ast
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from convo_cli.chainlit.shipped import FILE, digest
from convo_ui.languages.catalogue import flat


def texts(wheel: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Each text with its key, and the page about the app, whose key is nothing."""
    for name in wheel.namelist():
        if name.startswith("chainlit/translations/") and name.endswith(".json"):
            yield from flat(json.loads(wheel.read(name)))
    for node in ast.walk(ast.parse(wheel.read("chainlit/markdown.py"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("# "):
            yield "", node.value


def main(paths: list[str]) -> None:
    found = {digest(key, text) for path in paths for key, text in texts(zipfile.ZipFile(path))}
    whole = "".join(sorted(found))
    lines = "\n".join(whole[at : at + 112] for at in range(0, len(whole), 112))
    Path(FILE).write_text(lines + "\n", "ascii")
    print(f"{len(found)} digests in {FILE}")


if __name__ == "__main__":
    main(sys.argv[1:])
