"""The fictional street as a whole: repeatable, complete, valid, and of the size promised."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.demo import elders, mix
from carecoord.demo.ground import metres
from carecoord.demo.seeds import Seed
from carecoord.demo.street import ENTRIES, FictionalStreet, generate
from carecoord.errors import Invalid
from carecoord.model.assessment import GB42195Level, LTC37Level, answers_from, assess
from carecoord.model.identifiers import resident_id, uscc
from carecoord.model.places import Place
from carecoord.model.policy import Rules
from carecoord.packs.load import load
from carecoord.streets import Building, synthetic
from fhir_profiles.check import findings
from fhir_profiles.wire import dumps, loads

DAY = date(2026, 7, 15)
RULES = load().on(DAY, "CN")
BUILDINGS = synthetic.network(1).buildings

Json = dict[str, Any]


@cache
def street(seed: int = 1, count: int = 300, day: date = DAY) -> FictionalStreet:
    return generate(seed, count, day, BUILDINGS, RULES)


def entries(bundles: tuple[Json, ...]) -> Iterator[Json]:
    return (entry for bundle in bundles for entry in bundle["entry"])


def resources(found: FictionalStreet, kind: str) -> dict[str, Json]:
    """Resources of the register of one type, by id."""
    every = (entry["resource"] for entry in entries(found.register))
    return {r["id"]: r for r in every if r["resourceType"] == kind}


def references(element: object) -> Iterator[str]:
    """Every reference inside a resource."""
    if isinstance(element, Mapping):
        if isinstance(element.get("reference"), str):
            yield element["reference"]
        for value in element.values():
            yield from references(value)
    elif isinstance(element, list):
        for value in element:
            yield from references(value)


def test_equal_seeds_give_equal_streets() -> None:
    again = generate(1, 300, DAY, BUILDINGS, RULES)

    assert [*map(dumps, again.register)] == [*map(dumps, street().register)]
    assert again == street()


def test_what_is_generated_is_what_arrives_over_the_wire() -> None:
    found = street(1, 40)

    for sent in [*found.register, *found.referrals, *found.assessments.values()]:
        assert loads(dumps(sent)) == sent


def test_another_seed_gives_another_street_with_nothing_in_common() -> None:
    one, other = street(1, 40), street(2, 40)

    assert one.street != other.street
    for kind in ("Organization", "PractitionerRole", "Patient", "Consent"):
        assert not resources(one, kind).keys() & resources(other, kind).keys()
    numbers = [
        {i["value"] for e in entries(s.register) for i in e["resource"].get("identifier", ())}
        for s in (one, other)
    ]
    staff_numbers = {n for n in numbers[0] & numbers[1] if len(n) <= 6}
    assert numbers[0] & numbers[1] == staff_numbers


def test_the_order_of_buildings_on_the_map_does_not_matter() -> None:
    assert generate(1, 25, DAY, tuple(reversed(BUILDINGS)), RULES) == street(1, 25)


@pytest.mark.parametrize("count", [20, 21, 22, 96, 500])
def test_staff_and_elders_of_a_smaller_street_are_those_of_a_larger_one(count: int) -> None:
    small, large = sorted((count, 300))
    few, many = street(1, small), street(1, large)

    for kind in ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson", "Consent"):
        known = resources(many, kind)
        assert all(known[id_] == r for id_, r in resources(few, kind).items())
    assert few.assessments.items() <= many.assessments.items()
    assert few.referrals == many.referrals[: len(few.referrals)]


def test_the_register_is_the_same_all_month() -> None:
    first, last = street(1, 30, date(2026, 7, 1)), street(1, 30, date(2026, 7, 31))

    assert first.register == last.register


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(-(2**31), 2**31),
    count=st.integers(1, 60),
    day=st.dates(date(2024, 1, 1), date(2035, 12, 31)),
)
def test_every_reference_of_the_register_points_to_itself_or_backwards(
    seed: int, count: int, day: date
) -> None:
    known: set[str] = set()
    for bundle in generate(seed, count, day, BUILDINGS, RULES).register:
        assert len(bundle["entry"]) <= ENTRIES
        known |= {entry["request"]["url"] for entry in bundle["entry"]}
        assert set(references(bundle)) <= known


def test_every_resource_is_written_once_under_its_own_id() -> None:
    written = [entry["request"] for entry in entries(street().register)]

    assert {w["method"] for w in written} == {"PUT"}
    assert max(Counter(w["url"] for w in written).values()) == 1


def test_every_resource_and_bundle_is_valid() -> None:
    found = street(1, 90)
    every = [entry["resource"] for entry in entries(found.register + found.referrals)]
    every += found.assessments.values()

    assert {r["resourceType"] for r in every} >= {"Patient", "Consent", "Coverage", "Task"}
    for resource in [*every, *found.register, *found.referrals]:
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert [f for f in findings(resource) if f.severity == "error"] == []


def test_no_number_of_a_real_person_or_organisation_is_used() -> None:
    found = street()
    people = [
        resident_id(p["identifier"][0]["value"]) for p in resources(found, "Patient").values()
    ]
    phones = [t["value"] for e in entries(found.register) for t in e["resource"].get("telecom", ())]
    codes = [o["identifier"][-1]["value"] for o in resources(found, "Organization").values()]

    assert all(person.synthetic for person in people)
    assert len({person.number for person in people}) == 300
    assert all(phone.startswith("1990000") and len(phone) == 11 for phone in phones)
    assert all(uscc(code)[2:4] == "99" for code in codes)
    assert found.street.startswith("99")


def test_identity_number_birthday_and_gender_agree() -> None:
    for patient in resources(street(), "Patient").values():
        number = resident_id(patient["identifier"][0]["value"])
        assert number.birth.isoformat() == patient["birthDate"]
        assert number.sex == patient["gender"]


def test_answers_score_to_the_levels_that_were_meant() -> None:
    found = street()

    for elder, response in found.assessments.items():
        results = assess(answers_from(response), RULES)
        care = found.care[elder]
        assert results.ltc37.level == LTC37Level(care.ltc37)
        assert results.gb42195.level == GB42195Level(care.gb42195)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_programmes_come_in_the_promised_shares(seed: int) -> None:
    held = Counter(p for care in street(seed).care.values() for p in care.programmes)

    assert held["home-hospital-bed"] == pytest.approx(171, abs=8)
    assert held["ltci"] == pytest.approx(74, abs=6)
    assert held["family-bed"] == pytest.approx(40, abs=5)
    assert held["station"] == pytest.approx(141, abs=8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_levels_come_in_the_shares_of_the_population(seed: int) -> None:
    insured = [c.ltc37 for c in street(seed).care.values() if "ltci" in c.programmes]
    shares = {level: count / len(insured) for level, count in Counter(insured).items()}

    assert shares == pytest.approx({3: 0.55, 4: 0.26, 5: 0.19}, abs=0.09)


def test_as_many_have_a_chronic_disease_as_in_the_population() -> None:
    found = resources(street(1, 900), "Condition").values()
    chronic = {
        condition["subject"]["reference"]
        for condition in found
        if condition["code"]["coding"][0]["code"] in ("I10", "E11.9", "I25.1")
    }

    assert len(chronic) / 900 == pytest.approx(RULES.number("demo.chronic") / 100, abs=0.04)


def test_households_come_in_the_shares_of_the_pack_but_the_worst_off_never_live_alone() -> None:
    shares = mix.read(RULES)
    people = [elders.profile(Seed(1), index, DAY, shares) for index in range(1500)]
    able = Counter(p.lives for p in people if p.ltc37 < 4 and p.partner is None)
    share = {lives: count / able.total() for lives, count in able.items()}

    assert share == pytest.approx({lives: w / 100 for lives, w in shares.lives}, abs=0.03)
    assert all(p.lives != "alone" for p in people if p.ltc37 >= 4)


def test_every_elder_is_entitled_to_their_programmes() -> None:
    least = RULES.number("ltci.benefit_from.LTC37")

    for care in street().care.values():
        assert "ltci" not in care.programmes or care.ltc37 >= least
        assert "family-bed" not in care.programmes or max(care.ltc37, care.gb42195) >= 2
        assert care.programmes


def visits_a_week(found: FictionalStreet, rules: Rules) -> float:
    """Visits that the default plans and the hospital's orders ask for in a week."""
    total = 0.0
    for care in found.care.values():
        levels = {"ltci": LTC37Level(care.ltc37), "family-bed": GB42195Level(care.gb42195)}
        for programme in care.programmes:
            for block in rules.plan_blocks(programme, levels.get(programme)):
                total += block.frequency * 7 / block.period
    for entry in entries(found.referrals):
        if timing := entry["resource"].get("occurrenceTiming"):
            total += timing["repeat"]["frequency"] * 7 / timing["repeat"]["period"]
    return total


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_three_hundred_elders_ask_for_about_375_visits_a_day_before_visits_are_joined(
    seed: int,
) -> None:
    assert visits_a_week(street(seed), RULES) / 7 == pytest.approx(375, abs=20)


