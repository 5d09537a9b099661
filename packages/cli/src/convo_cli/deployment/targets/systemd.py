"""A machine of one's own: a unit of systemd, and nginx before it if the app has a domain."""

from __future__ import annotations

import json

from convo_cli.deployment.manifest import Manifest
from convo_cli.deployment.plan import PORT, Plan
from convo_cli.deployment.target import Command, Target
from convo_cli.deployment.targets.nginx import nginx_lines, nginx_manifest

__all__ = ["TARGET"]


def _manifests(plan: Plan) -> list[Manifest]:
    unit = Manifest(f"{plan.name}.service", _unit(plan))
    return [unit] if plan.domain is None else [unit, nginx_manifest(plan)]


def _unit(plan: Plan) -> str:
    variables = {
        "CONVO_SERVER__HOST": "127.0.0.1",
        "CONVO_SERVER__PORT": str(PORT),
        **plan.kept(f"/var/lib/{plan.name}"),
        **plan.environment(is_behind_proxy=plan.domain is not None),
    }
    values = "".join(f"Environment={json.dumps(f'{name}={value}')}\n" for name, value in variables.items())
    secrets = f"EnvironmentFile=/etc/{plan.name}/env\n" if plan.secrets else ""
    return f"""{plan.made_by}
[Unit]
Description={plan.project.title.replace("%", "%%")}
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
DynamicUser=yes
StateDirectory={plan.name}
StateDirectoryMode=0700
UMask=0077
WorkingDirectory=/opt/{plan.name}
{values}{secrets}ExecStart=/opt/{plan.name}/.venv/bin/convo run {plan.project.target} --no-open
Restart=on-failure
RestartSec=2
TimeoutStopSec=20

NoNewPrivileges=yes
CapabilityBoundingSet=
LockPersonality=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
"""


def _before(plan: Plan) -> list[str]:
    install = {
        "uv.lock": "sudo uv sync --frozen --no-dev --no-install-project --directory {}",
        "requirements.txt": "sudo python3 -m venv {0}/.venv && sudo {0}/.venv/bin/pip install -r {0}/requirements.txt",
        "pyproject.toml": "sudo python3 -m venv {0}/.venv && sudo {0}/.venv/bin/pip install {0}",
    }[plan.project.needs]
    folder = f"/opt/{plan.name}"
    without = "--exclude .env --exclude .convo --exclude .venv --exclude .git"
    lines = [f"sudo rsync --archive --delete {without} ./ {folder}/", install.format(folder)]
    if plan.secrets:
        lines.append(f"sudo install -D -m 0600 .env.production /etc/{plan.name}/env   # with {', '.join(plan.secrets)}")
    return lines


def _commands(plan: Plan) -> list[Command]:
    unit = f"{plan.name}.service"
    return [
        ("sudo", "install", "-m", "0644", unit, f"/etc/systemd/system/{unit}"),
        ("sudo", "systemctl", "daemon-reload"),
        ("sudo", "systemctl", "enable", unit),
        ("sudo", "systemctl", "restart", unit),
    ]


def _after(plan: Plan) -> list[str]:
    checks = [f"curl --retry 10 --retry-connrefused http://127.0.0.1:{PORT}{plan.path('/ready')}"]
    return checks if plan.domain is None else [*checks, *nginx_lines(plan)]


TARGET = Target(
    name="systemd",
    title="A machine of your own, as a service of systemd, behind nginx",
    manifests=_manifests,
    commands=_commands,
    before=_before,
    after=_after,
    options=frozenset({"name", "domain", "data"}),
    install="your machine's sudo and systemd",
)
