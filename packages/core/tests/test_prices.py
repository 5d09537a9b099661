"""What a model's answer costs: by its provider, by the settings, by the table of `genai-prices`, or not at all."""

from collections.abc import Iterator
from typing import Any

import convo
import pytest
from convo import prices
from convo.config import Config
from convo.errors import ConfigError
from convo.prices import cost_of, load_table
from convo.testing import ChatClient

LIST = {
    "gpt-4o": {"input": 2.5, "output": 10, "cached_input": 1.25},
    "ours/gpt-4o": {"input": 1, "output": 1},
    "small-*": {"input": 0.1},
    "free": {"input": 0},
}


@pytest.fixture(autouse=True)
def _no_table() -> Iterator[None]:
    """As in a process that has not asked for a price before."""
    prices._load.cache_clear()
    yield
    prices._load.cache_clear()


def generation(model: str | None = "gpt-4o", provider: str | None = None, **fields: Any) -> convo.ChatGeneration:
    fields = {"input_token_count": 1000, "output_token_count": 100} | fields
    return convo.ChatGeneration(model=model, provider=provider, **fields)


def cost(given: convo.ChatGeneration) -> float | None:
    return cost_of(given, Config(prices=LIST).prices)  # type: ignore[arg-type]  # as a file says it


def test_the_settings_say_what_a_million_tokens_cost() -> None:
    assert cost(generation()) == pytest.approx(0.0035)
    assert cost(generation(provider="openai")) == pytest.approx(0.0035)
    assert cost(generation(provider="ours")) == pytest.approx(0.0011)
    assert cost(generation("small-2026")) == pytest.approx(0.0001)
    assert cost(generation("free")) == 0


@pytest.mark.parametrize("model", ["gpt-4o-mini", "gpt-4", "GPT-4O-2024-05-13", "unheard-of", "", None])
def test_a_model_that_is_not_listed_has_no_cost(model: str | None) -> None:
    assert cost(generation(model)) is None


def test_what_the_provider_still_had_costs_less() -> None:
    chat = {"usage": {"prompt_tokens": 1000, "prompt_tokens_details": {"cached_tokens": 800}}}
    assert cost(generation(metadata=chat)) == pytest.approx((200 * 2.5 + 800 * 1.25 + 100 * 10) / 1e6)
    responses = {"usage": {"input_tokens_details": {"cached_tokens": 800}}}
    assert cost(generation(metadata=responses)) == cost(generation(metadata=chat))
    langchain = {"usage": {"input_token_details": {"cache_read": 800, "cache_creation": 100}}}
    assert cost(generation(metadata=langchain)) == pytest.approx((200 * 2.5 + 800 * 1.25 + 100 * 10) / 1e6)
    assert cost(generation("small-1", metadata=chat)) == pytest.approx(0.0001)


@pytest.mark.parametrize(
    "fields",
    [
        {"input_token_count": None},
        {"output_token_count": None},
        {"metadata": {"usage": {"prompt_tokens_details": {"audio_tokens": 5}}}},
        {"metadata": {"usage": {"output_tokens_details": {"image_tokens": 5}}}},
        {"metadata": {"usage": {"prompt_tokens_details": {"cached_tokens": 1001}}}},
        {"metadata": {"usage": {"input_token_details": {"ephemeral_1h_input_tokens": 5}}}},
        {"metadata": {"usage": {"prompt_tokens_details": {"cached_tokens": "many"}}}},
        {"settings": {"service_tier": "priority"}},
        {"token_count": 900, "output_token_count": None},
    ],
)
def test_rather_none_than_a_wrong_one(fields: dict[str, Any]) -> None:
    assert cost(generation(**fields)) is None


def test_embeddings_have_no_output() -> None:
    assert cost(generation(token_count=1000, output_token_count=None)) == pytest.approx(0.0025)


