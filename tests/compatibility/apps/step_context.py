"""Steps as context managers, nested, with streamed output."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    async with cl.Step(name="Parent", type="llm") as parent_step:
        parent_step.input = message.content
        async with cl.Step(name="Child", type="tool", show_input=False) as child_step:
            child_step.input = {"query": message.content}
            for token in ("one ", "two"):
                await child_step.stream_token(token)
        with cl.Step(name="Sync child") as sync_step:
            sync_step.output = {"answer": 42}
        parent_step.output = "done"

    late = cl.Step(name="Late", type="tool", language="python", show_input="python")
    late.input = "print(1)"
    await late.send()
    late.output = "1"
    await late.update()
    late.name = "Later"
    await late.update()

    gone = cl.Step(name="Gone")
    await gone.send()
    await gone.remove()
    await cl.Message(content="ok").send()
