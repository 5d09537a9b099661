"""A chat that goes on later: its memory is made from what was stored."""

import chainlit as cl
from chainlit.input_widget import Select
from chainlit.types import ThreadDict


@cl.set_chat_profiles
async def profiles(user):
    return [cl.ChatProfile(name="Tutor", markdown_description="Asks back")]


@cl.on_chat_start
async def start():
    cl.user_session.set("mood", "curious")
    await cl.ChatSettings([Select(id="Level", label="Level", values=["easy", "hard"], initial_index=1)]).send()
    cl.user_session.set("memory", [])


@cl.on_chat_resume
async def on_chat_resume(thread: ThreadDict):
    memory = []
    for message in thread["steps"]:
        if message["type"] == "user_message":
            memory.append(f"user: {message['output']}")
        elif message["type"] == "assistant_message":
            memory.append(f"ai: {message['output']}")
    root_messages = [m for m in thread["steps"] if m["parentId"] is None and m["type"] == "user_message"]
    cl.user_session.set("memory", memory)
    metadata = thread["metadata"]
    assert (metadata["mood"], metadata["chat_profile"], metadata["chat_settings"]) == (
        "curious",
        "Tutor",
        {"Level": "hard"},
    )
    assert cl.user_session.get("chat_settings") == metadata["chat_settings"]
    await cl.Message(content=f"Back in '{thread['name']}' with {len(root_messages)} question(s)").send()


@cl.on_message
async def on_message(message: cl.Message):
    memory = cl.user_session.get("memory")
    await cl.Message(content=f"{cl.user_session.get('mood')}: {' | '.join(memory)}").send()
