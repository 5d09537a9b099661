"""Prints, as a JSON list, the packages that changed since a commit, and all that depend on them.

python scripts/changed.py BASE     (an unknown BASE, as on a first push, means all)
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def packages() -> dict[str, Path]:
    """Every package's distribution name and folder."""
    found = {}
    for depth in ("*", "*/*"):
        for file in sorted((ROOT / "packages").glob(f"{depth}/pyproject.toml")):
            found[tomllib.loads(file.read_text("utf-8"))["project"]["name"]] = file.parent
    return found


def dependents(names: set[str], known: dict[str, Path]) -> set[str]:
    """`names`, every package that needs one of them, and those whose tests use one of all these."""
    needs, uses = {}, {}
    for name, folder in known.items():
        about = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))
        needs[name] = _names(about["project"].get("dependencies", []))
        uses[name] = _names(about.get("dependency-groups", {}).get("test", []))
    grown = set(names)
    while more := {name for name, wants in needs.items() if wants & grown} - grown:
        grown |= more
    # No further: what a package's tests use is not part of it, so nothing that needs it has changed.
    return grown | {name for name, wants in uses.items() if wants & grown}


def _names(needs: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9-]", need)[0] for need in needs}


def changed_since(base: str, known: dict[str, Path]) -> set[str]:
    """The packages a commit range touches; all of them when it touches the root's own files."""
    diff = subprocess.run(
        ["git", "diff", "--name-only", base, "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if diff.returncode:
        return set(known)
    touched = set()
    for line in diff.stdout.splitlines():
        owner = [name for name, folder in known.items() if (ROOT / line).is_relative_to(folder)]
        if not owner and not line.startswith(("docs/", "examples/")) and not line.endswith(".md"):
            return set(known)
        touched |= set(owner)
    return touched


def main() -> None:
    known = packages()
    names = dependents(changed_since(sys.argv[1], known), known)
    print(json.dumps(sorted(str(known[name].relative_to(ROOT)) for name in names)))


if __name__ == "__main__":
    main()
