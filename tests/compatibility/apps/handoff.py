"""Two agents who hand a customer over to each other."""

import chainlit as cl

AGENTS = {
    "Triage": lambda text: ("Sales", "I hand you over.") if "buy" in text else (None, "What do you need?"),
    "Sales": lambda text: ("Triage", "Bye!") if "thanks" in text else (None, "That is 5 EUR."),
}


@cl.on_chat_start
async def start():
    cl.user_session.set("current_agent", "Triage")


@cl.on_message
async def run_conversation(message: cl.Message):
    current_agent = cl.user_session.get("current_agent")
    while True:
        async with cl.Step(name=current_agent, type="llm", tags=["agent"]) as step:
            step.input = message.content
            following, text = AGENTS[current_agent](message.content)
            step.output = text
        await cl.Message(content=text, author=current_agent).send()
        if following is None:
            return
        current_agent = following
        cl.user_session.set("current_agent", current_agent)
        if following == "Triage":
            return
