"""A chat with a model that speaks OpenAI's API, streamed as it comes."""

import os

import convo
import openai

SYSTEM = "You are a helpful assistant. Answer in Markdown, and briefly."


@convo.on_message
async def answer(message: convo.Message) -> None:
    if not os.environ.get("OPENAI_API_KEY"):
        await convo.ErrorMessage("There is no key: set `OPENAI_API_KEY` in `.env`, and start the app again.").send()
        return
    async with openai.AsyncOpenAI() as client:  # reads OPENAI_API_KEY, and OPENAI_BASE_URL for another service
        try:
            chunks = await client.chat.completions.create(
                model=os.environ.get("OPENAI_MODEL", "gpt-4.1-mini"),
                messages=[{"role": "system", "content": SYSTEM}, *convo.chat_context.to_openai()],
                stream=True,
            )
            await convo.Message().stream(chunks)  # ends the request too, when the user presses stop
        except openai.APIConnectionError:
            await convo.ErrorMessage("The model cannot be reached. Try again in a moment.").send()
        except openai.APIStatusError as error:
            await convo.ErrorMessage(f"The model refused: {error.message}").send()
