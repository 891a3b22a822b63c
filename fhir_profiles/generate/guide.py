"""Write the guide to our profiles from what SUSHI compiled: `docs/profiles.md`.

`python -m fhir_profiles.generate.guide FILE`
"""

import sys
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
    parts += ["## Code lists\n", *map(_codes, systems)]
    return "\n".join(parts)


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
            part = element["id"].split(":")[1].split(".")[0]
            said += [f"{part}: `{t['code']}`" for t in element.get("type", ())]
    return ", ".join(said)


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
