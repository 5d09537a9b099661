"""`convo deploy`, as somebody who wants an app on the net runs it. No image is built here, and no cloud is asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from convo_cli.deployment.targets import TARGETS
from convo_cli.template import find_template

from tests.harness.command import convo as run_convo

IMAGE = ("--image", "registry.example.com/shop:1")
DATABASE = "postgresql://ann:a-password@db.example.com/shop"
SECRET = "a secret that only this test knows, of some length"
MULTI_USER = {"CONVO_DATA__URL": DATABASE, "CONVO_AUTH__SECRET": SECRET}
TEAMS = dict.fromkeys(("TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "TEAMS_APP_TENANT_ID"), "x")
REMOTE = {"CONVO_STORAGE__URL": "s3://shop-files"}
Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    def project(template: str) -> Path:
        find_template(template).write(tmp_path / "shop", "shop", "Shop")
        return tmp_path / "shop"

    return project


def convo(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CONVO_")}
    return run_convo(*arguments, cwd=cwd, environment=kept, **variables)


def written(folder: Path, *arguments: str, **variables: str) -> dict[str, str]:
    """What a deploy writes over and anew, by name."""
    done = convo("deploy", *arguments, "--yes", cwd=folder, **variables)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.partition("\n\n")[0].splitlines()
    names = [line.removeprefix("Wrote ").removesuffix(" is current") for line in lines]
    return {name: (folder / name).read_text("utf-8") for name in names}


def documents(text: str) -> dict[str, Any]:
    return {document["kind"]: document for document in yaml.safe_load_all(text)}


BOTS = ["discord-bot", "teams-bot"]
TEMPLATES = [*BOTS, "echo", "langgraph-agent", "multi-user", "openai-streaming", "rag-llama-index"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_templates_dockerfile_is_what_deploy_writes(project: Project, template: str) -> None:
    done = convo("deploy", "docker", "--check", cwd=project(template), OPENAI_API_KEY="x", **_settings(template))

    assert "✓ Dockerfile is current" in done.stdout
    assert "✓ .dockerignore is current" in done.stdout
    assert done.returncode == 0, done.stdout + done.stderr


def _settings(template: str) -> dict[str, str]:
    tokens = {"discord-bot": {"DISCORD_BOT_TOKEN": "x"}, "teams-bot": TEAMS}
    return {"multi-user": MULTI_USER, **tokens}.get(template, {})


@pytest.mark.parametrize("place", TARGETS)
def test_no_secret_is_written_whatever_the_place(project: Project, place: str) -> None:
    folder = project("multi-user")
    options = IMAGE if "image" in TARGETS[place].options else ()

    files = written(folder, place, *options, **MULTI_USER | REMOTE)

    assert files
    for text in files.values():
        assert "a-password" not in text
        assert SECRET not in text
    assert convo("deploy", place, "--dry-run", cwd=folder, **MULTI_USER | REMOTE).returncode == 0


@pytest.mark.parametrize("replicas", ["1", "3"])
@pytest.mark.parametrize("template", ["echo", "multi-user"])
def test_kubernetes_manifests_are_valid_by_its_schema_and_not_root(
    project: Project, template: str, replicas: str
) -> None:
    options = (*IMAGE, "--domain", "chat.example.com", "--replicas", replicas)

    text = written(project(template), "kubernetes", *options, **_settings(template) | REMOTE)["kubernetes.yaml"]

    kinds = documents(text)
    for document in kinds.values():
        kubernetes_validate.validate(document, "1.31", strict=True)
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    assert pod["containers"][0]["livenessProbe"]["httpGet"]["path"] == "/health"
    assert ("PersistentVolumeClaim" in kinds) == (template == "echo")
    assert ("sessionAffinity" in kinds["Service"]["spec"]) == (replicas == "3")


def test_the_unit_is_one_for_systemd(project: Project, tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("no systemd-analyze; install it with: apt-get install systemd")
    text = written(project("multi-user"), "systemd", "--domain", "chat.example.com", **MULTI_USER)["shop.service"]
    start = f"ExecStart={Path(sys.executable)} run"
    unit = tmp_path / "shop.service"
    unit.write_text(text.replace("ExecStart=/opt/shop/.venv/bin/convo run", start))

    done = subprocess.run([tool, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)

    assert [line for line in done.stderr.splitlines() if "shop.service" in line] == []
    assert "DynamicUser=yes" in text
    assert "EnvironmentFile=/etc/shop/env" in text


def test_nginx_lets_sockets_through_and_believes_no_client(project: Project) -> None:
    text = written(project("echo"), "systemd", "--domain", "chat.example.com")["nginx.conf"]

    for line in (
        "server_name chat.example.com;",
        "proxy_set_header Upgrade $http_upgrade;",
        "proxy_set_header Connection $connection_shop;",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "proxy_buffering off;",
        "proxy_read_timeout 1h;",
        "client_max_body_size 501m;",
    ):
        assert line in text
    assert "location / {" in text
    assert text.count("{") == text.count("}")


def test_nginx_leaves_the_rest_of_a_site_to_others(project: Project) -> None:
    folder = project("echo")
    (folder / "convo.toml").write_text('[server]\nroot_path = "/chat"\n')

    text = written(folder, "systemd", "--domain", "chat.example.com")["nginx.conf"]

    assert "location /chat/ {" in text
    assert "location / {" not in text


def test_compose_has_a_database_beside_an_app_that_needs_one(project: Project) -> None:
    folder = project("multi-user")

    services = yaml.safe_load(written(folder, "compose", **MULTI_USER)["compose.yaml"])["services"]

    assert services["app"]["environment"]["CONVO_AUTH__SECRET"].startswith("${CONVO_AUTH__SECRET:?")
    assert services["app"]["environment"]["CONVO_DATA__URL"].endswith("@db/app")
    assert services["app"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    assert services["app"]["read_only"]
    assert services["app"]["ports"] == ["127.0.0.1:8000:8000"]
    assert services["db"]["healthcheck"]["test"][1] == "pg_isready"


def test_compose_keeps_an_app_without_a_database_on_a_volume(project: Project) -> None:
    compose = yaml.safe_load(written(project("echo"), "compose")["compose.yaml"])

    assert compose["services"]["app"]["volumes"] == ["data:/data"]
    assert set(compose["volumes"]) == {"data"}
    assert set(compose["services"]) == {"app"}


def test_fly_keeps_the_machine_and_its_volume(project: Project) -> None:
    files = written(project("echo"), "fly", "--region", "fra")

    fly = tomllib.loads(files["fly.toml"])
    assert fly["http_service"]["auto_stop_machines"] == "off"
    assert fly["http_service"]["checks"][0]["path"] == "/ready"
    assert fly["mounts"] == [{"source": "data", "destination": "/data"}]
    assert fly["build"]["dockerfile"] in files
    assert "exec setpriv --reuid 10001" in files["Dockerfile.fly"]


def test_render_takes_the_database_and_secrets_by_reference(project: Project) -> None:
    text = written(project("multi-user"), "render", **MULTI_USER)["render.yaml"]

    blueprint = yaml.safe_load(text)
    variables = {variable["key"]: variable for variable in blueprint["services"][0]["envVars"]}
    assert variables["CONVO_DATA__URL"]["fromDatabase"]["name"] == blueprint["databases"][0]["name"]
    assert variables["CONVO_AUTH__SECRET"]["generateValue"] is True
    assert blueprint["services"][0]["healthCheckPath"] == "/ready"


def test_cloud_run_takes_secrets_by_reference_and_keeps_no_files(project: Project) -> None:
    folder = project("multi-user")
    service = yaml.safe_load(written(folder, "cloud-run", *IMAGE, **MULTI_USER | REMOTE)["cloud-run.yaml"])

    spec = service["spec"]["template"]["spec"]
    references = {one["name"]: one["valueFrom"]["secretKeyRef"]["name"] for one in spec["containers"][0]["env"][1:]}
    assert references["CONVO_DATA__URL"] == "shop-convo-data-url"
    assert spec["timeoutSeconds"] == 3600
    checked = convo("deploy", "cloud-run", "--check", cwd=folder, **MULTI_USER)
    assert checked.returncode == 1
    assert "Cloud Run keeps no files of users; keep them in a bucket" in checked.stdout


def test_a_file_that_differs_is_shown_and_left_unless_it_may_be_written(project: Project) -> None:
    folder = project("echo")
    (folder / "Dockerfile").write_text("FROM mine\n")

    refused = convo("deploy", "docker", cwd=folder)
    assert refused.returncode == 1
    assert "-FROM mine" in refused.stderr
    assert "nothing was written; write over it with --yes" in refused.stderr
    assert (folder / "Dockerfile").read_text() == "FROM mine\n"

    checked = convo("deploy", "docker", "--check", cwd=folder)
    assert (checked.returncode, "✗ Dockerfile differs" in checked.stdout) == (1, True)

    shown = convo("deploy", "docker", "--dry-run", cwd=folder)
    assert (shown.returncode, "$ docker build" in shown.stdout) == (0, True)
    assert (folder / "Dockerfile").read_text() == "FROM mine\n"

    assert convo("deploy", "docker", "--yes", cwd=folder).returncode == 0
    assert convo("deploy", "docker", "--check", cwd=folder).returncode == 0


def test_options_are_remembered_in_what_is_written(project: Project) -> None:
    folder = project("echo")
    written(folder, "kubernetes", *IMAGE, "--domain", "chat.example.com")

    assert convo("deploy", "kubernetes", "--check", cwd=folder).returncode == 0
    (folder / "kubernetes.yaml").write_text((folder / "kubernetes.yaml").read_text().replace("512Mi", "1Gi"))
    assert "✗ kubernetes.yaml differs" in convo("deploy", "kubernetes", "--check", cwd=folder).stdout


@pytest.mark.parametrize(
    ("arguments", "settings", "finding"),
    [
        (["kubernetes", *IMAGE, "--replicas", "2"], "", "2 replicas cannot share chats that are in a local file"),
        (["kubernetes"], "", "say which: --image"),
        (["kubernetes", "--image", "shop"], "", "give it a tag of its own"),
        (["docker"], f'[auth]\nsecret = "{SECRET}"\n', "`auth.secret` is a secret; take it out"),
        (["docker"], f'[data]\nurl = "{DATABASE}"\n', "`data.url` is a secret; take it out, and set CONVO_DATA__URL"),
        (["docker"], "debug = true\n", "`debug` shows users what was raised"),
        (["fly", "--replicas", "2"], "", "leave --replicas at 1"),
        (["docker", "--data", "database"], "", 'does not name the driver of the database; add "convo-sqlalchemy'),
    ],
)
def test_what_is_not_fit_is_named_with_what_to_do(
    project: Project, arguments: list[str], settings: str, finding: str
) -> None:
    folder = project("echo")
    (folder / "convo.toml").write_text(settings)

    checked = convo("deploy", *arguments, "--check", cwd=folder)

    assert checked.returncode == 1
    assert any(line.startswith("✗") and finding in line for line in checked.stdout.splitlines()), checked.stdout


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["systemd", "--replicas", "2"], "`--replicas` means nothing for systemd; it takes --data, --domain, --name"),
        (["fly", "--domain", "http://x"], "`--domain` is as `chat.example.com`, not `http://x`"),
        (["docker", "--image", "a b; rm"], "`--image` is as"),
        (["docker", "--data", "paper"], "`--data` is `volume` or `database`, not `paper`"),
        (["docker", "--app", "nothing.py"], "There is no file"),
    ],
)
def test_a_wrong_option_says_what_is_right(project: Project, arguments: list[str], error: str) -> None:
    done = convo("deploy", *arguments, cwd=project("echo"))

    assert (done.returncode, done.stdout) == (1, "")
    assert error in done.stderr
    assert "Traceback" not in done.stderr


def test_an_app_that_says_nowhere_what_it_needs_is_told_how(project: Project) -> None:
    folder = project("echo")
    (folder / "pyproject.toml").unlink()

    assert (
        "add a pyproject.toml with its dependencies, or a requirements.txt"
        in convo("deploy", "docker", cwd=folder).stderr
    )


def test_the_image_installs_by_the_lock_that_is_there(project: Project) -> None:
    folder = project("echo")
    (folder / "requirements.txt").write_text("convo-core[run]==0.1 --hash=sha256:00\nconvo-sqlalchemy==0.1\n")
    assert "--require-hashes --requirement requirements.txt" in written(folder, "docker")["Dockerfile"]

    (folder / "uv.lock").write_text("")
    assert "uv export --frozen --no-dev --no-emit-project" in written(folder, "docker")["Dockerfile"]


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder of tools that only write down how they are called."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("docker", "fly", "render", "gcloud", "kubectl", "sudo"):
        tool = folder / name
        tool.write_text(
            f"#!{sys.executable}\nimport json, sys\n"
            f"open({str(tmp_path / 'calls')!r}, 'a').write(json.dumps([{name!r}, *sys.argv[1:]]) + '\\n')\n"
            f"sys.exit(3 if sys.argv[1:] == ['push', 'registry.example.com/refused:1'] else 0)\n"
        )
        tool.chmod(0o755)
    return folder


CALLS = {
    "docker": ["docker build --tag shop:latest ."],
    "compose": ["docker compose up --build --detach --wait"],
    "fly": ["fly deploy --config fly.toml --ha=false"],
    "render": ["render blueprints validate render.yaml"],
    "cloud-run": [
        "gcloud builds submit --tag registry.example.com/shop:1 .",
        "gcloud run services replace cloud-run.yaml --region europe-west1",
    ],
    "kubernetes": [
        "docker build --tag registry.example.com/shop:1 .",
        "docker push registry.example.com/shop:1",
        "kubectl apply --filename kubernetes.yaml",
        "kubectl rollout status deployment/shop --timeout 120s",
    ],
    "systemd": [
        "sudo install -m 0644 shop.service /etc/systemd/system/shop.service",
        "sudo systemctl daemon-reload",
        "sudo systemctl enable shop.service",
        "sudo systemctl restart shop.service",
    ],
}


def calls(tmp_path: Path) -> list[str]:
    file = tmp_path / "calls"
    return [" ".join(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.mark.parametrize("place", TARGETS)
def test_the_places_tool_is_run_when_asked_for(project: Project, tools: Path, tmp_path: Path, place: str) -> None:
    options = [
        *(IMAGE if place in ("cloud-run", "kubernetes") else ()),
        *(("--region", "europe-west1") * (place == "cloud-run")),
    ]
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"

    done = convo(
        "deploy", place, *options, "--yes", "--run", cwd=project("multi-user"), PATH=path, **MULTI_USER | REMOTE
    )

    assert done.returncode == 0, done.stderr
    assert calls(tmp_path) == CALLS[place]
    assert f"→ {CALLS[place][0]}" in done.stderr


def test_a_tool_that_is_missing_or_fails_is_named(project: Project, tools: Path, tmp_path: Path) -> None:
    folder = project("echo")

    missing = convo("deploy", "fly", "--run", cwd=folder, PATH=str(tmp_path))
    assert missing.returncode == 1
    assert "`fly` is not installed (https://fly.io/docs/flyctl/install/), so nothing was run" in missing.stderr
    assert "fly deploy --config fly.toml" in missing.stderr

    options = ("--image", "registry.example.com/refused:1", "--run")
    failed = convo("deploy", "kubernetes", *options, cwd=folder, PATH=str(tools))
    assert failed.returncode == 1
    assert "`docker push registry.example.com/refused:1` ended with 3" in failed.stderr
    assert not any("kubectl" in call for call in calls(tmp_path))


def test_nothing_is_run_of_an_app_that_is_not_fit(project: Project, tools: Path, tmp_path: Path) -> None:
    done = convo("deploy", "kubernetes", "--run", cwd=project("echo"), PATH=str(tools))

    assert done.returncode == 1
    assert "Nothing was run; put right what is named above first" in done.stderr
    assert calls(tmp_path) == []
