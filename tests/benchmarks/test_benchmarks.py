"""Every benchmark runs, and what it counts is right. Times are for `hatch run bench`, not for tests."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

OTHERS = ("convo-uvicorn", "bare-uvicorn", "websocket", "websocket-uvicorn")

PARTIAL = ("load", "rendering", "sessions", "startup")  # a short run has no crowd, no long thread; bare has no command

pytestmark = pytest.mark.timeout(120)


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--short", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def _bench(name: str, file: Path, *targets: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """The table, and what was counted by target: of convo and the bare server unless others are named."""
    done = _run("--only", name, "--json", str(file), "--targets", ",".join(targets or ("convo", "bare")))
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    results = json.loads(file.read_text())["results"]
    assert name in PARTIAL or all(median is not None for result in results for median in result["medians"].values())
    return done.stdout, {result["target"]: result["samples"][0]["counts"] for result in results}


def test_every_token_comes_in_order_and_convo_puts_many_in_a_frame(tmp_path: Path) -> None:
    table, counts = _bench("tokens", tmp_path / "figures.json")
    assert counts["convo"]["tokens"] == counts["bare"]["tokens"] == 1_000
    assert counts["bare"]["frames"] > 1_000
    assert counts["convo"]["frames"] < 200
    assert "| tokens | server CPU per token, µs |" in table


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("paced", {"tokens": 125}),
        ("roundtrip", {"replies": 42}),
        ("closed_loop", {"replies": 50}),
        ("connect", {"greetings": 10}),
        ("memory", {"sessions": 80}),
        ("idle", {"sessions": 20}),
        ("load", {"tokens": 175}),
        ("pauses", {"tokens": 175}),
    ],
)
def test_both_servers_do_the_same_work(tmp_path: Path, name: str, expected: dict[str, int]) -> None:
    assert _bench(name, tmp_path / "figures.json")[1] == {"convo": expected, "bare": expected}


def test_both_servers_stream_to_sessions_until_it_is_known_how_many_hold(tmp_path: Path) -> None:
    """How often it has to try depends on how busy the machine is; a stream of a session has 35 tokens."""
    counts = _bench("sessions", tmp_path / "figures.json")[1]

    assert counts.keys() == {"convo", "bare"}
    for tokens in (count["tokens"] for count in counts.values()):
        assert tokens >= 70
        assert tokens % 35 == 0


@pytest.mark.deep  # a server for each of four
@pytest.mark.parametrize(
    ("name", "expected"),
    [("connect", {"greetings": 10}), ("closed_loop", {"replies": 50}), ("paced", {"tokens": 125})],
)
def test_every_other_server_answers_the_same(tmp_path: Path, name: str, expected: dict[str, int]) -> None:
    assert _bench(name, tmp_path / "figures.json", *OTHERS)[1] == dict.fromkeys(OTHERS, expected)


def test_every_other_server_streams_the_same_and_only_convo_merges(tmp_path: Path) -> None:
    table, counts = _bench("tokens", tmp_path / "figures.json", *OTHERS)
    assert {name: count["tokens"] for name, count in counts.items()} == dict.fromkeys(OTHERS, 1_000)
    assert [name for name, count in counts.items() if count["frames"] < 200] == ["convo-uvicorn"]
    assert "| convo on uvicorn | bare Socket.IO on uvicorn | bare WebSocket | bare WebSocket on uvicorn |" in table


@pytest.mark.deep  # it installs Chainlit
@pytest.mark.timeout(600)
def test_chainlit_is_installed_and_does_the_same_work(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    counts = _bench("tokens", file, "chainlit")[1]["chainlit"]
    assert counts["tokens"] == 1_000
    assert counts["frames"] > 1_000
    assert _bench("paced", file, "chainlit")[1] == {"chainlit": {"tokens": 125}}
    assert _bench("roundtrip", file, "chainlit")[1] == {"chainlit": {"replies": 42}}
    assert _bench("closed_loop", file, "chainlit")[1] == {"chainlit": {"replies": 50}}
    assert _bench("connect", file, "chainlit")[1] == {"chainlit": {"greetings": 10}}
    assert _bench("memory", file, "chainlit")[1] == {"chainlit": {"sessions": 80}}
    assert _bench("turn", file, "chainlit")[1] == {"chainlit": {"turns": 20}}
    assert _bench("list", file, "chainlit")[1] == {"chainlit": {"threads": 30, "steps": 4, "listed": 20}}
    assert _bench("search", file, "chainlit")[1] == {"chainlit": {"messages": 120, "found": 20}}
    assert _bench("writes", file, "chainlit")[1]["chainlit"]["turns"] == 8
    assert _bench("recording", file, "chainlit")[1] == {"chainlit": {"tokens": 1_175}}
    assert _bench("resume", file, "chainlit")[1] == {"chainlit": {"messages": 40, "resumed": 1}}
    assert _bench("startup", file, "chainlit")[1]["chainlit"]["modules"] > 100
    assert _bench("first_load", file, "chainlit")[1]["chainlit"]["scripts"] > 0


def test_a_peer_that_cannot_be_installed_is_left_out_and_said(tmp_path: Path) -> None:
    cache = str(tmp_path)
    nowhere = {"XDG_CACHE_HOME": cache, "UV_CACHE_DIR": cache, "UV_OFFLINE": "1", "UV_FIND_LINKS": ""}
    done = _run("--only", "roundtrip", "--targets", "chainlit,bare", **nowhere)
    assert done.returncode == 0, done.stderr
    assert "| benchmark | figure | bare Socket.IO | convo's range |" in done.stdout
    said = [line for line in done.stderr.splitlines() if "left out" in line]
    assert len(said) == 1
    assert said[0].startswith("→ Chainlit 2.12 is left out: `uv pip` failed: ")
    assert not list((tmp_path / "convo-benchmarks").iterdir())


def test_a_short_run_installs_nothing_unasked(tmp_path: Path) -> None:
    done = _run("--only", "first_load", XDG_CACHE_HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "→ Chainlit 2.12 is left out: not installed yet; --targets chainlit installs it" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_target_that_does_not_exist_is_refused() -> None:
    done = _run("--targets", "bare,gradio")
    assert done.returncode == 2
    assert "no target is called gradio; there are convo, " in done.stderr


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resilience", {"cuts": 2, "stops": 2, "answers": 2}),
        ("reload", {"saves": 3}),
        ("telemetry", {"replies": 84}),
        ("turn", {"turns": 20}),
        ("list", {"threads": 30, "steps": 4, "listed": 20}),
        ("search", {"messages": 120, "found": 20}),
        ("logins", {"logins": 20}),
        ("writes", {"turns": 8, "rows": 32}),
        ("recording", {"tokens": 1_175}),
        ("resume", {"messages": 40, "resumed": 1}),
    ],
)
def test_what_only_convo_does_is_measured(tmp_path: Path, name: str, expected: dict[str, int]) -> None:
    assert _bench(name, tmp_path / "figures.json")[1] == {"convo": expected}


def test_startup_is_measured_for_both(tmp_path: Path) -> None:
    counts = _bench("startup", tmp_path / "figures.json")[1]
    assert set(counts) == {"convo", "bare"}
    assert all(count["modules"] > 100 for count in counts.values())


def test_the_first_load_counts_what_the_page_names(tmp_path: Path) -> None:
    _, counts = _bench("first_load", tmp_path / "figures.json")
    assert set(counts) == {"convo"}
    assert counts["convo"]["requests"] > counts["convo"]["scripts"] > 0


needs_chromium = pytest.mark.skipif(
    shutil.which("chromium") is None and not os.environ.get("CI"),
    reason="Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-liberation",
)


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rendering", {"tokens": 50, "characters": 210}),
        ("text", {"tokens": 60, "characters": 230}),
        ("heap", {"chats": 2, "messages": 2}),
        ("thread", {"messages": 20, "tokens": 25}),
    ],
)
def test_a_real_browser_is_measured(tmp_path: Path, name: str, expected: dict[str, int]) -> None:
    assert _bench(name, tmp_path / "figures.json", "convo")[1] == {"convo": expected}


@pytest.mark.browser
@needs_chromium
def test_the_page_is_measured_as_it_came(tmp_path: Path) -> None:
    counts = _bench("page", tmp_path / "figures.json", "convo")[1]["convo"]
    assert counts["hosts"] == 1
    assert counts["scripts"] > 1


def test_without_chromium_what_needs_it_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.__main__ import _possible

    monkeypatch.setenv("PATH", "")
    assert not {"page", "rendering", "heap", "text", "thread"} & set(_possible())
