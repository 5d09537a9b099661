"""An agent that looks things up, and asks before it acts. What it does is shown step by step."""

import os

import convo
from agent import build
from convo_langchain import chat_messages, run_graph


@convo.on_message
async def answer(message: convo.Message) -> None:
    if not os.environ.get("OPENAI_API_KEY"):
        await convo.ErrorMessage("There is no key: set `OPENAI_API_KEY` in `.env`, and start the app again.").send()
        return
    # The chat is the agent's memory, so its own begins anew with each turn: a message that is edited, and a restart,
    # confuse nobody. What it waits for is asked in the chat.
    turn = {"configurable": {"thread_id": message.id}, "callbacks": [speaking]}
    try:
        await run_graph(build(), {"messages": chat_messages()}, turn)
    except TimeoutError:
        await convo.ErrorMessage("Nobody answered, so nothing was ordered.").send()


# Streams what the model says, each time it speaks, as a message.
speaking = convo.LangchainCallbackHandler(stream_final_answer=True, force_stream_final_answer=True)
