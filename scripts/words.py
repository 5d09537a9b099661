"""Generates the types of the web app's words from its English catalogue.

python scripts/words.py            writes them
python scripts/words.py --check    fails when they are not what the catalogue says
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from convo_ui.languages import parameters
from generated import ROOT, keep

ENGLISH = ROOT / "packages" / "ui" / "src" / "convo_ui" / "languages" / "en.json"
TYPESCRIPT = ROOT / "packages" / "ui" / "app" / "src" / "words.gen.ts"


def typescript(words: Mapping[str, Any]) -> str:
    head = "// Generated from the English catalogue by scripts/words.py. Do not edit."
    return "\n".join([head, "", "export interface Words {", *_members(words, "  "), "}", ""])


def _members(words: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in words.items():
        name = key if re.fullmatch(r"[A-Za-z_]\w*|\d+", key) else json.dumps(key)
        if isinstance(value, str):
            yield f"{indent}readonly {name}: {_type(value)};"
        else:
            yield f"{indent}readonly {name}: {{"
            yield from _members(value, indent + "  ")
            yield f"{indent}}};"


def _type(text: str) -> str:
    values = "; ".join(
        f"readonly {name}: {'string' if kind == 'text' else 'number'}" for name, kind in parameters(text).items()
    )
    return f"(values: {{ {values} }}) => string" if values else "string"


if __name__ == "__main__":
    words = json.loads(ENGLISH.read_text("utf-8"))
    raise SystemExit(keep({TYPESCRIPT: typescript(words)}, "the words of the English catalogue"))
