"""`convo hello`: serve the tour that comes with convo."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from convo_cli.options import Debug, Headless, Host, Open, Port, RootPath, Watch, as_settings

__all__ = ["hello"]

FILE = Path(__file__).with_name("hello_app.py")


def hello(
    host: Host = None,
    port: Port = None,
    root_path: RootPath = None,
    watch: Watch = False,
    headless: Headless = False,
    debug: Debug = False,
    open_browser: Open = None,
) -> None:
    """Serve a tour of convo that needs no API key."""
    from convo_cli.launch import Launch  # the server takes a while to import; `--help` and completion need none of it
    from convo_cli.opening import load_variables

    load_variables()
    settings = as_settings(host, port, root_path, watch, headless, debug) | {"project": {"name": "Hello"}}
    if "CONVO_DATA__URL" not in os.environ:
        settings["data"] = {"url": "memory"}  # a look leaves no files behind
    raise typer.Exit(Launch(str(FILE), settings, is_watching=watch, is_verbose=debug, is_opening=open_browser).run())
