"""Discharges into home hospital beds: what a hospital sends, and what a second sending changes."""

from datetime import timedelta
from typing import Any

from carecoord.model.ids import ElderId
from tests.demo.test_generator import DAY, RULES, references, resources, street

Json = dict[str, Any]
BASE = "https://carecoord.example/fhir"
PARTS = ["Patient", "Encounter", "Condition", "ServiceRequest", "Task"]


def parts(bundle: Json) -> list[Json]:
    return [entry["resource"] for entry in bundle["entry"]]


def test_every_home_hospital_bed_has_one_referral() -> None:
    found = street()
    patients = {p["identifier"][0]["value"]: p for p in resources(found, "Patient").values()}
    referred = [parts(b)[0]["identifier"][0]["value"] for b in found.referrals]
    in_bed = [e for e, care in found.care.items() if "home-hospital-bed" in care.programmes]

    assert [ElderId(patients[number]["id"]) for number in referred] == in_bed


def test_the_hospital_and_the_register_agree_on_the_person() -> None:
    found = street()
    patients = {p["identifier"][0]["value"]: p for p in resources(found, "Patient").values()}

    for bundle in found.referrals:
        sent = parts(bundle)[0]
        known = patients[sent["identifier"][0]["value"]]
        assert {k: known[k] for k in sent} == sent


def test_every_entry_is_created_only_if_its_number_is_unknown() -> None:
    numbers = set()
    for bundle in street().referrals:
        for entry in bundle["entry"]:
            first = entry["resource"]["identifier"][0]
            assert entry["request"]["method"] == "POST"
            assert entry["request"]["url"] == entry["resource"]["resourceType"]
            query = f"identifier={first['system']}|{first['value']}"
            assert entry["request"]["ifNoneExist"] == query
            assert query not in numbers
            numbers.add(query)


def test_numbers_of_a_referral_do_not_change_from_day_to_day() -> None:
    today, tomorrow = street(1, 60), street(1, 60, DAY + timedelta(days=1))

    for one, other in zip(today.referrals, tomorrow.referrals, strict=True):
        assert [e["request"] for e in one["entry"]] == [e["request"] for e in other["entry"]]


def test_a_referral_is_complete_and_names_only_what_exists() -> None:
    found = street()
    codes = {
        f"Organization?identifier={i['system']}|{i['value']}"
        for o in resources(found, "Organization").values()
        for i in o["identifier"]
    }

    for bundle in found.referrals:
        assert [r["resourceType"] for r in parts(bundle)[:5]] == PARTS
        inside = {entry["fullUrl"] for entry in bundle["entry"]}
        assert set(references(parts(bundle))) <= inside | codes


def test_the_task_asks_the_health_centre_to_fulfil_the_request() -> None:
    for bundle in street().referrals:
        urls = {e["resource"]["resourceType"]: e["fullUrl"] for e in reversed(bundle["entry"])}
        _, stay, _, request, task = parts(bundle)[:5]

        assert task["status"] == "requested"
        assert task["code"]["coding"][0]["code"] == "fulfill"
        assert task["focus"]["reference"] == urls["ServiceRequest"]
        assert task["owner"] == request["performer"][0]
        assert request["code"]["coding"][0]["code"] == "home-hospital-bed"
        assert stay["status"] == "finished"
        assert stay["period"]["end"][:10] < DAY.isoformat()


def test_orders_are_items_that_need_one_and_run_beyond_the_planned_days() -> None:
    catalogue, horizon = RULES.catalogue(), RULES.number("plan.horizon_days")
    orders = [r for b in street().referrals for r in parts(b) if "occurrenceTiming" in r]

    assert orders
    for order in orders:
        coding = order["code"]["coding"][0]
        assert coding["system"] == f"{BASE}/CodeSystem/service-item"
        assert catalogue.item(coding["code"]).order_needed
        assert catalogue.item(coding["code"]).zh == coding["display"]
        assert RULES.order_block(coding["code"]).items == (coding["code"],)
        bounds = order["occurrenceTiming"]["repeat"]["boundsPeriod"]
        assert bounds["start"] < DAY.isoformat()
        assert bounds["end"] > (DAY + timedelta(days=horizon)).isoformat()
