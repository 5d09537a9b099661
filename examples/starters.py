"""Starters: first messages to choose from. A click sends one; with Alt it can be changed first.

Run it with: convo run examples/starters.py
"""

import convo


@convo.set_starters
async def starters(user: convo.User | None, language: str | None) -> list[convo.Starter]:
    return [
        convo.Starter("Plan a weekend", "Plan a weekend in Basel for two.", icon="map"),
        convo.Starter("Explain a word", "What does “serendipity” mean?", icon="book-open"),
        convo.Starter("Find a page", "Where is the timetable?", command="search", icon="globe"),
    ]


@convo.set_starter_categories
async def categories(user: convo.User | None) -> list[convo.StarterCategory]:
    return [
        convo.StarterCategory(
            "Cooking", "utensils", [convo.Starter("Use what is there", "Eggs, rice, leek: what now?")]
        ),
        convo.StarterCategory("Garden", "sprout", [convo.Starter("What to sow", "What do I sow in March?")]),
    ]


@convo.on_message
async def answer(message: convo.Message) -> None:
    how = f" with `{message.command}`" if message.command else ""
    await convo.Message(f"You asked{how}: {message.content}").send()
