"""Projects outside this repository that trace one library: its package with `convo-core` alone, from wheels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.harness import model_server

pytestmark = pytest.mark.packaging

DRIVE = """
import asyncio, os, sys

import convo
assert "{module}" not in sys.modules
from convo.testing import ChatClient, draw_tree
{beginning}

app = convo.App()
url = os.environ["MODEL_SERVER"]

@app.on_message
async def answer(message):
    text = message.content
{work}
    await convo.Message(found).send()

async def main():
    async with ChatClient(app) as chat:
        reply = await chat.send("hello")
        print(reply.content)
        print(draw_tree(reply.steps, texts=False))

asyncio.run(main())
"""
LIBRARIES = {
    "langchain": (
        "langchain_core",
        "from langchain_core.language_models import FakeListChatModel\n"
        "from langchain_core.prompts import ChatPromptTemplate",
        'chain = ChatPromptTemplate.from_template("{text}") | FakeListChatModel(responses=["HELLO"])\n'
        'found = (await chain.ainvoke({"text": text})).content',
        "llm FakeListChatModel (?)",
    ),
    "llama-index": (
        "llama_index",
        "from llama_index.core import Document, MockEmbedding, VectorStoreIndex\n"
        "from llama_index.core.llms import MockLLM\n"
        'index = VectorStoreIndex.from_documents([Document(text="it")], embed_model=MockEmbedding(embed_dim=2))\n'
        "engine = index.as_query_engine(llm=MockLLM(max_tokens=1), streaming=True)",
        "answer = await engine.aquery(text)\n"
        "pieces = [piece async for piece in answer.async_response_gen()]\n"
        'found = "".join(pieces).replace("text", "HELLO")',
        "run RetrieverQueryEngine\n"
        "  retrieval VectorIndexRetriever\n"
        "    embedding MockEmbedding (?)\n"
        "  undefined CompactAndRefine\n"
        "    llm MockLLM (?)",
    ),
    "openai": (
        "openai",
        "from openai import AsyncOpenAI",
        'async with AsyncOpenAI(base_url=f"{url}/v1", api_key="sk") as client:\n'
        '    asked = [{"role": "user", "content": text}]\n'
        '    answer = await client.chat.completions.create(model="gpt-4o", messages=asked)\n'
        "found = answer.choices[0].message.content",
        "llm gpt-4o (gpt-4o-0824 1+2)",
    ),
    "mistral": (
        "mistralai",
        "from mistralai.client import Mistral",
        'async with Mistral(server_url=url, api_key="s3cret") as client:\n'
        '    asked = [{"role": "user", "content": text}]\n'
        '    answer = await client.chat.complete_async(model="mistral-small", messages=asked)\n'
        "found = answer.choices[0].message.content",
        "llm mistral-small (mistral-small-0824 1+2)",
    ),
    "semantic-kernel": (
        "semantic_kernel",
        "from semantic_kernel import Kernel\nfrom semantic_kernel.functions import kernel_function",
        "class Loud:\n"
        "    @kernel_function\n"
        "    async def shout(self, text: str) -> str:\n"
        "        return text.upper()\n"
        "kernel = Kernel()\n"
        'kernel.add_plugin(Loud(), "loud")\n'
        'found = str(await kernel.invoke(plugin_name="loud", function_name="shout", text=text))',
        "tool loud-shout",
    ),
}
"""By the name of the setting: the library's module, how an app begins, what it does, and the tree of that."""


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_setting_traces_it(install: Callable[..., Any], tmp_path: Path, name: str) -> None:
    module, beginning, work, tree = LIBRARIES[name]
    installed = install(f"convo-{name}")
    (tmp_path / "convo.toml").write_text(f"[integrations]\n{name.replace('-', '_')} = true\n")
    indented = "\n".join(f"    {line}" for line in work.splitlines())
    (tmp_path / "app.py").write_text(
        DRIVE.replace("{module}", module).replace("{beginning}", beginning).replace("{work}", indented)
    )

    with model_server.running() as server:
        installed.environment["MODEL_SERVER"] = server.url
        result = installed.run("python", "app.py", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    said, _, shown = result.stdout.partition("\n")
    assert (said, shown) == ("HELLO", f"{tree}\n")
    assert {one for one in installed.distributions() if one.startswith("convo")} == {"convo-core", f"convo-{name}"}
    assert not installed.distributions() & {"langchain", "langgraph", "llama-index", "pytest"}


PROTOCOLS = """
import asyncio, sys

import convo
assert "convo_protocols" not in sys.modules
from convo.plugins import load_plugin
from convo.testing import ChatClient

app = convo.App()

@app.on_message
async def answer(message):
    await convo.Message("HELLO").send()

async def main():
    async with ChatClient(app) as chat:  # where nobody serves HTTP, it is no hindrance
        print((await chat.send("hello")).content)
    print(*sorted(route.path for route in load_plugin("routes", "protocols")(app.config)))

asyncio.run(main())
"""


def test_a_setting_opens_doors_for_other_protocols(install: Callable[..., Any], tmp_path: Path) -> None:
    installed = install("convo-protocols")
    (tmp_path / "convo.toml").write_text('[integrations.protocols]\ndoors = ["ag-ui", "ai-sdk"]\n')
    (tmp_path / "app.py").write_text(PROTOCOLS)

    result = installed.run("python", "app.py", cwd=tmp_path)

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "HELLO\n/ag-ui /ai-sdk /ai-sdk/{id}/stream\n"
    assert {one for one in installed.distributions() if one.startswith("convo")} == {"convo-core", "convo-protocols"}
    assert not installed.distributions() & {"openai", "starlette", "pytest"}


def test_without_the_package_the_setting_says_what_to_install(core_alone: Any, tmp_path: Path) -> None:
    (tmp_path / "convo.toml").write_text("[integrations]\nprotocols = true\n")

    result = core_alone.run("python", "-c", "import convo; convo.Config.load()", cwd=tmp_path)

    assert result.returncode == 1
    assert "pip install convo-protocols" in result.stderr


@pytest.mark.parametrize(
    ("name", "integration"),
    [
        ("LangchainCallbackHandler", "langchain"),
        ("instrument_llama_index", "llama-index"),
        ("instrument_mistralai", "mistral"),
        ("instrument_openai", "openai"),
        ("SemanticKernelFilter", "semantic-kernel"),
    ],
)
def test_without_the_package_its_names_say_what_to_install(
    core_alone: Any, tmp_path: Path, name: str, integration: str
) -> None:
    result = core_alone.run("python", "-c", f"from convo import {name}", cwd=tmp_path)

    assert result.returncode == 1
    assert result.stderr.rstrip().endswith(
        f'No integration "{integration}" is installed; install it with: pip install convo-{integration}'
    )
