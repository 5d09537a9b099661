"""Starters, plain and in categories."""

import chainlit as cl


@cl.set_starters
async def set_starters():
    return [
        cl.Starter(label="Morning routine", message="Can you help me create a routine?", icon="/public/idea.svg"),
        cl.Starter(label="Joke", message="Tell me a joke.", command="joke"),
    ]


@cl.set_starter_categories
async def categories(user, language, chat_profile):
    return [cl.StarterCategory(label="Writing", icon="pen", starters=[cl.Starter(label="Poem", message="A poem!")])]


@cl.on_message
async def on_message(msg: cl.Message):
    await cl.Message(content=f"{msg.command}: {msg.content}").send()
