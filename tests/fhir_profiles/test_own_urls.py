"""Every canonical address of ours that the engine writes has a definition, every code a place."""

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from carecoord.demo import planted
from carecoord.demo import run as demo
from carecoord.flows import detect
from carecoord.model import time
from carecoord.model.assessment.levels import SCALES
from carecoord.model.beds import HOSPITAL, BedKind, BedState
from carecoord.model.catalogue import PROGRAMMES
from carecoord.model.coverage import Payer
from carecoord.model.issues import STATES
from carecoord.model.policy import Mark
from carecoord.model.referrals import REASONS, Direction, State, Urgency
from carecoord.model.rounds import RoundKind
from carecoord.model.staff import Level, Licence, Role
from carecoord.packs.load import load
from carecoord.planning.detect.rates import CODES
from carecoord.settings import Settings
from carecoord.store.criteria import Query
from carecoord.store.documents import select_all
from carecoord.store.engine import Database, sqlite_url
from fhir_profiles import check
from fhir_profiles import search as parameters
from fhir_profiles.definitions import own
from fhir_profiles.generate import answers
from tests.build import BOSS

ROOT = Path(__file__).parents[2]
BASE = "https://carecoord.example/fhir"
BY_FUNCTION = {
    "extension_url": "StructureDefinition",
    "extension_value": "StructureDefinition",
    "extension": "StructureDefinition",
    "replace_extension": "StructureDefinition",
    "with_extensions": "StructureDefinition",
    "_set": "StructureDefinition",
    "_drop": "StructureDefinition",
    "system": "CodeSystem",
    "concept": "CodeSystem",
    "coding": "CodeSystem",
    "sid": "sid",
}
"""Functions of the engine that take the short name of an address of ours, and its kind."""


def defined() -> set[str]:
    """Addresses with a definition: `StructureDefinition/x`, `CodeSystem/x`, `sid/x`, …"""
    found = {r["url"].removeprefix(f"{BASE}/") for r in own() if "url" in r}
    naming = (u["value"] for r in own() for u in r.get("uniqueId", ()))
    found |= {value.removeprefix(f"{BASE}/") for value in naming}
    forms = (ROOT / "fhir_profiles" / "data" / "questionnaires").iterdir()
    return found | {f"Questionnaire/{form.stem}" for form in forms}


def named_in(file: Path) -> Iterator[tuple[str, int]]:
    """Addresses of ours that a module names, with the line."""
    tree = ast.parse(file.read_text("utf-8"))
    names = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if kind := BY_FUNCTION.get(word):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant)]
                named = [a.id for a in node.args if isinstance(a, ast.Name)]
                texts += [names[name] for name in named if name in names]
                short = [t for t in texts if isinstance(t, str) and re.fullmatch(r"[a-z0-9-]+", t)]
                for text in short[:1]:
                    yield f"{kind}/{text}", node.lineno
        elif isinstance(node, ast.JoinedStr | ast.Constant):
            for text in re.findall(
                r"\bBASE\}/((?:StructureDefinition|CodeSystem|ValueSet|sid)/[a-z0-9-]+)",
                ast.unparse(node),
            ):
                yield text, node.lineno


def test_every_address_that_the_source_names_is_defined() -> None:
    known = defined()
    files = [f for folder in ("carecoord", "api") for f in (ROOT / folder).rglob("*.py")]
    named = {
        (name, f"{file.relative_to(ROOT)}:{line}")
        for file in files
        for name, line in named_in(file)
    }

    assert len({name for name, _ in named}) > 60
    assert {one for one in named if one[0] not in known} == set()


Found = dict[str, set[str]]


def collect(value: Any, urls: Found, codes: Found, at: str = "") -> None:
    """Addresses of ours in a document, with where they stand, and codes by system."""
    if isinstance(value, dict):
        if str(value.get("system", "")).startswith(f"{BASE}/CodeSystem/") and "code" in value:
            codes[value["system"]].add(value["code"])
        for key, one in value.items():
            collect(one, urls, codes, f"{at}.{key}" if at else str(value["resourceType"]))
    elif isinstance(value, list):
        for one in value:
            collect(one, urls, codes, at)
    elif isinstance(value, str):
        for name in re.findall(rf"{re.escape(BASE)}/([A-Za-z]+/[A-Za-z0-9._-]+)", value):
            urls[name].add(at)


def documents(database: Database) -> Iterator[dict[str, Any]]:
    with database.read() as tx:
        for stored in select_all(tx, Query(parameters.types())):
            yield stored.resource


