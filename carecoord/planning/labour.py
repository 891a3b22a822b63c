"""How much may somebody still work on a day? Working hours, rest and overtime.

Hours are those of the routes: from leaving the base to coming home, ways and waiting included,
breaks left out. A service day's work counts for that day, also what lies past midnight.
`planning.hours` looks at finished plans for breaches and shares none of this module's rules.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from carecoord.errors import Fact
from carecoord.model.policy import Rules
from carecoord.model.staff import Shift, Staff
from carecoord.model.time import DAY, clock
from carecoord.planning.rests import at_work

_LEAST = 1_800
"""A shift shorter than this is not worth the way: it is taken out."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one person does on one service day.

    start, end
        Leaving for the first visit and coming home from the last, seconds after 00:00.
    seconds
        Of work between the two: breaks and the time between two shifts left out.
    """

    start: int
    end: int
    seconds: int


History = Mapping[date, Work]
"""One person's days with visits; a day that is not in it is a day of rest."""


@dataclass(frozen=True, slots=True)
class LabourRules:
    """Limits on one person's work; seconds and days.

    day
        Normal work a day; what is beyond it is overtime.
    week, rolling
        Normal work in any `rolling` days in a row.
    average, average_days
        All work in any `average_days` days in a row.
    rest_days
        Days without work in any `rolling` days in a row, at least.
    in_a_row
        Days worked in a row, at most.
    between
        From the end of one day's work to the start of the next day's, at least.
    overtime_day, overtime_month
        At most, whatever was agreed.
    overtime_agreed
        A day, of somebody who agreed to nothing else.
    meal, meal_window
        Seconds of the meal break and the bounds in which it lies whole.
    """

    day: int
    week: int
    rolling: int
    average: int
    average_days: int
    rest_days: int
    in_a_row: int
    between: int
    overtime_day: int
    overtime_month: int
    overtime_agreed: int
    meal: int = 0
    meal_window: tuple[int, int] = (0, 0)

    @property
    def reach(self) -> int:
        """Days before and after one that its limits look at."""
        return max(self.rolling, self.average_days, self.in_a_row + 1, 31)

    def work_of(self, shifts: Iterable[Shift]) -> int:
        """Most seconds of work in these shifts, breaks left out."""
        return sum(at_work(shift, self.meal, self.meal_window) for shift in shifts)


