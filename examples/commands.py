"""Commands and modes: what goes with a message, by `/`, by a button, by a picker. They can change at any time.

Run it with: convo run examples/commands.py
"""

import convo

COMMANDS: list[convo.CommandDict] = [
    {"id": "search", "description": "Look it up on the web", "icon": "globe", "button": True},
    {"id": "draw", "description": "Answer with a picture", "icon": "palette", "persistent": True},
    {"id": "translate", "description": "Say it in another language", "icon": "languages"},
]
MODEL = convo.Mode(
    "model",
    "Model",
    [
        convo.ModeOption("fast", "Fast", "Answers at once", icon="zap"),
        convo.ModeOption("thorough", "Thorough", "Thinks before it answers", icon="brain", default=True),
    ],
)


@convo.on_chat_start
async def offer() -> None:
    await convo.context.emitter.set_commands(COMMANDS)
    await convo.context.emitter.set_modes([MODEL])


@convo.on_message
async def answer(message: convo.Message) -> None:
    if message.content == "less":
        await convo.context.emitter.set_commands(COMMANDS[:1])
        await convo.context.emitter.set_modes([])
    model = (message.modes or {}).get("model", "no model")
    await convo.Message(f"{message.command or 'No command'}, {model}: {message.content}").send()
