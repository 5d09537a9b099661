"""Commands that other packages bring, and how all commands behave."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from convo_cli.examples import EXAMPLES
from convo_cli.main import OWN, cli

from tests.harness.command import convo as run_convo

SHOP = """
import typer

print("loaded")
stock = typer.Typer(help="What there is.")


@stock.command()
def count(what: str) -> None:
    typer.echo(f"12 {what}")


@stock.command()
def order(what: str) -> None:
    typer.echo(f"{what} is on its way")


def close(hour: int = 18) -> None:
    "Close the shop."
    typer.echo(f"closed at {hour}")


nonsense = 7
"""
POINTS = """[convo.commands]
stock = shop:stock
close = shop:close
nonsense = shop:nonsense
gone = shop:no_such_thing
run = shop:close
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder in which a package is installed that announces commands, good ones and broken ones."""
    (tmp_path / "shop.py").write_text(SHOP)
    about = tmp_path / "convo_shop-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: convo-shop\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(POINTS)
    return tmp_path


def convo(*arguments: str, shop: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_convo(*arguments, PYTHONPATH=str(shop), **variables)


def test_help_names_them_and_their_package_without_loading_anything(shop: Path) -> None:
    done = convo("--help", shop=shop)

    assert "close" in done.stdout
    assert done.stdout.count("Of the package convo-shop.") == 4
    assert "loaded" not in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_they_run_with_their_arguments_and_their_own_help(shop: Path) -> None:
    assert convo("stock", "count", "apples", shop=shop).stdout == "loaded\n12 apples\n"
    assert convo("close", "--hour", "20", shop=shop).stdout == "loaded\nclosed at 20\n"
    assert "Close the shop." in convo("close", "--help", shop=shop).stdout
    assert "Usage: python -m convo_cli stock" not in convo("stock", "--help", shop=shop).stdout
    assert "Usage: convo stock [OPTIONS] COMMAND" in convo("stock", "--help", shop=shop).stdout
    assert convo("stock", "sell", shop=shop).returncode == 2


@pytest.mark.parametrize(
    ("name", "reason"), [("gone", "no_such_thing"), ("nonsense", "`shop:nonsense` is neither a function nor a typer")]
)
def test_a_broken_one_is_named_and_breaks_nothing_else(shop: Path, name: str, reason: str) -> None:
    done = convo(name, shop=shop)

    assert done.returncode == 1
    assert f"The command `{name}` of the package convo-shop cannot be loaded" in done.stderr
    assert reason in done.stderr
    assert "pip install --upgrade convo-shop" in done.stderr
    assert "Traceback" not in done.stderr
    assert convo("secret", shop=shop).returncode == 0


def test_the_names_of_convos_own_commands_are_not_given_away(shop: Path) -> None:
    assert "Serve the app in FILE" in convo("run", "--help", shop=shop).stdout


def test_a_command_that_is_spelled_wrongly_is_told_which_was_meant(shop: Path) -> None:
    said = convo("doctr", shop=shop)

    assert said.returncode == 2
    assert "Did you mean 'doctor'?" in said.stderr


def test_shells_complete_them_by_name_and_inside(shop: Path) -> None:
    words = convo(shop=shop, _CONVO_COMPLETE="complete_bash", COMP_WORDS="convo sto", COMP_CWORD="1").stdout
    inside = convo(shop=shop, _CONVO_COMPLETE="complete_bash", COMP_WORDS="convo stock ", COMP_CWORD="2").stdout

    assert words.split() == ["stock"]
    assert {"count", "order"} <= set(inside.split())


def commands() -> dict[str, Any]:
    """All of convo's own, by their words."""

    def inside(command: Any, words: str) -> Iterator[tuple[str, Any]]:
        if not hasattr(command, "commands"):
            yield words, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from inside(inner, f"{words} {name}")

    group: Any = typer.main.get_group(cli)
    return {words: one for name in OWN for words, one in inside(group.get_command(None, name).load(), name)}


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"create", "deploy", "doctor"}))  # whose own help says more
def test_the_list_of_commands_says_of_each_what_its_own_help_says(name: str) -> None:
    command = typer.main.get_group(cli).get_command(None, name)  # type: ignore[arg-type]  # no context is needed

    assert command.load().help.startswith(OWN[name].help.removesuffix("."))  # type: ignore[union-attr]


@pytest.mark.parametrize("words", commands())
def test_help_shows_how_a_command_is_used(words: str) -> None:
    epilog = commands()[words].epilog or ""

    assert f"convo {words}" in epilog, f"add examples of `convo {words}` to convo_cli/examples.py"


def test_no_example_is_of_a_command_that_is_gone() -> None:
    assert set(EXAMPLES) == set(commands())


def test_the_page_of_the_command_line_lists_every_command() -> None:
    page = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text("utf-8")

    listed = re.findall(r"^\| \[?`convo ([a-z -]+)`", page, re.MULTILINE)

    assert sorted(listed) == sorted(commands())


def test_the_page_shows_the_help_as_it_is(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "command-line.md").read_text("utf-8")

    shown = convo("--help", shop=tmp_path, COLUMNS="80").stdout

    assert shown.strip() in page
