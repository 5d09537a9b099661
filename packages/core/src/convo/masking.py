"""Masking: what lets somebody in is left out of what is logged, whoever logs it."""

from __future__ import annotations

import functools
import logging
import re

__all__ = ["MaskingFormatter", "is_secret", "masked"]

_MASK = "***"
_NAMES = (
    r"(?:[\w-]*(?:secret|password|passwd|api[_-]?key|access[_-]?key|private[_-]?key|credential)[\w-]*"
    r"|(?:[\w-]*[_-])?token|authorization|proxy-authorization|cookie|set-cookie|x-amz-signature|sig|signature|code)"
)
_SECRET = re.compile(_NAMES, re.IGNORECASE)
_PATTERNS = (
    # `scheme://user:password@host`
    (re.compile(r"(\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,200}:)[^\s@/]{1,500}(?=@)", re.IGNORECASE), rf"\1{_MASK}"),
    # A header or a setting that is written as `name: value` up to the end of its line …
    (
        re.compile(
            r"((?:authorization|cookie)['\"]?\s*:\s*(?:b?['\"])?)(?!\*\*\*)(?=[^\s'\"])[^'\"\n]{4,}", re.IGNORECASE
        ),
        rf"\1{_MASK}",
    ),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE), rf"\1 {_MASK}"),
    # … and all else as `name=value` or `'name': 'value'`.
    (
        re.compile(rf"(?<![\w-])({_NAMES}['\"]?\s*[=:]\s*b?['\"])(?!\*\*\*)[^'\"\n]{{4,}}", re.IGNORECASE),
        rf"\1{_MASK}",
    ),
    (re.compile(rf"(?<![\w-])({_NAMES}=)(?!\*\*\*)[^\s&'\",;)]{{4,}}", re.IGNORECASE), rf"\1{_MASK}"),
    # Keys and tokens that say by themselves what they are.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), _MASK),
    (re.compile(r"\b((?:sk|pk|rk|ghp|gho|glpat|xox[abprs]|hf)[-_])[A-Za-z0-9_-]{16,}"), rf"\1{_MASK}"),
    (re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{12,}\b"), rf"\1{_MASK}"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), _MASK),
)


def masked(text: str) -> str:
    """`text` with `***` in the place of passwords in URLs, headers and settings, of tokens and of keys."""
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return text


@functools.lru_cache(1024)  # the same few names come with each request to a model
@functools.lru_cache(1024)
def is_secret(name: str) -> bool:
    """Whether what has this name lets somebody in."""
    return _SECRET.fullmatch(name) is not None


class MaskingFormatter(logging.Formatter):
    """A formatter whose lines, tracebacks included, are `masked`."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))
