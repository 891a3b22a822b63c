"""Which visits does a plan ask for on a day?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from carecoord.errors import Invalid
from carecoord.model.demands import After, VisitDemand
from carecoord.model.edits import VisitEdit
from carecoord.model.ids import DemandId, PlanId, StaffId, StreetId
from carecoord.model.plans import Follow, Plan, Task, Window
from carecoord.model.problems import DataProblem, distinct
from carecoord.model.spread import Placed
from carecoord.model.staff import Level, highest
from carecoord.planning.outline import room
from carecoord.planning.recur import FARTHEST, allowed, days_of, due, movable, unknown_holidays

__all__ = ["NAMESPACE", "anchor", "demands", "due"]

NAMESPACE = UUID("6c2f6a0e-8d0f-5b1e-9a53-0f3c1d6c7b11")
"""Of the ids of demands: the same street, plan, group, day and occasion give the same id."""


@dataclass(frozen=True, slots=True)
class _Visit:
    """Tasks done in one visit; `parts` are the groups and occasions that were joined in it."""

    group: str
    occasion: int
    tasks: tuple[tuple[Task, int], ...]
    parts: tuple[tuple[str, int], ...]

    @property
    def level(self) -> Level:
        return highest(task.level for task, _ in self.tasks)

    @property
    def carers(self) -> int:
        return max(task.carers for task, _ in self.tasks)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Starts that all tasks allow."""
        task, occasion = self.tasks[0]
        windows = task.occasions[occasion]
        for task, occasion in self.tasks[1:]:
            windows = _common(windows, task.occasions[occasion])
        return windows

    @property
    def done(self) -> dict[tuple[str, int], list[Task]]:
        """Tasks by part; an item that an earlier part brings is done once."""
        seen: set[str] = set()
        found: dict[tuple[str, int], list[Task]] = {}
        for part in self.parts:
            mine = [task for task, occasion in self.tasks if (task.group, occasion) == part]
            found[part] = [task for task in mine if not task.item or task.item not in seen]
            seen |= {task.item for task in mine}
        return found

    @property
    def seconds(self) -> int:
        """Each joined visit lasts as long as it would alone, less what is done already."""
        return 60 * sum(
            max([sum(task.minutes for task in mine), *(task.visit_minutes for task in mine)])
            for mine in self.done.values()
        )


def demands(
    plan: Plan,
    street: StreetId,
    first: date,
    days: int,
    edits: Sequence[VisitEdit] = (),
    placed: Sequence[Placed] = (),
) -> tuple[list[VisitDemand], list[DataProblem]]:
    """Every visit that `plan` asks for in `days` days from `first`.

    Tasks of one visit group that are due on the same day and occasion become one visit: its
    minutes add up, its level is the highest needed, its windows are those that all tasks allow.
    What `plan.follows` says about two visits holds on the days that have both. A visit that was
    edited by hand is as it was decided, as long as the plan has a task of its group.

    Parameters
    ----------
    placed
        Days that the spread chose for visits without named weekdays; the others fall where their
        recurrence puts them.
    """
    wanted: list[VisitDemand] = []
    problems: list[DataProblem] = []

    def wrong(code: str, error: Invalid) -> None:
        facts = dict(error.facts)
        problems.append(DataProblem(code, f"CarePlan/{plan.id}", "CarePlan.activity", facts))

    calendar = _calendar(plan, first, days, placed)
    decided = {(edit.day, *part) for edit in edits for part in edit.parts}
    by_hand = _by_hand(plan, edits)
    for task in plan.tasks:
        if unknown := unknown_holidays(task.recurrence, first, days):
            wrong("calendar.unknown_year", Invalid("calendar.unknown_year", year=unknown.year))
    for offset in range(days):
        day = first + timedelta(days=offset)
        due_now = [v for v in _due_together(calendar[day]) if (day, *v.parts[0]) not in decided]
        visits = _join(due_now, plan.follows)
        made = list(by_hand[day])
        for visit in visits:
            try:
                made.append(_demand(plan, street, day, visit))
            except Invalid as error:
                wrong(error.code, error)
        made.sort(key=lambda one: (one.group, one.occasion, one.id))
        try:
            wanted += _in_order(made, plan.follows)
        except Invalid as error:
            wrong(error.code, error)
            wanted += made
    return wanted, distinct(problems)