def promised(resource: dict[str, Any]) -> list[str]:
    """Our profiles that a resource of the engine's own steps is to keep."""
    codes = {
        coding["code"]
        for element in ("type", "category", "code")
        for concept in wrapped(resource.get(element))
        for coding in wrapped(concept.get("coding"))
        if "code" in coding
    }
    match resource["resourceType"]:
        case "EpisodeOfCare":
            return sorted(codes & {"family-bed", "home-hospital-bed"})
        case "CarePlan" if "integrated" in codes:
            return ["integrated-care-plan"]
        case "CarePlan" if "programme" in codes:
            beds = codes & {"family-bed", "home-hospital-bed"}
            return ["part-care-plan", *(f"{one}-plan" for one in beds)]
        case "Task" if "fulfill" in codes:
            return ["coordination-task"]
        case "ServiceRequest" if codes & {"up", "down", "handover"}:
            return ["referral-service-request"]
        case kind:
            return BY_TYPE.get(kind, [])


BY_TYPE = {
    "Patient": ["elder-patient"],
    "Practitioner": ["licensed-practitioner"],
    "PractitionerRole": ["bookable-role"],
    "Consent": ["sharing-consent"],
    "Coverage": ["elder-coverage"],
    "Questionnaire": ["instrument-questionnaire"],
    "QuestionnaireResponse": ["ltc37-response", "gb42195-response"],
}


