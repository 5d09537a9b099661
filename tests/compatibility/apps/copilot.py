"""Functions of the page around the chat."""

import chainlit as cl


@cl.on_message
async def on_message(msg: cl.Message):
    if cl.context.session.client_type == "copilot":
        fn = cl.CopilotFunction(name="test", args={"msg": msg.content})
        res = await fn.acall()
        await cl.Message(content=f"The page says {res}").send()
    else:
        await cl.Message(content=f"No page around a {cl.user_session.get('client_type')}").send()
