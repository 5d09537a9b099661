"""A component of the author's own, whose props change, and which calls back."""

import chainlit as cl


@cl.action_callback("raise_counter")
async def on_raise(action: cl.Action):
    counter = cl.user_session.get("counter")
    counter.props["count"] = counter.props["count"] + action.payload["by"]
    await counter.update()
    return {"count": counter.props["count"]}


@cl.on_chat_start
async def start():
    counter = cl.CustomElement(name="Counter", props={"count": 1}, display="inline")
    cl.user_session.set("counter", counter)
    await cl.Message(content="Here is a counter!", elements=[counter]).send()


@cl.on_message
async def again(message: cl.Message):
    counter = cl.user_session.get("counter")
    counter.props = {"count": 0}
    await counter.update()
    await cl.Message(content="Reset").send()
