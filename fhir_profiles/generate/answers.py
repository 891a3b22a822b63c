"""Write the code lists of the assessment forms from the forms themselves: `answers.fsh`.

`python -m fhir_profiles.generate.answers FILE`: each question has a list of answers of its own, as
the same number means something else in each.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "fsh" / "input" / "fsh" / "answers.fsh"
_HEAD = """// Answers to the questions of the assessment forms (fhir_profiles/data/questionnaires).
// Made by python -m fhir_profiles.generate.answers; do not edit.
"""
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_SPECIAL = re.compile(r"[,()\\]")


def text() -> str:
    """The whole file."""
    lists: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    folder = resources.files("fhir_profiles").joinpath("data", "questionnaires")
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        form = json.loads(file.read_bytes())
        for question in _questions(form["item"]):
            options = [o["valueCoding"] for o in question["answerOption"] if "valueCoding" in o]
            for system in dict.fromkeys(o["system"] for o in options):
                own = [o for o in options if o["system"] == system]
                lists.setdefault(system, (question["text"], own))
    return "\n".join([_HEAD, *(_list(*one) for one in sorted(lists.items()))])


def _questions(items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        if "answerOption" in item:
            yield item
        yield from _questions(item.get("item", []))


def _list(system: str, asked: tuple[str, list[dict[str, Any]]]) -> str:
    title, options = asked
    id_ = system.rsplit("/", 1)[-1]
    name = "Answer" + "".join(part.capitalize() for part in id_.split("-"))
    lines = [
        f"CodeSystem: {name}",
        f"Id: {id_}",
        f'Title: "{title}"',
        f'Description: "Answers to {title}."',
        "* insert List",
        *(f'* #{o["code"]} "{o["display"]}"' for o in options),
        *(f"* insert English({o['code']}, {_english(o)})" for o in options),
        "",
        f"ValueSet: {name}Set",
        f"Id: {id_}",
        f'Title: "{title}"',
        "* insert Set",
        f"* include codes from system {name}",
    ]
    return "\n".join(lines) + "\n"


def _english(option: dict[str, Any]) -> str:
    for extension in option.get("_display", {}).get("extension", ()):
        if extension["url"] == _TRANSLATION:
            parts = {p["url"]: p for p in extension["extension"]}
            if parts["lang"]["valueCode"] == "en":
                said = str(parts["content"]["valueString"])
                return f"[[{said}]]" if _SPECIAL.search(said) else said
    return str(option["display"])


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else FILE).write_text(text(), encoding="utf-8")
