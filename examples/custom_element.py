"""Components of the app's own: a ticket that moves on with a click, and a table to book, which is a question.

    convo run examples/custom_element.py

They are `public/elements/Ticket.jsx` and `Booking.tsx` beside this file. With `-w`, a saved one changes at once.
"""

import convo

STATES = ["Open", "In progress", "Done"]


@convo.on_chat_start
async def start() -> None:
    ticket = convo.CustomElement(
        "Ticket",
        props={
            "key": "EN-12",
            "title": "The export of a large report stops at 98 %",
            "status": STATES[0],
            "progress": 0,
            "assignee": "Ada Lovelace",
            "labels": ["export", "bug"],
        },
    )
    convo.user_session.set("ticket", ticket)
    await convo.Message(
        "This one waits for you. Write to me to book a table for the talk about it.", elements=[ticket]
    ).send()


@convo.action_callback("advance")
async def advance(action: convo.Action) -> str:
    ticket = convo.user_session.get("ticket")
    at = min(STATES.index(ticket.props["status"]) + 1, len(STATES) - 1)
    ticket.props |= {"status": STATES[at], "progress": 50 * at}
    await ticket.update()
    return STATES[at]


@convo.on_message
async def book(message: convo.Message) -> None:
    form = convo.CustomElement("Booking", props={"day": "2026-12-01", "seats": 2, "room": "garden", "reminder": True})
    booking = await convo.AskElementMessage("When, and for how many?", element=form, timeout=600).send()
    if booking is None:
        await convo.Message("Then another time.").send()
    else:
        await convo.Message(f"Booked: {booking['day']}, {booking['room']}, seats for {booking['seats']}.").send()
