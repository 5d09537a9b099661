"""What is called when an app, a chat and a day begin and end."""

from pathlib import Path

import chainlit as cl

log = Path("log.txt")


def note(line):
    with log.open("a") as file:
        file.write(line + "\n")


@cl.on_app_startup
async def startup():
    note("startup")


@cl.on_app_shutdown
def shutdown():
    note("shutdown")


@cl.on_chat_start
async def start():
    cl.user_session.set("name", "Ada")
    note("start")


@cl.on_chat_end
def end():
    note(f"end of {cl.user_session.get('name')}")


@cl.on_message
async def main(message: cl.Message):
    note(message.content)
