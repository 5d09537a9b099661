"""One app for the web, Slack, Discord and Teams: it streams, asks, offers buttons, takes files and gives some back.

    convo run examples/platforms.py

With `SLACK_BOT_TOKEN`, `DISCORD_BOT_TOKEN` or `TEAMS_APP_ID` (docs/platforms.md) it is on that platform, too.
"""

import asyncio

import convo

PLAN = ["Look at the order", "Pack it", "Send it"]


@convo.on_message
async def answer(message: convo.Message) -> None:
    match message.content.lower().split()[:1]:
        case ["order"]:
            await order()
        case ["plan"]:
            await plan()
        case ["count"]:
            reply = convo.Message()
            for number in range(1, 11):
                await reply.stream_token(f"{number} ")
                await asyncio.sleep(0.05)
            await reply.update()
        case _ if message.elements:
            names = ", ".join(element.name for element in message.elements)
            copy = convo.File(name="received.txt", content=f"You sent {names}.")
            await convo.Message(f"I have {names}.", elements=[copy]).send()
        case _:
            again = convo.Action(name="again", label="Say it louder", payload={"text": message.content})
            await convo.Message(f"{message.author} said: {message.content}", actions=[again]).send()


@convo.action_callback("again")
async def again(action: convo.Action) -> None:
    await convo.Message(f"{action.payload['text'].upper()}!").send()


async def order() -> None:
    """Ask for what is missing, one question after the other."""
    sizes = [convo.Action(name=size, label=size.title(), payload={}) for size in ("small", "large")]
    size = await convo.AskActionMessage("Which size?", sizes).send()
    name = await convo.AskUserMessage("For whom?").send()
    if size is None or name is None:
        await convo.Message("Then another time.").send()
        return
    async with convo.Step("pack", type="tool") as step:
        step.output = f"one {size['label'].lower()} for {name['output']}"
    await convo.Message(f"On its way: {step.output}.").send()


async def plan() -> None:
    tasks = convo.TaskList([convo.Task(title) for title in PLAN], status="Working")
    await tasks.send()
    for task in tasks.tasks:
        task.status = convo.TaskStatus.DONE
        await asyncio.sleep(0.1)
        await tasks.send()
    await convo.Message("All is done.").send()
