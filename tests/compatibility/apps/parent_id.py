"""A message inside a step, by `parent_id` and by where it is sent."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    async with cl.Step(name="Outer", type="run") as outer:
        await cl.Message(content="inside").send()
        async with cl.Step(name="Aside", parent_id=message.id):
            pass
    await cl.Message(content="by id", parent_id=outer.id).send()
    step = cl.Step(name="Inner", parent_id=outer.id, type="tool")
    step.output = "below"
    await step.send()
    await step.update()
    assert cl.context.current_step is None or cl.context.current_step.id == cl.context.current_run.id
    await cl.Message(content="outside").send()
