"""The promises of a description of an HTTP API: whatever its operations are sent, what they answer is described."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

__all__ = ["PROMISES", "SOME", "keeps_its_promises", "operations"]

PROMISES = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    allow_header_conformance,
]
SOME = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def operations(description: bytes) -> list[Any]:
    """Those of a description, as schemathesis has them; what deletes comes last."""
    found = schemathesis.openapi.from_dict(json.loads(description)).get_all_operations()
    return sorted((one.ok() for one in found), key=lambda one: bool(one.method == "delete"))  # type: ignore[union-attr]  # it is valid


def keeps_its_promises(
    operation: Any,
    http: httpx.Client,
    *,
    times: int,
    own: Mapping[str, str],
    strange: st.SearchStrategy[str],
    look: Callable[[httpx.Response, str], None] = lambda response, case: None,
) -> None:
    """Sends `operation` so many requests, as described and not; its path has ids of the client's `own`, or others.

    Raises `AssertionError` with the first request that is not answered as described, with 500, or with a traceback.
    """
    parameters = operation.definition.raw.get("parameters", ())
    headers = {"content-type"} | {one["name"].lower() for one in parameters if one["in"] == "header"}
    places = {one["name"]: strange for one in parameters if one["in"] == "path"}
    known = {name: st.just(own[name]) | other if name in own else other for name, other in places.items()}
    path = re.compile(re.sub(r"\\{.*?\\}", ".+", re.escape(http.base_url.path.rstrip("/") + operation.path)), re.DOTALL)
    cases = operation.as_strategy()
    if parameters or operation.body:
        cases |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(SOME, max_examples=times, phases=[Phase.generate])  # a case says enough, and to shorten it takes minutes
    @given(case=cases, known=st.fixed_dictionaries(known) | st.fixed_dictionaries({}, optional=places))
    def one(case: Any, known: dict[str, str]) -> None:
        case.path_parameters |= known
        sent = case.as_transport_kwargs(base_url=str(http.base_url))
        url = sent.pop("url")
        kept = {name: sent[name] for name in ("params", "json", "data") if sent.get(name) is not None}
        if isinstance(kept.get("data"), bytes | str):
            kept["content"] = kept.pop("data")
        kept["headers"] = {name: value for name, value in sent["headers"].items() if name.lower() in headers}
        try:
            response = http.request(sent["method"], url, **kept)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError):
            return  # nobody can send it
        text = f"{sent['method']} {url} {kept}: {response.status_code} {response.text[:300]}"
        assert response.status_code != 500, text
        assert "Traceback" not in response.text, text
        look(response, text)
        if not path.fullmatch(response.request.url.path):
            return  # a `..` in it leads to another operation
        try:
            case.validate_response(response, checks=PROMISES)
        except FailureGroup as broken:
            raise AssertionError(f"{text}\n{broken}") from None

    one()
