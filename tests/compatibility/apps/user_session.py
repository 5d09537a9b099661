"""Values per session, by key and by accessor."""

import chainlit as cl

counter = cl.user_session.create_accessor("counter", 0, apply_fn=lambda count: count + 1)
name = cl.user_session.create_accessor("name", "nobody")


@cl.on_message
async def on_message(message: cl.Message):
    if message.content == "reset":
        counter.reset()
        name.reset()
    else:
        counter.apply()
        name.set(message.content)
    assert cl.user_session.get("id") == cl.context.session.id
    assert cl.user_session.get("user") is None
    assert cl.user_session.get("env") == {}
    assert cl.user_session.get("missing", "default") == "default"
    assert cl.user_session.get("chat_settings") == {}
    await cl.Message(content=f"You sent {counter.get()} message(s), {name.get()}!").send()
