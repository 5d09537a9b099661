"""The targets, by name. One that is added is a module with a `TARGET`, and a line here."""

from convo_cli.deployment.target import Target
from convo_cli.deployment.targets import cloud_run, compose, docker, fly, kubernetes, render, systemd

__all__ = ["TARGETS"]

TARGETS: dict[str, Target] = {
    module.TARGET.name: module.TARGET for module in (docker, compose, fly, render, cloud_run, kubernetes, systemd)
}
