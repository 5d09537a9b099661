"""Generates the JSON Schema of the settings from their classes.

python scripts/schema.py            writes docs/config.schema.json
python scripts/schema.py --check    fails when it is not what the classes say
"""

from __future__ import annotations

import json

from convo.config import json_schema
from generated import ROOT, keep

FILE = ROOT / "docs" / "config.schema.json"


def text() -> str:
    return json.dumps(json_schema(with_leaves=False), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(keep({FILE: text()}, "the settings"))
