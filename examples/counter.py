"""`user_session` keeps values for one chat. Two chats have two counters; two tabs on one chat share theirs.

Run it with: convo run examples/counter.py
"""

import convo

counter = convo.user_session.create_accessor("counter", 0)


@convo.on_chat_start
async def greet() -> None:
    await convo.Message("Every message counts.").send()


@convo.on_message
async def answer(message: convo.Message) -> None:
    counter.set(counter.get() + 1)
    await convo.Message(f"That was message {counter.get()}.").send()
