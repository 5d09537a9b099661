"""Docker Compose: the app on one machine, beside a PostgreSQL of its own if it keeps its chats in one."""

from __future__ import annotations

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import DATA, PORT, Plan
from convo_cli.deployment.target import Target
from convo_cli.deployment.targets.docker import image_manifests
from convo_cli.deployment.targets.nginx import nginx_lines, nginx_manifest
from convo_cli.deployment.yaml import block, quoted

__all__ = ["TARGET"]

POSTGRESQL = "postgres:17.6-bookworm"
HINTS = {
    "CONVO_AUTH__SECRET": "set it in .env, convo secret prints one",
    "POSTGRES_PASSWORD": "set it in .env, letters and digits",
}


def _manifests(plan: Plan) -> list[Manifest]:
    manifests = [Manifest("compose.yaml", _compose(plan)), *image_manifests(plan)]
    return manifests if plan.domain is None else [*manifests, nginx_manifest(plan)]


def _has_postgresql(plan: Plan) -> bool:
    return plan.has_database and plan.project.database in (None, "postgresql")


def _compose(plan: Plan) -> str:
    values = plan.environment(is_behind_proxy=plan.domain is not None)
    variables = {name: quoted(value) for name, value in values.items()}
    variables |= {name: _required(name) for name in plan.secrets}
    if _has_postgresql(plan):
        variables["CONVO_DATA__URL"] = f"postgresql://app:{_required('POSTGRES_PASSWORD')}@db/app"
    lines = [
        "build: .",
        f"image: {plan.image}",
        "init: true",
        "restart: unless-stopped",
        "stop_grace_period: 20s",
        "read_only: true",
        "tmpfs: [/tmp]",
        "cap_drop: [ALL]",
        'security_opt: ["no-new-privileges:true"]',
        f'ports: ["127.0.0.1:{PORT}:{PORT}"]',
    ]
    if variables:
        lines += ["environment:", *(f"  {name}: {variables[name]}" for name in sorted(variables))]
    if plan.has_volume:
        lines.append(f'volumes: ["data:{DATA}"]')
    if _has_postgresql(plan):
        lines += ["depends_on:", "  db:", "    condition: service_healthy"]
    text = f"{plan.made_by}\n# Secrets come from .env beside this file, which is in no image and no repository.\n"
    text += f"name: {plan.name}\nservices:\n  app:\n{block(lines, 4)}"
    volumes = ["data"] if plan.has_volume else []
    if _has_postgresql(plan):
        text += f"  db:\n{block(_postgresql(), 4)}"
        volumes.append("db")
    return text + (f"volumes:\n{block([f'{name}:' for name in volumes], 2)}" if volumes else "")


def _postgresql() -> list[str]:
    return [
        f"image: {POSTGRESQL}",
        "restart: unless-stopped",
        "stop_grace_period: 60s",
        "shm_size: 128mb",
        'security_opt: ["no-new-privileges:true"]',
        "environment:",
        "  POSTGRES_DB: app",
        "  POSTGRES_USER: app",
        f"  POSTGRES_PASSWORD: {_required('POSTGRES_PASSWORD')}",
        'volumes: ["db:/var/lib/postgresql/data"]',
        "healthcheck:",
        '  test: ["CMD", "pg_isready", "--username", "app", "--dbname", "app"]',
        "  interval: 5s",
        "  timeout: 5s",
        "  retries: 12",
    ]


def _required(name: str) -> str:
    """The value that `.env` has; Compose refuses to start without."""
    return f"${{{name}:?{HINTS.get(name, 'set it in .env')}}}"


def _before(plan: Plan) -> list[str]:
    names = [name for name in plan.secrets if name != "CONVO_DATA__URL" or not _has_postgresql(plan)]
    names += ["POSTGRES_PASSWORD"] if _has_postgresql(plan) else []
    return [f"$EDITOR .env   # {', '.join(names)}"] if names else []


TARGET = Target(
    name="compose",
    title="One machine with Docker Compose, with a PostgreSQL if the app keeps its chats in one",
    manifests=_manifests,
    commands=lambda plan: [("docker", "compose", "up", "--build", "--detach", "--wait")],
    before=_before,
    after=lambda plan: nginx_lines(plan) if plan.domain is not None else [f"curl http://127.0.0.1:{PORT}/ready"],
    options=frozenset({"image", "domain", "data"}),
    install="https://docs.docker.com/engine/install/",
)
