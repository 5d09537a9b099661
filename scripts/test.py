"""Runs all checks and tests of the repository: `hatch run test`.

python scripts/test.py              everything, with a few per cent of the long campaigns
python scripts/test.py --deep       the long campaigns in full
python scripts/test.py --lint       style, types and import contracts only
python scripts/test.py tests/x.py   only these tests
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = sorted(
    path.parent
    for path in (ROOT / "packages").glob("**/pyproject.toml")
    if not {"node_modules", "src"} & {*path.relative_to(ROOT).parts}
)
BROWSER = ("chromium", "fonts-liberation", "fonts-noto-core")
PROCESSES = min((os.cpu_count() or 1) + 1, 8)  # of pytest: much of what tests do is waiting for other processes
PROXY = ("nginx-light",)


def main(arguments: Sequence[str]) -> int:
    deep = "--deep" in arguments
    rest = [argument for argument in arguments if argument not in ("--deep", "--lint")]
    if "--lint" in arguments:
        return lint()
    if rest:
        return run("pytest", *rest)
    need_programs()
    if deep:
        os.environ["TEST_DEEP"] = "1"
    pytest = ["pytest"] if deep else ["pytest", "--numprocesses", str(PROCESSES), "--dist", "loadfile"]
    return (
        lint()
        or run("python", "packages/ui/hatch_build.py", "build")  # once: tests of the packages would each begin it
        or run("python", "packages/ui/hatch_build.py", "test")
        or run(*pytest)
    )


def lint() -> int:
    sources = [str(path / "src") for path in PACKAGES]
    return (
        run("ruff", "check", "--quiet")
        or run("ruff", "format", "--check", "--quiet")
        or run("python", "scripts/wire.py", "--check")
        or run("python", "scripts/openapi.py", "--check")
        or run("python", "scripts/words.py", "--check")
        or run("python", "scripts/schema.py", "--check")
        or run("python", "scripts/theme.py", "--check")
        or run("mypy", *sources, "scripts", "benchmarks")
        or run("lint-imports", "--no-logo")
    )


def run(*command: str) -> int:
    """Its exit code. Tests start hundreds of processes: each would compile all it imports if it kept nothing."""
    print(f"→ {' '.join(command)}", flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def need_programs() -> None:
    """Chromium and nginx for the tests: installed on a Debian machine where we may, else asked for in one line."""
    found = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
    missing = [
        package
        for program, packages in (("chromium", BROWSER), ("nginx", PROXY))
        if not shutil.which(program, path=found)
        for package in packages
    ]
    if not missing:
        return
    apt = shutil.which("apt-get")
    if apt is not None and os.geteuid() == 0:
        print(f"→ installing {', '.join(missing)} for the tests", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([apt, "update", "-qq"], check=True, env=environment, stdout=subprocess.DEVNULL)
        install = [apt, "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(install, check=True, env=environment, stdout=subprocess.DEVNULL)
        return
    hint = f"The tests need more programs: apt-get install -y --no-install-recommends {' '.join(missing)}"
    if os.environ.get("CI"):
        raise SystemExit(hint)
    print(hint, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