def labour_rules(rules: Rules) -> LabourRules:
    """The limits of the policy pack."""
    hours, days = 3600, rules.number("work.average_days")
    start, end = rules.entries("work.meal_window")
    assert isinstance(start, int)
    assert isinstance(end, int)
    return LabourRules(
        day=hours * rules.number("work.day_hours"),
        week=hours * rules.number("work.week_hours_standard"),
        rolling=rules.number("work.rolling_days"),
        average=hours * rules.number("work.week_hours") * days // 7,
        average_days=days,
        rest_days=rules.number("work.rest_days_per_week"),
        in_a_row=rules.number("work.days_in_a_row"),
        between=hours * rules.number("work.rest_between_hours"),
        overtime_day=hours * rules.number("work.overtime_day_hours"),
        overtime_month=hours * rules.number("work.overtime_month_hours"),
        overtime_agreed=60 * rules.number("work.overtime_agreed_minutes"),
        meal=60 * rules.number("work.meal_minutes"),
        meal_window=(start, end),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """One limit that leaves somebody less than their roster.

    rule
        Row of the pack.
    code, facts
        Of the sentence that says what was counted.
    """

    rule: str
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may still work on one day.

    seconds
        Of normal work; 0 = a day of rest. `overtime`: beyond it.
    earliest, latest
        Seconds after 00:00 between which all work lies.
    cuts
        Every limit, the tightest of each kind.
    """

    seconds: int
    overtime: int = 0
    earliest: int = 0
    latest: int = 2 * DAY
    cuts: tuple[Cut, ...] = ()


def allowance(day: date, others: History, rules: LabourRules, overtime: int = 0) -> Allowance:
    """What a person may work on `day`, given what is planned for them on other days.

    Parameters
    ----------
    overtime
        Seconds a day that the person agreed to.
    """
    free = [cut for cut in (_rest_day(day, others, rules), _in_a_row(day, others, rules)) if cut]
    if free:
        return Allowance(0, cuts=tuple(free))
    cuts: list[Cut] = []
    left = rules.day
    for limit, cut in (_week(day, others, rules), _average(day, others, rules)):
        if limit < rules.day:
            cuts.append(cut)
        left = max(0, min(left, limit))
    # Beyond eight hours is overtime only on a day whose eight hours the week still holds.
    beyond, month = _overtime(day, others, rules, overtime) if left == rules.day else (0, None)
    cuts += [month] if month else []
    earliest, latest, rests = _between(day, others, rules)
    return Allowance(left, beyond, earliest, latest, (*cuts, *rests))


def limited(one: Staff, day: date, others: History, rules: LabourRules) -> tuple[Staff, list[Cut]]:
    """A person with the shifts that the limits leave, and the limits that cost something."""
    if not one.shifts:
        return one, []
    agreed = one.overtime or rules.overtime_agreed
    may = allowance(day, others, rules, agreed)
    kept = _shifts(one.shifts, may, rules, agreed)
    whole = rules.work_of(one.shifts)
    cuts = [cut for cut in may.cuts if _felt(cut, may, one.shifts, whole)]
    if whole > rules.day and may.seconds == rules.day:
        facts: dict[str, Fact] = {"roster": whole // 60, "limit": rules.day // 60}
        cuts.append(Cut("work.day_hours", "labour.cut.day", facts))
    same = [(s.start, s.end) for s in kept] == [(s.start, s.end) for s in one.shifts]
    return replace(one, shifts=kept), [] if same else cuts


def _felt(cut: Cut, may: Allowance, shifts: Sequence[Shift], whole: int) -> bool:
    """Whether a limit takes something of this roster away."""
    match cut.code:
        case "labour.cut.before":
            return may.earliest > shifts[0].start
        case "labour.cut.after":
            return may.latest < shifts[-1].end
        case "labour.cut.week" | "labour.cut.average":
            return may.seconds < whole
    return True


def _shifts(
    shifts: Sequence[Shift], may: Allowance, rules: LabourRules, agreed: int
) -> tuple[Shift, ...]:
    """The first hours of the roster, as many as there may be; the last shift may run over."""
    left, found = may.seconds, []
    for shift in shifts:
        start, end = max(shift.start, may.earliest), min(shift.end, may.latest)
        if start < end and start < DAY and left >= min(_LEAST, end - start):
            piece = _ending(replace(shift, start=start, end=end, hard_end=None), left, rules)
            found.append(piece)
            left -= at_work(piece, rules.meal, rules.meal_window)
    if found and agreed > 0 and found[-1].end == shifts[-1].end:
        last = found[-1]
        over = min(agreed, left + may.overtime, may.latest - last.end)
        found[-1] = replace(last, hard_end=last.end + over) if over > 0 else last
    return tuple(found)


def _ending(shift: Shift, left: int, rules: LabourRules) -> Shift:
    """The shift, over as soon as its work without breaks makes `left` seconds."""
    if at_work(shift, rules.meal, rules.meal_window) <= left:
        return shift
    breaks = shift.end - shift.start - at_work(shift, rules.meal, rules.meal_window)
    for end in (shift.start + left + breaks, shift.start + left):
        short = replace(shift, end=min(shift.end, end))
        if at_work(short, rules.meal, rules.meal_window) <= left:
            return short
    return replace(shift, end=shift.start + left)


def _spans(day: date, length: int) -> Iterator[tuple[date, list[date]]]:
    """Every span of `length` days that holds `day`: its first day, and its other days."""
    for back in range(length):
        first = day - timedelta(days=back)
        span = (first + timedelta(days=k) for k in range(length))
        yield first, [one for one in span if one != day]


def _sums(day: date, length: int, others: History) -> Iterator[tuple[date, int]]:
    """First day of each of these spans, and the seconds worked on its other days."""
    near = [day + timedelta(days=k) for k in range(1 - length, length)]
    worked = [others[one].seconds if one != day and one in others else 0 for one in near]
    total = sum(worked[length - 1 :])
    for back in range(length):
        if back:
            total += worked[length - 1 - back] - worked[2 * length - 1 - back]
        yield day - timedelta(days=back), total


def _rest_day(day: date, others: History, rules: LabourRules) -> Cut | None:
    most = rules.rolling - rules.rest_days
    for first, span in _spans(day, rules.rolling):
        worked = sum(one in others for one in span)
        if worked >= most:
            facts: dict[str, Fact] = {
                "first": first.isoformat(),
                "days": rules.rolling,
                "worked": worked,
                "rest": rules.rest_days,
            }
            return Cut("work.rest_days_per_week", "labour.cut.rest_day", facts)
    return None


def _in_a_row(day: date, others: History, rules: LabourRules) -> Cut | None:
    run = 0
    for step in (-1, 1):
        near = day + timedelta(days=step)
        while near in others and run <= rules.in_a_row:
            run, near = run + 1, near + timedelta(days=step)
    if run < rules.in_a_row:
        return None
    return Cut("work.days_in_a_row", "labour.cut.in_a_row", {"days": run, "limit": rules.in_a_row})


def _week(day: date, others: History, rules: LabourRules) -> tuple[int, Cut]:
    return min(
        (
            _left(
                first,
                sum(min(rules.day, others[one].seconds) for one in span if one in others),
                (rules.rolling, rules.week),
                ("work.week_hours_standard", "labour.cut.week"),
            )
            for first, span in _spans(day, rules.rolling)
        ),
        key=lambda found: found[0],
    )


def _average(day: date, others: History, rules: LabourRules) -> tuple[int, Cut]:
    return min(
        (
            _left(
                first,
                seconds,
                (rules.average_days, rules.average),
                ("work.week_hours", "labour.cut.average"),
            )
            for first, seconds in _sums(day, rules.average_days, others)
        ),
        key=lambda found: found[0],
    )


def _left(
    first: date, worked: int, limit: tuple[int, int], names: tuple[str, str]
) -> tuple[int, Cut]:
    days, most = limit
    facts: dict[str, Fact] = {
        "first": first.isoformat(),
        "days": days,
        "worked": worked // 60,
        "limit": most // 60,
        "left": max(0, most - worked) // 60,
    }
    return most - worked, Cut(*names, facts)


def _overtime(
    day: date, others: History, rules: LabourRules, agreed: int
) -> tuple[int, Cut | None]:
    """Seconds beyond a normal day, and the month's limit where it leaves less than agreed."""
    used = sum(
        max(0, work.seconds - rules.day)
        for one, work in others.items()
        if (one.year, one.month) == (day.year, day.month)
    )
    wished = min(agreed, rules.overtime_day)
    left = max(0, rules.overtime_month - used)
    if left >= wished:
        return wished, None
    facts: dict[str, Fact] = {"worked": used // 60, "limit": rules.overtime_month // 60}
    return left, Cut("work.overtime_month_hours", "labour.cut.overtime", facts)


def _between(day: date, others: History, rules: LabourRules) -> tuple[int, int, list[Cut]]:
    """Earliest start and latest end that leave enough rest to the days before and after."""
    earliest, latest, cuts = 0, 2 * DAY, []
    one = timedelta(days=1)
    if before := others.get(day - one):
        earliest = max(0, before.end - DAY + rules.between)
        facts: dict[str, Fact] = {
            "end": clock(before.end),
            "earliest": clock(earliest),
            "hours": rules.between // 3600,
        }
        cuts.append(Cut("work.rest_between_hours", "labour.cut.before", facts))
    if after := others.get(day + one):
        latest = max(0, after.start + DAY - rules.between)
        facts = {
            "start": clock(after.start),
            "latest": clock(latest),
            "hours": rules.between // 3600,
        }
        cuts.append(Cut("work.rest_between_hours", "labour.cut.after", facts))
    return earliest, latest, cuts
