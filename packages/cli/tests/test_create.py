"""`convo create`, as a newcomer runs it; and every template's own tests."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from convo_cli.template import list_templates

from tests.harness.command import convo

TEMPLATES = [template.name for template in list_templates(pytest.fail)]
EVERY = pytest.mark.parametrize("template", TEMPLATES)
FILES = {
    ".env.example",
    ".gitignore",
    "README.md",
    "app.py",
    "convo.md",
    "convo.toml",
    "pyproject.toml",
    "tests",
}


def test_the_templates_are_listed_each_in_a_line(tmp_path: Path) -> None:
    done = convo("create", "--list", cwd=tmp_path)

    assert [line.split()[0] for line in done.stdout.splitlines()] == TEMPLATES
    bots = {"discord-bot", "slack-bot", "teams-bot"}
    ours = {*bots, "echo", "langgraph-agent", "multi-user", "openai-streaming", "rag-llama-index"}
    assert ours <= set(TEMPLATES)
    assert done.returncode == 0


@EVERY
@pytest.mark.timeout(180)
def test_a_project_is_complete_bears_its_name_and_passes_its_tests(template: str, tmp_path: Path) -> None:
    done = convo("create", "shop-talk", "--template", template, cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert "cd shop-talk" in done.stdout
    project = tmp_path / "shop-talk"
    assert {path.name for path in project.iterdir()} >= FILES
    about = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"]
    assert about["name"] == "shop-talk"
    assert all(">=" in need for need in about["dependencies"])
    assert tomllib.loads((project / "convo.toml").read_text("utf-8"))["project"]["name"] == "Shop talk"
    assert "my-app" not in "".join(path.read_text("utf-8") for path in project.rglob("*") if path.is_file()).lower()

    variables = {key: value for key, value in os.environ.items() if not key.startswith(("CONVO_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error"]
    tested = subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, check=False)

    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "passed" in tested.stdout
    assert tested.stderr == ""


def test_a_folder_that_is_not_empty_is_left_alone_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "app.py").write_text("mine")
    (tmp_path / "mine" / "other.py").write_text("mine too")

    refused = convo("create", "mine", "-t", "echo", cwd=tmp_path)

    assert refused.returncode == 1
    assert "`mine` is not empty (app.py, other.py); choose another name, or" in refused.stderr
    assert (tmp_path / "mine" / "app.py").read_text() == "mine"
    assert convo("create", "mine", "-t", "echo", "--force", cwd=tmp_path).returncode == 0
    assert "convo.on_message" in (tmp_path / "mine" / "app.py").read_text()
    assert (tmp_path / "mine" / "other.py").read_text() == "mine too"


def test_this_folder_will_do_when_it_holds_no_more_than_version_control(tmp_path: Path) -> None:
    (tmp_path / "Büro chat" / ".git").mkdir(parents=True)

    done = convo("create", ".", "-t", "echo", cwd=tmp_path / "Büro chat")

    assert done.returncode == 0
    assert "cd " not in done.stdout
    assert 'name = "buro-chat"' in (tmp_path / "Büro chat" / "pyproject.toml").read_text("utf-8")
    assert 'name = "Büro chat"' in (tmp_path / "Büro chat" / "convo.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["x", "-t", "ecko"], 1, "There is no template `ecko` here. There are: discord-bot, echo, langgraph-agent"),
        (["???", "-t", "echo"], 1, "`???` is no name for a project; begin it with a letter from a to z"),
        (["openai", "-t", "openai-streaming"], 1, "`openai` is a package that the project needs; choose another name"),
        (["taken", "-t", "echo"], 1, "`taken` is a file; choose another name"),
        (["x"], 2, "--template: which? There are: discord-bot, echo, langgraph-agent"),
        (["-t", "echo"], 2, "NAME: which folder? Give it, as: convo create my-app"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(tmp_path: Path, arguments: list[str], code: int, error: str) -> None:
    (tmp_path / "taken").write_text("")

    done = convo("create", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (code, "")
    assert error in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def announce(folder: Path, name: str) -> None:
    about = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[convo.templates]\nshop-bot = shop.templates\n")


def test_a_package_brings_templates_of_its_own(tmp_path: Path) -> None:
    announce(tmp_path / "site", "convo-shop")
    bot = tmp_path / "site" / "shop" / "templates" / "shop-bot"
    (bot / "__pycache__").mkdir(parents=True)
    (bot / "__pycache__" / "app.pyc").write_bytes(b"old")
    (bot / "pyproject.toml").write_text('[project]\nname = "my-app"\ndescription = "Sells."\ndependencies = []\n')
    (bot / "logo.png").write_bytes(b"\x89PNG my-app")
    every = bot.parent / "every"
    every.mkdir()
    (every / "logo.png").write_bytes(b"not this one")
    (every / "Dockerfile").write_text("LABEL app=my-app")
    path = str(tmp_path / "site")

    listed = convo("create", "--list", cwd=tmp_path, PYTHONPATH=path)
    done = convo("create", "stall", "-t", "shop-bot", cwd=tmp_path, PYTHONPATH=path)

    assert "shop-bot          Sells." in listed.stdout
    assert done.returncode == 0
    files = sorted(file.name for file in (tmp_path / "stall").iterdir())
    assert files == ["Dockerfile", "logo.png", "pyproject.toml"]
    assert (tmp_path / "stall" / "Dockerfile").read_text() == "LABEL app=stall"
    assert (tmp_path / "stall" / "logo.png").read_bytes() == b"\x89PNG my-app"
    assert 'name = "stall"' in (tmp_path / "stall" / "pyproject.toml").read_text()


def test_a_broken_template_is_named_with_its_package_and_the_others_work(tmp_path: Path) -> None:
    announce(tmp_path / "site", "convo-shop")
    path = str(tmp_path / "site")

    broken = convo("create", "stall", "-t", "shop-bot", cwd=tmp_path, PYTHONPATH=path)
    listed = convo("create", "--list", cwd=tmp_path, PYTHONPATH=path)
    other = convo("create", "parrot", "-t", "echo", cwd=tmp_path, PYTHONPATH=path)

    assert broken.returncode == 1
    assert "The template `shop-bot` of the package convo-shop cannot be read" in broken.stderr
    assert broken.stderr == listed.stderr
    assert [line.split()[0] for line in listed.stdout.splitlines()] == TEMPLATES
    assert other.returncode == 0