def _calendar(
    plan: Plan, first: date, days: int, placed: Sequence[Placed]
) -> dict[date, list[Task]]:
    """Tasks due on each day; visits that follow one another share the start of their spread."""
    leader = leaders(plan.follows)
    chosen = {(one.group, one.due): one.day for one in placed if one.plan == plan.id}
    due_on: dict[date, list[Task]] = defaultdict(list)
    for task in plan.tasks:
        start = anchor(plan.id, leader.get(task.group, task.group))
        for day in _days_of(task, start, first, days, chosen):
            due_on[day].append(task)
    return due_on


def _days_of(
    task: Task, start: int, first: date, days: int, chosen: Mapping[tuple[str, date], date]
) -> list[date]:
    """Days of one task in `days` days from `first`, each visit where the spread put it.

    A choice that the task no longer allows, or that would put two visits on one day, counts no
    more: the visit falls where the recurrence puts it.
    """
    asked = task.recurrence
    if not movable(asked) or not chosen:
        return days_of(asked, start, first, days)
    reach = timedelta(days=FARTHEST)
    due = days_of(asked, start, first - reach, days + 2 * FARTHEST)
    wish = {day: chosen.get((task.group, day), day) for day in due}
    for day, there in wish.items():
        if there != day and not (allowed(asked, there) and abs(there - day) <= reach):
            wish[day] = day
    while twice := {day for day, count in Counter(wish.values()).items() if count > 1}:
        wish |= {day: day for day, there in wish.items() if there in twice}
    last = first + timedelta(days=days - 1)
    return sorted(day for day in wish.values() if first <= day <= last)


def _by_hand(plan: Plan, edits: Sequence[VisitEdit]) -> dict[date, list[VisitDemand]]:
    """Visits as people decided them, by the day they fall on now."""
    groups = {task.group for task in plan.tasks}
    found: dict[date, list[VisitDemand]] = defaultdict(list)
    for edit in edits:
        if edit.demand and (edit.kind == "added" or groups & {group for group, _ in edit.parts}):
            found[edit.demand.day].append(
                replace(edit.demand, plan=plan.id, parts=edit.parts, edited=True, after=())
            )
    return found


def leaders(follows: Sequence[Follow]) -> dict[str, str]:
    """Visit group → the group whose anchor it takes, so that linked visits meet on common days."""
    leader: dict[str, str] = {}
    for one in follows:
        left = leader.setdefault(one.first, one.first)
        right = leader.setdefault(one.second, one.second)
        if left != right:
            least, other = sorted((left, right))
            leader |= {g: least for g, at in leader.items() if at == other}
    return leader


def _due_together(tasks: Sequence[Task]) -> list[_Visit]:
    together: dict[tuple[str, int], list[Task]] = defaultdict(list)
    for task in tasks:
        for occasion in range(len(task.occasions)):
            together[task.group, occasion].append(task)
    return [
        _Visit(group, occasion, tuple((task, occasion) for task in found), ((group, occasion),))
        for (group, occasion), found in sorted(together.items())
    ]


def _join(visits: list[_Visit], follows: Sequence[Follow]) -> list[_Visit]:
    """Visits that one carer can do in one go become one, the first's tasks before the second's."""
    for one in follows:
        if one.how != "one-visit":
            continue
        pairs = ((a, b) for a in _having(visits, one.first) for b in _having(visits, one.second))
        found = next(((a, b, c) for a, b in pairs if (c := _joined(a, b)) is not None), None)
        if found is not None:
            left, right, both = found
            visits = [v for v in visits if v not in (left, right)]
            visits.append(both)
    return sorted(visits, key=lambda v: (v.group, v.occasion))


def _having(visits: Sequence[_Visit], group: str) -> list[_Visit]:
    return [v for v in visits if any(g == group for g, _ in v.parts)]


