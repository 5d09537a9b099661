"""A form of the author's own that is waited for."""

import chainlit as cl


@cl.on_message
async def main(message: cl.Message):
    element = cl.CustomElement(name="JiraTicket", display="inline", props={"timeout": 20, "fields": ["summary"]})
    res = await cl.AskElementMessage(content="Create a ticket", element=element, timeout=20).send()
    if res and res.get("submitted"):
        await cl.Message(content=f"Ticket '{res['summary']}' created.").send()
    else:
        await cl.Message(content="No ticket.").send()
