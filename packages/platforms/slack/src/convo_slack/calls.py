"""Calls of Slack's Web API, whose failures are those of a bridge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from convo.errors import PlatformBusyError, PlatformDeniedError, PlatformError, PlatformGoneError
from slack_sdk.errors import SlackApiError, SlackClientError

__all__ = ["SlackRefusalError", "slack_call"]

_DENIED: Mapping[str, str] = {
    "account_inactive": "the app was removed from the workspace; install it again",
    "invalid_auth": "a token is wrong; copy `SLACK_BOT_TOKEN` and `SLACK_APP_TOKEN` from the app's settings anew",
    "not_allowed_token_type": "a token is of the wrong kind; `SLACK_BOT_TOKEN` is `xoxb-…`, `SLACK_APP_TOKEN` `xapp-…`",
    "not_authed": "there is no token; set `SLACK_BOT_TOKEN`",
    "token_expired": "a token has expired; install the app again",
    "token_revoked": "a token was revoked; install the app again and set the new one",
}
_GONE = frozenset(
    {
        "cant_delete_message",
        "cant_update_message",
        "channel_not_found",
        "file_deleted",
        "file_not_found",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "not_in_channel",
        "restricted_action",
        "thread_not_found",
        "user_not_found",
    }
)
_LIMITED = frozenset({"ratelimited", "rate_limited"})
_BUSY = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})


class SlackRefusalError(PlatformError):
    """Slack will not do what it was asked. `code` is its word for why."""

    def __init__(self, text: str, *, code: str) -> None:
        super().__init__(text)
        self.code = code


@contextmanager
def slack_call(what: str) -> Iterator[None]:
    """Around a call: raises `PlatformError` and its kinds in place of what `slack_sdk` and aiohttp raise."""
    try:
        yield
    except SlackApiError as error:
        raise _translated(what, error) from error
    except aiohttp.ClientConnectorError as error:
        raise PlatformBusyError(f"Slack cannot be reached: {error}") from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        text = f"`{what}` was not answered: {str(error) or type(error).__name__}"
        raise PlatformBusyError(text, is_unsure=True) from error
    except SlackClientError as error:
        raise PlatformError(f"`{what}` was refused: {error}") from error


def _translated(what: str, error: SlackApiError) -> PlatformError:
    response: Any = error.response
    status = int(getattr(response, "status_code", None) or getattr(response, "status", None) or 200)
    headers: Mapping[str, str] = getattr(response, "headers", None) or {}
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, Mapping) else ""
    if status == 429 or code in _LIMITED:
        return PlatformBusyError(f"Slack limits the rate of `{what}`", retry_after=_seconds(headers.get("Retry-After")))
    if status >= 500 or code in _BUSY or not code:
        return PlatformBusyError(f"`{what}` failed at Slack ({status} {code})".rstrip(), is_unsure=True)
    if code in _DENIED:
        return PlatformDeniedError(f"Slack refuses `{what}` ({code}): {_DENIED[code]}")
    if code in _GONE:
        return PlatformGoneError(f"Slack refuses `{what}`: {code}")
    if code == "missing_scope" and isinstance(data, Mapping):
        code_and_remedy = f"{code}; add `{data.get('needed')}` to the app's scopes and install it again"
        return SlackRefusalError(f"Slack refuses `{what}`: {code_and_remedy}", code=code)
    return SlackRefusalError(f"Slack refuses `{what}`: {code}", code=code)


def _seconds(text: str | None) -> float:
    try:
        return max(float(text or 1), 0.0)
    except ValueError:
        return 1.0
