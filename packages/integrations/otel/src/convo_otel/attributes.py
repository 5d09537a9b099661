"""The names of attributes, by OpenTelemetry's conventions for GenAI (0.1.0), and ours for what those do not name."""

from __future__ import annotations

__all__ = ["OF_METRICS", "OTHER", "REQUEST"]

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
AGENT = "gen_ai.agent.name"
CONVERSATION = "gen_ai.conversation.id"
REQUEST_MODEL = "gen_ai.request.model"
STOP_SEQUENCES = "gen_ai.request.stop_sequences"
RESPONSE_MODEL = "gen_ai.response.model"
RESPONSE_ID = "gen_ai.response.id"
FINISH_REASONS = "gen_ai.response.finish_reasons"
FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
TOKEN_TYPE = "gen_ai.token.type"  # noqa: S105 - no secret
INPUT_MESSAGES = "gen_ai.input.messages"
OUTPUT_MESSAGES = "gen_ai.output.messages"
SYSTEM = "gen_ai.system_instructions"
TOOL_DEFINITIONS = "gen_ai.tool.definitions"
TOOL = "gen_ai.tool.name"
TOOL_TYPE = "gen_ai.tool.type"
TOOL_ARGUMENTS = "gen_ai.tool.call.arguments"
TOOL_RESULT = "gen_ai.tool.call.result"
QUERY = "gen_ai.retrieval.query.text"
ERROR_TYPE = "error.type"
OTHER = "_OTHER"
"""The type of an error of which no type is known."""

SESSION = "session.id"
CALLBACK = "convo.callback"
CLIENT = "convo.client.type"
RUN = "convo.run.id"
STATUS = "convo.run.status"
ERROR_ID = "convo.error.id"
STEP = "convo.step.id"
STEP_TYPE = "convo.step.type"
INPUT = "convo.step.input"
OUTPUT = "convo.step.output"
COST = "convo.usage.cost"
CANCELLED = "convo.step.cancelled"

OF_METRICS = (OPERATION, PROVIDER, REQUEST_MODEL, RESPONSE_MODEL)
"""Attributes of a model's span that its figures are told apart by."""

REQUEST: dict[str, tuple[str, type]] = {
    "temperature": ("gen_ai.request.temperature", float),
    "top_p": ("gen_ai.request.top_p", float),
    "top_k": ("gen_ai.request.top_k", int),
    "max_tokens": ("gen_ai.request.max_tokens", int),
    "max_completion_tokens": ("gen_ai.request.max_tokens", int),
    "max_output_tokens": ("gen_ai.request.max_tokens", int),
    "frequency_penalty": ("gen_ai.request.frequency_penalty", float),
    "presence_penalty": ("gen_ai.request.presence_penalty", float),
    "seed": ("gen_ai.request.seed", int),
    "n": ("gen_ai.request.choice.count", int),
}
"""What settings of a model are called in a span, and their type there."""
