"""A plain `def` as callback: it runs in a thread, so blocking code holds up nobody else.

Run it with: convo run examples/blocking.py
"""

import time

import convo


@convo.on_message
def answer(message: convo.Message) -> None:
    reply = convo.Message()
    for number in range(3, 0, -1):
        convo.run_sync(reply.stream_token(f"{number} … "))
        time.sleep(0.1)
    convo.run_sync(reply.stream_token(f"done with {message.content!r}"))
    convo.run_sync(reply.update())