def _joined(first: _Visit, second: _Visit) -> _Visit | None:
    """Both in one visit, or None where levels, carers or windows do not allow it."""
    if first == second or first.carers != second.carers:
        return None
    both = _Visit("", 0, first.tasks + second.tasks, first.parts + second.parts)
    try:
        level = both.level
    except Invalid:
        return None
    if not room(first.windows, second.windows):
        return None
    # The visit of the higher level keeps its name: its carer does both.
    keeps = first if first.level is level else second
    return replace(both, group=keeps.group, occasion=keeps.occasion)


def _in_order(made: Sequence[VisitDemand], follows: Sequence[Follow]) -> list[VisitDemand]:
    """The visits of a day, each knowing which come before it.

    Raises
    ------
    Invalid
        `plan.follow_windows`: an order of care that the windows do not allow.
    """
    after: dict[DemandId, list[After]] = defaultdict(list)
    for one in follows:
        for second in _of_group(made, one.second):
            others = [first for first in _of_group(made, one.first) if first.id != second.id]
            fits = [first for first in others if _meets(first, second, one)]
            fits = [f for f in fits if not _reaches(second.id, f.id, after)]
            if fits:
                before = max(fits, key=lambda d: d.windows[0])
                carers = one.carers
                if carers == "same" and before.carers != second.carers:
                    carers = "any"
                after[second.id].append(After(before.id, one.min_gap, one.max_gap, carers))
            elif others and one.how == "order":
                raise Invalid(
                    "plan.follow_windows", first=one.first, second=one.second, reason=one.reason
                )
    return [replace(d, after=tuple(after[d.id])) if after[d.id] else d for d in made]


def _of_group(made: Sequence[VisitDemand], group: str) -> list[VisitDemand]:
    return [one for one in made if any(name == group for name, _ in one.parts)]


def _meets(first: VisitDemand, second: VisitDemand, how: Follow) -> bool:
    """Whether some pair of starts keeps the gap."""
    for a, b in first.windows:
        for c, d in second.windows:
            earliest = max(c, a + first.duration + how.min_gap)
            latest = d if how.max_gap is None else min(d, b + first.duration + how.max_gap)
            if earliest <= latest:
                return True
    return False


def _reaches(start: DemandId, goal: DemandId, after: dict[DemandId, list[After]]) -> bool:
    """Whether `goal` already comes after `start`: the new order would lead in a circle."""
    return start == goal or any(
        _reaches(start, before.demand, after) for before in after.get(goal, ())
    )


def anchor(plan: PlanId, group: str) -> int:
    """Where in its period the spread of a visit group begins, in days, not yet reduced to it.

    It follows from the plan's id, so that plans do not all start on Monday, and tasks of one
    group still fall on the same days.
    """
    return int.from_bytes(sha256(f"{plan}|{group}".encode()).digest()[:4])


def _demand(plan: Plan, street: StreetId, day: date, visit: _Visit) -> VisitDemand:
    tasks = [task for task, _ in visit.tasks]
    level = visit.level
    windows = visit.windows
    if not windows:
        raise Invalid("plan.group_windows", group=visit.group, items=", ".join(_named(tasks)))
    name = f"{street}|{plan.id}|{visit.group}|{day.isoformat()}|{visit.occasion}"
    return VisitDemand(
        id=DemandId(str(uuid5(NAMESPACE, name))),
        street=street,
        day=day,
        elder=plan.elder,
        plan=plan.id,
        items=tuple(_named([task for mine in visit.done.values() for task in mine])),
        windows=windows,
        duration=visit.seconds,
        level=level,
        carers=visit.carers,
        priority=max(task.priority for task in tasks),
        programmes=tuple(sorted({task.programme for task in tasks if task.programme})),
        preferred=tuple(
            dict.fromkeys(StaffId(person) for task in tasks for person in task.preferred)
        ),
        gender=next((task.gender for task in tasks if task.gender), ""),
        language=next((task.language for task in tasks if task.language), ""),
        wish=next((task.wishes[occasion] for task, occasion in visit.tasks if task.wishes), None),
        group=visit.group,
        occasion=visit.occasion,
        parts=visit.parts,
    )


def _named(tasks: Sequence[Task]) -> Iterator[str]:
    return (task.item or task.label for task in tasks)


def _common(left: tuple[Window, ...], right: tuple[Window, ...]) -> tuple[Window, ...]:
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((a, b) for a, b in both if a <= b))
