"""Profiles: ways to use one app, each with starters and settings of its own.

Run it with: convo run examples/profiles.py
"""

import convo


@convo.set_chat_profiles
async def profiles(user: convo.User | None) -> list[convo.ChatProfile]:
    return [
        convo.ChatProfile(
            name="analyst",
            display_name="Analyst",
            markdown_description="Reads your numbers and **shows its work**.",
            icon="chart-line",
            default=True,
            starters=[
                convo.Starter("Compare quarters", "Compare the last two quarters.", icon="calendar-range"),
                convo.Starter("Find what is odd", "Which numbers look odd?", icon="search"),
            ],
        ),
        convo.ChatProfile(
            name="writer",
            display_name="Writer",
            markdown_description="Turns notes into *prose*, one draft at a time.",
            icon="pen-line",
            starters=[convo.Starter("Draft a letter", "Draft a letter to my landlord.", icon="mail")],
            config_overrides={"features": {"when_busy": "reject"}, "project": {"name": "Quill"}},
        ),
    ]


@convo.on_message
async def answer(message: convo.Message) -> None:
    busy = convo.context.session.config.features.when_busy
    profile = convo.user_session.get("chat_profile")
    await convo.Message(f"The {profile} answers; a message meanwhile: {busy}.").send()
