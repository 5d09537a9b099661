"""Imports: a Python file whose imports of `chainlit` become imports of `convo`, each at its exact place."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from importlib import import_module

from convo_cli.chainlit.remainder import Remainder

__all__ = ["Imports"]

THERE, HERE = "chainlit", "convo"

SAME = frozenset(
    f"{THERE}.{name}"
    for name in (
        *("action", "chat_context", "chat_settings", "context", "data", "data.base", "data.utils", "element"),
        *("input_widget", "message", "mode", "sidebar", "step", "sync", "types", "user", "user_session"),
    )
)
"""Modules that convo has under the same name."""

OTHERS = {
    "ChainlitContextException": (HERE, "NoContextError"),
    "mount_chainlit": ("convo_server", "mount"),
}
"""What has another name here, and the module it is in."""

OF_PACKAGES = {
    "LangchainCallbackHandler": "convo-langchain",
    "AsyncLangchainCallbackHandler": "convo-langchain",
    "LlamaIndexCallbackHandler": "convo-llama-index",
    "instrument_mistralai": "convo-mistral",
    "instrument_openai": "convo-openai",
    "SemanticKernelFilter": "convo-semantic-kernel",
}
"""Names of `convo` that are there once a package is installed."""

REASONS = {
    "chainlit.cli": "the command is `convo run`",
    "chainlit.config": "settings are `app.config` of a `convo.App`",
    "chainlit.data.": "where history and files are kept is said by `[data] url` and `[storage] url`",
    "chainlit.logger": "use `logging.getLogger(__name__)`",
    "chainlit.mcp": "what `on_mcp_connect` gets has a `name`; a server is a table `[mcp.servers.NAME]`",
    "chainlit.oauth_providers": "a provider is a table `[auth.oauth.NAME]`",
    "chainlit.secret": "`convo secret` makes one",
    "chainlit.server": "`convo_server.create_app` makes the ASGI app, and `convo_server.mount` hangs it into another",
}

_VARIABLE = re.compile(r"CHAINLIT_[A-Z_]+")
_MODULE = re.compile(r"chainlit(\.[a-z_]+)*")


class Imports:
    """Of the file that is called `name`. `text` is what becomes of it, `left` what its author has to look at."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._before = text
        self._lines = text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._edits: list[tuple[int, int, str]] = []
        self._bound: dict[str, str] = {}  # names in the file, and the modules of Chainlit that they stand for
        self.left: list[Remainder] = []
        self.packages: set[str] = set()  # that names of this file need
        self.is_concerned = False  # whether it imports Chainlit at all
        if THERE in text.lower():
            self._read()

    @property
    def text(self) -> str:
        text = self._before
        for start, end, new in sorted(self._edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _read(self) -> None:
        try:
            tree = ast.parse(self._before)
        except (SyntaxError, ValueError) as error:
            self._leave(getattr(error, "lineno", None) or 1, f"cannot be read as Python ({error}); nothing is changed")
            return
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self._import(alias)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and _is_theirs(node.module or ""):
                self._import_from(node)
        inner = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
        for node in nodes:
            if isinstance(node, ast.Attribute) and id(node) not in inner:
                self._follow(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self._look_at(node.lineno, node.value)
        self.left.sort(key=lambda one: int(one.where.rpartition(":")[2]))

    def _import(self, alias: ast.alias) -> None:
        if not _is_theirs(alias.name):
            return
        self.is_concerned = True
        if alias.asname is not None:
            self._bound[alias.asname] = alias.name
        elif alias.name == THERE or alias.name in SAME:
            self._bound[THERE] = THERE
        if alias.name != THERE and alias.name not in SAME:
            self._leave(alias.lineno, f"`import {alias.name}` is left: {_reason(alias.name)}")
            return
        new = HERE + alias.name[len(THERE) :]
        if alias.asname is not None:
            new = f"{new} as {alias.asname}"
        else:
            new = f"{HERE} as {THERE}" if alias.name == THERE else f"{new}, {HERE} as {THERE}"
        start = self._at(alias.lineno, alias.col_offset)
        self._edits.append((start, self._at(alias.end_lineno, alias.end_col_offset), new))

    def _import_from(self, node: ast.ImportFrom) -> None:
        self.is_concerned = True
        module = node.module or ""
        homes = [(alias, self._home(module, alias.name)) for alias in node.names]
        for alias, home in homes:
            if home is None:
                self._leave(alias.lineno, f"`{module}.{alias.name}` is left: {_reason(module, alias.name)}")
            elif f"{module}.{alias.name}" in SAME and home[0] == HERE and home[1] not in import_module(HERE).__all__:
                self._bound[alias.asname or alias.name] = f"{module}.{alias.name}"
        found = [(alias, home) for alias, home in homes if home is not None]
        if not found:
            return
        modules = {home[0] for _, home in found}
        if len(found) == len(homes) and len(modules) == 1 and all(home[1] == alias.name for alias, home in found):
            self._edits.append((*self._module_span(node), modules.pop()))
            return
        start, end = self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)
        indent = self._before[self._starts[node.lineno - 1] : start]
        rest = self._before[end:].partition("\n")[0].strip()
        if indent.strip() or (rest and not rest.startswith("#")) or "#" in self._before[start:end]:
            where = ", ".join(f"`{alias.name}` is `{home[0]}.{home[1]}`" for alias, home in found)
            self._leave(node.lineno, f"shares its lines with others and is left: {where}")
            return
        end_of_line = "\r\n" if "\r\n" in self._before else "\n"
        self._edits.append((start, end, f"{end_of_line}{indent}".join(_statements(module, homes))))

    def _home(self, module: str, name: str) -> tuple[str, str] | None:
        """The module and name here of what there is `module.name`; `None` if there is none."""
        if name in OF_PACKAGES:
            self.packages.add(OF_PACKAGES[name])
            return HERE, name
        if name in OTHERS:
            return OTHERS[name]
        same = HERE + module[len(THERE) :]
        if module == THERE and name == "*":
            return HERE, name
        is_same = module == THERE or module in SAME
        if is_same and (name in import_module(same).__all__ or f"{module}.{name}" in SAME):
            return same, name
        return (HERE, name) if name in import_module(HERE).__all__ else None

    def _follow(self, node: ast.Attribute) -> None:
        """Look whether what is read of a module is there, as in `cl.types.ThreadDict`."""
        names: list[str] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            names.insert(0, inner.attr)
            inner = inner.value
        if not isinstance(inner, ast.Name) or inner.id not in self._bound:
            return
        module = self._bound[inner.id]
        if module != THERE and module not in SAME:
            return  # its import is left, and said to be
        for at, name in enumerate(names, start=1):
            if f"{module}.{name}" in SAME and (module != THERE or name not in import_module(HERE).__all__):
                module = f"{module}.{name}"
                continue
            here = HERE + module[len(THERE) :]
            home = self._home(module, name)
            if home is None:
                self._leave(node.lineno, f"`{'.'.join([inner.id, *names[:at]])}`: {_reason(module, name)}")
            elif home != (here, name):
                self._leave(node.lineno, f"`{'.'.join([inner.id, *names[:at]])}` is `{home[0]}.{home[1]}` here")
            return

    def _look_at(self, line: int, text: str) -> None:
        if (found := _VARIABLE.fullmatch(text)) is not None:
            self._leave(line, f"`{found[0]}` is read of the environment; variables here begin with `CONVO_`")
        elif _MODULE.fullmatch(text) and text != f"{THERE}.md":
            self._leave(line, f"`{text}` stands here as a text; if it names the package, it is `{HERE}`")

    def _module_span(self, node: ast.ImportFrom) -> tuple[int, int]:
        start, end = self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)
        tokens = list(tokenize.generate_tokens(io.StringIO(self._before[start:end]).readline))
        last = next(at for at, token in enumerate(tokens) if token.string == "import")
        first, final = tokens[1].start, tokens[last - 1].end
        return self._token(start, first), self._token(start, final)

    def _token(self, start: int, position: tuple[int, int]) -> int:
        lines = self._before[start:].split("\n", position[0])
        return start + sum(len(line) + 1 for line in lines[: position[0] - 1]) + position[1]

    def _at(self, line: int | None, column: int | None) -> int:
        """Where in the text a node's place is, which counts bytes."""
        row = (line or 1) - 1
        return self._starts[row] + len(self._lines[row].encode()[: column or 0].decode())

    def _leave(self, line: int, what: str) -> None:
        one = Remainder(f"{self._name}:{line}", f"{what}.")
        if one not in self.left:
            self.left.append(one)


def _is_theirs(module: str) -> bool:
    return module == THERE or module.startswith(f"{THERE}.")


def _reason(module: str, name: str = "") -> str:
    whole = f"{module}.{name}"
    return next(
        (why for beginning, why in REASONS.items() if whole.startswith(beginning)), "convo has nothing of this name"
    )


def _statements(module: str, homes: list[tuple[ast.alias, tuple[str, str] | None]]) -> Iterator[str]:
    """One import for each module that names are in, those that are left last."""
    grouped: dict[str, list[str]] = {}
    left: list[str] = []
    for alias, home in homes:
        asname = alias.asname or alias.name
        name = alias.name if home is None else home[1]
        text = name if asname == name else f"{name} as {asname}"
        (left if home is None else grouped.setdefault(home[0], [])).append(text)
    for home_module, names in grouped.items():
        yield f"from {home_module} import {', '.join(names)}"
    if left:
        yield f"from {module} import {', '.join(left)}"
