"""A choice between buttons."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    res = await cl.AskActionMessage(
        content="Pick an action!",
        actions=[
            cl.Action(name="continue", payload={"value": "continue"}, label="✅ Continue"),
            cl.Action(name="cancel", payload={"value": "cancel"}, label="❌ Cancel"),
        ],
    ).send()

    if res and res.get("payload").get("value") == "continue":
        await cl.Message(content=f"Continue! {res['name']} {res['label']}").send()
    else:
        await cl.Message(content="Stopped.").send()
