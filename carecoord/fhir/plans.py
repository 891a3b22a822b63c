"""Which tasks does a CarePlan ask for, and how often?"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from carecoord.errors import Fact, Invalid
from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.model.catalogue import Catalogue
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import DayTimes, Plan, Recurrence, Task, Window
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Level

OPEN = ("not-started", "scheduled", "in-progress")
"""CarePlan.activity.detail.status of tasks that are to be done."""

_DAYS: dict[str, int] = {"d": 1, "wk": 7}


class _Unreadable(Exception):
    def __init__(self, code: str, path: str, **facts: Fact) -> None:
        self.code, self.path, self.facts = code, path, facts


def plan(
    care_plan: Json, catalogue: Catalogue, times: DayTimes, practitioners: Mapping[str, str]
) -> tuple[Plan, list[DataProblem]]:
    """The open tasks of a CarePlan.

    Parameters
    ----------
    practitioners
        Practitioner id → PractitionerRole id, because plans name either.

    Returns
    -------
    tuple
        The plan, and a data problem for each activity that cannot be planned as it stands.
    """
    tasks: list[Task] = []
    problems: list[DataProblem] = []
    subject = f"CarePlan/{care_plan['id']}"
    for index, activity in enumerate(care_plan.get("activity", ())):
        path = f"CarePlan.activity[{index}].detail"
        detail = activity.get("detail")
        if detail is None:
            problems.append(DataProblem("plan.activity.no_detail", subject, path))
            continue
        if detail.get("status") not in OPEN or detail.get("doNotPerform") is True:
            continue
        try:
            tasks.append(_task(detail, index, care_plan, catalogue, times, practitioners))
        except _Unreadable as found:
            problems.append(DataProblem(found.code, subject, path + found.path, dict(found.facts)))
        except Invalid as error:
            problems.append(DataProblem(error.code, subject, path, dict(error.facts)))
    return (
        Plan(
            id=PlanId(care_plan["id"]),
            version=int(care_plan.get("meta", {}).get("versionId", 0) or 0),
            elder=ElderId(read.reference(care_plan.get("subject"), "Patient")),
            tasks=tuple(tasks),
        ),
        problems,
    )


def _task(
    detail: Json,
    index: int,
    care_plan: Json,
    catalogue: Catalogue,
    times: DayTimes,
    practitioners: Mapping[str, str],
) -> Task:
    numbers = read.codes(detail.get("code"), read.system("service-item"))
    item = catalogue.item(numbers[0]) if numbers and numbers[0] in catalogue else None
    repeat = detail.get("scheduledTiming", {}).get("repeat")
    if not repeat:
        raise _Unreadable("plan.activity.no_timing", ".scheduledTiming.repeat")
    level = read.extension_value(detail, "performer-level") or (item and item.performer)
    if not level:
        raise _Unreadable("plan.activity.no_level", ".code", item=numbers[0] if numbers else "-")
    if level not in set(Level):
        raise _Unreadable("plan.activity.level", ".extension", level=str(level))
    minutes = _minutes(repeat) or (item.minutes if item else 0)
    if not minutes:
        raise _Unreadable("plan.activity.no_minutes", ".scheduledTiming.repeat.duration")
    occasions = _occasions(detail, repeat, times)
    return Task(
        item=numbers[0] if numbers else "",
        label=_label(detail),
        group=str(read.extension_value(detail, "visit-group") or f"activity-{index}"),
        level=Level(level),
        minutes=minutes,
        recurrence=_recurrence(repeat, care_plan.get("period", {})),
        occasions=occasions,
        carers=int(read.extension_value(detail, "carers") or 1),
        programme=str(read.extension_value(detail, "programme") or ""),
        preferred=_preferred(detail, practitioners),
        order_needed=bool(item and item.order_needed),
        visit_minutes=int(read.extension_value(detail, "visit-minutes") or 0),
        wishes=_wishes(detail, repeat, times, len(occasions)),
        gender=str(read.extension_value(detail, "performer-gender") or ""),
        priority=int(read.extension_value(detail, "visit-priority") or 5),
    )


def _label(detail: Json) -> str:
    code = detail.get("code", {})
    shown = (coding.get("display") for coding in code.get("coding", ()))
    return str(code.get("text") or next(filter(None, shown), "") or detail.get("description", ""))


def _minutes(repeat: Json) -> int:
    if "duration" not in repeat:
        return 0
    unit = {"s": 1 / 60, "min": 1, "h": 60}.get(repeat.get("durationUnit", "min"))
    if unit is None:
        raise _Unreadable(
            "plan.activity.duration_unit",
            ".scheduledTiming.repeat.durationUnit",
            unit=str(repeat["durationUnit"]),
        )
    return max(1, round(float(repeat["duration"]) * unit))


def _recurrence(repeat: Json, plan_period: Json) -> Recurrence:
    unit = repeat.get("periodUnit", "d")
    length = float(repeat.get("period", 1)) * _DAYS.get(unit, 0)
    if unit not in _DAYS or length != int(length) or length < 1:
        raise _Unreadable(
            "plan.activity.period",
            ".scheduledTiming.repeat.period",
            period=str(repeat.get("period", 1)),
            unit=str(unit),
        )
    bounds = repeat.get("boundsPeriod", {})
    starts = [d for d in (read.day(p.get("start")) for p in (bounds, plan_period)) if d]
    ends = [d for d in (read.last_day(p.get("end")) for p in (bounds, plan_period)) if d]
    weekdays = tuple(sorted(read.WEEKDAYS.index(d) for d in repeat.get("dayOfWeek", ())))
    return Recurrence(
        frequency=int(repeat.get("frequency", 1)),
        period=int(length),
        weekdays=weekdays,
        first=max(starts) if starts else None,
        last=min(ends) if ends else None,
    )


def _occasions(detail: Json, repeat: Json, times: DayTimes) -> tuple[tuple[Window, ...], ...]:
    given = tuple(
        _window(read.parts(e), detail)
        for e in read.extensions(detail, read.extension_url("visit-window"))
    )
    if given:
        return (given,)
    if clock := repeat.get("timeOfDay"):
        return tuple((_around(read.seconds(at), times.tolerance),) for at in sorted(clock))
    if named := repeat.get("when"):
        unknown = [code for code in named if code not in times.when]
        if unknown:
            raise _Unreadable(
                "plan.activity.when",
                ".scheduledTiming.repeat.when",
                when=unknown[0],
                known=", ".join(times.when),
            )
        return tuple((w,) for w in sorted(times.when[code] for code in named))
    return _spread(repeat, times)


def _wishes(detail: Json, repeat: Json, times: DayTimes, occasions: int) -> tuple[Window, ...]:
    """A time of day beside hard windows is a wish."""
    hard = any(read.extensions(detail, read.extension_url("visit-window")))
    clock = sorted(repeat.get("timeOfDay", ()))
    if not hard or len(clock) != occasions:
        return ()
    return tuple(_around(read.seconds(at), times.tolerance) for at in clock)


def _spread(repeat: Json, times: DayTimes) -> tuple[tuple[Window, ...], ...]:
    """Any time of day; several times a day share the day evenly."""
    daily = repeat.get("periodUnit", "d") == "d" and float(repeat.get("period", 1)) == 1
    count = int(repeat.get("frequency", 1)) if daily else 1
    start, end = times.day
    step = (end - start) // count
    return tuple(((start + k * step, start + (k + 1) * step),) for k in range(count))


def _window(values: dict[str, Any], detail: Json) -> Window:
    if not values.get("start") or not values.get("end"):
        raise _Unreadable("plan.activity.window", ".extension", item=_label(detail))
    return read.seconds(values["start"]), read.seconds(values["end"])


def _around(at: int, tolerance: int) -> Window:
    return max(0, at - tolerance), min(86_399, at + tolerance)


def _preferred(detail: Json, practitioners: Mapping[str, str]) -> tuple[str, ...]:
    found = []
    for performer in detail.get("performer", ()):
        if role := read.reference(performer, "PractitionerRole"):
            found.append(role)
        elif (person := read.reference(performer, "Practitioner")) in practitioners:
            found.append(practitioners[person])
    return tuple(found)


def in_force(care_plan: Json, on: date) -> bool:
    """Whether the plan asks for visits on a day: active, an actual plan, and within its period."""
    period = care_plan.get("period", {})
    start, end = read.day(period.get("start")), read.last_day(period.get("end"))
    return (
        care_plan.get("status") == "active"
        and care_plan.get("intent") in ("plan", "order")
        and (start is None or start <= on)
        and (end is None or on <= end)
    )
