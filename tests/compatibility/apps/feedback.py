"""What users think of an answer."""

import chainlit as cl
from chainlit.types import Feedback

ratings = []


@cl.on_feedback
async def rated(feedback: Feedback):
    ratings.append(f"{feedback.forId == cl.user_session.get('answer')} {feedback.value} {feedback.comment}")


@cl.on_message
async def main(message: cl.Message):
    if message.content == "ratings":
        await cl.Message(content=", ".join(ratings)).send()
        return
    answer = await cl.Message(content="42").send()
    cl.user_session.set("answer", answer.id)
