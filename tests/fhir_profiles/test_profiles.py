"""Our profiles accept what is right, refuse what is wrong, and every part of them is shown."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from fhir_profiles import check
from fhir_profiles.definitions import Definitions, own, standard
from fhir_profiles.profile import load

ROOT = Path(__file__).parents[2] / "fhir_profiles"
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))


def merged(target: Any, patch: Any) -> Any:
    """A value after a JSON merge patch."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = merged(made.get(key), value)
    return made


@cache
def examples(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "examples" / f"{name}.json").read_text("utf-8"))
    return found


def errors(
    resource: dict[str, Any], url: str, definitions: Definitions | None = None
) -> list[tuple[str, str]]:
    found = check.findings(resource, profiles=[url], definitions=definitions)
    return [(f.code, f.path) for f in found if f.severity == "error"]


def invalid(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each wrong example, with what it says of itself."""
    told = examples(name)
    for case in told["invalid"]:
        yield merged(told["valid"][0], case["change"]), case


NAMES = [f.stem for f in EXAMPLES]


def test_every_profile_has_examples() -> None:
    profiles = {
        r["id"]
        for r in own()
        if r["resourceType"] == "StructureDefinition" and r["type"] != "Extension"
    }

    assert profiles == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_right_examples_are_accepted(name: str) -> None:
    told = examples(name)

    assert len(told["valid"]) >= 2
    for resource in told["valid"]:
        assert errors(resource, told["profile"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_wrong_examples_are_refused_for_what_they_break(name: str) -> None:
    told = examples(name)
    assert len(told["invalid"]) >= 6
    for resource, case in invalid(name):
        assert case["code"] in [c for c, _ in errors(resource, told["profile"])], case["breaks"]


FACTS = ("min", "max", "types", "targets", "fixed", "pattern", "codes", "invariants")


def mutants(
    node: dict[str, Any], place: str = "", told_by: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Every fact of a compacted profile: where it stands, its node, and its name.

    That the element which tells slices apart must be there is left out: SUSHI adds it, and
    without the element a value is of no slice anyway.
    """
    for fact in FACTS:
        if fact in node and not (fact == "min" and place in told_by):
            yield place, node, fact
    for name, child in node.get("children", {}).items():
        yield from mutants(child, f"{place}.{name}", told_by)
    for name, child in node.get("slices", {}).items():
        inside = f"{place}:{name}"
        paths = tuple(f"{inside}.{path}" for _, path in node["by"])
        yield from mutants(child, inside, paths)


@pytest.mark.parametrize("name", NAMES)
def test_no_part_of_a_profile_can_be_left_out_unnoticed(name: str) -> None:
    told = examples(name)
    tables = json.loads((ROOT / "data" / "own.json").read_bytes())
    whole = next(p for p in tables if p["url"] == told["profile"])
    wrong = [resource for resource, _ in invalid(name)]
    before = [errors(r, told["profile"]) for r in (*told["valid"], *wrong)]
    unnoticed = []
    for nth, (place, _, fact) in enumerate(list(mutants(whole["root"]))):
        mutant = copy.deepcopy(whole)
        node = list(mutants(mutant["root"]))[nth][1]
        del node[fact]
        definitions = Definitions(
            {**standard().profiles, told["profile"]: load(mutant)}, standard().codes
        )
        after = [errors(r, told["profile"], definitions) for r in (*told["valid"], *wrong)]
        if after == before:
            unnoticed.append(f"{place} {fact}")

    assert unnoticed == []
