"""Chats that are kept: listed beside the conversation, found again, and named by the app after their first answer.

Run it with: CONVO_DATA__URL=sqlite:///history.db convo run examples/history.py
"""

import convo

SMALL_WORDS = {"about", "after", "could", "should", "there", "these", "those", "what", "when", "where", "which", "with"}


@convo.on_message
async def note(message: convo.Message) -> None:
    notes = [*(convo.user_session.get("notes") or []), message.content]
    convo.user_session.set("notes", notes)  # kept with the thread, and there again when it is opened next week
    await convo.Message(f"Noted. That makes {len(notes)} in this chat.").send()


@convo.thread_title
def title(thread: convo.types.ThreadDict) -> str:
    first = next(step["output"] for step in thread["steps"] if step["type"] == "user_message")
    words = [word.strip(".,!?") for word in first.split()]
    return " ".join([word for word in words if len(word) > 3 and word.lower() not in SMALL_WORDS][:4]).capitalize()
