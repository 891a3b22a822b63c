"""Staff of the fictional street: lawful hours, cover on every day, licences that expire."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from carecoord.demo.street import FictionalStreet
from carecoord.fhir import read
from carecoord.model.staff import Level, Role, Staff
from tests.demo.test_generator import DAY, RULES, resources, street

WEEK = [DAY + timedelta(days=n) for n in range(7)]


def at_work(found: FictionalStreet, on: date) -> list[Staff]:
    """Who has a shift on a day, as planning reads it."""
    people = resources(found, "Practitioner")
    bases = {
        read.reference(place["managingOrganization"], "Organization"): read.position(place)
        for place in resources(found, "Location").values()
    }
    staff = [
        read.staff(
            role,
            people[read.reference(role["practitioner"], "Practitioner")],
            found.street,
            bases[read.reference(role["organization"], "Organization")],
            on,
        )
        for role in resources(found, "PractitionerRole").values()
    ]
    return [one for one in staff if one.shifts]


@pytest.mark.parametrize("on", WEEK)
def test_about_45_people_are_at_work_on_every_day_of_the_week(on: date) -> None:
    present = at_work(street(), on)
    roles = Counter(one.role for one in present if one.levels)

    assert 44 <= len(present) <= 49
    assert 31 <= roles[Role.CAREGIVER] <= 33
    assert 9 <= roles[Role.NURSE] <= 11
    assert 5 <= roles[Role.DOCTOR] <= 6


def test_nobody_works_over_44_hours_or_eight_a_day_or_without_a_day_of_rest() -> None:
    seconds: Counter[str] = Counter()
    days: Counter[str] = Counter()
    for on in WEEK:
        for one in at_work(street(), on):
            work = sum(shift.end - shift.start for shift in one.shifts)
            assert work <= 8 * 3600
            seconds[one.id] += work
            days[one.id] += 1

    assert max(seconds.values()) <= 44 * 3600
    assert max(days.values()) == 6


@pytest.mark.parametrize("count", [1, 10, 40])
def test_even_a_small_street_has_every_role_at_work_on_every_day(count: int) -> None:
    for on in WEEK:
        assert {one.role for one in at_work(street(1, count), on) if one.levels} == set(Role)


def test_one_nurse_is_on_the_roster_with_a_licence_that_has_run_out() -> None:
    shifts_without_licence = {
        (one.id, one.role) for on in WEEK for one in at_work(street(), on) if not one.levels
    }

    assert [role for _, role in shifts_without_licence] == [Role.NURSE]


def test_one_licence_runs_out_within_two_months() -> None:
    def ends(practitioner: dict[str, Any]) -> list[date | None]:
        return [held.end for held in read.qualifications(practitioner)]

    soon = [
        end
        for practitioner in resources(street(), "Practitioner").values()
        for end in ends(practitioner)
        if end is not None and DAY <= end <= DAY + timedelta(days=62)
    ]

    assert soon == [date(2026, 8, 31)]


def test_one_caregiver_is_absent_all_week() -> None:
    roles = resources(street(), "PractitionerRole")
    present = {one.id for on in WEEK for one in at_work(street(), on)}

    absent = [roles[id_] for id_ in roles.keys() - present]
    assert len(absent) == 1
    assert absent[0]["notAvailable"]


def test_modes_and_training_come_in_the_promised_shares() -> None:
    found = street(1, 1500)
    everybody = {one.id: one for on in WEEK for one in at_work(found, on)}.values()
    caregivers = [one for one in everybody if one.role is Role.CAREGIVER]
    riding = sum(one.mode == "e-bike" for one in caregivers) / len(caregivers)
    trained = sum(Level.CAREGIVER_MEDICAL in one.levels for one in caregivers) / len(caregivers)

    assert riding == pytest.approx(RULES.entry("demo.modes.caregiver", "e_bike") / 100, abs=0.05)
    assert trained == pytest.approx(0.4, abs=0.05)


def test_wished_carers_are_at_work_on_the_street_and_may_do_what_they_are_wished_for() -> None:
    found = street()
    everybody = {one.id: one for on in WEEK for one in at_work(found, on)}
    wished = [(c, role, id_) for c in found.care.values() for role, id_ in c.wishes.carers.items()]

    assert {role for _, role, _ in wished} == {Role.DOCTOR, Role.CAREGIVER}
    for care, role, id_ in wished:
        assert everybody[id_].role is role
        assert everybody[id_].levels
        if role is Role.CAREGIVER:
            assert care.wishes.gender in ("", everybody[id_].gender)


def test_every_elder_in_a_home_hospital_bed_has_a_responsible_doctor() -> None:
    for care in street().care.values():
        assert (Role.DOCTOR in care.wishes.carers) == ("home-hospital-bed" in care.programmes)


def test_wished_parts_of_the_day_belong_to_blocks_that_the_plan_will_have() -> None:
    for care in street().care.values():
        for block, part in care.wishes.parts.items():
            programme, _, key = block.partition(".")
            assert programme in care.programmes
            assert RULES.windows(part)
            if key.startswith("order-"):
                RULES.order_block(key.removeprefix("order-"))
