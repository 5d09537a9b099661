"""The smallest app: it says what you said.

Run it with: convo run examples/echo.py
"""

import convo


@convo.on_message
async def answer(message: convo.Message) -> None:
    await convo.Message(f"You said: {message.content}").send()
