"""The log-in: the secret that signs it, and what providers need."""

from __future__ import annotations

import os
from collections.abc import Iterator

from convo import App, ConfigError, MissingPackageError
from convo.config import Sources
from convo_server.auth.authentication import check_login, has_login
from convo_server.oauth.extra import load_oauth

from convo_cli.doctor.finding import Finding, broken, fine, warning

__all__ = ["check_login_of"]

_SECRETS = (("auth", "secret"), ("auth", "embed_secret"))


def check_login_of(app: App, sources: Sources) -> Iterator[Finding]:
    """Of an App whose settings are read."""
    yield _secret(app)
    for keys in _SECRETS:
        if sources.is_set(keys) and (where := sources.where(keys)).startswith(str(sources.file.path)):
            yield warning(
                "secrets",
                f"`{'.'.join(keys)}` stands in {where}, and comes along wherever the file is copied.",
                f"Put it into .env, as CONVO_{'__'.join(keys).upper()}=…",
            )
    yield from _providers(app)


def _secret(app: App) -> Finding:
    auth = app.config.auth
    try:
        check_login(app.callbacks, auth)
    except ConfigError as error:
        return broken("secrets", str(error).partition(":")[0] + ", and there is none.", "convo secret >> .env")
    if has_login(app.callbacks) or auth.embed_secret is not None:
        return fine("secrets", "What signs log-ins is set.")
    return fine("secrets", "Nobody logs in, so none is needed.")


def _providers(app: App) -> Iterator[Finding]:
    try:
        found = load_oauth(app.config.auth, os.environ, is_wanted="oauth_callback" in app.callbacks)
    except MissingPackageError as error:
        yield broken("oauth", f"{str(error).partition(';')[0]}.", f"pip install '{error.package}'")
    except ConfigError as error:
        yield broken("oauth", str(error), "Mend it as docs/oauth.md says.")
    else:
        if found is not None:
            yield fine("oauth", "Providers are configured, and the packages for them are there.")
