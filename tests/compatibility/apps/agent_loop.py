"""An agent that calls tools until it has an answer, on a model that plays its part."""

import json

import chainlit as cl

TOOLS = {}


def tool(function):
    TOOLS[function.__name__] = cl.step(type="tool", name=function.__name__)(function)
    return TOOLS[function.__name__]


@tool
async def get_weather(city):
    return json.dumps({"city": city, "degrees": 21})


@tool
async def to_fahrenheit(degrees):
    return str(degrees * 9 / 5 + 32)


async def model(messages):
    done = [message for message in messages if message["role"] == "tool"]
    if not done:
        return {"tool": "get_weather", "arguments": {"city": "Rome"}}
    if len(done) == 1:
        return {"tool": "to_fahrenheit", "arguments": {"degrees": json.loads(done[0]["content"])["degrees"]}}
    return {"answer": f"It is {done[1]['content']} °F."}


@cl.step(type="llm", name="gpt", show_input=False)
async def call_model(messages):
    reply = await model(messages)
    cl.context.current_step.output = reply
    return reply


@cl.step(type="run", name="Agent")
async def agent(question):
    messages = [{"role": "user", "content": question}]
    for _ in range(5):
        reply = await call_model(messages)
        if "answer" in reply:
            return reply["answer"]
        result = await TOOLS[reply["tool"]](**reply["arguments"])
        messages.append({"role": "tool", "content": result})
    return "I give up."


@cl.on_message
async def on_message(message: cl.Message):
    await cl.Message(content=await agent(message.content), author="Weatherman").send()
