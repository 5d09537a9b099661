"""Chat settings: a form beside the conversation. What is confirmed there counts from the next message on.

Run it with: convo run examples/settings.py
"""

from typing import Any

import convo
from convo.input_widget import (
    Checkbox,
    DatePicker,
    MultiSelect,
    NumberInput,
    RadioGroup,
    Select,
    Slider,
    Switch,
    Tab,
    Tags,
    TextInput,
)

TOOLS = {"Web search": "search", "Run code": "code", "Read files": "files"}


def form(model: str = "large") -> convo.ChatSettings:
    """The form; how hot a model may run depends on the model."""
    hottest = 2 if model == "large" else 1
    answering = [
        Select("model", "Model", values=["small", "large"], initial=model),
        Slider("temperature", "Temperature", 0.5, min=0, max=hottest, step=0.1, tooltip="More of it, more surprise"),
        RadioGroup("tone", "Tone", items={"Kind": "kind", "Brief": "brief"}, initial_index=0),
        Switch("stream", "Stream the answer", True),
        Checkbox("sources", "Show sources", description="A list of pages below each answer."),
        NumberInput("limit", "Longest answer", 500, placeholder="in words"),
    ]
    you = [
        TextInput("name", "Your name", placeholder="Ada"),
        TextInput("about", "About you", multiline=True, description="What the answers should know of you."),
        MultiSelect("tools", "Tools", items=TOOLS, initial=["search"]),
        Tags("topics", "Topics", ["law"], values=["law", "tax", "trade"]),
        DatePicker("since", "Nothing older than", "2026-01-01", max_date="2026-12-31"),
        DatePicker("away", "You are away", mode="range"),
        TextInput("plan", "Plan", "free", disabled=True),
    ]
    return convo.ChatSettings([Tab("answering", "Answering", answering), Tab("you", "You", you)])


@convo.on_chat_start
async def start() -> None:
    await form().send()


@convo.on_settings_edit
async def follow(settings: dict[str, Any]) -> None:
    await form(settings["model"]).refresh()


@convo.on_settings_update
async def confirm(settings: dict[str, Any]) -> None:
    await convo.Message(f"From now on: {settings['model']} at {settings['temperature']}.").send()


@convo.on_message
async def answer(message: convo.Message) -> None:
    settings = convo.user_session.get("chat_settings")
    name = settings["name"] or "you"
    await convo.Message(f"{settings['tone'].title()} words for {name}, by {settings['model']}.").send()
