"""Which tasks does a CarePlan ask for, and how often?"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, TypeVar

from carecoord.errors import Invalid
from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.fhir.timing import UnreadableError, recurrence
from carecoord.model.catalogue import Catalogue
from carecoord.model.ids import ElderId, PlanId
from carecoord.model.plans import DayTimes, FamilyCare, Follow, Plan, Recurrence, Task, Window
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Level
from carecoord.model.time import DAY

OPEN = ("not-started", "scheduled", "in-progress")
"""CarePlan.activity.detail.status of tasks that are to be done."""

_CARERS: dict[str, Literal["any", "same", "different"]] = {
    "any": "any",
    "same": "same",
    "different": "different",
}
_HOW: dict[str, Literal["order", "joint", "one-visit"]] = {
    "order": "order",
    "joint": "joint",
    "one-visit": "one-visit",
}
_Read = TypeVar("_Read")

INTEGRATED, PROGRAMME = "integrated", "programme"
"""CarePlan.category: the one plan that is signed and expanded; a part that answers for a payer."""


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
        except UnreadableError as found:
            problems.append(DataProblem(found.code, subject, path + found.path, dict(found.facts)))
        except Invalid as error:
            problems.append(DataProblem(error.code, subject, path, dict(error.facts)))
    return (
        Plan(
            id=PlanId(care_plan["id"]),
            version=int(care_plan.get("meta", {}).get("versionId", 0) or 0),
            elder=ElderId(read.reference(care_plan.get("subject"), "Patient")),
            tasks=tuple(tasks),
            follows=tuple(_read_all(care_plan, "visit-order", _follow, problems)),
            family=tuple(_read_all(care_plan, "family-care", _family, problems)),
        ),
        problems,
    )


def _read_all(
    care_plan: Json, name: str, of: Callable[[Json], _Read], problems: list[DataProblem]
) -> Iterator[_Read]:
    """What the extensions of one kind on a plan say; a wrong one is a data problem."""
    for one in read.extensions(care_plan, read.extension_url(name)):
        try:
            yield of(one)
        except Invalid as error:
            subject = f"CarePlan/{care_plan['id']}"
            facts = dict(error.facts)
            problems.append(DataProblem(error.code, subject, "CarePlan.extension", facts))


def _follow(one: Json) -> Follow:
    values = read.parts(one)
    longest = values.get("max-gap")
    carers, how = str(values.get("carers") or "any"), str(values.get("how") or "order")
    if carers not in _CARERS or how not in _HOW:
        raise Invalid("plan.follow_kind", how=how, carers=carers)
    return Follow(
        first=str(values.get("first") or ""),
        second=str(values.get("second") or ""),
        min_gap=60 * int(values.get("min-gap") or 0),
        max_gap=None if longest is None else 60 * int(longest),
        carers=_CARERS[carers],
        how=_HOW[how],
        reason=str(values.get("reason") or ""),
    )


def _family(one: Json) -> FamilyCare:
    parts = one.get("extension", ())
    carer = next((p.get("valueReference") for p in parts if p.get("url") == "carer"), None)
    return FamilyCare(
        who=read.reference(carer, "RelatedPerson"),
        minutes=int(read.parts(one).get("minutes-per-week") or 0),
        items=tuple(p["valueCode"] for p in parts if p.get("url") == "item"),
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
        raise UnreadableError("plan.activity.no_timing", ".scheduledTiming.repeat")
    level = read.extension_value(detail, "performer-level") or (item and item.performer)
    if not level:
        raise UnreadableError(
            "plan.activity.no_level", ".code", item=numbers[0] if numbers else "-"
        )
    if level not in set(Level):
        raise UnreadableError("plan.activity.level", ".extension", level=str(level))
    minutes = _minutes(repeat) or (item.minutes if item else 0)
    if not minutes:
        raise UnreadableError("plan.activity.no_minutes", ".scheduledTiming.repeat.duration")
    occasions = _occasions(detail, repeat, times)
    return Task(
        item=numbers[0] if numbers else "",
        label=_label(detail),
        group=str(read.extension_value(detail, "visit-group") or f"activity-{index}"),
        level=Level(level),
        minutes=minutes,
        recurrence=_recurrence(detail, care_plan),
        occasions=occasions,
        carers=int(read.extension_value(detail, "carers") or 1),
        programme=str(read.extension_value(detail, "programme") or ""),
        preferred=_preferred(detail, practitioners),
        order_needed=bool(item and item.order_needed),
        visit_minutes=int(read.extension_value(detail, "visit-minutes") or 0),
        wishes=_wishes(detail, repeat, times, len(occasions)),
        gender=str(read.extension_value(detail, "performer-gender") or ""),
        language=str(read.extension_value(detail, "performer-language") or ""),
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
        raise UnreadableError(
            "plan.activity.duration_unit",
            ".scheduledTiming.repeat.durationUnit",
            unit=str(repeat["durationUnit"]),
        )
    return max(1, round(float(repeat["duration"]) * unit))


def _recurrence(detail: Json, care_plan: Json) -> Recurrence:
    try:
        return recurrence(detail["scheduledTiming"], care_plan.get("period", {}))
    except UnreadableError as error:
        error.path = f".scheduledTiming{error.path}"
        raise


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
            raise UnreadableError(
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
    """Bounds on the start; those of a night reach past midnight of the service day."""
    if not values.get("start") or not values.get("end"):
        raise UnreadableError("plan.activity.window", ".extension", item=_label(detail))
    start, end = read.seconds(values["start"]), read.seconds(values["end"])
    if values.get("after-midnight"):
        return start + DAY, end + DAY
    # Half a day at most: a window that would be longer is two times in the wrong order.
    return start, end + DAY if end < start and end + DAY - start <= DAY // 2 else end


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
    """Whether the plan asks for visits on a day: active, an actual plan, and within its period.

    The part of one programme asks for none: its tasks stand in the plan it is part of.
    """
    period = care_plan.get("period", {})
    start, end = read.day(period.get("start")), read.last_day(period.get("end"))
    return (
        care_plan.get("status") == "active"
        and PROGRAMME not in read.codes(care_plan.get("category"), read.system("plan-category"))
        and care_plan.get("intent") in ("plan", "order")
        and (start is None or start <= on)
        and (end is None or on <= end)
    )
