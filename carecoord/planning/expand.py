"""Which visits does a plan ask for on a day?"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID, uuid5

from carecoord.errors import Invalid
from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, PlanId, StaffId, StreetId
from carecoord.model.plans import Plan, Recurrence, Task, Window
from carecoord.model.problems import DataProblem, distinct
from carecoord.model.staff import Level, highest

NAMESPACE = UUID("6c2f6a0e-8d0f-5b1e-9a53-0f3c1d6c7b11")
"""Of the ids of demands: the same street, plan, group, day and occasion give the same id."""

_EPOCH = date(2001, 1, 1)
"""A Monday."""


def demands(
    plan: Plan, street: StreetId, first: date, days: int
) -> tuple[list[VisitDemand], list[DataProblem]]:
    """Every visit that `plan` asks for in `days` days from `first`.

    Tasks of one visit group that are due on the same day and occasion become one visit: its
    minutes add up, its level is the highest needed, its windows are those that all tasks allow.
    """
    wanted: list[VisitDemand] = []
    problems: list[DataProblem] = []
    for offset in range(days):
        day = first + timedelta(days=offset)
        for group, occasion, tasks in _due_together(plan, day):
            try:
                wanted.append(_demand(plan, street, day, group, occasion, tasks))
            except Invalid as error:
                problems.append(
                    DataProblem(error.code, f"CarePlan/{plan.id}", "CarePlan.activity", error.facts)
                )
    return wanted, distinct(problems)


def _due_together(plan: Plan, day: date) -> Iterator[tuple[str, int, list[Task]]]:
    together: dict[tuple[str, int], list[Task]] = defaultdict(list)
    for task in plan.tasks:
        if due(task.recurrence, day, anchor(plan.id, task.group)):
            for occasion in range(len(task.occasions)):
                together[task.group, occasion].append(task)
    for (group, occasion), tasks in sorted(together.items()):
        yield group, occasion, tasks


def anchor(plan: PlanId, group: str) -> int:
    """Where in its period the spread of a visit group begins, in days, not yet reduced to it.

    It follows from the plan's id, so that plans do not all start on Monday, and tasks of one
    group still fall on the same days.
    """
    return int.from_bytes(sha256(f"{plan}|{group}".encode()).digest()[:4])


def due(recurrence: Recurrence, day: date, start: int) -> bool:
    """Whether a recurrence falls on `day`; `n` in a period are spread evenly over it.

    start
        Days after a Monday on which a period of an open recurrence begins.
    """
    if recurrence.first and day < recurrence.first:
        return False
    if recurrence.last and day > recurrence.last:
        return False
    if recurrence.weekdays and day.weekday() not in recurrence.weekdays:
        return False
    weeks_skipped = recurrence.period // 7
    if recurrence.weekdays:
        since = recurrence.first or _EPOCH
        monday = since.toordinal() - since.weekday()
        return (day.toordinal() - monday) // 7 % max(1, weeks_skipped) == 0
    if recurrence.period == 1:
        return True
    position = (day.toordinal() - _EPOCH.toordinal() - start) % recurrence.period
    count = min(recurrence.frequency, recurrence.period)
    return position in {k * recurrence.period // count for k in range(count)}


def _demand(
    plan: Plan, street: StreetId, day: date, group: str, occasion: int, tasks: list[Task]
) -> VisitDemand:
    levels = {task.level for task in tasks}
    level: Level = highest(levels)
    windows = tasks[0].occasions[occasion]
    for task in tasks[1:]:
        windows = _common(windows, task.occasions[occasion])
    if not windows:
        raise Invalid("plan.group_windows", group=group, items=", ".join(t.item for t in tasks))
    name = f"{street}|{plan.id}|{group}|{day.isoformat()}|{occasion}"
    return VisitDemand(
        id=DemandId(str(uuid5(NAMESPACE, name))),
        street=street,
        day=day,
        elder=plan.elder,
        plan=plan.id,
        items=tuple(task.item or task.label for task in tasks),
        windows=windows,
        duration=60
        * max(sum(task.minutes for task in tasks), *(task.visit_minutes for task in tasks)),
        level=level,
        carers=max(task.carers for task in tasks),
        priority=max(task.priority for task in tasks),
        programmes=tuple(sorted({task.programme for task in tasks if task.programme})),
        preferred=tuple(
            dict.fromkeys(StaffId(person) for task in tasks for person in task.preferred)
        ),
        gender=next((task.gender for task in tasks if task.gender), ""),
        wish=next((task.wishes[occasion] for task in tasks if task.wishes), None),
    )


def _common(left: tuple[Window, ...], right: tuple[Window, ...]) -> tuple[Window, ...]:
    both = ((max(a, c), min(b, d)) for a, b in left for c, d in right)
    return tuple(sorted((a, b) for a, b in both if a <= b))
