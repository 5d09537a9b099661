"""A chat for people who log in: each has chats of their own, and admins have a profile more."""

from collections.abc import AsyncIterator

import convo
from users import Users, database

users = Users(database())


@convo.on_app_startup
async def start() -> None:
    await users.open()


@convo.on_app_shutdown
async def stop() -> None:
    await users.close()


@convo.password_auth_callback
async def check(name: str, password: str) -> convo.User | None:
    member = await users.find(name, password)
    if member is None:
        return None
    return convo.User(member.name, display_name=member.name.title(), metadata={"role": member.role})


@convo.set_chat_profiles
async def profiles(user: convo.User | None) -> list[convo.ChatProfile]:
    """What is not in the list cannot be chosen, by a forged request neither."""
    shown = [
        convo.ChatProfile("assistant", "Answers **questions**.", "message-circle", "Assistant", default=True),
    ]
    if user is not None and user.metadata.get("role") == "admin":
        shown.append(convo.ChatProfile("office", "Knows **who may log in**.", "users", "Office"))
    return shown


@convo.on_message
async def answer(message: convo.Message) -> None:
    user = convo.user_session.get("user")
    if convo.user_session.get("chat_profile") == "office":
        rows = "".join(f"| {member.name} | {member.role} |\n" for member in await users.list())
        await convo.Message(f"| name | role |\n|---|---|\n{rows}").send()
        return
    await convo.Message().stream(words(f"{user.display_name}, you said: {message.content}"))


async def words(text: str) -> AsyncIterator[str]:
    """A stand-in for a model: whatever yields text can be streamed."""
    for word in text.split(" "):
        yield word + " "
