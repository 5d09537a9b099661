"""The installation: this Python, and the packages that are there."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from convo_cli.doctor.finding import Finding, broken, fine, warning

__all__ = ["check_installation"]

_PREFIX = "convo-"
_ROOT = "convo-run"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def check_installation() -> Iterator[Finding]:
    """Python, convo's packages with their versions, and what they need and is not there."""
    where = "" if sys.prefix != sys.base_prefix else ", in no virtual environment"
    yield fine("python", f"{platform.python_version()} ({sys.executable}){where}")
    found = {_plain(one.name): one for one in distributions() if _plain(one.name).startswith(_PREFIX)}
    if _ROOT not in found:  # run from its sources
        yield warning("packages", f"`{_ROOT}` is not installed as a package.", f"pip install {_ROOT}")
    yield fine("packages", ", ".join(f"{name} {found[name].version}" for name in sorted(found)))
    for name in sorted(found):
        for needed in _missing(found[name]):
            yield broken("packages", f"{name} needs {needed}, which is not installed.", f"pip install {needed}")


def _missing(package: Distribution) -> Iterator[str]:
    """What it needs in any case: extras, and what is for other systems alone, are left out."""
    for line in package.requires or ():
        requirement, _, marker = line.partition(";")
        name = _NAME.match(requirement)
        if marker or name is None:
            continue
        try:
            distribution(name[0])
        except PackageNotFoundError:
            yield name[0]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
