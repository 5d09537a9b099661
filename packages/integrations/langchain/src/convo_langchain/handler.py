"""The callback handlers: what LangChain says of its runs, as steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from convo import ChatGeneration, CompletionGeneration, Tracer, Uncaptured
from convo.sources import source_elements, source_names
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult
from langchain_core.runnables.config import var_child_runnable_config

from convo_langchain import convert
from convo_langchain.answer import DEFAULT_ANSWER_PREFIX_TOKENS, FinalAnswer

__all__ = [
    "DEFAULT_TO_IGNORE",
    "DEFAULT_TO_KEEP",
    "AsyncLangchainCallbackHandler",
    "LangchainCallbackHandler",
    "Tracing",
]

DEFAULT_TO_IGNORE = ["RunnableSequence", "RunnableParallel", "RunnableAssign", "RunnableLambda", "<lambda>"]
"""Runs whose name holds one of these are not shown: they say how a chain is built, not what it does."""

DEFAULT_TO_KEEP = ["retriever", "llm", "agent", "chain", "tool"]
"""The kinds of runs that are shown nevertheless when they are inside of one that is not."""

HIDDEN = "langsmith:hidden"
"""The tag by which LangGraph marks runs of its own machinery."""


class Tracing:
    """What both handlers do. One may serve any number of chats at once.

    The tracer knows a run by its id's number: a `UUID` takes long to hash.
    """

    def __init__(
        self,
        answer_prefix_tokens: list[str] | None = None,
        stream_final_answer: bool = False,
        force_stream_final_answer: bool = False,
        to_ignore: list[str] | None = None,
        to_keep: list[str] | None = None,
        *,
        strip_tokens: bool = True,
        integration: str | None = None,
    ) -> None:
        prefix = DEFAULT_ANSWER_PREFIX_TOKENS if answer_prefix_tokens is None else answer_prefix_tokens
        self.answer_prefix_tokens = list(prefix)
        self.stream_final_answer = stream_final_answer
        self.force_stream_final_answer = force_stream_final_answer
        self.strip_tokens = strip_tokens
        self.to_ignore = DEFAULT_TO_IGNORE if to_ignore is None else list(to_ignore)
        self.to_keep = DEFAULT_TO_KEEP if to_keep is None else list(to_keep)
        self._tracer = Tracer("langchain", locate=_current_run_number, integration=integration)

    # --- What begins ---

    def _begin(
        self,
        kind: str,
        name: str,
        run_id: UUID,
        parent: UUID | None,
        tags: Sequence[str] | None,
        **step: Any,
    ) -> None:
        tracer, above = self._tracer, None if parent is None else parent.int
        memo: dict[str, Any] = {"kind": kind}
        if self._is_ignored(kind, name, above, tags):
            tracer.skip(run_id.int, parent=above, memo=memo | {"is_ignored": True})
            return
        shown = [tag for tag in tags or () if not tag.startswith(("seq:step", "map:key", "graph:step"))]
        tracer.open(run_id.int, name, parent=above, tags=shown or None, memo=memo, **step)

    def _is_ignored(self, kind: str, name: str, parent: int | None, tags: Sequence[str] | None) -> bool:
        if any(part in name for part in self.to_ignore) or (tags and HIDDEN in tags):
            return True
        above = None if parent is None else self._tracer.memo(parent)
        return above is not None and "is_ignored" in above and kind not in self.to_keep

    def _chain_start(
        self,
        serialized: dict[str, Any] | None,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        run_type: str | None = None,
        name: str | None = None,
        **_: Any,
    ) -> None:
        title = convert.name_of(serialized, name, "Chain")
        kind = run_type or "chain"
        step_type = "run" if parent_run_id is None and kind == "chain" else "undefined"
        self._begin(
            kind,
            title,
            run_id,
            parent_run_id,
            tags,
            type=step_type,
            input=self._tracer.capture(convert.value_of, inputs),
            metadata=_shown_metadata(metadata),
        )

    def _tool_start(
        self,
        serialized: dict[str, Any] | None,
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
        name: str | None = None,
        **_: Any,
    ) -> None:
        self._begin(
            "tool",
            convert.name_of(serialized, name, "Tool"),
            run_id,
            parent_run_id,
            tags,
            type="tool",
            input=self._tracer.capture(convert.value_of, input_str if inputs is None else inputs),
            metadata=_shown_metadata(metadata),
        )

    def _retriever_start(
        self,
        serialized: dict[str, Any] | None,
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        name: str | None = None,
        **_: Any,
    ) -> None:
        self._begin(
            "retriever",
            convert.name_of(serialized, name, "Retriever"),
            run_id,
            parent_run_id,
            tags,
            type="retrieval",
            input=query,
            metadata=_shown_metadata(metadata),
        )

    def _model_start(
        self,
        serialized: dict[str, Any] | None,
        said: Sequence[BaseMessage] | str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        invocation_params: dict[str, Any] | None = None,
        name: str | None = None,
        **_: Any,
    ) -> None:
        generation = self._tracer.capture(
            convert.asked, said, serialized=serialized, params=invocation_params, metadata=metadata
        )
        self._begin(
            "llm",
            convert.name_of(serialized, name, "Model"),
            run_id,
            parent_run_id,
            tags,
            type="llm",
            generation=generation,
            metadata=_shown_metadata(metadata),
        )
        memo = self._tracer.memo(run_id.int)
        if memo is not None:
            memo["generation"] = generation
            if self.stream_final_answer:
                memo["answer"] = FinalAnswer(
                    self.answer_prefix_tokens, strip=self.strip_tokens, is_reached=self.force_stream_final_answer
                )

    def _chat_model_start(
        self, serialized: dict[str, Any] | None, messages: list[list[BaseMessage]], **facts: Any
    ) -> None:
        self._model_start(serialized, messages[0] if messages else [], **facts)

    def _llm_start(self, serialized: dict[str, Any] | None, prompts: list[str], **facts: Any) -> None:
        self._model_start(serialized, prompts[0] if prompts else "", **facts)

    # --- What goes on ---

    def _new_token(self, token: Any, run_id: UUID) -> None:
        text = token if type(token) is str else convert.message_text(token)
        self._tracer.delta(run_id.int, text)
        if self.stream_final_answer and text:
            memo = self._tracer.memo(run_id.int)
            answer = None if memo is None else memo.get("answer")
            if answer is not None:
                self._tracer.say(run_id.int, answer.take(text))

    def _stream_event(self, event: Any, run_id: UUID) -> None:
        memo = self._tracer.memo(run_id.int)
        if memo is None or ("by_events" not in memo and self._tracer.is_streaming(run_id.int)):
            return  # the model tells tokens, too, and first
        text = self._tracer.capture(convert.delta_of, event)
        if text and not isinstance(text, Uncaptured):
            memo["by_events"] = True
            self._new_token(text, run_id)

    def _retry(self, state: Any, run_id: UUID) -> None:
        self._tracer.patch(run_id.int, metadata={"retries": getattr(state, "attempt_number", 1)})

    # --- What ends ---

    def _end(self, output: Any, run_id: UUID) -> None:
        self._tracer.close(run_id.int, self._tracer.capture(convert.value_of, output))

    def _model_end(self, response: LLMResult, run_id: UUID) -> None:
        tracer = self._tracer
        memo = tracer.memo(run_id.int)
        if memo is None:
            return
        generation: ChatGeneration | CompletionGeneration | Uncaptured | None = memo.get("generation")
        if generation is not None and not isinstance(generation, Uncaptured):
            failed = tracer.capture(convert.completed, generation, response)
            generation = failed if isinstance(failed, Uncaptured) else generation
        if self.stream_final_answer:
            tracer.said(run_id.int)
        tracer.close(run_id.int, tracer.capture(convert.answer_of, response), generation=generation)

    def _retriever_end(self, documents: Sequence[Document], run_id: UUID) -> None:
        tracer = self._tracer
        if tracer.memo(run_id.int) is None:
            return
        found = tracer.capture(convert.sources_of, documents)
        if isinstance(found, Uncaptured):
            tracer.close(run_id.int, found)
            return
        elements = tracer.capture(source_elements, found)
        names = tracer.capture(source_names, [metadata for _, metadata in found])
        tracer.close(run_id.int, names, elements=() if isinstance(elements, Uncaptured) else elements)

    def _error(self, error: BaseException, run_id: UUID) -> None:
        if self.stream_final_answer:
            self._tracer.said(run_id.int)
        pause = self._tracer.capture(convert.pause_of, error)
        if pause is not None and not isinstance(pause, Uncaptured):
            self._tracer.close(run_id.int, {"interrupt": pause} if pause else None, metadata={"interrupted": True})
        elif convert.is_cancelled(error):
            self._tracer.cancel(run_id.int)
        else:
            self._tracer.fail(run_id.int, error)


class LangchainCallbackHandler(Tracing, BaseCallbackHandler):
    """Shows what a chain, an agent or a graph does, given as `config={"callbacks": [LangchainCallbackHandler()]}`.

    Works in blocking and async code, in threads, and for any number of chats. `to_ignore` and `to_keep` say what is
    shown: `to_ignore=[]` shows all there is. With `stream_final_answer`, what a model says after
    `answer_prefix_tokens` is streamed as a message; with `force_stream_final_answer`, all it says.
    """

    run_inline = True

    def on_chain_start(self, serialized: Any, inputs: Any, **facts: Any) -> None:
        self._chain_start(serialized, inputs, **facts)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        self._end(outputs, run_id)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    def on_tool_start(self, serialized: Any, input_str: str, **facts: Any) -> None:
        self._tool_start(serialized, input_str, **facts)

    def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        self._end(output, run_id)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    def on_retriever_start(self, serialized: Any, query: str, **facts: Any) -> None:
        self._retriever_start(serialized, query, **facts)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **_: Any) -> None:
        self._retriever_end(documents, run_id)

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    def on_chat_model_start(self, serialized: Any, messages: Any, **facts: Any) -> None:
        self._chat_model_start(serialized, messages, **facts)

    def on_llm_start(self, serialized: Any, prompts: Any, **facts: Any) -> None:
        self._llm_start(serialized, prompts, **facts)

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **_: Any) -> None:
        if type(token) is str and not self.stream_final_answer:  # tokens are many
            self._tracer.delta(run_id.int, token)
        else:
            self._new_token(token, run_id)

    def on_stream_event(self, event: Any, *, run_id: UUID, **_: Any) -> None:
        self._stream_event(event, run_id)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        self._model_end(response, run_id)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    def on_retry(self, retry_state: Any, *, run_id: UUID, **_: Any) -> None:
        self._retry(retry_state, run_id)


class AsyncLangchainCallbackHandler(Tracing, AsyncCallbackHandler):
    """The same with `async` methods, for code that inherits from it and awaits `super()`."""

    run_inline = True

    async def on_chain_start(self, serialized: Any, inputs: Any, **facts: Any) -> None:
        self._chain_start(serialized, inputs, **facts)

    async def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:
        self._end(outputs, run_id)

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    async def on_tool_start(self, serialized: Any, input_str: str, **facts: Any) -> None:
        self._tool_start(serialized, input_str, **facts)

    async def on_tool_end(self, output: Any, *, run_id: UUID, **_: Any) -> None:
        self._end(output, run_id)

    async def on_tool_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    async def on_retriever_start(self, serialized: Any, query: str, **facts: Any) -> None:
        self._retriever_start(serialized, query, **facts)

    async def on_retriever_end(self, documents: Any, *, run_id: UUID, **_: Any) -> None:
        self._retriever_end(documents, run_id)

    async def on_retriever_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    async def on_chat_model_start(self, serialized: Any, messages: Any, **facts: Any) -> None:
        self._chat_model_start(serialized, messages, **facts)

    async def on_llm_start(self, serialized: Any, prompts: Any, **facts: Any) -> None:
        self._llm_start(serialized, prompts, **facts)

    async def on_llm_new_token(self, token: Any, *, run_id: UUID, **_: Any) -> None:
        self._new_token(token, run_id)

    async def on_stream_event(self, event: Any, *, run_id: UUID, **_: Any) -> None:
        self._stream_event(event, run_id)

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        self._model_end(response, run_id)

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        self._error(error, run_id)

    async def on_retry(self, retry_state: Any, *, run_id: UUID, **_: Any) -> None:
        self._retry(retry_state, run_id)


def _current_run_number() -> int | None:
    """The run that the running code is in: LangChain keeps it in a context variable."""
    config = var_child_runnable_config.get()
    manager = None if config is None else config.get("callbacks")
    run_id: UUID | None = getattr(manager, "parent_run_id", None)
    return None if run_id is None else run_id.int


def _shown_metadata(metadata: dict[str, Any] | None) -> dict[str, Any] | None:
    """What the author, or LangGraph, says of a run; not what LangChain notes for its own tracing."""
    if not metadata:
        return None
    return {
        key: value
        for key, value in metadata.items()
        if not key.startswith(("ls_", "lc_", "checkpoint_", "__", "langgraph_")) or key == "langgraph_node"
    }
