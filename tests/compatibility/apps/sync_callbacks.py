"""Callbacks without `async`."""

import chainlit as cl


@cl.on_chat_start
def start():
    cl.user_session.set("greeting", "Hi")


@cl.on_message
def main(message: cl.Message):
    cl.run_sync(cl.Message(content=f"{cl.user_session.get('greeting')}, {message.content}").send())


@cl.on_stop
def stopped():
    cl.user_session.set("stopped", True)
