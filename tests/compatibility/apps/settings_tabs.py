"""Settings in tabs, where one changes what another offers."""

import chainlit as cl
from chainlit.input_widget import Select, Switch, Tab

CITIES = {"Italy": ["Rome", "Milan"], "Spain": ["Madrid"]}


def form(country="Italy"):
    return cl.ChatSettings(
        inputs=[
            Tab(
                id="place",
                label="Place",
                inputs=[
                    Select(id="country", label="Country", values=list(CITIES), initial_value=country),
                    Select(id="city", label="City", values=CITIES[country], initial_index=0),
                ],
            ),
            Tab(id="more", label="More", inputs=[Switch(id="weather", label="Weather", initial=True)]),
        ]
    )


@cl.on_chat_start
async def start():
    await form().send()


@cl.on_settings_edit
async def edited(settings):
    await form(settings["country"]).send()


@cl.on_message
async def main(message: cl.Message):
    settings = cl.user_session.get("chat_settings")
    await cl.Message(content=f"{settings['city']}, weather: {settings['weather']}").send()
