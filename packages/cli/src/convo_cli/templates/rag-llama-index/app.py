"""Answers from the documents in `documents/`, streamed, with what it has read beside each answer."""

import os

import convo
from convo_llama_index import node_elements
from library import NoDocumentsError, chat_engine


@convo.on_message
async def answer(message: convo.Message) -> None:
    if not os.environ.get("OPENAI_API_KEY"):
        await convo.ErrorMessage("There is no key: set `OPENAI_API_KEY` in `.env`, and start the app again.").send()
        return
    try:
        engine = await convo.make_async(chat_engine)()
    except NoDocumentsError as error:
        await convo.ErrorMessage(str(error)).send()
        return
    said = await engine.astream_chat(message.content)
    await convo.Message(elements=node_elements(said.source_nodes)).stream(said.async_response_gen())
