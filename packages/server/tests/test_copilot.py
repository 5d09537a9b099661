"""What a page of another origin gets of the widget, and which page."""

from typing import Any

import convo
from convo_server.copilot import Copilot
from convo_server.page import Assets, Page
from httpx import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.routing import Route

SHOP = "https://shop.example"


async def test_its_settings_are_for_pages_that_are_named(start: Any, app: convo.App) -> None:
    client = await (await start(app, server={"allowed_origins": [SHOP]})).client()

    told = await client.http.get("copilot/config", headers={"Origin": SHOP, "Cookie": ""})
    refused = await client.http.get("copilot/config", headers={"Origin": "https://evil.example"})

    assert (told.status_code, told.headers["access-control-allow-origin"]) == (200, SHOP)
    assert "set-cookie" not in told.headers
    assert (told.json()["direction"], told.json()["root"]) == ("ltr", str(client.http.base_url).rstrip("/"))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


async def test_its_script_is_for_all_and_is_asked_for_again(start: Any, app: convo.App, tmp_path: Any) -> None:
    server = await start(app)
    for name, text in {"index.html": "", "copilot/index.js": "1", "copilot/chat.js": "2", "assets/a-1.js": "3"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    copilot = Copilot(server.host, Page(server.host, Assets.read(tmp_path)))
    routes = [
        Route("/copilot/index.js", copilot.script),
        Route("/copilot/{widget:int}/{name:path}", copilot.module),
    ]
    transport = ASGITransport(Starlette(routes=routes), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://x") as http:
        script = await http.get("/copilot/index.js")
        again = await http.get("/copilot/index.js", headers={"If-None-Match": script.headers["etag"]})
        found = [(await http.get(f"/copilot/{path}")).text for path in ("0/copilot/chat.js", "7/assets/a-1.js")]
        missing = ["99/copilot/chat.js", "0/index.html", "0/assets/../index.html", "0/copilot/index.js", "0/"]
        statuses = [(await http.get(f"/copilot/{path}")).status_code for path in missing]

    assert (script.text, again.status_code, again.content) == ("1", 304, b"")
    assert script.headers["cache-control"].startswith("public, max-age=300")
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"
    assert found == ["2", "3"]
    assert all(status != 200 for status in statuses), statuses
