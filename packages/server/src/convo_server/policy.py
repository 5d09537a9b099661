"""The policy of routes: what each may be used for, and by whom. A route that is not here is an error at the start."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["PUBLIC", "ROUTES"]

ROUTES: Mapping[str, str] = {
    "app": "app:read",
    "threads": "thread:create",
    "thread-list": "thread:list",
    "thread-search": "thread:list",
    "favourites": "thread:list",
    "thread": "thread:read",
    "thread-change": "thread:change",
    "thread-delete": "thread:delete",
    "thread-restore": "thread:delete",
    "thread-export": "thread:read",
    "shares": "thread:share",
    "share-list": "thread:share",
    "share-revoke": "thread:share",
    "share": "thread:read",  # by a share, as the next two
    "shared-events": "thread:read",
    "shared-file": "thread:read",
    "events": "thread:open",
    "commands": "thread:open",  # and then each command by its own kind
    "messages": "message",
    "run": "thread:read",
    "run-stop": "stop",
    "files": "message",  # or "answer", for an ask
    "file": "thread:read",
    "file-discard": "message",
    "socket": "thread:open",
    "auth-sessions": "account:read",
    "auth-session": "account:change",
    "auth-token": "account:read",
    "auth-tokens": "account:read",
    "auth-token-make": "account:change",
    "auth-token-end": "account:change",
}
"""The verb of `convo.principal.POLICY` that a route asks for, by the route's name."""

PUBLIC: frozenset[str] = frozenset(
    {
        "page",
        "copilot-script",
        "copilot-module",
        "copilot-config",  # for a page that may talk to the app
        "login-page",
        "thread-page",
        "element-page",
        "share-page",
        "shared-element-page",
        "asset",
        "frame",
        "avatar",
        "public",
        "element-frame",
        "element",
        "element-types",
        "theme",
        "openapi",
        "health",
        "ready",
        "platform-discord",  # of a platform the bridge asks each request who sent it
        "platform-slack",
        "platform-teams",
        "auth",
        "login",
        "logout",
        "logout-everywhere",
        "oauth",
        "oauth-callback",
    }
)
"""The routes anybody may use."""
