"""Render, which reads `render.yaml` from the repository."""

from __future__ import annotations

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import DATA, PORT, Plan
from convo_cli.deployment.target import Target
from convo_cli.deployment.targets.docker import image_manifests
from convo_cli.deployment.yaml import block, quoted

__all__ = ["TARGET"]

DOCKERFILE = "Dockerfile.render"
"""One of its own, because Render's disks come as root's."""


def _manifests(plan: Plan) -> list[Manifest]:
    return [Manifest("render.yaml", _blueprint(plan)), *image_manifests(plan, owns_volume=False, name=DOCKERFILE)]


def _blueprint(plan: Plan) -> str:
    values = {"PORT": str(PORT), **plan.environment(is_behind_proxy=True)}
    variables = [f"- key: {name}\n  value: {quoted(value)}" for name, value in sorted(values.items())]
    variables += [_secret(plan, name) for name in plan.secrets]
    lines = [
        "- type: web",
        f"  name: {plan.name}",
        "  runtime: docker",
        f"  dockerfilePath: ./{DOCKERFILE}",
        *([f"  region: {plan.region}"] if plan.region else []),
        "  plan: starter",
        f"  numInstances: {plan.replicas}",
        f"  healthCheckPath: {plan.path('/ready')}",
        "  maxShutdownDelaySeconds: 30",
        *([f"  domains: [{plan.domain}]"] if plan.domain else []),
        "  envVars:",
        *(block([variable], 4).rstrip("\n") for variable in variables),
    ]
    if plan.has_volume:
        lines += ["  disk:", "    name: data", f"    mountPath: {DATA}", "    sizeGB: 1"]
    text = f"{plan.made_by}\nservices:\n{block(lines, 2)}"
    if _has_postgresql(plan):
        database = [
            f"- name: {plan.name}-db",
            "  plan: basic-256mb",
            '  postgresMajorVersion: "17"',
            *([f"  region: {plan.region}"] if plan.region else []),
            "  ipAllowList: []  # reached by services of the same account alone",
        ]
        text += f"databases:\n{block(database, 2)}"
    return text


def _has_postgresql(plan: Plan) -> bool:
    return plan.has_database and plan.project.database in (None, "postgresql")


def _secret(plan: Plan, name: str) -> str:
    if name == "CONVO_DATA__URL" and _has_postgresql(plan):
        return f"- key: {name}\n  fromDatabase:\n    name: {plan.name}-db\n    property: connectionString"
    if name == "CONVO_AUTH__SECRET":
        return f"- key: {name}\n  generateValue: true"
    return f"- key: {name}\n  sync: false  # Render asks for it"


def _misfits(plan: Plan) -> list[str]:
    if plan.replicas > 1:
        return ["Render keeps no visitor at one instance, which chats need; leave --replicas at 1."]
    return []


TARGET = Target(
    name="render",
    title="Render, from a repository",
    manifests=_manifests,
    commands=lambda plan: [("render", "blueprints", "validate", "render.yaml")],
    after=lambda plan: [
        f"git add render.yaml {DOCKERFILE} .dockerignore && git commit -m 'Run on Render' && git push",
        "open https://dashboard.render.com/select-repo?type=blueprint   # choose the repository; it asks for secrets",
    ],
    options=frozenset({"name", "domain", "region", "replicas", "data"}),
    install="https://render.com/docs/cli",
    misfits=_misfits,
)
