"""Generates the description of the HTTP API from the server's routes.

python scripts/openapi.py            writes docs/openapi.json
python scripts/openapi.py --check    fails when it is not what the routes say
"""

from __future__ import annotations

import json

import convo
from convo_server import create_app
from convo_server.openapi import describe
from generated import ROOT, keep

FILE = ROOT / "docs" / "openapi.json"


def text() -> str:
    app = create_app(convo.App(), {"server": {"headless": True}})
    return json.dumps(describe(app.routes), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    raise SystemExit(keep({FILE: text()}, "the routes"))
