"""Names reached through their modules."""

import chainlit as cl
from chainlit import Message, on_message, user_session


def starters_of(thread: cl.types.ThreadDict) -> list[cl.types.Starter]:
    return [cl.types.Starter(label=thread["id"], message=thread["id"])]


@cl.on_chat_start
async def start():
    await cl.ChatSettings([cl.input_widget.Slider(id="heat", label="Heat", initial=2)]).send()


@on_message
async def main(message: cl.message.Message):
    element: cl.element.Element = cl.Text(name="note", content="milk")
    user_session.set("label", starters_of({"id": cl.context.session.thread_id})[0].label)
    is_here = user_session.get("label") == cl.context.session.thread_id
    await Message(content=f"{is_here} {cl.context.session.chat_settings['heat']}", elements=[element]).send()
