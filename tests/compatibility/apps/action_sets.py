"""All buttons of a message go at once, and new ones come."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    msg = cl.Message(
        content="Was this right?",
        actions=[cl.Action(name=name, payload={"answer": name}, label=name.title()) for name in ("yes", "no")],
    )
    await msg.send()
    cl.user_session.set("msg", msg)


@cl.action_callback("yes")
@cl.action_callback("no")
async def on_answer(action):
    msg = cl.user_session.get("msg")
    await msg.remove_actions()
    msg.content = f"You said {action.payload['answer']}."
    await msg.update()
    undo = cl.Action(name="undo", payload={}, label="Undo")
    await undo.send(for_id=msg.id)


@cl.action_callback("undo")
async def on_undo(action):
    await cl.user_session.get("msg").remove()
