"""Is the input of a day right, before anything is planned from it? Pure.

Every finding has a stable code, a place in the dataset, and says what would be right. A visit gets
one finding about who could make it: the first reason that rules it out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from carecoord.model.time import DAY
from carecoord.planning import validate_pins, validate_staff
from carecoord.planning.dataset import Dataset, Span, StaffData, VisitData
from carecoord.planning.findings import (
    LEVELS,
    Finding,
    able,
    error,
    possible,
    span,
    starts,
    warning,
)


def validate(data: Dataset) -> tuple[Finding, ...]:
    """Everything wrong with a dataset: errors first, each kind in the order of the dataset."""
    found = [
        *_twice(data),
        *_visits(data),
        *_elders(data),
        *_same(data),
        *_load(data),
        *validate_staff.findings(data),
        *validate_pins.findings(data),
    ]
    return tuple(sorted(found, key=lambda one: one.severity != "error"))


def _twice(data: Dataset) -> Iterator[Finding]:
    for name, ids in (
        ("visits", [one.id for one in data.visits]),
        ("elders", [one.id for one in data.elders]),
        ("staff", [one.id for one in data.staff]),
    ):
        first: dict[str, int] = {}
        for row, id_ in enumerate(ids):
            if id_ in first:
                yield error("dataset.id_twice", f"/{name}/{row}/id", id=id_, first=first[id_])
            first.setdefault(id_, row)


def _visits(data: Dataset) -> Iterator[Finding]:
    elders = {one.id: one for one in data.elders}
    people = {one.id for one in data.staff}
    for row, visit in enumerate(data.visits):
        at = f"/visits/{row}"
        wrong = list(_alone(visit, at))
        yield from wrong
        elder = elders.get(visit.elder)
        if elder is None:
            yield error("dataset.elder", f"{at}/elder", visit=visit.id, elder=visit.elder)
        elif elder.dead:
            yield error("dataset.dead", f"{at}/elder", visit=visit.id, elder=visit.elder)
        for place, who in enumerate(visit.preferred):
            if who not in people:
                pointer = f"{at}/preferred/{place}"
                yield warning("dataset.staff", pointer, visit=visit.id, staff=who)
        if not any(one.severity == "error" for one in wrong) and not visit.held:
            yield from _who(data, visit, at)


def _alone(visit: VisitData, at: str) -> Iterator[Finding]:
    """What is impossible in the visit itself."""
    if not visit.windows:
        yield error("dataset.no_window", f"{at}/windows", visit=visit.id)
    for place, window in enumerate(visit.windows):
        if not possible(window, DAY - 1):
            yield error(
                "dataset.window",
                f"{at}/windows/{place}",
                visit=visit.id,
                start=window.start,
                end=window.end,
            )
    if not 0 < visit.duration <= DAY:
        yield error("dataset.duration", f"{at}/duration", visit=visit.id, duration=visit.duration)
    if visit.carers not in (1, 2):
        yield error("dataset.carers", f"{at}/carers", visit=visit.id, carers=visit.carers)
    if visit.level not in LEVELS:
        yield error(
            "dataset.level",
            f"{at}/level",
            visit=visit.id,
            level=visit.level,
            known=", ".join(sorted(LEVELS)),
        )
    if visit.wish is not None and not any(_overlap(visit.wish, window) for window in visit.windows):
        yield warning(
            "dataset.wish",
            f"{at}/wish",
            visit=visit.id,
            wish=span(visit.wish.start, visit.wish.end),
        )


def _who(data: Dataset, visit: VisitData, at: str) -> Iterator[Finding]:
    """Whether enough people could make it, the first reason against it, and wishes in vain."""
    skilled = able(visit.level, data.staff)
    at_work = [one for one in skilled if one.shifts]
    in_time = [one for one in at_work if starts(visit, one)]
    of, asked = visit.id, visit.carers
    if len(skilled) < asked:
        yield error(
            "dataset.no_skill",
            f"{at}/level",
            visit=of,
            level=visit.level,
            carers=asked,
            able=len(skilled),
        )
    elif len(at_work) < asked:
        yield error(
            "dataset.nobody_at_work",
            f"{at}/level",
            visit=of,
            level=visit.level,
            carers=asked,
            able=len(at_work),
        )
    elif len(in_time) < asked:
        longest = max(shift.end - shift.start for one in at_work for shift in one.shifts)
        if longest < visit.duration:
            yield error(
                "dataset.too_long",
                f"{at}/duration",
                visit=of,
                minutes=visit.duration // 60,
                longest=longest // 60,
            )
            return
        yield error(
            "dataset.outside_shifts",
            f"{at}/windows",
            visit=of,
            windows=", ".join(span(w.start, w.end) for w in visit.windows),
            level=visit.level,
            able=len(in_time),
            carers=asked,
            shifts=", ".join(sorted({span(s.start, s.end) for one in at_work for s in one.shifts})),
        )
    else:
        yield from _wishes(visit, in_time, at)


def _wishes(visit: VisitData, people: Sequence[StaffData], at: str) -> Iterator[Finding]:
    genders = {one.gender for one in people}
    if visit.gender and visit.gender not in genders:
        yield warning("dataset.no_gender", f"{at}/gender", visit=visit.id, gender=visit.gender)
    spoken = {tongue for one in people for tongue in one.languages}
    if visit.language and visit.language not in spoken:
        yield warning(
            "dataset.no_language", f"{at}/language", visit=visit.id, language=visit.language
        )


def _elders(data: Dataset) -> Iterator[Finding]:
    wanted = Counter(visit.elder for visit in data.visits)
    for row, elder in enumerate(data.elders):
        if elder.place is None and wanted[elder.id] and not elder.dead:
            yield error(
                "dataset.no_place",
                f"/elders/{row}/place",
                elder=elder.id,
                address=elder.address or "-",
                visits=wanted[elder.id],
            )


def _same(data: Dataset) -> Iterator[Finding]:
    """Visits of one person that ask for the same things at the same time."""
    seen: dict[tuple[str, tuple[str, ...]], list[VisitData]] = {}
    for row, visit in enumerate(data.visits):
        key = (visit.elder, tuple(sorted(visit.items)))
        twin = next(
            (
                other
                for other in seen.get(key, ())
                if other.id != visit.id
                and any(a == b for a in visit.windows for b in other.windows)
            ),
            None,
        )
        if twin is not None and visit.items:
            yield warning(
                "dataset.same_visit",
                f"/visits/{row}",
                visit=visit.id,
                other=twin.id,
                items=", ".join(visit.items),
            )
        seen.setdefault(key, []).append(visit)


def _load(data: Dataset) -> Iterator[Finding]:
    """Work that only people of a level can do, beside the time those people have."""
    for level in sorted({visit.level for visit in data.visits} & LEVELS):
        people = able(level, data.staff)
        only = {one.id for one in people}
        seconds = sum(
            max(0, visit.duration) * visit.carers
            for visit in data.visits
            if visit.level in LEVELS
            and not visit.held
            and {one.id for one in able(visit.level, data.staff)} <= only
        )
        time = sum(max(0, shift.end - shift.start) for one in people for shift in one.shifts)
        if people and seconds > time:
            yield warning(
                "dataset.too_much",
                "/staff",
                level=level,
                asked=seconds // 60,
                given=time // 60,
            )


def _overlap(a: Span, b: Span) -> bool:
    return a.start <= b.end and b.start <= a.end
