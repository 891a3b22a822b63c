"""The contract of docs/fhir-mapping.md: each fact, and what holds where it is absent."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.fhir import read
from carecoord.model.staff import Level, Licence, Role, Shift, Staff
from carecoord.streets import from_wgs84
from tests.build import (
    DAY,
    HOUR,
    STATION,
    STREET,
    address,
    concept,
    geolocation,
    hours,
    own,
    patient,
    place,
    practitioner,
    role,
)

NIGHT = 24 * HOUR


def staff_of(who: dict[str, Any], as_: dict[str, Any], on: date = DAY) -> Staff:
    return read.staff(as_, who, STREET, place(), on)


def shifts_of(*times: dict[str, Any], **more: Any) -> list[tuple[int, int]]:
    return [(s.start, s.end) for s in read.shifts(role("r", "p", times=times, **more), DAY)]


def away(**during: str) -> dict[str, Any]:
    return {"notAvailable": [{"description": "away", "during": during}]}


# ---- Staff ----


def test_name_and_gender_come_from_the_practitioner() -> None:
    found = staff_of(practitioner("p"), role("r", "p"))

    assert (found.id, found.name, found.gender) == ("r", "p name", "female")


def test_without_name_and_gender_the_id_is_shown_and_the_gender_is_unknown() -> None:
    found = staff_of({"resourceType": "Practitioner", "id": "p"}, role("r", "p"))

    assert (found.name, found.gender) == ("p", "unknown")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ({"text": "王秀兰"}, "王秀兰"),
        ({"family": "王", "given": ["秀", "兰"]}, "王秀兰"),
        ({"family": "Wang", "given": ["Xiu", "Lan"]}, "Xiu Lan Wang"),
        ({"family": "王"}, "王"),
        ({"given": ["Ann"]}, "Ann"),
        ({"use": "official"}, "x"),
    ],
)
def test_names_are_written_as_people_write_them(name: dict[str, Any], shown: str) -> None:
    assert read.name({"id": "x", "name": [name]}) == shown


def test_several_licences_are_read_with_their_periods() -> None:
    found = read.qualifications(practitioner("p", "nurse", "caregiver", end="2026-03"))

    assert [q.licence for q in found] == [Licence.NURSE, Licence.CAREGIVER]
    assert {(q.start, q.end) for q in found} == {(date(2020, 1, 1), date(2026, 3, 31))}


def test_without_a_licence_that_a_rule_knows_nobody_holds_a_level() -> None:
    other = practitioner("p", "pilot")

    assert staff_of(practitioner("p"), role("r", "p")).levels == ()
    assert staff_of(other, role("r", "p")).levels == ()


@pytest.mark.parametrize(
    ("end", "valid"),
    [("2026-03-05", True), ("2026-03-04", False), ("2026-03", True), ("2026-02", False),
     ("2026", True), ("2025", False)],
)  # fmt: skip
def test_a_licence_counts_through_its_last_day_and_no_longer(end: str, valid: bool) -> None:
    found = staff_of(practitioner("p", "nurse", end=end), role("r", "p"))

    assert bool(found.levels) == valid


@pytest.mark.parametrize(("start", "valid"), [("2026-03-05", True), ("2026-03-06", False)])
def test_a_licence_counts_from_its_first_day_on(start: str, valid: bool) -> None:
    found = staff_of(practitioner("p", "nurse", start=start), role("r", "p"))

    assert bool(found.levels) == valid


def test_a_licence_without_a_period_does_not_end() -> None:
    held = practitioner("p", qualification=[{"code": concept("licence", "doctor")}])

    assert staff_of(held, role("r", "p")).levels == (Level.DOCTOR,)


def test_the_organisation_is_that_of_the_role() -> None:
    assert staff_of(practitioner("p"), role("r", "p")).organization == STATION


@pytest.mark.parametrize(
    ("licences", "expected"),
    [
        (("doctor",), Role.DOCTOR),
        (("nurse", "caregiver"), Role.NURSE),
        (("caregiver-medical",), Role.CAREGIVER),
        ((), Role.CAREGIVER),
    ],
)
def test_without_a_role_the_highest_licence_says_it(
    licences: tuple[str, ...], expected: Role
) -> None:
    assert staff_of(practitioner("p", *licences), role("r", "p")).role is expected


def test_a_named_role_wins_over_the_licence() -> None:
    found = staff_of(practitioner("p", "nurse"), role("r", "p", kind="caregiver"))

    assert found.role is Role.CAREGIVER


@pytest.mark.parametrize(("sent", "mode"), [("e-bike", "e-bike"), ("walk", "walk"), ("", "walk")])
def test_who_names_no_travel_mode_walks(sent: str, mode: str) -> None:
    assert staff_of(practitioner("p"), role("r", "p", mode=sent)).mode == mode


def test_several_entries_a_day_are_several_shifts_in_order() -> None:
    late, early = hours("14:00:00", "18:30:00"), hours("07:00:00", "11:00:00")

    assert shifts_of(late, early) == [(7 * HOUR, 11 * HOUR), (14 * HOUR, 18 * HOUR + 1800)]


def test_without_available_times_there_is_no_shift() -> None:
    assert shifts_of() == []


def test_a_shift_counts_on_its_weekdays_only() -> None:
    assert shifts_of(hours("08:00:00", "16:00:00", "mon", "fri")) == []
    assert shifts_of(hours("08:00:00", "16:00:00", "wed", "thu")) == [(8 * HOUR, 16 * HOUR)]


@pytest.mark.parametrize(("end", "expected"), [("08:00:00", 32 * HOUR), ("20:00:00", 44 * HOUR)])
def test_a_shift_that_ends_no_later_than_it_begins_goes_over_midnight(
    end: str, expected: int
) -> None:
    assert shifts_of(hours("20:00:00", end)) == [(20 * HOUR, expected)]


def test_an_entry_for_the_whole_day_is_a_shift_from_midnight_to_midnight() -> None:
    assert shifts_of({"allDay": True}) == [(0, NIGHT)]


def test_overlapping_entries_are_one_shift() -> None:
    times = hours("08:00:00", "12:00:00"), hours("11:00:00", "15:00:00")

    assert shifts_of(*times) == [(8 * HOUR, 15 * HOUR)]


@pytest.mark.parametrize(
    ("during", "left"),
    [
        ({"start": "2026-03-05", "end": "2026-03-05"}, []),
        ({"start": "2026-03-01", "end": "2026-03-31"}, []),
        ({"start": "2026-03"}, []),
        ({"end": "2026-03"}, []),
        ({"start": "2026-03-06"}, [(8, 17)]),
        ({"end": "2026-03-04"}, [(8, 17)]),
        ({"start": "2026-03-05T10:00:00+08:00", "end": "2026-03-05T12:00:00+08:00"},
         [(8, 10), (12, 17)]),
        ({"start": "2026-03-05T02:00:00Z", "end": "2026-03-05T04:00:00Z"}, [(8, 10), (12, 17)]),
        ({"start": "2026-03-05T15:00:00+08:00"}, [(8, 15)]),
        ({"end": "2026-03-05T09:00:00+08:00"}, [(9, 17)]),
        ({"start": "2026-03-05T17:00:00+08:00", "end": "2026-03-05T19:00:00+08:00"}, [(8, 17)]),
    ],
)  # fmt: skip
def test_an_absence_cuts_out_of_the_shift_what_it_covers(
    during: dict[str, str], left: list[tuple[int, int]]
) -> None:
    assert shifts_of(hours(), **away(**during)) == [(a * HOUR, b * HOUR) for a, b in left]


def test_an_absence_on_the_next_day_cuts_the_end_of_a_night_shift() -> None:
    during = {"start": "2026-03-06", "end": "2026-03-06"}

    assert shifts_of(hours("20:00:00", "08:00:00"), **away(**during)) == [(20 * HOUR, NIGHT)]


def test_who_is_back_after_midnight_only_has_no_shift_that_begins_on_the_next_day() -> None:
    during = {"start": "2026-03-05T19:00:00+08:00", "end": "2026-03-06T02:00:00+08:00"}

    assert shifts_of(hours("20:00:00", "08:00:00"), **away(**during)) == []


@given(
    st.tuples(st.integers(0, 23), st.integers(1, 14)),
    st.tuples(st.integers(-20, 40), st.integers(1, 40)),
)
def test_no_shift_is_left_inside_an_absence_and_none_is_lost_outside(
    worked: tuple[int, int], gone: tuple[int, int]
) -> None:
    start, end = worked[0], worked[0] + worked[1]
    first, last = gone[0], gone[0] + gone[1]

    def stamp(hour: int) -> str:
        shifted = DAY.toordinal() + hour // 24
        return f"{date.fromordinal(shifted).isoformat()}T{hour % 24:02d}:00:00+08:00"

    times = hours(f"{start:02d}:00:00", f"{end % 24:02d}:00:00")
    left = shifts_of(times, **away(start=stamp(first), end=stamp(last)))

    worked_hours = {h for h in range(start, end) if not first <= h < last}
    pieces = {h for a, b in left for h in range(a // HOUR, b // HOUR)}
    begun = {h for h in worked_hours if h < 24 or (h - 1) in worked_hours or h - 1 < start}
    assert pieces <= worked_hours
    assert {h for h in begun if h < 24} <= pieces


@pytest.mark.parametrize(
    "more",
    [
        {"active": False},
        {"period": {"end": "2026-03-04"}},
        {"period": {"start": "2026-03-06"}},
    ],
)
def test_who_is_not_employed_on_the_day_has_no_shift(more: dict[str, Any]) -> None:
    assert shifts_of(hours(), **more) == []


@pytest.mark.parametrize("more", [{}, {"active": True}, {"period": {"end": "2026-03"}}])
def test_who_says_nothing_about_it_is_active(more: dict[str, Any]) -> None:
    assert shifts_of(hours(), **more) == [(8 * HOUR, 17 * HOUR)]


def test_a_location_without_a_whole_position_is_no_place() -> None:
    assert read.position({"position": {"longitude": 116.3, "latitude": 39.9}}) is not None
    assert read.position({"position": {"longitude": 116.3}}) is None
    assert read.position({}) is None


# ---- Elders ----


def test_a_patient_is_an_elder_with_home_phone_and_birth() -> None:
    sent = patient("e1", 1, 2, telecom=[{"system": "email", "value": "x"},
                                        {"system": "phone", "value": "010-1"}])  # fmt: skip

    found, problems = read.elder(sent, STREET)

    assert problems == []
    assert (found.id, found.name, found.phone) == ("e1", "e1 name", "010-1")
    assert found.birth == date(1940, 5, 1)
    assert found.home.place == place(1, 2)
    assert not found.dead


def test_a_patient_of_whom_little_is_known_is_an_elder_all_the_same() -> None:
    found, _ = read.elder({"resourceType": "Patient", "id": "e1"}, None)

    assert (found.name, found.gender, found.birth, found.phone) == ("e1", "unknown", None, "")
    assert found.street is None


@pytest.mark.parametrize(
    ("sent", "dead"),
    [
        ({"deceasedBoolean": True}, True),
        ({"deceasedBoolean": False}, False),
        ({"deceasedDateTime": "2026-02"}, True),
        ({}, False),
    ],
)
def test_an_elder_is_alive_unless_the_resource_says_otherwise(
    sent: dict[str, Any], dead: bool
) -> None:
    assert read.elder(patient("e1", **sent), STREET)[0].dead == dead


def test_the_home_is_the_address_for_home_use_else_the_first() -> None:
    work, home = address(1) | {"use": "work"}, address(2)
    old = address(3) | {"use": "old"}

    assert read.home(patient("e1", address=[work, home]))[0].place == place(2)
    assert read.home(patient("e1", address=[old, work]))[0].place == place(3)


@pytest.mark.parametrize(
    ("addresses", "path"),
    [([], "Patient.address"), ([{"text": "x"}], "Patient.address[0]"),
     ([{"use": "work"}, {"use": "home", "text": "x"}], "Patient.address[1]")],
)  # fmt: skip
def test_a_home_without_position_is_a_data_problem_with_its_path(
    addresses: list[dict[str, Any]], path: str
) -> None:
    found, problems = read.home(patient("e1", address=addresses))

    assert found.place is None
    assert [(p.code, p.subject, p.path) for p in problems] == [
        ("address.position", "Patient/e1", path)
    ]


def test_a_position_that_cannot_be_is_a_data_problem_and_no_place() -> None:
    wrong = {
        "use": "home",
        "extension": [
            {
                "url": geolocation(place())["url"],
                "extension": [
                    {"url": "latitude", "valueDecimal": 399.9},
                    {"url": "longitude", "valueDecimal": 1},
                ],
            }
        ],
    }

    found, problems = read.home(patient("e1", address=[wrong]))

    assert found.place is None
    assert [p.code for p in problems] == ["address.position_value"]


def test_half_a_position_is_no_position() -> None:
    half = geolocation(place())
    half["extension"] = half["extension"][:1]

    found, problems = read.home(patient("e1", address=[{"use": "home", "extension": [half]}]))

    assert (found.place, [p.code for p in problems]) == (None, ["address.position"])


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_position_of_a_chinese_map_is_converted(datum: Any) -> None:
    true = place(3, 4)
    lon, lat = from_wgs84(true, datum)
    sent = address(3, 4, own("datum", valueCode=datum))
    sent["extension"][0]["extension"] = [
        {"url": "latitude", "valueDecimal": lat},
        {"url": "longitude", "valueDecimal": lon},
    ]

    found, problems = read.home(patient("e1", address=[sent]))

    assert problems == [] and found.place is not None
    assert found.place.lon == pytest.approx(true.lon, abs=1e-8)
    assert found.place.lat == pytest.approx(true.lat, abs=1e-8)
    assert abs(lon - true.lon) > 0.001


def test_an_unknown_datum_is_a_data_problem_and_not_taken_for_wgs84() -> None:
    sent = address(1, 1, own("datum", valueCode="mars"))

    found, problems = read.home(patient("e1", address=[sent]))

    assert (found.place, [p.code for p in problems]) == (None, ["address.position_value"])


def test_floor_lift_and_note_are_those_of_the_dwelling() -> None:
    dwelling = own(
        "dwelling",
        extension=[
            {"url": "floor", "valueInteger": 6},
            {"url": "lift", "valueBoolean": False},
            {"url": "note", "valueString": "ring twice"},
        ],
    )

    found, _ = read.home(patient("e1", address=[address(1, 1, dwelling)]))

    assert (found.floor, found.lift, found.note) == (6, False, "ring twice")


def test_without_a_dwelling_it_is_the_ground_floor_and_nothing_is_known_of_a_lift() -> None:
    found, _ = read.home(patient("e1"))

    assert (found.floor, found.lift, found.note) == (1, None, "")


def test_an_address_in_parts_is_one_line() -> None:
    parts = {"state": "北京市", "city": "北京市", "district": "海淀区", "line": ["路1号", "2室"]}

    assert read.address_text(parts) == "北京市北京市海淀区路1号2室"
    assert read.address_text({}) == ""


# ---- Values ----


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-03-05", date(2026, 3, 5), date(2026, 3, 5)),
        ("2026-03-04T16:00:00Z", date(2026, 3, 5), date(2026, 3, 5)),
        ("2026-03-04T15:59:59.999Z", date(2026, 3, 4), date(2026, 3, 4)),
        ("2026-03-05T23:00:00-02:00", date(2026, 3, 6), date(2026, 3, 6)),
    ],
)
def test_a_date_of_any_precision_has_a_first_and_a_last_day_in_shanghai(
    text: str, first: date, last: date
) -> None:
    assert (read.day(text), read.last_day(text)) == (first, last)


def test_no_date_is_no_day() -> None:
    assert (read.day(None), read.last_day(""), read.day("")) == (None, None, None)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ("Patient/7", "7"),
        ("Patient/7/_history/2", "7"),
        ("Group/7", ""),
        ("http://elsewhere/Patient/7", ""),
        ("", ""),
    ],
)
def test_only_local_references_of_the_right_type_are_followed(sent: str, found: str) -> None:
    assert read.reference({"reference": sent}, "Patient") == found


def test_a_reference_without_a_target_is_none() -> None:
    assert read.reference(None, "Patient") == ""
    assert read.reference({"display": "somebody"}, "Patient") == ""


def test_codes_are_those_of_the_system_asked_for() -> None:
    sent = {"coding": [{"system": "other", "code": "a"}, {"system": read.system("x"), "code": "b"},
                       {"system": read.system("x")}]}  # fmt: skip

    assert read.codes(sent, read.system("x")) == ["b"]
    assert read.codes([sent, sent], read.system("x")) == ["b", "b"]
    assert read.codes(None, read.system("x")) == []


def test_shifts_are_values_that_planning_accepts() -> None:
    found = read.shifts(role("r", "p", times=[hours("00:00:00", "00:00:00")]), DAY)

    assert found == (Shift(0, NIGHT),)
