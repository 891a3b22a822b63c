"""Write the guide to our profiles from what SUSHI compiled: `docs/profiles.md`.

`python -m fhir_profiles.generate.guide FILE`
"""

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fhir_profiles.definitions import own

_HEAD = """# Our profiles

Made from `fhir_profiles/fsh` by `python -m fhir_profiles.generate.guide docs/profiles.md`; a test
fails when it is out of date. A resource that names a profile in `meta.profile` is checked against
it at every write. Examples, right and wrong, are in `fhir_profiles/examples`. The tables list only
what a profile adds to R4.
"""


def text() -> str:
    """The whole guide as Markdown."""
    found = own()
    profiles = [r for r in found if r["resourceType"] == "StructureDefinition"]
    plain = sorted((p for p in profiles if p["type"] != "Extension"), key=lambda p: p["id"])
    extensions = sorted((p for p in profiles if p["type"] == "Extension"), key=lambda p: p["id"])
    systems = sorted((r for r in found if r["resourceType"] == "CodeSystem"), key=lambda r: r["id"])
    parts = [_HEAD, *map(_profile, plain), "## Extensions\n", _extensions(extensions)]
    parts += ["## Identifier systems\n", _numbers(found)]
    answers = [s for s in systems if _ANSWERS.match(s["id"])]
    parts += ["## Code lists\n", *(_codes(s) for s in systems if s not in answers)]
    parts += ["### Answers to the questions of the assessment forms\n", _answers(answers)]
    return "\n".join(parts)


_ANSWERS = re.compile(r"(ltc37-[acp]\d+|gb42195-b-[\d-]+)$")
"""Lists that hold the answers to one question."""


def _profile(profile: dict[str, Any]) -> str:
    lines = [
        f"## {profile['id']} · {profile['title']}\n",
        f"{profile['description']} `{profile['type']}`, `{profile['url']}`\n",
        "| element | how often | what |",
        "| --- | --- | --- |",
    ]
    for element in profile["differential"]["element"]:
        how_often = ""
        if "min" in element or "max" in element:
            how_often = f"{element.get('min', '')}..{element.get('max', '')}"
        what = "; ".join(_said(element))
        if how_often or what:
            lines.append(f"| `{element['id']}` | {how_often} | {what} |")
    return "\n".join(lines) + "\n"


def _said(element: dict[str, Any]) -> list[str]:
    said = []
    for key, value in element.items():
        if key.startswith(("fixed", "pattern")):
            said.append(f"is `{_value(value)}`")
    if binding := element.get("binding"):
        said.append(f"one of `{binding['valueSet'].rsplit('/', 1)[-1]}`")
    for kind in element.get("type", ()):
        targets = [t.rsplit("/", 1)[-1] for t in kind.get("targetProfile", ())]
        if targets:
            said.append(f"refers to {', '.join(targets)}")
        elif profiles := kind.get("profile"):
            said.append(f"extension `{profiles[0].rsplit('/', 1)[-1]}`")
    said += [f"`{c['key']}`: {c['human']}" for c in element.get("constraint", ())]
    if slicing := element.get("slicing"):
        paths = ", ".join(d["path"] for d in slicing.get("discriminator", ()))
        said.append(f"told apart by `{paths}`")
    return said


def _value(value: Any) -> str:
    if isinstance(value, dict):
        codings = value.get("coding", [value])
        return ", ".join(f"{c.get('system', '')}#{c.get('code', '')}" for c in codings)
    return str(value)


def _extensions(extensions: list[dict[str, Any]]) -> str:
    lines = ["| extension | on | value |", "| --- | --- | --- |"]
    for extension in extensions:
        where = ", ".join(f"`{c['expression']}`" for c in extension.get("context", ()))
        lines.append(
            f"| `{extension['id']}` {extension['title']} | {where} | {_holds(extension)} |"
        )
    return "\n".join(lines) + "\n"


def _holds(extension: dict[str, Any]) -> str:
    said = []
    for element in extension["differential"]["element"]:
        if element["path"] == "Extension.value[x]" and element.get("max") != "0":
            said += [f"`{t['code']}`" for t in element.get("type", ())]
        elif element["path"] == "Extension.extension.value[x]":
            named = element["id"].split(":")
            part = named[1].split(".")[0] if len(named) > 1 else "any name"
            said += [f"{part}: `{t['code']}`" for t in element.get("type", ())]
    return ", ".join(said)


def _numbers(found: Iterable[dict[str, Any]]) -> str:
    lines = ["| system | what it numbers |", "| --- | --- |"]
    for naming in found:
        for one in naming.get("uniqueId", ()):
            lines.append(f"| `{one['value']}` | {naming['description']} |")
    return "\n".join(lines) + "\n"


def _answers(systems: Iterable[dict[str, Any]]) -> str:
    lines = ["| list | question | answers |", "| --- | --- | --- |"]
    for system in systems:
        said = "; ".join(f"`{c['code']}` {c['display']}" for c in system["concept"])
        lines.append(f"| `{system['id']}` | {system['title']} | {said} |")
    return "\n".join(lines) + "\n"


def _codes(system: dict[str, Any]) -> str:
    lines = [
        f"### {system['id']} · {system['title']}\n",
        "| code | 中文 | English |",
        "| --- | --- | --- |",
    ]
    for concept in system["concept"]:
        english = concept.get("designation", [{}])[0].get("value", "")
        lines.append(f"| `{concept['code']}` | {concept['display']} | {english} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