@pytest.mark.parametrize(("told", "expected"), [(0.25, 0.25), ({"total_cost": 0.5}, 0.5), (0, 0.0), (-1, 0.0035)])
def test_what_the_provider_says_itself_counts_first(told: Any, expected: float) -> None:
    assert cost(generation(metadata={"usage": {"cost": told}})) == pytest.approx(expected)


def test_odd_prices_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"prices\.gpt-4o\.ouput"):
        convo.App({"prices": {"gpt-4o": {"input": 1, "ouput": 2}}}).config  # noqa: B018 - it is read here
    with pytest.raises(ConfigError, match="must be at least 0"):
        convo.App({"prices": {"gpt-4o": {"input": -1}}}).config  # noqa: B018


async def test_the_table_knows_providers_and_their_models() -> None:
    pytest.importorskip("genai_prices", reason="pip install convo-core[prices]")
    assert cost_of(generation(provider="openai"), {}) is None, "it is not loaded on the way"
    await load_table()
    whole = cost_of(generation(provider="openai"), {})
    cached = {"usage": {"prompt_tokens_details": {"cached_tokens": 800}}}
    less = cost_of(generation(provider="openai", metadata=cached), {})
    assert whole is not None
    assert less is not None
    assert 0 < less < whole
    assert cost_of(generation(provider="api.openai.com"), {}) == whole
    assert cost(generation(provider="openai", model="free")) == 0, "settings win"
    for provider, model in [
        ("openai", "gpt-4o-of-ours"),
        ("ollama", "gpt-4o"),
        ("localhost", "gpt-4o"),
        (None, "gpt-4o"),
    ]:
        assert cost_of(generation(provider=provider, model=model), {}) is None, provider
    assert cost_of(generation(provider="llm.example.com"), {}) is None


async def test_without_the_table_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "genai_prices", None)
    await load_table()
    assert cost_of(generation(provider="openai"), {}) is None


@pytest.fixture
def app() -> convo.App:
    return convo.App({"prices": LIST})


async def test_a_traced_node_and_a_step_by_hand_have_their_cost(app: convo.App) -> None:
    tracer = convo.Tracer("toy")

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "traced", type="llm")
        tracer.close(1, "text", generation=generation())
        async with convo.Step("by hand", type="llm") as step:
            step.generation = generation()
        async with convo.Step("as a dict", type="llm") as step:
            step.generation = {"model": "gpt-4o", "inputTokenCount": 1000, "outputTokenCount": 100}
        async with convo.Step("told", type="llm") as step:
            step.generation = generation(cost=7.0)
        async with convo.Step("unknown", type="llm") as step:
            step.generation = generation("unheard-of")

    async with ChatClient(app) as chat:
        await chat.send("go")
        costs = {node.name: node.step.generation.cost for node in chat.steps if node.step.generation is not None}
    assert costs == {
        "traced": pytest.approx(0.0035), "by hand": pytest.approx(0.0035), "as a dict": pytest.approx(0.0035),
        "told": 7.0, "unknown": None,
    }  # fmt: skip


async def test_the_first_cost_by_the_table_comes_when_that_is_loaded(app: convo.App) -> None:
    pytest.importorskip("genai_prices", reason="pip install convo-core[prices]")
    tracer = convo.Tracer("toy")
    priced = {"provider": "anthropic", "model": "claude-sonnet-4-5"}

    @app.on_message
    async def answer(message: convo.Message) -> None:
        tracer.open(1, "traced", type="llm")
        tracer.close(1, "text", generation=generation(**priced))
        async with convo.Step("by hand", type="llm") as step:
            step.generation = generation(**priced)

    async with ChatClient(app) as chat:
        await chat.send("go")

        def costs() -> list[float]:
            told = [node.step.generation for node in chat.steps if node.step.generation is not None]
            return [one.cost for one in told if one.cost is not None]

        one, other = await chat.until(lambda: found if len(found := costs()) == 2 else None)
    assert one == other > 0
