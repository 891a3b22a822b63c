"""A recurrence as FHIR Timing, and back.

`frequency`, `period` in days or weeks, `dayOfWeek` and `boundsPeriod` say what FHIR has words for;
spacing, holidays, make-up workdays and the anchor stand in extensions of the Timing.
"""

from collections.abc import Sequence
from datetime import date

from carecoord.errors import Fact, Invalid
from carecoord.fhir import read
from carecoord.fhir.read import Json, extension_url
from carecoord.model.plans import Holidays, Recurrence

_DAYS: dict[str, int] = {"d": 1, "wk": 7}
_UNREAD = (
    "count",
    "countMax",
    "frequencyMax",
    "periodMax",
    "boundsDuration",
    "boundsRange",
    "offset",
)
"""Parts of `repeat` that would change which visits are due; a task with one is not planned."""

_HOLIDAYS: dict[str, Holidays] = {
    "keep": "keep",
    "skip": "skip",
    "next-working-day": "next-working-day",
}


class UnreadableError(Exception):
    """A Timing that cannot be planned; `path` starts at the Timing's own element."""

    def __init__(self, code: str, path: str, **facts: Fact) -> None:
        super().__init__(f"{code} {path} {facts}")
        self.code, self.path, self.facts = code, path, facts


def recurrence(timing: Json, plan_period: Json) -> Recurrence:
    """The recurrence that a Timing with `repeat` stands for.

    Raises
    ------
    UnreadableError
        A part that is not understood.
    Invalid
        The parts contradict each other.
    """
    repeat = timing["repeat"]
    for part in _UNREAD:
        if part in repeat:
            raise UnreadableError("plan.activity.timing_part", f".repeat.{part}", part=part)
    unit = repeat.get("periodUnit", "d")
    length = float(repeat.get("period", 1)) * _DAYS.get(unit, 0)
    if unit not in _DAYS or length != int(length) or length < 1:
        raise UnreadableError(
            "plan.activity.period",
            ".repeat.period",
            period=str(repeat.get("period", 1)),
            unit=str(unit),
        )
    holidays = str(read.extension_value(timing, "holidays") or "keep")
    if holidays not in _HOLIDAYS:
        raise UnreadableError(
            "plan.activity.holidays", ".extension", got=holidays, known=", ".join(_HOLIDAYS)
        )
    bounds = repeat.get("boundsPeriod", {})
    starts = [d for d in (read.day(p.get("start")) for p in (bounds, plan_period)) if d]
    ends = [d for d in (read.last_day(p.get("end")) for p in (bounds, plan_period)) if d]
    return Recurrence(
        frequency=int(repeat.get("frequency", 1)),
        period=int(length),
        weekdays=tuple(sorted(read.WEEKDAYS.index(d) for d in repeat.get("dayOfWeek", ()))),
        first=max(starts) if starts else None,
        last=min(ends) if ends else None,
        spacing=int(read.extension_value(timing, "visit-spacing") or 0),
        holidays=_HOLIDAYS[holidays],
        make_up=bool(read.extension_value(timing, "make-up-workdays")),
        anchor=read.day(read.extension_value(timing, "visit-anchor")),
    )


def timing(
    wanted: Recurrence,
    *,
    times: Sequence[int] = (),
    when: Sequence[str] = (),
    minutes: int = 0,
) -> Json:
    """The Timing of a recurrence.

    Parameters
    ----------
    times
        Seconds after 00:00 of `timeOfDay`.
    when
        FHIR EventTiming codes; not beside `times`.
    minutes
        `duration`; 0 = the catalogue's.
    """
    if times and when:
        raise Invalid("plan.times_and_when", field="times")
    weeks, rest = divmod(wanted.period, 7)
    repeat: Json = {"frequency": wanted.frequency}
    repeat |= (
        {"period": weeks, "periodUnit": "wk"}
        if rest == 0
        else {"period": wanted.period, "periodUnit": "d"}
    )
    if bounds := _bounds(wanted.first, wanted.last):
        repeat["boundsPeriod"] = bounds
    if wanted.weekdays:
        repeat["dayOfWeek"] = [read.WEEKDAYS[day] for day in sorted(set(wanted.weekdays))]
    if times:
        repeat["timeOfDay"] = [clock_time(at) for at in sorted(times)]
    if when:
        repeat["when"] = list(when)
    if minutes:
        repeat |= {"duration": minutes, "durationUnit": "min"}
    extensions = _extensions(wanted)
    return {"extension": extensions, "repeat": repeat} if extensions else {"repeat": repeat}


def _bounds(first: date | None, last: date | None) -> Json:
    found = {"start": first, "end": last}
    return {name: day.isoformat() for name, day in found.items() if day is not None}


def _extensions(wanted: Recurrence) -> list[Json]:
    found: list[Json] = []
    if wanted.spacing:
        found.append({"url": extension_url("visit-spacing"), "valuePositiveInt": wanted.spacing})
    if wanted.holidays != "keep":
        found.append({"url": extension_url("holidays"), "valueCode": wanted.holidays})
    if wanted.make_up:
        found.append({"url": extension_url("make-up-workdays"), "valueBoolean": True})
    if wanted.anchor:
        at = wanted.anchor.isoformat()
        found.append({"url": extension_url("visit-anchor"), "valueDate": at})
    return found


def clock_time(seconds: int) -> str:
    """A FHIR time."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
