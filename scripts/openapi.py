"""Generates the description of the HTTP API from the server's routes.

python scripts/openapi.py            writes docs/openapi.json
python scripts/openapi.py --check    fails when it is not what the routes say
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import convo
from convo_server import create_app
from convo_server.openapi import describe

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs" / "openapi.json"


def text() -> str:
    app = create_app(convo.App(), {"server": {"headless": True}})
    return json.dumps(describe(app.routes), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    if "--check" not in sys.argv:
        FILE.write_text(text(), "utf-8")
        return 0
    if FILE.is_file() and FILE.read_text("utf-8") == text():
        return 0
    print(f"{FILE.relative_to(ROOT)} is not what the routes say; run: hatch run types", file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
