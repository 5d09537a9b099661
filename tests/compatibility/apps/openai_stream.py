"""The loop every OpenAI app has, on a client that answers by itself."""

from types import SimpleNamespace

import chainlit as cl

settings = {"model": "gpt-4o-mini", "temperature": 0.7, "max_tokens": 500}


class FakeCompletions:
    async def create(self, messages, stream, **kwargs):
        assert stream
        assert kwargs == settings
        text = f"{len(messages)} messages, the last was {messages[-1]['content']!r}"

        async def parts():
            for word in text.split(" "):
                yield self.part(word + " ")
            yield self.part(None)
            yield SimpleNamespace(choices=[])

        return parts()

    def part(self, content):
        return SimpleNamespace(choices=[SimpleNamespace(delta=SimpleNamespace(content=content))])


client = SimpleNamespace(chat=SimpleNamespace(completions=FakeCompletions()))


@cl.on_chat_start
def start_chat():
    cl.user_session.set("message_history", [{"role": "system", "content": "You are a helpful assistant."}])


@cl.on_message
async def main(message: cl.Message):
    message_history = cl.user_session.get("message_history")
    message_history.append({"role": "user", "content": message.content})

    msg = cl.Message(content="")
    stream = await client.chat.completions.create(messages=message_history, stream=True, **settings)
    async for part in stream:
        if part.choices and (token := part.choices[0].delta.content or ""):
            await msg.stream_token(token)

    message_history.append({"role": "assistant", "content": msg.content})
    await msg.update()
