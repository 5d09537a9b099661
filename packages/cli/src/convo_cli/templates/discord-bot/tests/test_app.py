"""The app as its users meet it; `chat` is a client of it, and no Discord is needed."""

from convo.testing import ChatClient


async def test_it_answers_and_can_be_made_louder(chat: ChatClient) -> None:
    reply = await chat.send("hello")
    assert reply.content.strip().endswith("said **hello**.")

    await chat.click("Louder")
    await chat.see("HELLO!")


async def test_a_die_is_rolled_when_one_is_chosen(chat: ChatClient) -> None:
    await chat.until(lambda: chat.state.fields.get("commands"))
    run_id = await chat.post("a die", command="roll")
    await chat.see("Which die?")
    await chat.answer("6 sides")
    reply = await chat.reply(run_id)

    assert reply.messages[-1].output.startswith("It shows **")
