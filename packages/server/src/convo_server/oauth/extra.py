"""The extra `convo-server[oauth]`: loaded where a provider is configured, and missed nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.request import getproxies_environment

from convo import MissingPackageError

from convo_server.oauth.settings import find_providers

if TYPE_CHECKING:
    from convo.config import Auth

    from convo_server.oauth.client import OAuth

__all__ = ["load_oauth"]


def load_oauth(settings: Auth, environ: Mapping[str, str], *, is_wanted: bool) -> OAuth | None:
    """The client for the configured providers; `None` without any. `is_wanted`: the App has an `oauth_callback`.

    Raises `ConfigError`, `MissingPackageError`.
    """
    providers = find_providers(settings.oauth, environ, is_wanted=is_wanted, allow_private=settings.allow_private_hosts)
    if not providers:
        return None
    try:
        from convo_server.oauth.client import OAuth
    except ImportError as error:
        raise MissingPackageError(
            "Logging in elsewhere needs authlib and httpx; install them with: pip install 'convo-server[oauth]'",
            package="convo-server[oauth]",
        ) from error
    return OAuth(providers, allow_private=settings.allow_private_hosts, proxies=getproxies_environment())
