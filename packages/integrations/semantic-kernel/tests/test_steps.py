"""What is shown of kernels and their services, and that the app gets what it would get without."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import convo
import pytest
from convo.protocol import Step
from convo.testing import draw_tree
from convo_semantic_kernel import SemanticKernelFilter, instrument_semantic_kernel, uninstrument_semantic_kernel
from semantic_kernel import Kernel
from semantic_kernel.connectors.ai import FunctionChoiceBehavior
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.open_ai import (
    OpenAIChatCompletion,
    OpenAIChatPromptExecutionSettings,
    OpenAITextCompletion,
    OpenAITextPromptExecutionSettings,
)
from semantic_kernel.contents import ChatHistory, ChatMessageContent
from semantic_kernel.functions import KernelArguments

from tests.harness.model_server import ModelServer
from tests.harness.traced import asked, cancel_when, generation_of, said, step_of

pytestmark = pytest.mark.usefixtures("instrumented")


def history(text: str) -> ChatHistory:
    history = ChatHistory()
    history.add_user_message(text)
    return history


def shown(type: str) -> list[Step]:
    return [entry.step for entry in convo.context.session.state.steps.values() if entry.facts.type == type]


async def test_settings_tokens_and_model_are_what_was_sent_and_told(
    app: convo.App, service: OpenAIChatCompletion
) -> None:
    async def work() -> None:
        settings = OpenAIChatPromptExecutionSettings(temperature=0.5)
        answer = await service.get_chat_message_content(history("hello there"), settings)
        assert type(answer) is ChatMessageContent

    step = await step_of(app, work)
    generation = generation_of(step)

    assert (step.type, step.name, step.output) == ("llm", "gpt-4o", "HELLO THERE")
    assert generation.settings["temperature"] == 0.5
    assert generation.messages == said("hello there")
    assert generation.message_completion == {"role": "assistant", "content": "HELLO THERE"}
    assert (generation.provider, generation.model) == ("openai", "gpt-4o-0824")
    assert (generation.input_token_count, generation.output_token_count, generation.token_count) == (2, 3, 5)
    assert generation.metadata["finish_reason"] == "stop"
    assert "sk-s3cret" not in str(step)


async def test_functions_that_a_model_asks_for_are_between_its_answers(
    app: convo.App, service: OpenAIChatCompletion, kernel: Kernel
) -> None:
    settings = OpenAIChatPromptExecutionSettings(function_choice_behavior=FunctionChoiceBehavior.Auto())

    async def whole() -> None:
        answer = await service.get_chat_message_content(history("call"), settings, kernel=kernel)
        assert str(answer) == "SUNNY IN PARIS"

    async def streamed() -> None:
        async for _ in service.get_streaming_chat_message_content(history("call"), settings, kernel=kernel):
            pass

    for work in (whole, streamed):
        reply = await asked(app, work)

        assert [(node.step.type, node.name) for node in reply.steps] == [
            ("llm", "gpt-4o"),
            ("tool", "tools-weather"),
            ("llm", "gpt-4o"),
        ]
        first, tool, last = reply.steps
        generation = generation_of(first.step)
        assert generation.message_completion["tool_calls"][0]["function"]["arguments"] == '{"city": "Paris"}'
        assert "tools-weather" in [tool["function"]["name"] for tool in generation.tools]
        assert (json.loads(tool.step.input), tool.step.output) == ({"city": "Paris"}, "sunny in Paris")
        assert [child.name for child in tool.children] == ["Looking"]
        assert last.step.output == "SUNNY IN PARIS"


async def test_prompts_are_functions_with_what_their_templates_invoke(app: convo.App, kernel: Kernel) -> None:
    prompt = "hello {{tools.weather city=$city}}"

    async def work() -> None:
        options: Any = {"function_name": "greet", "plugin_name": "chat", "arguments": KernelArguments(city="Rome")}
        assert str(await kernel.invoke_prompt(prompt, **options)) == "HELLO SUNNY IN ROME"
        pieces = [str(piece[0]) async for piece in kernel.invoke_prompt_stream(prompt, **options)]
        assert "".join(pieces) == "HELLO SUNNY IN ROME"
        assert len(pieces) > 5

    reply = await asked(app, work)

    assert draw_tree(reply.steps, texts=False).splitlines() == 2 * [
        "tool chat-greet",
        "  tool tools-weather",
        "    undefined Looking",
        "  llm gpt-4o (gpt-4o-0824 4+5)",
    ]
    for node in reply.steps:
        assert node.step.metadata == {"prompt": "hello sunny in Rome"}
        assert node.step.output == "HELLO SUNNY IN ROME"
        assert [child.step.output for child in node.children] == ["sunny in Rome", "HELLO SUNNY IN ROME"]


async def test_functions_that_fail_stream_or_are_left(app: convo.App, kernel: Kernel) -> None:
    async def work() -> None:
        with pytest.raises(Exception, match="tools-broken"):
            await kernel.invoke(plugin_name="tools", function_name="broken")
        async for _ in kernel.invoke_stream(plugin_name="tools", function_name="letters"):
            pass
        stream = kernel.get_function("tools", "letters").invoke_stream(kernel)
        async for _ in stream:
            break
        await stream.aclose()
        while any(tool.end is None for tool in shown("tool")):
            await asyncio.sleep(0)  # it leaves what it reads to the loop

    reply = await asked(app, work)

    assert draw_tree(reply.steps).splitlines() == [
        'tool tools-broken ✗ "LookupError: it is broken"',
        'tool tools-letters → "abc"',
        'tool tools-letters → "a" (cancelled)',
    ]


async def test_text_completions(app: convo.App, server: ModelServer, service: OpenAIChatCompletion) -> None:
    texts = OpenAITextCompletion(ai_model_id="davinci", async_client=service.client)

    async def work() -> None:
        await texts.get_text_contents("hello", OpenAITextPromptExecutionSettings())
        async for _ in texts.get_streaming_text_contents("hello", OpenAITextPromptExecutionSettings()):
            pass

    reply = await asked(app, work)

    assert [line.split(" (")[0] for line in draw_tree(reply.steps).splitlines()] == ["llm davinci"] * 2
    assert [node.step.output for node in reply.steps] == ["HELLO", "HELLO"]
    assert [generation_of(node.step).completion for node in reply.steps] == ["HELLO", "HELLO"]


async def test_a_stream_that_is_cancelled_while_it_waits(app: convo.App, service: OpenAIChatCompletion) -> None:
    reached = asyncio.Event()

    async def read() -> None:
        stream = service.get_streaming_chat_message_content(history("hi~there"), OpenAIChatPromptExecutionSettings())
        async for piece in stream:
            if str(piece) == "~":
                reached.set()

    step = await step_of(app, lambda: cancel_when(reached, read))

    assert step.output == "HI~"
    assert (step.metadata, step.is_error) == ({"cancelled": True}, False)


async def test_what_cannot_be_captured_says_so_and_the_result_is_the_apps(app: convo.App, kernel: Kernel) -> None:
    class Odd(SemanticKernelFilter):
        def parse_arguments(self, arguments: KernelArguments) -> dict[str, Any]:
            raise ValueError("odd")

    Odd(kernel=kernel)

    async def work() -> None:
        result = await kernel.invoke(plugin_name="tools", function_name="weather", city="Oslo")
        assert str(result) == "sunny in Oslo"

    step = await step_of(app, work)

    assert step.output == "sunny in Oslo"
    assert "not captured" in step.input


async def test_a_filter_shows_the_functions_of_its_kernel_but_for_some(app: convo.App, kernel: Kernel) -> None:
    uninstrument_semantic_kernel()
    SemanticKernelFilter(["chat"], ["letters"], kernel=kernel)

    async def work() -> None:
        await kernel.invoke_prompt("hello {{tools.weather city='Rome'}}", function_name="greet", plugin_name="chat")
        await kernel.invoke(plugin_name="tools", function_name="letters")

    reply = await asked(app, work)

    assert draw_tree(reply.steps, texts=False).splitlines() == ["tool tools-weather", "  undefined Looking"]
    instrument_semantic_kernel()
    reply = await asked(app, work)
    assert [node.name for node in reply.steps] == ["tools-weather", "gpt-4o"]


async def test_a_filter_may_come_later_and_say_what_it_shows(app: convo.App, kernel: Kernel) -> None:
    class Short(SemanticKernelFilter):
        def parse_arguments(self, arguments: KernelArguments) -> str:
            return f"{len(arguments)} arguments"

    uninstrument_semantic_kernel()
    Short().add_to_kernel(kernel)
    convo.SemanticKernelFilter(excluded_plugins=[], kernel=kernel)  # type: ignore[attr-defined]  # of what is installed

    async def work() -> None:
        await kernel.invoke(plugin_name="tools", function_name="weather", city="Oslo")

    reply = await asked(app, work)

    assert [node.step.input for node in reply.steps][:1] == ["1 arguments"]


async def test_instrumenting_twice_shows_once_and_can_be_undone(app: convo.App, kernel: Kernel) -> None:
    method = "get_chat_message_contents"
    original = vars(ChatCompletionClientBase)[method].__wrapped__
    instrument_semantic_kernel()

    async def work() -> None:
        await kernel.invoke(plugin_name="tools", function_name="weather", city="Oslo")

    await step_of(app, work)

    uninstrument_semantic_kernel()
    uninstrument_semantic_kernel()
    assert vars(ChatCompletionClientBase)[method] is original
    assert [node.name for node in (await asked(app, work)).steps] == ["Looking"]
