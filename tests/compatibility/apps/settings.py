"""Every widget of the chat settings."""

import chainlit as cl
from chainlit.input_widget import (
    Checkbox,
    DatePicker,
    MultiSelect,
    NumberInput,
    RadioGroup,
    Select,
    Slider,
    Switch,
    Tags,
    TextInput,
)


@cl.on_chat_start
async def start():
    settings = await cl.ChatSettings(
        [
            Select(id="Model", label="OpenAI - Model", values=["gpt-4o", "gpt-4o-mini"], initial_index=0),
            Select(id="Voice", label="Voice", items={"Deep": "bass", "High": "soprano"}, initial_value="bass"),
            RadioGroup(id="Tone", label="Tone", values=["kind", "dry"], initial_value="dry"),
            MultiSelect(id="Tools", label="Tools", items={"Search": "search", "Code": "code"}, initial=["code"]),
            Switch(id="Streaming", label="OpenAI - Stream Tokens", initial=True),
            Checkbox(id="Confirm", label="Confirm", initial=False, tooltip="Ask first"),
            Slider(id="Temperature", label="OpenAI - Temperature", initial=1, min=0, max=2, step=0.1),
            TextInput(id="AgentName", label="Agent Name", initial="AI", placeholder="name", multiline=True),
            NumberInput(id="Seed", label="Seed", initial=7, description="Any number"),
            Tags(id="StopSequence", label="OpenAI - StopSequence", initial=["Answer:"]),
            DatePicker(id="Since", label="Since", initial="2026-11-01", min_date="2026-01-01"),
            DatePicker(id="Span", label="Span", mode="range", initial=("2026-11-01", "2026-11-03"), disabled=False),
        ]
    ).send()
    await cl.Message(content=f"{settings['Model']} at {settings['Temperature']}").send()


@cl.on_settings_update
async def setup_agent(settings):
    await cl.Message(content=f"Now {settings['Model']} at {settings['Temperature']}").send()


@cl.on_message
async def main(message: cl.Message):
    value = cl.user_session.get("chat_settings")[message.content]
    await cl.Message(content=f"{value!r}").send()
