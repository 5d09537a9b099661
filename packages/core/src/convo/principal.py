"""Principals: who is asking; and the one place that says what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convo.protocol import CommandError, PrincipalInfo
from convo.user import User

__all__ = ["POLICY", "Principal", "Role", "authorize", "role_of"]

Role = Literal["owner", "participant", "viewer"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking, signed in or anonymous. `id` is minted by the server and never reused.

    `sign_in_id` is that of the `SignIn` by which he is known, if there is one: with it he is signed out.
    """

    id: str
    user: User | None = None
    sign_in_id: str | None = None

    @property
    def is_anonymous(self) -> bool:
        return self.user is None

    @property
    def info(self) -> PrincipalInfo:
        """What the principal's own browser may know."""
        if self.user is None:
            return PrincipalInfo(id=self.id)
        return PrincipalInfo(
            id=self.id, anonymous=False, identifier=self.user.identifier, display_name=self.user.display_name
        )


_OWNER: frozenset[Role] = frozenset({"owner"})
_TAKES_PART: frozenset[Role] = frozenset({"owner", "participant"})
_READS: frozenset[Role] = frozenset({"owner", "participant", "viewer"})

POLICY: dict[str, frozenset[Role]] = {
    # What anybody may ask of the app itself.
    "app:read": _OWNER,
    # What a principal may do with threads, open or not.
    "thread:list": _OWNER,
    "thread:change": _OWNER,
    # What a connection may do with a thread.
    "thread:create": _OWNER,
    "thread:open": _TAKES_PART,
    "thread:read": _READS,
    "thread:share": _OWNER,
    "thread:delete": _OWNER,
    # What users do with their own sign-ins and tokens.
    "account:read": _OWNER,
    "account:change": _OWNER,
    # Commands, by kind.
    "message": _TAKES_PART,
    "edit": _TAKES_PART,
    "regenerate": _TAKES_PART,
    "show-branch": _TAKES_PART,
    "stop": _TAKES_PART,
    "dequeue": _TAKES_PART,
    "answer": _TAKES_PART,
    "cancel-ask": _TAKES_PART,
    "act": _TAKES_PART,
    "element-update": _TAKES_PART,
    "element-remove": _TAKES_PART,
    "element-act": _TAKES_PART,
    "settings": _TAKES_PART,
    "feedback": _TAKES_PART,
    "favourite": _TAKES_PART,
    "call-result": _TAKES_PART,
    "window-message": _TAKES_PART,
    "audio-start": _TAKES_PART,
    "audio-chunk": _TAKES_PART,
    "audio-end": _TAKES_PART,
    "mcp-connect": _OWNER,
    "mcp-add": _OWNER,
    "mcp-disconnect": _OWNER,
    "mcp-switch": _OWNER,
    "page": _READS,
    "leave": _TAKES_PART,
}
"""Which roles may do what. A verb that is not here is nobody's: default deny."""


def role_of(
    principal: Principal, owner_id: str | None, *, by_share: bool = False, takes_part: bool = False
) -> Role | None:
    """What `principal` is to a thread of `owner_id`; `None`: nothing. Who comes by a share is a viewer, whoever he is.

    Whether a share lets him come is `convo.viewing`'s to say; that he takes part in a place of a chat platform, the
    platform's.
    """
    if by_share:
        return "viewer"
    if owner_id is not None and owner_id == principal.id:
        return "owner"
    return "participant" if takes_part else None


def authorize(
    principal: Principal, verb: str, owner_id: str | None, *, by_share: bool = False, takes_part: bool = False
) -> None:
    """Let `principal` do `verb` with what belongs to the principal `owner_id`, or raise `CommandError`.

    What is not the principal's is `not-found`: a guess at an id learns nothing. What a viewer may not do is
    `unsupported`.
    """
    role = role_of(principal, owner_id, by_share=by_share, takes_part=takes_part)
    if role is not None and role in POLICY.get(verb, frozenset()):
        return
    if role == "viewer":
        raise CommandError("unsupported", "A chat that is shared can be read, and nothing else.", key="readOnly")
    raise CommandError("not-found", "There is no such thread, or it is not yours.", key="thread")
