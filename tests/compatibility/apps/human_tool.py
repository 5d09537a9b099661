"""A blocking agent in a worker thread, one of whose tools asks the user."""

import chainlit as cl
from chainlit.sync import make_async, run_sync


class HumanTool:
    name = "human"

    def run(self, query: str) -> str:
        res = run_sync(cl.AskUserMessage(content=query, timeout=30).send())
        return res["output"] if res else "nobody there"


class Agent:
    def __init__(self, tools):
        self.tools = {tool.name: tool for tool in tools}

    @cl.step(name="Agent", type="run")
    def invoke(self, question: str):
        with cl.Step(name="human", type="tool") as step:
            step.input = question
            step.output = self.tools["human"].run("Which city?")
        return f"{question} In {step.output}, it rains."


@cl.on_chat_start
def start():
    cl.user_session.set("agent", Agent([HumanTool()]))


@cl.on_message
async def main(message: cl.Message):
    agent = cl.user_session.get("agent")
    answer = await make_async(agent.invoke)(message.content)
    await cl.Message(content=answer).send()
