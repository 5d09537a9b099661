"""`convo run`: serve the app in a file."""

from __future__ import annotations

from typing import Annotated

import typer

from convo_cli.options import Debug, Headless, Host, Open, Port, RootPath, Watch, as_settings

__all__ = ["run"]

Target = Annotated[
    str, typer.Argument(metavar="FILE[:APP]", help="The app's file, as app.py; with several Apps in it, app.py:name.")
]


def run(
    target: Target,
    host: Host = None,
    port: Port = None,
    root_path: RootPath = None,
    watch: Watch = False,
    headless: Headless = False,
    debug: Debug = False,
    open_browser: Open = None,
) -> None:
    """Serve the app in FILE."""
    from convo_cli.launch import Launch  # the server takes a while to import; `--help` and completion need none of it

    settings = as_settings(host, port, root_path, watch, headless, debug)
    raise typer.Exit(Launch(target, settings, is_watching=watch, is_verbose=debug, is_opening=open_browser).run())
