"""Users who log in elsewhere: at any provider of OpenID Connect, by its issuer; the app says whom it lets in.

Register the app at the provider with the callback's address http://localhost:8000/auth/oauth/partners/callback, then
run it with: convo run examples/oauth.py
and in the environment CONVO_AUTH__SECRET, as `convo secret` prints one, and of what the provider has told you
CONVO_AUTH__OAUTH__PARTNERS__ISSUER, …__CLIENT_ID, …__CLIENT_SECRET and, for the button, …__LABEL.
"""

from typing import Any

import convo


@convo.oauth_callback
async def admit(
    provider_id: str, token: str, raw_user_data: dict[str, Any], default_user: convo.User
) -> convo.User | None:
    if not raw_user_data.get("email_verified"):
        return None  # anybody may claim an address that nobody has verified
    default_user.metadata["role"] = "admin" if "admins" in raw_user_data.get("groups", []) else "user"
    return default_user


@convo.on_message
async def answer(message: convo.Message) -> None:
    user = convo.user_session.get("user")
    await convo.Message(f"You are {user.identifier}, {user.metadata['role']}, by {user.metadata['provider']}.").send()
