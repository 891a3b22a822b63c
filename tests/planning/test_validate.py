"""What is wrong with the input of a day, found without planning it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.ids import DemandId
from carecoord.model.pins import VisitPin
from carecoord.model.staff import Licence, Qualification
from carecoord.planning import dataset
from carecoord.planning.dataset import (
    AfterData,
    Dataset,
    ElderData,
    LicenceData,
    PinData,
    Point,
    Span,
    StaffData,
    VisitData,
)
from carecoord.planning.problem import DayInput
from carecoord.planning.validate import validate
from carecoord.text.catalogue import LANGUAGES, entries, sentence
from tests import build
from tests.build import DAY, HOUR, STREET

HOME = Point(116.31, 39.99)
MORNING = (Span(8 * HOUR, 10 * HOUR),)


def visit(name: str = "v", **more: Any) -> VisitData:
    given: dict[str, Any] = {"elder": "e", "windows": MORNING, "duration": 1800, "level": "C"}
    return VisitData(name, **(given | more))


def person(name: str = "s", **more: Any) -> StaffData:
    base: dict[str, Any] = {
        "base": HOME,
        "levels": ("C",),
        "licences": (LicenceData("caregiver", None, date(2030, 1, 1)),),
        "shifts": (Span(8 * HOUR, 17 * HOUR),),
    }
    return StaffData(name, **(base | more))


def day(
    *visits: VisitData,
    staff: tuple[StaffData, ...] | None = None,
    elders: tuple[ElderData, ...] | None = None,
    pins: tuple[PinData, ...] = (),
) -> Dataset:
    return Dataset(
        street=STREET,
        day=DAY,
        visits=visits or (visit(),),
        elders=(ElderData("e", place=HOME),) if elders is None else elders,
        staff=(person(), person("t")) if staff is None else staff,
        pins=pins,
    )


def found(data: Dataset) -> list[tuple[str, str, str]]:
    return [(one.severity, one.code, one.pointer) for one in validate(data)]


def test_a_day_without_faults_has_no_findings() -> None:
    assert validate(day()) == ()


def after(visit: str, **more: Any) -> tuple[AfterData, ...]:
    return (AfterData(visit, **more),)


LATE = (Span(20 * HOUR, 21 * HOUR),)
E, W = "error", "warning"
CASES: dict[str, tuple[Dataset, tuple[str, str, str]]] = {
    "window backwards": (
        day(visit(windows=(Span(9, 8),))),
        (E, "dataset.window", "/visits/0/windows/0"),
    ),
    "window after midnight": (
        day(visit(windows=(*MORNING, Span(9, 90_000)))),
        (E, "dataset.window", "/visits/0/windows/1"),
    ),
    "no window": (day(visit(windows=())), (E, "dataset.no_window", "/visits/0/windows")),
    "no duration": (day(visit(duration=0)), (E, "dataset.duration", "/visits/0/duration")),
    "three carers": (day(visit(carers=3)), (E, "dataset.carers", "/visits/0/carers")),
    "unknown level": (day(visit(level="X")), (E, "dataset.level", "/visits/0/level")),
    "skill nobody has": (day(visit(level="N")), (E, "dataset.no_skill", "/visits/0/level")),
    "second carer missing": (
        day(visit(carers=2), staff=(person(),)),
        (E, "dataset.no_skill", "/visits/0/level"),
    ),
    "outside every shift": (
        day(visit(windows=LATE)),
        (E, "dataset.outside_shifts", "/visits/0/windows"),
    ),
    "ends after the shift": (
        day(visit(windows=(Span(17 * HOUR - 600, 18 * HOUR),))),
        (E, "dataset.outside_shifts", "/visits/0/windows"),
    ),
    "longer than every shift": (
        day(visit(duration=10 * HOUR)),
        (E, "dataset.too_long", "/visits/0/duration"),
    ),
    "unknown elder": (day(visit(elder="x")), (E, "dataset.elder", "/visits/0/elder")),
    "dead": (
        day(elders=(ElderData("e", place=HOME, dead=True),)),
        (E, "dataset.dead", "/visits/0/elder"),
    ),
    "unknown preferred": (
        day(visit(preferred=("s", "x"))),
        (W, "dataset.staff", "/visits/0/preferred/1"),
    ),
    "unlocatable": (day(elders=(ElderData("e"),)), (E, "dataset.no_place", "/elders/0/place")),
    "same id": (
        day(visit(), visit(windows=(Span(11 * HOUR, 12 * HOUR),))),
        (E, "dataset.id_twice", "/visits/1/id"),
    ),
    "same visit": (
        day(visit("v", items=("7", "5")), visit("w", items=("5", "7"))),
        (W, "dataset.same_visit", "/visits/1"),
    ),
    "wish outside": (day(visit(wish=LATE[0])), (W, "dataset.wish", "/visits/0/wish")),
    "no such gender": (day(visit(gender="male")), (W, "dataset.no_gender", "/visits/0/gender")),
    "no such language": (
        day(visit(language="wuu")),
        (W, "dataset.no_language", "/visits/0/language"),
    ),
    "empty shift": (
        day(staff=(person(), person("t"), person("u", shifts=(Span(HOUR, HOUR),)))),
        (E, "dataset.shift", "/staff/2/shifts/0"),
    ),
    "shifts overlap": (
        day(staff=(person(shifts=(Span(8 * HOUR, 12 * HOUR), Span(11 * HOUR, 15 * HOUR))),)),
        (E, "dataset.shifts_overlap", "/staff/0/shifts/1"),
    ),
    "unknown mode": (day(staff=(person(mode="car"),)), (E, "dataset.mode", "/staff/0/mode")),
    "unknown staff level": (
        day(staff=(person(levels=("C", "Z")),)),
        (E, "dataset.staff_level", "/staff/0/levels/1"),
    ),
    "without shift": (
        day(staff=(person(), person("t", shifts=()))),
        (W, "dataset.no_shift", "/staff/1/shifts"),
    ),
    "without base": (
        day(staff=(person(), person("t", base=None))),
        (E, "dataset.no_base", "/staff/1/base"),
    ),
    "never licensed": (
        day(staff=(person(), person("t", levels=(), licences=()))),
        (E, "dataset.no_licence", "/staff/1/licences"),
    ),
    "licence ended": (
        day(
            staff=(
                person(),
                person("t", levels=(), licences=(LicenceData("nurse", None, date(2026, 3, 4)),)),
            )
        ),
        (E, "dataset.licence_ended", "/staff/1/licences"),
    ),
    "licence ends soon": (
        day(staff=(person(licences=(LicenceData("caregiver", None, DAY),)),)),
        (W, "dataset.licence_ends", "/staff/0/licences/0"),
    ),
    "after nothing": (
        day(visit(after=after("x"))),
        (E, "dataset.link_visit", "/visits/0/after/0/visit"),
    ),
    "gap backwards": (
        day(visit("v"), visit("w", after=after("v", min_gap=9, max_gap=8))),
        (E, "dataset.link_gap", "/visits/1/after/0/max_gap"),
    ),
    "order against the windows": (
        day(visit("v"), visit("w", after=after("v", min_gap=2 * HOUR))),
        (E, "dataset.link", "/visits/1/after/0"),
    ),
    "same carers of another number": (
        day(visit("v"), visit("w", carers=2, after=after("v", carers="same"))),
        (E, "dataset.link_carers", "/visits/1/after/0/carers"),
    ),
    "circle": (
        day(visit("v", after=after("w")), visit("w", after=after("v"))),
        (E, "dataset.link_circle", "/visits/0/after"),
    ),
    "pin of nothing": (day(pins=(PinData("x"),)), (E, "dataset.pin_visit", "/pins/0/visit")),
    "pin to nobody": (
        day(pins=(PinData("v", ("x",)),)),
        (E, "dataset.pin_staff", "/pins/0/staff/0"),
    ),
    "pin to two": (
        day(pins=(PinData("v", ("s", "t")),)),
        (E, "dataset.pin_carers", "/pins/0/staff"),
    ),
    "pin after nothing": (
        day(pins=(PinData("v", after="x"),)),
        (E, "dataset.pin_after", "/pins/0/after"),
    ),
    "pin twice": (
        day(pins=(PinData("v", ("s",)), PinData("v", ("s",)))),
        (E, "dataset.pin_twice", "/pins/1"),
    ),
    "pin off the window": (
        day(pins=(PinData("v", (), 12 * HOUR),)),
        (W, "dataset.pin_start", "/pins/0/start"),
    ),
    "pin to somebody off": (
        day(
            staff=(person(), person("t", shifts=())),
            pins=(PinData("v", ("t",)),),
        ),
        (E, "dataset.pin_absent", "/pins/0/staff/0"),
    ),
    "pin to somebody without the skill": (
        day(staff=(person(), person("t", levels=("D",))), pins=(PinData("v", ("t",)),)),
        (W, "dataset.pin_skill", "/pins/0/staff/0"),
    ),
    "pin outside the shift": (
        day(pins=(PinData("v", ("s",), 17 * HOUR),)),
        (E, "dataset.pin_shift", "/pins/0/staff/0"),
    ),
    "pins clash": (
        day(
            visit("v"),
            visit("w"),
            pins=(PinData("v", ("s",), 8 * HOUR), PinData("w", ("s",), 8 * HOUR + 1799)),
        ),
        (E, "dataset.pins_clash", "/pins/1/start"),
    ),
    "nobody at work": (
        day(staff=(person(shifts=()),)),
        (E, "dataset.nobody_at_work", "/visits/0/level"),
    ),
    "too much for the level": (
        day(
            *(visit(f"v{k}", level="N", duration=5 * HOUR) for k in range(2)),
            staff=(person(levels=("N", "C+", "C")),),
        ),
        (W, "dataset.too_much", "/staff"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_found_at_its_place(name: str) -> None:
    data, wanted = CASES[name]

    assert wanted in found(data)


@pytest.mark.parametrize("name", CASES)
def test_each_fault_is_said_with_what_would_be_right_in_both_languages(name: str) -> None:
    data, _ = CASES[name]
    for one in validate(data):
        for language in LANGUAGES:
            for said in (one.code, one.right):
                assert said in entries(language)
                assert "{" not in sentence(said, one.facts, language)


def test_pins_at_touching_times_do_not_clash() -> None:
    pins = (PinData("v", ("s",), 8 * HOUR), PinData("w", ("s",), 8 * HOUR + 1800))

    assert validate(day(visit("v"), visit("w"), pins=pins)) == ()


def test_a_licence_that_is_renewed_without_a_gap_is_no_warning() -> None:
    ending = LicenceData("caregiver", None, DAY + timedelta(days=3))
    renewed = LicenceData("nurse", DAY + timedelta(days=4), None)
    too_late = replace(renewed, start=DAY + timedelta(days=5))

    assert validate(day(staff=(person(licences=(ending, renewed)),))) == ()
    assert found(day(staff=(person(licences=(ending, too_late)),))) != []


def test_errors_come_before_warnings() -> None:
    severities = [one for one, _, _ in found(day(visit(gender="male"), visit("w", elder="x")))]

    assert severities == ["error", "warning"]


def test_a_held_visit_is_not_asked_who_could_make_it() -> None:
    assert validate(day(visit(windows=LATE, held="unserved.hospital"))) == ()


def test_the_stored_input_of_a_sound_day_is_sound_and_keeps_its_visits() -> None:
    given = DayInput(
        demands=(build.demand("v2"), build.demand("v1")),
        elders={build.elder().id: build.elder(at=build.place())},
        staff=(build.staff(),),
        pins=(VisitPin(DemandId("v1"), (build.staff().id,), 8 * HOUR),),
    )
    licences = {build.staff().id: (Qualification(Licence.CAREGIVER),)}

    data = dataset.of(STREET, DAY, given, licences)

    assert [one.id for one in data.visits] == ["v1", "v2"]
    assert data.pins == (PinData("v1", ("c1",), 8 * HOUR),)
    assert [one.severity for one in validate(data)] == ["warning"]
    kept = {one.id: one for one in dataset.demands(data)}
    assert {id_: kept[id_].windows for id_ in kept} == {
        one.id: one.windows for one in given.demands
    }
    assert all(replace(kept[one.id]) == one for one in given.demands)


times = st.integers(-10, 100_000)
spans = st.builds(Span, times, times)
names = st.sampled_from(["a", "b", "c"])


@given(
    st.lists(
        st.builds(
            VisitData,
            id=names,
            elder=names,
            windows=st.lists(spans, max_size=2).map(tuple),
            duration=times,
            level=st.sampled_from(["C", "N", "?"]),
            carers=st.integers(-1, 3),
            wish=st.none() | spans,
            after=st.lists(
                st.builds(AfterData, names, st.integers(0, 9999), st.none() | times), max_size=2
            ).map(tuple),
        ),
        max_size=4,
    ),
    st.lists(
        st.builds(
            StaffData,
            id=names,
            levels=st.lists(st.sampled_from(["C", "N", "?"]), max_size=2).map(tuple),
            shifts=st.lists(spans, max_size=2).map(tuple),
            base=st.none() | st.just(HOME),
        ),
        max_size=3,
    ),
    st.lists(
        st.builds(
            PinData,
            names,
            st.lists(names, max_size=2).map(tuple),
            st.none() | times,
        ),
        max_size=3,
    ),
)
def test_no_dataset_fails_and_every_pointer_leads_somewhere(
    visits: list[VisitData], staff: list[StaffData], pins: list[PinData]
) -> None:
    data = day(*visits, staff=tuple(staff), pins=tuple(pins))
    for one in validate(data):
        at: Any = data
        for part in one.pointer.split("/")[1:]:
            at = at[int(part)] if part.isdigit() else getattr(at, part)
        assert one.facts
