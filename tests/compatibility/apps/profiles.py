"""Two profiles, one with starters of its own."""

import chainlit as cl


@cl.set_chat_profiles
async def chat_profile(current_user: cl.User | None, language: str | None = None):
    return [
        cl.ChatProfile(
            name="GPT-3.5",
            markdown_description="The underlying LLM model is **GPT-3.5**.",
            icon="https://picsum.photos/200",
        ),
        cl.ChatProfile(
            name="GPT-4",
            markdown_description="The underlying LLM model is **GPT-4**.",
            icon="/public/gpt4.png",
            default=True,
            starters=[cl.Starter(label="Ideas", message="Give me ideas", icon="/public/idea.svg")],
        ),
    ]


@cl.on_chat_start
async def on_chat_start():
    chat_profile = cl.user_session.get("chat_profile")
    await cl.Message(content=f"starting chat using the {chat_profile} chat profile").send()


@cl.on_message
async def main(message: cl.Message):
    await cl.Message(content=cl.context.session.chat_profile).send()