def test_all_but_one_address_is_located_on_the_map_and_in_the_street() -> None:
    found = resources(street(), "Patient")
    located, unlocated = [], []
    for patient in found.values():
        urls = {e["url"]: e for e in patient["address"][0]["extension"]}
        at = urls.get("http://hl7.org/fhir/StructureDefinition/geolocation")
        if at is None:
            unlocated.append(patient)
        else:
            place = {part["url"]: float(part["valueDecimal"]) for part in at["extension"]}
            located.append(Place(place["longitude"], place["latitude"]))
    on_map = {(b.place.lon, b.place.lat) for b in BUILDINGS}

    assert len(unlocated) == 1
    assert all((p.lon, p.lat) in on_map for p in located)
    assert max(metres(p, q) for p in located for q in located[:1]) < 3_200
    assert len({(p.lon, p.lat) for p in located}) < len(located), "several elders in one building"


def test_only_couples_share_a_flat_and_they_are_married_to_each_other() -> None:
    found = street()
    by_address: dict[str, list[Json]] = {}
    for patient in resources(found, "Patient").values():
        by_address.setdefault(patient["address"][0]["text"], []).append(patient)
    couples = [people for people in by_address.values() if len(people) > 1]
    relatives = resources(found, "RelatedPerson").values()
    spouses = {
        r["patient"]["reference"]: r["name"][0]["text"]
        for r in relatives
        if r["relationship"][0]["text"] in ("丈夫", "妻子")
    }

    assert len(couples) == 4
    for one, other in couples:
        assert {one["gender"], other["gender"]} == {"male", "female"}
        assert spouses[f"Patient/{one['id']}"] == other["name"][0]["text"]
        assert spouses[f"Patient/{other['id']}"] == one["name"][0]["text"]


@pytest.mark.parametrize("count", [0, -1, 20_001])
def test_a_number_of_elders_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(Invalid) as caught:
        generate(1, count, DAY, BUILDINGS, RULES)

    assert caught.value.code == "demo.elders"


def test_a_map_on_which_nobody_can_live_is_refused() -> None:
    school = Building(BUILDINGS[0].place, kind="school")

    for buildings in ([], [school]):
        with pytest.raises(Invalid) as caught:
            generate(1, 10, DAY, buildings, RULES)
        assert caught.value.code == "demo.buildings"
