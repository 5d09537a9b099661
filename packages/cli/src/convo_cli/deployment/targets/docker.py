"""An image, built with Docker or what speaks its language."""

from __future__ import annotations

import json
from textwrap import dedent

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import DATA, PORT, USER, Plan
from convo_cli.deployment.target import Command, Target

__all__ = ["TARGET", "build", "dockerfile", "image_manifests"]

BASE = "python:3.13.7-slim-bookworm"
UV = "uv==0.13.9"
IGNORED = """\
# What is in no image: secrets, chats, and what is only for working on the app.
.convo
.env
.env.*
.git
.venv
*.db
*.md
!convo*.md
**/__pycache__
**/.pytest_cache
dist
tests
"""


def image_manifests(plan: Plan, *, owns_volume: bool = True, name: str = "Dockerfile") -> list[Manifest]:
    """A Dockerfile and what it leaves out.

    Where a volume comes as root's, the app starts as root, makes it its own and is root no longer (`owns_volume`).
    """
    return [Manifest(name, dockerfile(plan, owns_volume=owns_volume)), Manifest(".dockerignore", IGNORED)]


def dockerfile(plan: Plan, *, owns_volume: bool = True) -> str:
    """Two stages: one that installs what the app needs, and one that is the app."""
    made_by = plan.made_by if plan.target in ("docker", "fly", "render") else "# Made by: convo deploy docker"
    variables = {
        "CONVO_SERVER__HOST": "0.0.0.0",  # noqa: S104 - within a container
        "CONVO_SERVER__PORT": str(PORT),
        **plan.kept(DATA),
    }
    values = " \\\n    ".join(f"{name}={value}" for name, value in variables.items())
    probe = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}{plan.path('/health')}', timeout=4)"
    volume = f'VOLUME ["{DATA}"]\n' if plan.has_volume and owns_volume else ""
    return (
        f"{made_by}\n"
        "# The base and uv are pinned. Renew them from time to time; `@sha256:…` behind the tag pins the very bytes.\n"
        + dedent(
            f"""\
            FROM {BASE} AS build
            RUN pip install --no-cache-dir {UV} && uv venv /venv
            WORKDIR /app
            """
        )
        + _install(plan)
        + dedent(
            f"""
            FROM {BASE}
            RUN useradd --uid {USER} --no-create-home --shell /usr/sbin/nologin app && install -d -o app -g app {DATA}
            WORKDIR /app
            COPY --from=build /venv /venv
            COPY . .
            """
        )
        + f"ENV PATH=/venv/bin:$PATH \\\n    PYTHONUNBUFFERED=1 \\\n    {values}\n"
        + volume
        + (f"USER {USER}\n" if owns_volume or not plan.has_volume else "")
        + f"EXPOSE {PORT}\n"
        + "HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \\\n"
        + f"    CMD {json.dumps(['python', '-c', probe])}\n"
        + f"CMD {json.dumps(_start(plan, owns_volume=owns_volume))}\n"
    )


def _install(plan: Plan) -> str:
    """What the app needs comes before its code, so that a change of code installs nothing again."""
    install = "VIRTUAL_ENV=/venv uv pip install --no-cache --compile-bytecode"
    if plan.project.needs == "uv.lock":
        export = "uv export --frozen --no-dev --no-emit-project --quiet --output-file /tmp/requirements.txt"
        return (
            f"COPY pyproject.toml uv.lock ./\nRUN {export} && \\\n"
            f"    {install} --require-hashes --requirement /tmp/requirements.txt\n"
        )
    if plan.project.needs == "requirements.txt":
        has_hashes = "--hash=" in (plan.project.folder / "requirements.txt").read_text("utf-8")
        return (
            "COPY requirements.txt ./\n"
            f"RUN {install} {'--require-hashes ' if has_hashes else ''}--requirement requirements.txt\n"
        )
    return f"COPY pyproject.toml ./\nRUN {install} --requirement pyproject.toml\n"


def _start(plan: Plan, *, owns_volume: bool) -> list[str]:
    run = ["convo", "run", plan.project.target, "--no-open"]
    if owns_volume or not plan.has_volume:
        return run
    user = f"--reuid {USER} --regid {USER} --clear-groups --no-new-privs --bounding-set=-all"
    return ["sh", "-c", f'chown {USER}:{USER} {DATA} && exec setpriv {user} "$0" "$@"', *run]


def build(plan: Plan, name: str = "Dockerfile") -> Command:
    file = () if name == "Dockerfile" else ("--file", name)
    return ("docker", "build", *file, "--tag", plan.image, ".")


def _after(plan: Plan) -> list[str]:
    volume = f" --volume {plan.name}:{DATA}" if plan.has_volume else ""
    secrets = " --env-file .env" if plan.secrets else ""
    return [
        f"docker run --init{secrets} --publish 127.0.0.1:{PORT}:{PORT}{volume} {plan.image}",
    ]


TARGET = Target(
    name="docker",
    title="An image, to be run wherever images are",
    manifests=image_manifests,
    commands=lambda plan: [build(plan)],
    before=lambda plan: ["cp -n .env.example .env   # and write the values into it"] if plan.secrets else [],
    after=_after,
    options=frozenset({"image", "data"}),
    install="https://docs.docker.com/engine/install/",
)
