"""The players of video hosts, which the web app and the server both know."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_may_hold_the_players_that_the_web_app_makes_and_no_others() -> None:
    hosts = (ROOT / "packages/ui/app/src/features/video/hosts.ts").read_text("utf-8")
    page = (ROOT / "packages/server/src/convo_server/page.py").read_text("utf-8")
    players = set(re.findall(r"address\(\s*`(https://[^/`]+)", hosts))
    allowed = re.search(r"_PLAYERS = \(([^)]*)\)", page)

    assert len(players) == hosts.count("player: (film, options)") == 6
    assert allowed is not None
    assert set(re.findall(r'"([^"]+)"', allowed[1])) == players
