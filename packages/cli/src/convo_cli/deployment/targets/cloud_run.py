"""Google Cloud Run, which keeps no files: chats are in a database."""

from __future__ import annotations

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import PORT, Plan
from convo_cli.deployment.target import Command, Target
from convo_cli.deployment.targets.docker import image_manifests
from convo_cli.deployment.yaml import block, quoted

__all__ = ["TARGET"]

FILE = "cloud-run.yaml"


def _manifests(plan: Plan) -> list[Manifest]:
    return [Manifest(FILE, _service(plan)), *image_manifests(plan)]


def _service(plan: Plan) -> str:
    values = plan.environment(is_behind_proxy=True)
    variables = [f"- name: {name}\n  value: {quoted(value)}" for name, value in sorted(values.items())]
    for name in plan.secrets:
        reference = f"{{name: {_secret(plan, name)}, key: latest}}"
        variables.append(f"- name: {name}\n  valueFrom:\n    secretKeyRef: {reference}")
    return f"""{plan.made_by}
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: {plan.name}
  annotations:
    run.googleapis.com/ingress: all
spec:
  template:
    metadata:
      annotations:
        # Chats that go on live in an instance's memory: it has its processor between requests too, and is not ended
        # because nobody asks for a while.
        run.googleapis.com/cpu-throttling: "false"
        run.googleapis.com/sessionAffinity: "true"
        autoscaling.knative.dev/minScale: "{plan.replicas}"
        autoscaling.knative.dev/maxScale: "{plan.replicas}"
    spec:
      containerConcurrency: 500
      timeoutSeconds: 3600
      containers:
        - image: {plan.image}
          ports:
            - name: http1
              containerPort: {PORT}
          env:
{block(variables, 12).rstrip()}
          resources:
            limits:
              cpu: "1"
              memory: 512Mi
          startupProbe:
            httpGet: {{path: {plan.path("/ready")}, port: {PORT}}}
            periodSeconds: 3
            failureThreshold: 20
          livenessProbe:
            httpGet: {{path: {plan.path("/health")}, port: {PORT}}}
            periodSeconds: 30
"""


def _secret(plan: Plan, name: str) -> str:
    return f"{plan.name}-{name.lower().replace('__', '-').replace('_', '-')}"


def _commands(plan: Plan) -> list[Command]:
    region = ("--region", plan.region) if plan.region else ()
    return [
        ("gcloud", "builds", "submit", "--tag", plan.image, "."),
        ("gcloud", "run", "services", "replace", FILE, *region),
    ]


def _before(plan: Plan) -> list[str]:
    return [
        f'printf %s "$VALUE" | gcloud secrets create {_secret(plan, name)} --data-file=-   # {name}'
        for name in plan.secrets
    ]


def _misfits(plan: Plan) -> list[str]:
    misfits = []
    if not plan.has_database:
        misfits.append("Cloud Run keeps no files, so chats would be lost; keep them in a database: --data database")
    if not plan.project.has_remote_files:
        misfits.append('Cloud Run keeps no files of users; keep them in a bucket: [storage] url = "gs://bucket"')
    return misfits


TARGET = Target(
    name="cloud-run",
    title="Google Cloud Run",
    manifests=_manifests,
    commands=_commands,
    before=_before,
    options=frozenset({"name", "image", "domain", "region", "replicas", "data"}),
    install="https://cloud.google.com/sdk/docs/install",
    misfits=_misfits,
)