def wrapped(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A street of the demo."""
    folder = tmp_path_factory.mktemp("demo")
    database = Database.open(sqlite_url(folder))
    asked = demo.Asked(seed=7, elders=24, days=3, iterations=100)
    demo.run(database, Settings(data=folder), asked, lambda *_: None, date(2026, 3, 2))
    yield database
    database.close()


def test_what_the_demo_writes_keeps_our_profiles(demonstrated: Database) -> None:
    kept: set[str] = set()
    refused = set()
    for one in documents(demonstrated):
        for name in promised(one):
            kept.add(name)
            found = check.findings(one, profiles=[f"{BASE}/StructureDefinition/{name}"])
            refused |= {(name, f.code, f.path) for f in found if f.severity == "error"}

    assert len(kept) > 12
    assert refused == set()


@pytest.fixture(scope="module")
def written(
    demonstrated: Database, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Found, Found]:
    """Addresses and codes in everything that the demo and the detectors write."""
    urls: Found = defaultdict(set)
    codes: Found = defaultdict(set)
    database = Database.open(sqlite_url(tmp_path_factory.mktemp("planted")))
    made = planted.plant(11, 40, time.today())
    planted.store(database, BOSS, made)
    with database.write() as tx:
        detect.street(tx, BOSS, made.street, load().on(time.today(), made.street))
    for one in (*documents(demonstrated), *documents(database)):
        collect(one, urls, codes)
    database.close()
    return urls, codes


def test_every_address_in_documents_that_flows_write_is_defined(
    written: tuple[Found, Found],
) -> None:
    rules = {f"rule/{row.rule_id}" for row in load().rows}
    known = defined() | rules | {"consent-text/joint-care"}
    kinds = {"StructureDefinition", "CodeSystem", "ValueSet", "Questionnaire", "sid", "rule"}
    types = set(parameters.types()) - kinds
    urls = {name: at for name, at in written[0].items() if name.partition("/")[0] not in types}

    assert len(urls) > 80
    assert {name: at for name, at in urls.items() if name not in known} == {}


def concepts(name: str) -> dict[str, dict[str, Any]]:
    """Codes of one of our code systems."""
    return code_systems()[f"{BASE}/CodeSystem/{name}"]


@cache
def code_systems() -> dict[str, dict[str, dict[str, Any]]]:
    return {
        r["url"]: {c["code"]: c for c in r["concept"]}
        for r in own()
        if r["resourceType"] == "CodeSystem"
    }


def test_every_code_of_ours_in_documents_that_flows_write_is_in_its_list(
    written: tuple[Found, Found],
) -> None:
    known = code_systems()
    unlisted = {s: c - set(known.get(s, {})) for s, c in written[1].items()}

    assert {s: c for s, c in unlisted.items() if c} == {}


OF_THE_ENGINE: dict[str, Iterable[str]] = {
    "programme": PROGRAMMES,
    "payer": Payer,
    "bed-kind": BedKind,
    "bed-state": BedState,
    "bed-round": RoundKind,
    "staff-role": Role,
    "licence": Licence,
    "performer-level": Level,
    "assessment-scale": SCALES,
    "rule-mark": Mark,
    "referral-direction": Direction,
    "referral-state": State,
    "referral-urgency": Urgency,
    "referral-reason": REASONS,
    "issue-state": STATES,
    "issue-action": ("reopened", *STATES[1:]),
    "detected-issue": CODES,
    "plan-category": ("integrated", "programme"),
}


@pytest.mark.parametrize("name", OF_THE_ENGINE)
def test_a_list_has_exactly_the_codes_of_the_engine(name: str) -> None:
    assert set(concepts(name)) == {str(code) for code in OF_THE_ENGINE[name]}


PACKED = {
    "change-event": "assessment.change_events",
    "bed-suspend-reason": "bed_link.suspend_reasons",
    "home-bed-close-reason": "home_bed.close_reasons",
    "family-bed-close-reason": "family_bed.close_on",
}


@pytest.mark.parametrize("name", PACKED)
def test_a_list_has_exactly_the_codes_of_its_pack_row(name: str) -> None:
    row = next(r for r in load().rows if r.rule_id == PACKED[name])

    assert list(concepts(name)) == list(row.value)  # type: ignore[arg-type]


def test_a_plan_on_hold_may_say_every_reason_that_suspends_a_bed() -> None:
    reasons = set(concepts("bed-suspend-reason"))

    assert {HOSPITAL, "bed-suspended", *reasons} == set(concepts("hold-reason"))


def test_service_items_are_those_of_the_catalogue_with_the_same_names() -> None:
    prefix = "catalogue.item."
    rows = [r for r in load().rows if r.rule_id.startswith(prefix) and r.jurisdiction == "CN"]
    items = {r.rule_id.removeprefix(prefix): (r.zh, r.en) for r in rows}
    listed = {
        code: (c["display"], c["designation"][0]["value"])
        for code, c in concepts("service-item").items()
    }

    assert listed == items
    categories = {r.value["category"] for r in rows}  # type: ignore[index,call-overload]
    assert categories <= set(concepts("service-category"))


def test_deeds_that_flows_sign_are_in_the_list() -> None:
    said: set[str] = set()
    for file in (ROOT / "carecoord" / "flows").rglob("*.py"):
        text = file.read_text("utf-8")
        said |= set(re.findall(r'(?:sign|_signed|record|_with_status|amended|_plan_changed|_store|'
                               r'provenance)\([^()]*?"([a-z]+-[a-z-]+)"', text))  # fmt: skip

    assert len(said) > 15
    assert said <= set(concepts("activity"))


DOMAIN = {
    "gender": 4,
    "marital-status": 5,
    "ethnic-group": 58,
    "ethnic-group-letter": 56,
    "relation": 15,
    "ltc37-level": 6,
    "ltc37-band": 4,
    "gb42195-level": 5,
    "sh-ltc-level": 6,
    "assessment-reason": 5,
    "risk-event": 5,
    "linked-bed-kind": 5,
    "bed-part": 5,
    "bed-device": 4,
    "home-bed-indication": 4,
    "referral-criterion": 8,
    "down-criterion": 11,
    "nurse-visit-excluded": 9,
    "nurse-visit-object": 5,
    "two-person-reason": 4,
    "service-category": 14,
    "visit-evidence": 5,
    "volunteer-star": 5,
    "data-level": 5,
    "data-owner": 8,
    "indicator": 16,
    "household": 5,
    "demand-class": 4,
}
"""Lists of the field that no row of a pack holds, and how many codes each has."""


@pytest.mark.parametrize("name", DOMAIN)
def test_a_list_of_the_field_is_whole(name: str) -> None:
    assert len(concepts(name)) == DOMAIN[name]


def test_every_question_of_the_forms_has_a_list_of_its_answers() -> None:
    assert answers.FILE.read_text("utf-8") == answers.text()
    items = [name for name in code_systems() if re.search(r"/(ltc37-[acp]\d+|gb42195-b-.*)$", name)]
    assert len(items) == 17 + 26


def test_every_code_has_a_chinese_and_an_english_name_and_a_value_set() -> None:
    sets = {r["compose"]["include"][0]["system"] for r in own() if r["resourceType"] == "ValueSet"}
    for url, codes in code_systems().items():
        assert url in sets
        for concept in codes.values():
            assert concept["display"]
            assert concept["designation"][0]["language"] == "en", (url, concept)
            assert concept["designation"][0]["value"], (url, concept)


def test_our_definitions_are_valid_fhir() -> None:
    refused = {
        (r["resourceType"], r["id"], f.code, f.path)
        for r in own()
        for f in check.findings(json.loads(json.dumps(r)))
        if f.severity == "error"
    }

    assert len(own()) > 250
    assert refused == set()
