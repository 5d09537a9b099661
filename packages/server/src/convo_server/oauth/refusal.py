"""Why a log-in at a provider came to nothing."""

from __future__ import annotations

from typing import Literal

from convo import ConvoError

__all__ = ["Refusal", "RefusalCode"]

RefusalCode = Literal[
    "denied", "state", "expired", "provider-down", "provider-invalid", "not-allowed", "in-use", "unavailable"
]


class Refusal(ConvoError):  # noqa: N818 - it is an answer, not always an error
    """A log-in came to nothing. `code` is for the log-in page, the text for the log: it never goes to a browser.

    `denied`: the user or the provider said no. `state`: the answer belongs to no log-in of this browser, or was used
    before. `expired`: it came too late. `provider-down`: the provider could not be asked. `provider-invalid`: what it
    said cannot be trusted, or it does not know this app. `not-allowed`: the app does not want this user.
    `in-use`: somebody of this name logs in another way. `unavailable`: nobody can be let in at the moment.
    `identifier` is of whom it is, once that is known.
    """

    def __init__(self, code: RefusalCode, text: str, *, identifier: str | None = None) -> None:
        super().__init__(text)
        self.code: RefusalCode = code
        self.identifier = identifier
