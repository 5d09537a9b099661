"""Answers are rated with a thumb and, if the user likes, a comment; stars keep messages at hand.

Run it with: convo run examples/feedback.py
"""

import convo

app = convo.App({"features": {"favorites": True}})


@app.on_message
async def answer(message: convo.Message) -> None:
    await convo.Message(f"Here is what I know about {message.content}: not much.").send()


@app.on_feedback
async def note(feedback: convo.Feedback) -> None:
    thumb = "up" if feedback.value else "down"
    await convo.context.emitter.send_toast(f"Noted: thumb {thumb}. {feedback.comment or ''}".strip(), "success")
