"""A game: questions one after the other, points at the end."""

import chainlit as cl

QUESTIONS = [("2 + 2?", ["3", "4"], "4"), ("Capital of France?", ["Paris", "Rome"], "Paris")]


@cl.on_message
async def play(message: cl.Message):
    points = 0
    for question, choices, right in QUESTIONS:
        actions = [cl.Action(name=choice, payload={"choice": choice}, label=choice) for choice in choices]
        res = await cl.AskActionMessage(content=question, actions=actions, author="Quizmaster").send()
        if res is None:
            await cl.Message(content="Given up").send()
            return
        is_right = res["payload"]["choice"] == right
        points += is_right
        await cl.Message(content="Right!" if is_right else f"No, {right}.", author="Quizmaster").send()
    again = await cl.AskUserMessage(content=f"{points} points. Your name for the list?").send()
    await cl.Message(content=f"{again['output']}: {points}").send()
