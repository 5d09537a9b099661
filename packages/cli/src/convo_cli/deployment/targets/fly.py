"""Fly.io."""

from __future__ import annotations

import json

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import DATA, PORT, Plan
from convo_cli.deployment.target import Target
from convo_cli.deployment.targets.docker import image_manifests

__all__ = ["TARGET"]

DOCKERFILE = "Dockerfile.fly"
"""One of its own, because Fly's volumes come as root's."""


def _manifests(plan: Plan) -> list[Manifest]:
    return [Manifest("fly.toml", _toml(plan)), *image_manifests(plan, owns_volume=False, name=DOCKERFILE)]


def _toml(plan: Plan) -> str:
    region = f'primary_region = "{plan.region}"\n' if plan.region else ""
    environment = plan.environment(is_behind_proxy=True)
    values = "".join(f"{name} = {json.dumps(value)}\n" for name, value in environment.items())
    mount = f'\n[[mounts]]\nsource = "data"\ndestination = "{DATA}"\n' if plan.has_volume else ""
    return f"""{plan.made_by}
app = "{plan.name}"
{region}kill_signal = "SIGTERM"
kill_timeout = 20

[build]
dockerfile = "{DOCKERFILE}"

[env]
{values}
[http_service]
internal_port = {PORT}
force_https = true
# Chats that go on live in the machine's memory: it is not stopped under them.
auto_stop_machines = "off"
auto_start_machines = true
min_machines_running = {plan.replicas}

[http_service.concurrency]
type = "connections"
soft_limit = 800
hard_limit = 1000

[[http_service.checks]]
method = "GET"
path = "{plan.path("/ready")}"
interval = "15s"
timeout = "5s"
grace_period = "30s"

[[vm]]
size = "shared-cpu-1x"
memory = "512mb"
{mount}"""


def _before(plan: Plan) -> list[str]:
    lines = [f"fly apps create {plan.name}"]
    if plan.has_volume:
        lines.append(f"fly volumes create data --app {plan.name} --size 1" + _region(plan))
    if plan.has_database:
        lines.append("fly mpg create   # a PostgreSQL; its address is the CONVO_DATA__URL of the next line")
    if plan.secrets:
        names = " ".join(f"{name}=…" for name in plan.secrets)
        lines.append(f"fly secrets set --app {plan.name} {names}   # `convo secret` prints one for log-ins")
    return lines


def _region(plan: Plan) -> str:
    return f" --region {plan.region}" if plan.region else ""


def _misfits(plan: Plan) -> list[str]:
    if plan.replicas > 1:
        return ["Fly's proxy keeps no visitor at one machine, which chats need; leave --replicas at 1."]
    return []


TARGET = Target(
    name="fly",
    title="Fly.io",
    manifests=_manifests,
    commands=lambda plan: [("fly", "deploy", "--config", "fly.toml", "--ha=false")],
    before=_before,
    after=lambda plan: [f"fly certs add {plan.domain} --app {plan.name}"] if plan.domain else [],
    options=frozenset({"name", "domain", "region", "replicas", "data"}),
    install="https://fly.io/docs/flyctl/install/",
    misfits=_misfits,
)
