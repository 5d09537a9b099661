"""What is in the files we publish."""

import tarfile
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

pytestmark = pytest.mark.packaging

IMPORTS = {
    "convo-azure-blob": "convo_azure_blob",
    "convo-client": "convo_client",
    "convo-core": "convo",
    "convo-discord": "convo_discord",
    "convo-gcs": "convo_gcs",
    "convo-langchain": "convo_langchain",
    "convo-llama-index": "convo_llama_index",
    "convo-mcp": "convo_mcp",
    "convo-mistral": "convo_mistral",
    "convo-openai": "convo_openai",
    "convo-otel": "convo_otel",
    "convo-protocols": "convo_protocols",
    "convo-run": "convo_cli",
    "convo-dynamodb": "convo_dynamodb",
    "convo-s3": "convo_s3",
    "convo-semantic-kernel": "convo_semantic_kernel",
    "convo-server": "convo_server",
    "convo-slack": "convo_slack",
    "convo-sqlalchemy": "convo_sqlalchemy",
    "convo-teams": "convo_teams",
    "convo-ui": "convo_ui",
}


def _wheel(dist: Path, name: str) -> zipfile.ZipFile:
    (file,) = dist.glob(f"{name.replace('-', '_')}-*.whl")
    return zipfile.ZipFile(file)


def test_every_package_has_an_sdist_and_a_wheel(dist: Path, sources: dict[str, Path]) -> None:
    for suffix in ("-*.whl", "-*.tar.gz"):
        built = {file.name.split("-")[0].replace("_", "-") for file in dist.glob(f"*{suffix}")}
        assert built == set(sources) == set(IMPORTS)


@pytest.mark.parametrize("name", IMPORTS)
def test_a_wheel_holds_its_package_typed_and_nothing_else(dist: Path, sources: dict[str, Path], name: str) -> None:
    with _wheel(dist, name) as wheel:
        files = wheel.namelist()
        (metadata,) = (file for file in files if file.endswith(".dist-info/METADATA"))
        about = Parser().parsestr(wheel.read(metadata).decode())

    assert {file.split("/")[0] for file in files} == {IMPORTS[name], metadata.split("/")[0]}
    assert f"{IMPORTS[name]}/py.typed" in files
    sources_of_ours = (".pyc", ".ts", ".tsx", ".map")
    kept = [file for file in files if not file.endswith(".d.ts")]  # types for the editors of authors
    assert not [file for file in kept if file.endswith(sources_of_ours)]
    assert not [file for file in kept if "/tests/" in file and "/templates/" not in file]  # projects bring theirs
    assert about["License-Expression"] == "Apache-2.0"
    assert about["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in about.get_all("Classifier", [])
    version = (sources[name] / "src" / IMPORTS[name] / "_version.py").read_text("utf-8")
    assert f'__version__ = "{about["Version"]}"' in version


@pytest.mark.parametrize("name", IMPORTS)
def test_a_package_states_the_lowest_version_of_all_it_needs(sources: dict[str, Path], name: str) -> None:
    project = tomllib.loads((sources[name] / "pyproject.toml").read_text("utf-8"))["project"]
    needs = list(project["dependencies"]) + [
        need for extra in project.get("optional-dependencies", {}).values() for need in extra
    ]

    assert [need for need in needs if ">=" not in need] == []


def test_the_web_app_is_in_the_wheel_compressed_and_in_the_sdist_built(dist: Path) -> None:
    with _wheel(dist, "convo-ui") as wheel:
        files = set(wheel.namelist())
    scripts = {file for file in files if file.endswith(".js")}

    assert "convo_ui/static/index.html" in files
    assert scripts
    assert {f"{script}{twin}" for script in scripts for twin in (".br", ".gz")} <= files

    (sdist,) = dist.glob("convo_ui-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = archive.getnames()
    assert any(name.endswith("/static/index.html") for name in names)
    assert not [name for name in names if "node_modules" in name]
