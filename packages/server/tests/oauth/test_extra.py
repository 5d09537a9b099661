"""What is loaded where no provider is configured, and what is said where the extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from convo import Config, MissingPackageError
from convo_server.oauth.extra import load_oauth

GITHUB = Config(auth={"oauth": {"github": {"client_id": "i", "client_secret": "s"}}}).auth


def test_without_a_provider_nothing_is_loaded():
    code = (
        "import sys, convo, convo_server\n"
        "from convo_server.oauth.extra import load_oauth\n"
        "assert load_oauth(convo.Config().auth, {}, is_wanted=False) is None\n"
        "print({'authlib', 'joserfc', 'httpx', 'cryptography'} & sys.modules.keys())"
    )

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


def test_a_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "authlib", None)
    for name in [name for name in sys.modules if name.startswith(("authlib.", "convo_server.oauth.client"))]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(MissingPackageError, match="pip install 'convo-server") as caught:
        load_oauth(GITHUB, {}, is_wanted=True)
    assert caught.value.package == "convo-server[oauth]"
