"""Kubernetes: a Deployment, its Service, a volume for what is kept, and an Ingress if the app has a domain."""

from __future__ import annotations

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import DATA, PORT, USER, Plan
from convo_cli.deployment.target import Command, Target
from convo_cli.deployment.targets.docker import build, image_manifests
from convo_cli.deployment.yaml import block, quoted

__all__ = ["TARGET"]

FILE = "kubernetes.yaml"


def _manifests(plan: Plan) -> list[Manifest]:
    return [Manifest(FILE, _documents(plan)), *image_manifests(plan)]


def _documents(plan: Plan) -> str:
    documents = [_deployment(plan), _service(plan)]
    if plan.has_volume:
        documents.append(_claim(plan))
    if plan.domain is not None:
        documents.append(_ingress(plan))
    return f"{plan.made_by}\n" + "---\n".join(documents)


def _head(plan: Plan, version: str, kind: str) -> str:
    return f"""apiVersion: {version}
kind: {kind}
metadata:
  name: {plan.name}
  labels: {{app.kubernetes.io/name: {plan.name}}}
"""


def _deployment(plan: Plan) -> str:
    values = plan.environment(is_behind_proxy=plan.domain is not None)
    variables = [f"- name: {name}\n  value: {quoted(value)}" for name, value in sorted(values.items())]
    variables += [
        f"- name: {name}\n  valueFrom:\n    secretKeyRef: {{name: {plan.name}, key: {name}}}" for name in plan.secrets
    ]
    environment = f"          env:\n{block(variables, 12)}" if variables else ""
    mounts, volumes = ["{name: tmp, mountPath: /tmp}"], ["{name: tmp, emptyDir: {}}"]
    if plan.has_volume:
        mounts.append(f"{{name: data, mountPath: {DATA}}}")
        volumes.append(f"{{name: data, persistentVolumeClaim: {{claimName: {plan.name}}}}}")
    # A volume is one pod's at a time: the old one has to leave it before the new one takes it.
    strategy = "Recreate" if plan.has_volume else "RollingUpdate"
    return f"""{_head(plan, "apps/v1", "Deployment")}spec:
  replicas: {plan.replicas}
  strategy: {{type: {strategy}}}
  selector:
    matchLabels: {{app.kubernetes.io/name: {plan.name}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {plan.name}}}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: 30
      securityContext:
        runAsNonRoot: true
        runAsUser: {USER}
        runAsGroup: {USER}
        fsGroup: {USER}
        seccompProfile: {{type: RuntimeDefault}}
      containers:
        - name: app
          image: {plan.image}
          ports: [{{name: http, containerPort: {PORT}}}]
{environment}          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities: {{drop: [ALL]}}
          startupProbe:
            httpGet: {{path: {plan.path("/ready")}, port: http}}
            periodSeconds: 2
            failureThreshold: 30
          readinessProbe:
            httpGet: {{path: {plan.path("/ready")}, port: http}}
            periodSeconds: 5
          livenessProbe:
            httpGet: {{path: {plan.path("/health")}, port: http}}
            periodSeconds: 15
            timeoutSeconds: 5
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 512Mi}}
          volumeMounts:
{block((f"- {mount}" for mount in mounts), 12).rstrip()}
      volumes:
{block((f"- {volume}" for volume in volumes), 8).rstrip()}
"""


def _service(plan: Plan) -> str:
    # A visitor's chats are live in one pod: whoever comes again is sent there.
    affinity = "  sessionAffinity: ClientIP\n" if plan.replicas > 1 else ""
    return f"""{_head(plan, "v1", "Service")}spec:
  selector: {{app.kubernetes.io/name: {plan.name}}}
{affinity}  ports:
    - {{name: http, port: 80, targetPort: http}}
"""


def _claim(plan: Plan) -> str:
    return f"""{_head(plan, "v1", "PersistentVolumeClaim")}spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: {{storage: 1Gi}}
"""


def _ingress(plan: Plan) -> str:
    annotations = {
        "nginx.ingress.kubernetes.io/proxy-body-size": f"{int(plan.project.config.features.uploads.max_size_mb) + 1}m",
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
        "nginx.ingress.kubernetes.io/proxy-send-timeout": "3600",
    }
    if plan.replicas > 1:
        annotations["nginx.ingress.kubernetes.io/affinity"] = "cookie"
        annotations["nginx.ingress.kubernetes.io/session-cookie-name"] = f"{plan.name}-pod"
    lines = [f"{name}: {quoted(value)}" for name, value in sorted(annotations.items())]
    return f"""{_head(plan, "networking.k8s.io/v1", "Ingress")}  annotations:
{block(lines, 4).rstrip()}
spec:
  ingressClassName: nginx
  tls:
    - {{hosts: [{plan.domain}], secretName: {plan.name}-tls}}
  rules:
    - host: {plan.domain}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service: {{name: {plan.name}, port: {{name: http}}}}
"""


def _commands(plan: Plan) -> list[Command]:
    return [
        build(plan),
        ("docker", "push", plan.image),
        ("kubectl", "apply", "--filename", FILE),
        ("kubectl", "rollout", "status", f"deployment/{plan.name}", "--timeout", "120s"),
    ]


def _before(plan: Plan) -> list[str]:
    if not plan.secrets:
        return []
    values = " ".join(f"--from-literal={name}=…" for name in plan.secrets)
    return [f"kubectl create secret generic {plan.name} {values}   # `convo secret` prints one for log-ins"]


def _after(plan: Plan) -> list[str]:
    if plan.domain is not None:
        return []
    return [f"kubectl port-forward service/{plan.name} {PORT}:80   # --domain writes an Ingress"]


TARGET = Target(
    name="kubernetes",
    title="Kubernetes",
    manifests=_manifests,
    commands=_commands,
    before=_before,
    after=_after,
    options=frozenset({"name", "image", "domain", "replicas", "data"}),
    install="https://kubernetes.io/docs/tasks/tools/",
)
