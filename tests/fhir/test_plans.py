"""The integrated plan as docs/fhir-mapping.md describes it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.fhir.plans import in_force, plan
from carecoord.model.plans import DayTimes, Plan, Task
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Level
from tests.build import HOUR, TIMES, care_plan, concept, detail, own, ref, rules, window

CATALOGUE = rules().catalogue()
Json = dict[str, Any]
DAILY: Json = {"frequency": 1, "period": 1, "periodUnit": "d"}


def read(*details: Json, times: DayTimes = TIMES, **more: Any) -> tuple[Plan, list[DataProblem]]:
    return plan(care_plan("p", "e1", *details, **more), CATALOGUE, times, {"pn": "n1"})


def task(*extensions: Json, repeat: Json | None = None, **more: Any) -> Task:
    found, problems = read(detail("7", *extensions, repeat=repeat, **more))
    assert problems == []
    return found.tasks[0]


def problem(one: Json) -> tuple[str, str]:
    found, problems = read(one)
    assert found.tasks == ()
    return problems[0].code, problems[0].path


def test_a_plan_is_that_of_its_subject_at_its_version() -> None:
    found, _ = read(detail(), meta={"versionId": "7"})

    assert (found.id, found.elder, found.version) == ("p", "e1", 7)


def test_the_item_gives_level_minutes_and_whether_an_order_is_needed() -> None:
    found, _ = read(detail("7"), detail("37"))
    care, dressing = found.tasks

    assert (care.level, care.minutes) == (
        CATALOGUE.item("7").performer,
        CATALOGUE.item("7").minutes,
    )
    assert dressing.level is Level.NURSE
    assert (care.order_needed, dressing.order_needed) == (False, True)


def test_an_item_outside_the_catalogue_is_a_data_problem() -> None:
    assert problem(detail("9999")) == (
        "plan.activity.no_level",
        "CarePlan.activity[0].detail.code",
    )


def test_an_item_outside_the_catalogue_is_planned_when_level_and_duration_are_given() -> None:
    odd = detail(
        "9999",
        own("performer-level", valueCode="C"),
        repeat=DAILY | {"duration": 20, "durationUnit": "min"},
    )

    found, problems = read(odd)

    assert problems == []
    assert (found.tasks[0].level, found.tasks[0].minutes) == (Level.CAREGIVER, 20)


def test_a_level_without_a_duration_is_not_enough() -> None:
    assert problem(detail("9999", own("performer-level", valueCode="C")))[0] == (
        "plan.activity.no_minutes"
    )


def test_a_level_that_does_not_exist_is_a_data_problem() -> None:
    assert problem(detail("7", own("performer-level", valueCode="X")))[0] == "plan.activity.level"


def test_the_stated_level_wins_over_the_catalogues() -> None:
    assert task(own("performer-level", valueCode="N")).level is Level.NURSE


@pytest.mark.parametrize("status", ["not-started", "scheduled", "in-progress"])
def test_open_activities_are_tasks(status: str) -> None:
    assert len(read(detail(status=status))[0].tasks) == 1


@pytest.mark.parametrize("status", ["completed", "cancelled", "stopped", "on-hold", "unknown"])
def test_activities_that_are_not_open_are_neither_tasks_nor_problems(status: str) -> None:
    found, problems = read(detail(status=status))

    assert (found.tasks, problems) == ((), [])


def test_what_must_not_be_done_is_no_task() -> None:
    assert read(detail(doNotPerform=True))[0].tasks == ()


def test_an_activity_by_reference_only_is_a_data_problem() -> None:
    sent = care_plan("p", "e1", activity=[{"reference": ref("ServiceRequest", "1")}])

    _, problems = plan(sent, CATALOGUE, TIMES, {})

    assert [(p.code, p.path) for p in problems] == [
        ("plan.activity.no_detail", "CarePlan.activity[0].detail")
    ]


@pytest.mark.parametrize("timing", [{}, {"scheduledString": "often"}])
def test_a_task_without_recurrence_is_a_data_problem(timing: Json) -> None:
    assert problem(detail(repeat={}, **timing)) == (
        "plan.activity.no_timing",
        "CarePlan.activity[0].detail.scheduledTiming.repeat",
    )


def test_one_faulty_activity_leaves_the_others_planned() -> None:
    found, problems = read(detail(), detail("9999"), detail("10"))

    assert [t.item for t in found.tasks] == ["7", "10"]
    assert [p.path for p in problems] == ["CarePlan.activity[1].detail.code"]


@pytest.mark.parametrize(
    ("repeat", "frequency", "period"),
    [
        ({"frequency": 3, "period": 1, "periodUnit": "wk"}, 3, 7),
        ({"frequency": 1, "period": 2, "periodUnit": "wk"}, 1, 14),
        ({"frequency": 1, "period": 30, "periodUnit": "d"}, 1, 30),
        ({"period": 1, "periodUnit": "d"}, 1, 1),
        ({"frequency": 1}, 1, 1),
    ],
)
def test_frequency_and_period_are_read_in_days(repeat: Json, frequency: int, period: int) -> None:
    found = task(repeat=repeat).recurrence

    assert (found.frequency, found.period) == (frequency, period)


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 1, "period": 1, "periodUnit": "mo"},
        {"frequency": 1, "period": 6, "periodUnit": "h"},
        {"frequency": 1, "period": 1.5, "periodUnit": "d"},
        {"frequency": 1, "period": 0, "periodUnit": "d"},
    ],
)
def test_a_period_that_is_no_whole_number_of_days_is_a_data_problem(repeat: Json) -> None:
    assert problem(detail(repeat=repeat)) == (
        "plan.activity.period",
        "CarePlan.activity[0].detail.scheduledTiming.repeat.period",
    )


def test_weekdays_are_those_given() -> None:
    assert task(repeat=DAILY | {"dayOfWeek": ["fri", "mon"]}).recurrence.weekdays == (0, 4)


@pytest.mark.parametrize(
    ("bounds", "period", "first", "last"),
    [
        ({"start": "2026-02-01", "end": "2026-03-31"}, {}, date(2026, 2, 1), date(2026, 3, 31)),
        ({}, {"start": "2026-01-15"}, date(2026, 1, 15), None),
        ({"start": "2026-02-01"}, {"start": "2026-03-01", "end": "2026-04"},
         date(2026, 3, 1), date(2026, 4, 30)),
        ({"end": "2026-05-01"}, {"start": "2026-01-01", "end": "2026-03-01"},
         date(2026, 1, 1), date(2026, 3, 1)),
    ],
)  # fmt: skip
def test_a_task_applies_within_its_own_bounds_and_those_of_the_plan(
    bounds: Json, period: Json, first: date | None, last: date | None
) -> None:
    one = detail(repeat=DAILY | ({"boundsPeriod": bounds} if bounds else {}))
    found = read(one, period=period)[0].tasks[0].recurrence

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [
        ({"duration": 45, "durationUnit": "min"}, 45),
        ({"duration": 1.5, "durationUnit": "h"}, 90),
        ({"duration": 40}, 40),
        ({"duration": 20, "durationUnit": "s"}, 1),
    ],
)
def test_minutes_are_those_of_the_timing(duration: Json, minutes: int) -> None:
    assert task(repeat=DAILY | duration).minutes == minutes


def test_a_duration_in_days_is_a_data_problem() -> None:
    assert problem(detail(repeat=DAILY | {"duration": 1, "durationUnit": "d"})) == (
        "plan.activity.duration_unit",
        "CarePlan.activity[0].detail.scheduledTiming.repeat.durationUnit",
    )


def test_tasks_of_one_visit_group_share_it_and_others_have_their_own() -> None:
    grouped = own("visit-group", valueString="morning")

    found, _ = read(detail("7", grouped), detail("10", grouped), detail("15"), detail("9"))

    groups = [t.group for t in found.tasks]
    assert groups[0] == groups[1] == "morning"
    assert len(set(groups)) == 3


def test_hard_windows_may_be_several_and_hold_for_one_visit() -> None:
    found = task(window("08:00:00", "09:00:00"), window("14:00:00", "15:30:00"))

    assert found.occasions == (((8 * HOUR, 9 * HOUR), (14 * HOUR, 15 * HOUR + 1800)),)
    assert found.wishes == ()


@pytest.mark.parametrize("missing", ["start", "end"])
def test_half_a_window_is_a_data_problem(missing: str) -> None:
    half = window("08:00:00", "09:00:00")
    half["extension"] = [p for p in half["extension"] if p["url"] != missing]

    assert problem(detail("7", half))[0] == "plan.activity.window"


def test_a_window_that_ends_before_it_begins_is_a_data_problem() -> None:
    assert problem(detail("7", window("10:00:00", "09:00:00")))[0] == "plan.window"


def test_times_of_day_are_windows_with_the_packs_tolerance_one_visit_each() -> None:
    found = task(repeat=DAILY | {"timeOfDay": ["17:00:00", "08:00:00"]})

    assert found.occasions == (
        ((8 * HOUR - 1800, 8 * HOUR + 1800),),
        ((17 * HOUR - 1800, 17 * HOUR + 1800),),
    )


def test_a_time_of_day_beside_hard_windows_is_a_wish() -> None:
    found = task(window("08:00:00", "11:00:00"), repeat=DAILY | {"timeOfDay": ["09:00:00"]})

    assert found.occasions == (((8 * HOUR, 11 * HOUR),),)
    assert found.wishes == ((9 * HOUR - 1800, 9 * HOUR + 1800),)


def test_a_time_of_day_near_midnight_stays_inside_the_day() -> None:
    found = task(repeat=DAILY | {"timeOfDay": ["00:10:00", "23:50:00"]})

    assert found.occasions[0][0][0] == 0
    assert found.occasions[1][0][1] == 24 * HOUR - 1


@pytest.mark.parametrize("code", ["MORN", "NOON", "AFT", "EVE", "NIGHT"])
def test_a_part_of_the_day_is_the_packs_window(code: str) -> None:
    assert task(repeat=DAILY | {"when": [code]}).occasions == ((TIMES.when[code],),)


def test_two_parts_of_the_day_are_two_visits() -> None:
    found = task(repeat=DAILY | {"when": ["EVE", "MORN"]})

    assert found.occasions == ((TIMES.when["MORN"],), (TIMES.when["EVE"],))


def test_a_part_of_the_day_that_planning_does_not_know_is_a_data_problem() -> None:
    assert problem(detail(repeat=DAILY | {"when": ["ACM"]})) == (
        "plan.activity.when",
        "CarePlan.activity[0].detail.scheduledTiming.repeat.when",
    )


def test_a_task_without_any_time_may_be_done_at_any_time_of_the_day() -> None:
    assert task().occasions == ((TIMES.day,),)


def test_three_times_a_day_share_the_day() -> None:
    found = task(repeat={"frequency": 3, "period": 1, "periodUnit": "d"})
    (first,), (second,), (third,) = found.occasions

    assert first[0] == TIMES.day[0] and third[1] <= TIMES.day[1]
    assert first[1] <= second[0] and second[1] <= third[0]


def test_facts_that_are_absent_have_the_defaults_of_the_page() -> None:
    found = task()

    assert (found.visit_minutes, found.priority, found.carers) == (0, 5, 1)
    assert (found.programme, found.gender, found.preferred) == ("", "", ())


def test_facts_of_a_visit_are_those_of_the_extensions() -> None:
    found = task(
        own("visit-minutes", valuePositiveInt=60),
        own("visit-priority", valuePositiveInt=8),
        own("carers", valuePositiveInt=2),
        own("programme", valueCode="ltci"),
        own("performer-gender", valueCode="female"),
    )

    assert (found.visit_minutes, found.priority, found.carers) == (60, 8, 2)
    assert (found.programme, found.gender) == ("ltci", "female")


def test_three_people_at_once_are_a_data_problem() -> None:
    assert problem(detail("7", own("carers", valuePositiveInt=3)))[0] == "plan.carers"


def test_a_preferred_carer_may_be_named_as_a_person_or_as_a_role() -> None:
    named = [ref("PractitionerRole", "c1"), ref("Practitioner", "pn"), ref("Practitioner", "gone")]

    assert task(performer=named).preferred == ("c1", "n1")


def test_the_label_is_what_people_wrote() -> None:
    code = detail()["code"]

    assert task(code=code | {"text": "早餐"}).label == "早餐"
    assert task(description="breakfast").label == "breakfast"


@pytest.mark.parametrize(
    ("more", "on"),
    [
        ({}, True),
        ({"status": "draft"}, False),
        ({"status": "revoked"}, False),
        ({"intent": "proposal"}, False),
        ({"period": {"start": "2026-03-05", "end": "2026-03-05"}}, True),
        ({"period": {"end": "2026-03-04"}}, False),
        ({"period": {"start": "2026-03-06"}}, False),
        ({"period": {"end": "2026-03"}}, True),
    ],
)
def test_a_plan_asks_for_visits_while_it_is_active_and_within_its_period(
    more: Json, on: bool
) -> None:
    assert in_force(care_plan("p", "e1", detail()) | more, date(2026, 3, 5)) == on


def test_the_fact_that_explains_a_problem_is_given() -> None:
    _, problems = read(detail("9999"))

    assert problems[0].facts == {"item": "9999"}
    assert problems[0].subject == "CarePlan/p"


@given(
    st.dictionaries(
        st.sampled_from(["frequency", "period", "duration"]),
        st.sampled_from([1, 2, 3.5, 7, 1000]),
    ),
    st.sampled_from(["d", "wk", "mo", "h", "s"]),
    st.lists(st.sampled_from(["MORN", "EVE", "HS", "C"]), max_size=2),
    st.sampled_from(["7", "101", "nonsense"]),
)
def test_whatever_the_timing_a_task_is_read_or_listed_as_a_problem(
    numbers: Json, unit: str, when: list[str], item: str
) -> None:
    repeat = numbers | {"periodUnit": unit} | ({"when": when} if when else {})

    found, problems = read(detail(item, repeat=repeat))

    assert len(found.tasks) + len(problems) == 1


def test_a_concept_of_another_system_is_no_item() -> None:
    sent = detail(code=concept("bed-kind", "7"))

    assert problem(sent)[0] == "plan.activity.no_level"
