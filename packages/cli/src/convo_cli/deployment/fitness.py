"""Fitness: whether an app, as it is, can be let onto the net; each finding says what to do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from convo_cli.deployment.plan import Plan
from convo_cli.deployment.target import Target

__all__ = ["Finding", "findings"]

_DRIVERS = {"postgresql": ("asyncpg", "convo-sqlalchemy[postgresql]"), "mysql": ("aiomysql", "convo-sqlalchemy[mysql]")}


@dataclass(frozen=True)
class Finding:
    """Something to put right (`is_problem`), or only to know."""

    text: str
    is_problem: bool = True


def findings(plan: Plan, target: Target) -> list[Finding]:
    """All of them, the problems first."""
    found = [
        *(Finding(text) for text in target.misfits(plan)),
        *_replicas(plan),
        *_image(plan, target),
        *_data(plan),
        *_secrets(plan),
        *_packages(plan),
        *_openness(plan, target),
    ]
    return sorted(found, key=lambda finding: not finding.is_problem)


def _replicas(plan: Plan) -> Iterator[Finding]:
    if plan.replicas == 1:
        return
    if not plan.has_database:
        yield Finding(
            f"{plan.replicas} replicas cannot share chats that are in a local file; keep them in a database: "
            "--data database, and its address in CONVO_DATA__URL."
        )
    if not plan.project.has_remote_files:
        yield Finding(
            f"{plan.replicas} replicas cannot share files of users that are in a local folder; keep them in a bucket: "
            '`url = "s3://bucket"` under [storage] in convo.toml.'
        )


def _image(plan: Plan, target: Target) -> Iterator[Finding]:
    if "image" not in target.options or target.name in ("docker", "compose"):
        return
    tag = plan.image.rpartition("/")[2].partition(":")[2]
    if not plan.image:
        yield Finding("It pulls an image from a registry; say which: --image registry.example.com/my-app:1")
    elif "@" not in plan.image and tag in ("", "latest"):
        yield Finding(f"`{plan.image}` is another image every day; give it a tag of its own, as {plan.image}:1")


def _data(plan: Plan) -> Iterator[Finding]:
    if plan.project.config.data.url == "memory" and not plan.has_database:
        yield Finding(
            f"At {plan.project.settings.where(('data', 'url'))} chats are kept in memory; here they will be kept in a "
            "file.",
            is_problem=False,
        )
    scheme = plan.project.database
    if plan.has_database and scheme is None:
        yield Finding("CONVO_DATA__URL has to name a database, as postgresql://user:password@host/name.", False)


def _secrets(plan: Plan) -> Iterator[Finding]:
    settings, config = plan.project.settings, plan.project.config
    inline: list[tuple[str, ...]] = [
        keys for keys in (("auth", "secret"), ("auth", "embed_secret")) if _is_in_file(plan, keys)
    ]
    inline += [
        ("auth", "oauth", name, "client_secret")
        for name in config.auth.oauth
        if _is_in_file(plan, ("auth", "oauth", name, "client_secret"))
    ]
    if _is_in_file(plan, ("data", "url")) and "@" in (config.data.url or ""):
        inline.append(("data", "url"))
    for keys in inline:
        variable = f"CONVO_{'__'.join(keys).upper()}"
        yield Finding(f"{settings.where(keys)}: `{'.'.join(keys)}` is a secret; take it out, and set {variable}.")
    if plan.target in ("docker", "compose"):
        local = [name for name in plan.secrets if name != "CONVO_DATA__URL" and not os.environ.get(name)]
        for name in local:
            hint = "; `convo secret` prints one" if name == "CONVO_AUTH__SECRET" else ""
            yield Finding(f"{name} is not set; write it into .env{hint}.")
    elif plan.secrets:
        yield Finding(f"These have to be set there, which cannot be seen from here: {', '.join(plan.secrets)}.", False)


def _is_in_file(plan: Plan, keys: tuple[str, ...]) -> bool:
    values: object = plan.project.settings.file.values
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _packages(plan: Plan) -> Iterator[Finding]:
    project = plan.project
    if not project.is_needed("convo-run", "convo-core[run]"):
        yield Finding(f'{project.needs} does not name the command; add "convo-core[run]>=0.1".')
    scheme = project.database if plan.has_database else "sqlite"
    if scheme == "dynamodb":
        if not project.is_needed("convo-dynamodb"):
            yield Finding(f'{project.needs} does not name what keeps the chats; add "convo-dynamodb>=0.1".')
    elif not project.is_needed("convo-sqlalchemy"):
        yield Finding(f'{project.needs} does not name what keeps the chats; add "convo-sqlalchemy>=0.1".')
    elif scheme in (None, "postgresql", "mysql", "mariadb"):
        driver, package = _DRIVERS["mysql" if scheme in ("mysql", "mariadb") else "postgresql"]
        if not project.is_needed(driver, package):
            yield Finding(f'{project.needs} does not name the driver of the database; add "{package}>=0.1".')
    if project.needs == "pyproject.toml" or (
        project.needs == "requirements.txt" and "--hash=" not in (project.folder / project.needs).read_text("utf-8")
    ):
        yield Finding("Nothing is locked, so two builds may differ; `uv lock` writes what is used.", False)


def _openness(plan: Plan, target: Target) -> Iterator[Finding]:
    config = plan.project.config
    if config.debug:
        yield Finding(f"{plan.project.settings.where(('debug',))}: `debug` shows users what was raised; take it out.")
    if not plan.project.has_log_in:
        yield Finding("Nobody logs in: whoever reaches the app may chat. See docs/authentication.md.", False)
    elif config.auth.anonymous:
        yield Finding("`auth.anonymous` lets visitors chat who do not log in.", False)
    if config.server.headless:
        yield Finding("`server.headless` is set: it serves the API, and no page.", False)
    if plan.domain is None and "domain" in target.options:
        yield Finding("It answers to every name; --domain chat.example.com says which is its own.", False)
