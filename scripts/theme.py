"""Generates the JSON Schema of `public/theme.json`.

python scripts/theme.py            writes it
python scripts/theme.py --check    fails when it is not what `convo_ui.theme` says
"""

from __future__ import annotations

import json

from convo_ui.theme import schema
from generated import ROOT, keep

SCHEMA = ROOT / "docs" / "theme.schema.json"


if __name__ == "__main__":
    text = json.dumps(schema(), indent=2) + "\n"
    raise SystemExit(keep({SCHEMA: text}, "the tokens of `convo_ui.theme`"))
