"""Chats that others read by a link, as they are or as they grow; and the app says who of them may.

Run it with: CONVO_FEATURES__ALLOW_THREAD_SHARING=true convo run examples/sharing.py
"""

import convo


@convo.on_message
async def answer(message: convo.Message) -> None:
    async with convo.Step("weigh", type="tool") as step:
        step.input = message.content
        step.output = {"words": len(message.content.split())}
    await convo.Message(f"You said: {message.content}").send()


@convo.on_shared_thread_view
async def may_see(thread: convo.types.ThreadDict, viewer: convo.User | None) -> bool:
    """`viewer` is who has logged in, or `None` for a visitor, whom this app lets read all but what is marked."""
    said = [step["output"] for step in thread["steps"] if step["type"] == "user_message"]
    return viewer is not None or not any("confidential" in text.lower() for text in said)
