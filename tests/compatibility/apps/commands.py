"""Commands that change with the talk."""

import chainlit as cl
from chainlit.types import CommandDict

commands: list[CommandDict] = [
    {"id": "Picture", "icon": "image", "description": "Use DALL-E"},
    {"id": "Search", "icon": "globe", "description": "Find on the web", "button": True, "persistent": True},
]


@cl.on_chat_start
async def start():
    await cl.context.emitter.set_commands(commands)


@cl.on_message
async def message(msg: cl.Message):
    if msg.command == "Picture":
        await cl.context.emitter.set_commands([])
        await cl.Message(content=f"Painting {msg.content}").send()
    else:
        await cl.Message(content=f"{msg.command} {msg.content}").send()
