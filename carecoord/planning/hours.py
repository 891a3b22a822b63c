"""Do finished plans keep the law of working hours? Independent of how they were made.

This is the judge of `planning.labour`: it looks at what people were given to do, day by day, and
counts again from the start, so that a fault there is found here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from carecoord.errors import Fact
from carecoord.model.ids import StaffId
from carecoord.model.time import DAY, clock
from carecoord.model.visits import DayPlan, Homeward, Pause, Stop
from carecoord.planning.labour import LabourRules, Work


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that one person's days break.

    first
        First day of the span that was counted.
    rule, code, facts
        Row of the pack, and the sentence.
    """

    staff: StaffId
    first: date
    rule: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def worked(
    stops: Iterable[Stop], homeward: Iterable[Homeward], pauses: Iterable[Pause]
) -> dict[StaffId, Work]:
    """What each person works on one day."""
    calls: dict[StaffId, list[Stop]] = defaultdict(list)
    homes: dict[StaffId, list[int]] = defaultdict(list)
    rests: dict[StaffId, list[Pause]] = defaultdict(list)
    for stop in stops:
        calls[stop.staff].append(stop)
    for home in homeward:
        homes[home.staff].append(home.arrival)
    for pause in pauses:
        rests[pause.staff].append(pause)
    return {
        who: _one(sorted(found, key=lambda s: s.order), sorted(homes[who]), rests[who])
        for who, found in calls.items()
    }


def _one(stops: list[Stop], homes: list[int], pauses: list[Pause]) -> Work:
    """A person's turns: each from the way to its first stop to coming home after its last."""
    turns: list[tuple[int, int]] = []
    rest = list(stops)
    while rest:
        first = rest[0]
        home = next((at for at in homes if at >= first.end), stops[-1].end)
        mine = [s for s in rest if s.end <= home] or [first]
        rest = rest[len(mine) :]
        turns.append((_leaving(first, pauses), max(home, mine[-1].end)))
    resting = sum(
        max(0, min(p.end, end) - max(p.start, start)) for p in pauses for start, end in turns
    )
    return Work(
        start=min(start for start, _ in turns),
        end=max(end for _, end in turns),
        seconds=sum(end - start for start, end in turns) - resting,
    )


def _leaving(first: Stop, pauses: list[Pause]) -> int:
    """When somebody sets out for a stop: a break on the way makes it earlier."""
    leaving = first.arrival - first.travel
    for pause in sorted(pauses, key=lambda p: p.end, reverse=True):
        if leaving < pause.end <= first.arrival:
            leaving -= pause.end - pause.start
    return leaving


def of_plan(plan: DayPlan) -> dict[StaffId, Work]:
    """What each person works by the plan of one day."""
    return worked(plan.stops, plan.homeward, plan.pauses)


def breaches(
    days: Mapping[date, Mapping[StaffId, Work]],
    rules: LabourRules,
    overtime: Mapping[StaffId, int] | None = None,
) -> list[Breach]:
    """Every limit that these days break, by person.

    Parameters
    ----------
    overtime
        Seconds a day that a person agreed to; others by `rules.overtime_agreed`.
    """
    found: list[Breach] = []
    people = sorted({who for day in days.values() for who in day})
    for who in people:
        mine = {day: work[who] for day, work in sorted(days.items()) if who in work}
        agreed = min((overtime or {}).get(who, rules.overtime_agreed), rules.overtime_day)
        for first, rule, code, facts in _faults(mine, rules, agreed):
            found.append(Breach(who, first, rule, code, facts))
    return found


_Fault = tuple[date, str, str, dict[str, Fact]]


def _faults(mine: Mapping[date, Work], rules: LabourRules, agreed: int) -> Iterator[_Fault]:
    for day, work in mine.items():
        if work.seconds > rules.day + agreed:
            yield (
                day,
                "work.day_hours",
                "labour.breach.day",
                {"worked": work.seconds // 60, "limit": (rules.day + agreed) // 60},
            )
        after = mine.get(day + timedelta(days=1))
        if after is not None and after.start + DAY - work.end < rules.between:
            yield (
                day,
                "work.rest_between_hours",
                "labour.breach.between",
                {"end": clock(work.end), "start": clock(after.start)},
            )
    yield from _windows(mine, rules)
    months: dict[tuple[int, int], int] = defaultdict(int)
    for day, work in mine.items():
        months[day.year, day.month] += max(0, work.seconds - rules.day)
    for (year, month), seconds in months.items():
        if seconds > rules.overtime_month:
            facts: dict[str, Fact] = {
                "worked": seconds // 60,
                "limit": rules.overtime_month // 60,
            }
            yield (
                date(year, month, 1),
                "work.overtime_month_hours",
                "labour.breach.overtime",
                facts,
            )


def _windows(mine: Mapping[date, Work], rules: LabourRules) -> Iterator[_Fault]:
    """Limits on spans of days; each span that begins on a working day is counted."""
    for first in mine:
        week = _span(mine, first, rules.rolling)
        normal = sum(min(work.seconds, rules.day) for work in week)
        if normal > rules.week:
            facts: dict[str, Fact] = {
                "days": rules.rolling,
                "worked": normal // 60,
                "limit": rules.week // 60,
            }
            yield first, "work.week_hours_standard", "labour.breach.week", facts
        if len(week) > rules.rolling - rules.rest_days:
            facts = {"days": rules.rolling, "worked": len(week), "rest": rules.rest_days}
            yield first, "work.rest_days_per_week", "labour.breach.rest_day", facts
        row = _span(mine, first, rules.in_a_row + 1)
        if len(row) > rules.in_a_row:
            facts = {"days": len(row), "limit": rules.in_a_row}
            yield first, "work.days_in_a_row", "labour.breach.in_a_row", facts
        average = sum(work.seconds for work in _span(mine, first, rules.average_days))
        if average > rules.average:
            facts = {
                "days": rules.average_days,
                "worked": average // 60,
                "limit": rules.average // 60,
            }
            yield first, "work.week_hours", "labour.breach.average", facts


def _span(mine: Mapping[date, Work], first: date, length: int) -> list[Work]:
    days = (first + timedelta(days=k) for k in range(length))
    return [mine[day] for day in days if day in mine]
