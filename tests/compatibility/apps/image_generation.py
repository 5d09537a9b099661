"""A picture, and a button for another one."""

import chainlit as cl

PNG = b"\x89PNG\r\n\x1a\n"


@cl.step(type="tool")
async def generate_image(prompt):
    number = cl.user_session.get("number", 0) + 1
    cl.user_session.set("number", number)
    image = cl.Image(content=PNG + bytes([number]) * 32, name=f"picture {number}", display="inline", size="medium")
    cl.user_session.set("prompt", prompt)
    return image


async def show(prompt):
    image = await generate_image(prompt)
    actions = [cl.Action(name="variation", payload={"prompt": prompt}, label="Create variation", icon="refresh-cw")]
    await cl.Message(content=f"Here is {image.name} of {prompt}", elements=[image], actions=actions).send()


@cl.on_message
async def main(message: cl.Message):
    await show(message.content)


@cl.action_callback("variation")
async def create_variation(action: cl.Action):
    await show(action.payload["prompt"])
    await action.remove()
