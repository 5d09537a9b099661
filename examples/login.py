"""Users who log in with a password, and what each may do: a role decides which profiles somebody is offered.

Run it with: CONVO_AUTH__SECRET=$(openssl rand -hex 32) convo run examples/login.py
Ann is an editor, Bob a reader; the password of both is: sesame
"""

import hashlib
import hmac

import convo

ROLES = {"ann": "editor", "bob": "reader"}  # yours asks a database, and each user has a salt of his own
SALT = bytes.fromhex("5a1f3c0e9b7d2468")
DIGEST = hashlib.scrypt(b"sesame", salt=SALT, n=2**14, r=8, p=1)


@convo.password_auth_callback
def check(username: str, password: str) -> convo.User | None:
    """A plain `def` runs in a thread, where hashing holds up nobody. It takes as long for a name that is not there."""
    digest = hashlib.scrypt(password.encode(), salt=SALT, n=2**14, r=8, p=1)
    if username not in ROLES or not hmac.compare_digest(digest, DIGEST):
        return None
    return convo.User(username, display_name=username.title(), metadata={"role": ROLES[username]})


@convo.set_chat_profiles
async def profiles(user: convo.User | None) -> list[convo.ChatProfile]:
    offered = [convo.ChatProfile("Read", markdown_description="Ask what stands where.", icon="book-open", default=True)]
    if user is not None and user.metadata["role"] == "editor":
        offered.append(convo.ChatProfile("Write", markdown_description="Have it changed.", icon="pencil"))
    return offered  # one that is not among them cannot be chosen by its name either


@convo.on_message
async def answer(message: convo.Message) -> None:
    user, profile = convo.user_session.get("user"), convo.user_session.get("chat_profile")
    await convo.Message(f"{user.display_name}, as {user.metadata['role']}, in {profile}: {message.content}").send()
