"""`convo run`: serve the app in a file."""

from __future__ import annotations

from typing import Annotated

import typer

from convo_cli.options import (
    Debug,
    Headless,
    Host,
    LogFormat,
    Open,
    Port,
    RootPath,
    SslCert,
    SslKey,
    Watch,
    Workers,
    as_settings,
)

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
    ssl_cert: SslCert = None,
    ssl_key: SslKey = None,
    log_format: LogFormat = "text",
    workers: Workers = 1,
) -> None:
    """Serve the app in FILE."""
    from convo_cli.launch import Launch  # the server takes a while to import; `--help` and completion need none of it

    settings = as_settings(host, port, root_path, watch, headless, debug, ssl_cert, ssl_key)
    launch = Launch(
        target, settings, is_watching=watch, is_verbose=debug, is_opening=open_browser, log_format=log_format
    )
    raise typer.Exit(launch.run())
