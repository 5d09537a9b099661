"""Importing does nothing; and imports point downward, which fails when broken."""

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "convo",
    "convo.testing",
    "convo_server",
    "convo_cli",
    "convo_cli.main",
    "convo_ui",
    "convo_sqlalchemy",
    "convo_dynamodb",
    "convo_s3",
    "convo_azure_blob",
    "convo_client",
    "convo_discord",
    "convo_gcs",
    "convo_mistral",
    "convo_openai",
    "convo_otel",
    "convo_protocols",
    "convo_semantic_kernel",
    "convo_slack",
    "convo_teams",
)
LISTEN = """
import asyncio, builtins, json, logging, os, sys
# An emulator of the test environment brings `requests`, which python-engineio imports where it is, and which then
# binds a socket to see whether there is IPv6.
sys.modules["requests"] = None
seen = []
def hook(event, args):
    if event == "open" and isinstance(args[1], str) and any(c in args[1] for c in "wax+"):
        seen.append(f"opened {args[0]} to write")
    if event in ("subprocess.Popen", "socket.connect", "socket.bind", "os.mkdir", "os.putenv"):
        seen.append(event)
sys.addaudithook(hook)
class Watched(dict):
    def __getitem__(self, key):
        if key.startswith("CONVO_"): seen.append(f"read {key}")
        return super().__getitem__(key)
    def get(self, key, default=None):
        if str(key).startswith("CONVO_"): seen.append(f"read {key}")
        return super().get(key, default)
    def items(self):
        seen.append("listed the environment")
        return super().items()
before = (list(logging.root.handlers), asyncio.get_event_loop_policy().__class__, asyncio.sleep, asyncio.run)
__import__(sys.argv[1])
after = (list(logging.root.handlers), asyncio.get_event_loop_policy().__class__, asyncio.sleep, asyncio.run)
if before != after: seen.append("changed logging or asyncio")
if sys.argv[1].split(".")[0] + "" in logging.root.manager.loggerDict: pass
for name, logger in logging.root.manager.loggerDict.items():
    if name.startswith("convo") and getattr(logger, "handlers", None): seen.append(f"handler on {name}")
print(json.dumps({"seen": seen, "modules": sorted(sys.modules)}))
"""


def _import(name: str) -> dict[str, list[str]]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    out = subprocess.run(
        [sys.executable, "-c", LISTEN, name], capture_output=True, text=True, check=True, env=environment
    )
    found: dict[str, list[str]] = json.loads(out.stdout)
    return found


@pytest.mark.parametrize("name", PACKAGES)
def test_importing_does_nothing(name: str) -> None:
    assert _import(name)["seen"] == []


def test_importing_convo_loads_no_settings_and_no_vendor() -> None:
    modules = set(_import("convo")["modules"])

    assert not modules & {"pydantic", "convo.config", "starlette", "sqlalchemy", "socketio", "pytest"}


def test_no_module_holds_state_that_changes() -> None:
    """The one default App is the only module-level state."""
    offenders = []
    for file in ROOT.glob("packages/**/src/**/*.py"):
        if {"node_modules", "templates"} & {*file.parts}:  # templates are apps, with a stand-in for a database
            continue
        tree = ast.parse(file.read_text("utf-8"))
        names = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.Dict | ast.List | ast.Set | ast.Call)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        offenders += [f"{file.relative_to(ROOT)}: {name}" for name in _mutated(tree) & names]
    assert offenders == []


def _mutated(tree: ast.Module) -> set[str]:
    """Names that a function assigns with `global`, or changes through a subscript or a mutating method."""
    changes = {"append", "add", "update", "pop", "clear", "setdefault", "extend", "insert", "remove", "discard"}
    found: set[str] = set()
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)):
        local = {
            name.id for name in ast.walk(function) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
        } | {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)}
        for node in ast.walk(function):
            if isinstance(node, ast.Global):
                found |= set(node.names)
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                found |= {node.value.id} - local if isinstance(node.value, ast.Name) else set()
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in changes:
                found |= {node.func.value.id} - local if isinstance(node.func.value, ast.Name) else set()
    return found


def _lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(path) for depth in ("*", "*/*") for path in (root / "packages").glob(f"{depth}/src")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("core/src/convo/log.py", "import convo.session", "lines below its own"),
        ("core/src/convo/step.py", "import starlette", "no server, database"),
        ("server/src/convo_server/__init__.py", "import convo_ui", "no sibling"),
        ("core/src/convo/brand_new.py", "", "lines below its own"),
    ],
)
def test_an_import_that_points_upward_is_an_error(tmp_path: Path, module: str, line: str, contract: str) -> None:
    made = ("node_modules", "static", "__pycache__", "dist")
    ignore = shutil.ignore_patterns(*made, "tests", "app", "client", "copilot", "react")
    shutil.copytree(ROOT / "packages", tmp_path / "packages", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file = tmp_path / "packages" / module
    file.write_text((file.read_text("utf-8") if file.exists() else "") + f"\n{line}\n")

    result = _lint_imports(tmp_path)

    assert result.returncode != 0
    assert f"{contract}" in result.stdout + result.stderr


def test_imports_point_downward() -> None:
    result = _lint_imports(ROOT)

    assert result.returncode == 0, result.stdout
