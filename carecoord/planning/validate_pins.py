"""Can what a dataset fixes be kept: orders between visits, pinned carers and starts? Pure."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from carecoord.model import time
from carecoord.planning.dataset import AfterData, Dataset, PinData, StaffData, VisitData
from carecoord.planning.findings import Finding, able, error, span, starts, warning


def findings(data: Dataset) -> Iterator[Finding]:
    """Links that cannot be kept and pins that conflict."""
    visits = {one.id: one for one in data.visits}
    yield from _links(data, visits)
    yield from _circles(data, visits)
    yield from _pins(data, visits)


def _links(data: Dataset, visits: Mapping[str, VisitData]) -> Iterator[Finding]:
    for row, visit in enumerate(data.visits):
        for place, after in enumerate(visit.after):
            at = f"/visits/{row}/after/{place}"
            first = visits.get(after.visit)
            if first is None:
                yield error("dataset.link_visit", f"{at}/visit", visit=visit.id, other=after.visit)
            elif after.max_gap is not None and after.max_gap < after.min_gap:
                yield error(
                    "dataset.link_gap",
                    f"{at}/max_gap",
                    visit=visit.id,
                    least=after.min_gap,
                    most=after.max_gap,
                )
            elif after.carers == "same" and first.carers != visit.carers:
                yield error(
                    "dataset.link_carers",
                    f"{at}/carers",
                    visit=visit.id,
                    other=first.id,
                    carers=visit.carers,
                    others=first.carers,
                )
            elif not _kept(data, first, visit, after):
                yield error(
                    "dataset.link",
                    at,
                    visit=visit.id,
                    other=first.id,
                    windows=", ".join(span(w.start, w.end) for w in visit.windows),
                    before=", ".join(span(w.start, w.end) for w in first.windows),
                    least=after.min_gap // 60,
                )


def _kept(data: Dataset, first: VisitData, second: VisitData, after: AfterData) -> bool:
    """Whether some pair of starts of people at work keeps the gap.

    A visit that nobody can make has a finding of its own: there only the windows count.
    """
    least = first.duration + after.min_gap
    most = None if after.max_gap is None else first.duration + after.max_gap
    return any(
        max(c, a + least) <= (d if most is None else min(d, b + most))
        for a, b in _starts(data, first)
        for c, d in _starts(data, second)
    )


def _starts(data: Dataset, visit: VisitData) -> list[tuple[int, int]]:
    people = able(visit.level, data.staff)
    found = [at for one in people for at in starts(visit, one)]
    return found or [(window.start, window.end) for window in visit.windows]


def _circles(data: Dataset, visits: Mapping[str, VisitData]) -> Iterator[Finding]:
    """Visits that come after themselves, each circle once."""
    done: set[str] = set()
    for row, visit in enumerate(data.visits):
        path = [visit.id]
        todo = [iter(visit.after)]
        while todo and visit.id not in done:
            following = next(todo[-1], None)
            if following is None:
                todo.pop()
                done.add(path.pop())
            elif following.visit in path:
                circle = path[path.index(following.visit) :]
                yield error(
                    "dataset.link_circle",
                    f"/visits/{row}/after",
                    visits=", ".join(sorted(circle)),
                )
                done.update(path)
                break
            elif following.visit in visits and following.visit not in done:
                path.append(following.visit)
                todo.append(iter(visits[following.visit].after))


def _pins(data: Dataset, visits: Mapping[str, VisitData]) -> Iterator[Finding]:
    people = {one.id: one for one in data.staff}
    seen: dict[str, int] = {}
    for row, pin in enumerate(data.pins):
        at = f"/pins/{row}"
        visit = visits.get(pin.visit)
        if visit is None:
            yield error("dataset.pin_visit", f"{at}/visit", visit=pin.visit)
            continue
        if pin.visit in seen:
            yield error("dataset.pin_twice", at, visit=pin.visit, first=seen[pin.visit])
        seen.setdefault(pin.visit, row)
        if pin.staff and len(set(pin.staff)) != visit.carers:
            yield error(
                "dataset.pin_carers",
                f"{at}/staff",
                visit=visit.id,
                given=len(set(pin.staff)),
                carers=visit.carers,
            )
        if pin.start is not None and not any(w.start <= pin.start <= w.end for w in visit.windows):
            yield warning(
                "dataset.pin_start",
                f"{at}/start",
                visit=visit.id,
                start=time.clock(max(0, pin.start)),
                windows=", ".join(span(w.start, w.end) for w in visit.windows),
            )
        if pin.after is not None and pin.after not in visits:
            yield error("dataset.pin_after", f"{at}/after", visit=visit.id, other=pin.after)
        for place, who in enumerate(pin.staff):
            yield from _pinned(visit, pin, people.get(who), who, f"{at}/staff/{place}")
    yield from _clashes(data, visits)


def _pinned(
    visit: VisitData, pin: PinData, one: StaffData | None, who: str, at: str
) -> Iterator[Finding]:
    if one is None:
        yield error("dataset.pin_staff", at, visit=visit.id, staff=who)
        return
    if not one.shifts:
        yield error("dataset.pin_absent", at, visit=visit.id, staff=who, name=one.name)
        return
    if visit.level not in one.levels:
        yield warning(
            "dataset.pin_skill", at, visit=visit.id, staff=who, name=one.name, level=visit.level
        )
    start = pin.start
    outside = (
        not starts(visit, one)
        if start is None
        else not any(s.start <= start and start + visit.duration <= s.end for s in one.shifts)
    )
    if outside:
        yield error(
            "dataset.pin_shift",
            at,
            visit=visit.id,
            staff=who,
            name=one.name,
            shifts=", ".join(span(s.start, s.end) for s in one.shifts),
        )


def _clashes(data: Dataset, visits: Mapping[str, VisitData]) -> Iterator[Finding]:
    """Two visits pinned to one person at overlapping times, the way between them not counted."""
    fixed = [
        (row, pin, visits[pin.visit])
        for row, pin in enumerate(data.pins)
        if pin.start is not None and pin.staff and pin.visit in visits
    ]
    for (_, one, a), (row, other, b) in combinations(fixed, 2):
        assert one.start is not None
        assert other.start is not None
        both = sorted(set(one.staff) & set(other.staff))
        overlap = one.start < other.start + b.duration and other.start < one.start + a.duration
        if both and overlap and a.id != b.id:
            yield error(
                "dataset.pins_clash",
                f"/pins/{row}/start",
                visit=b.id,
                other=a.id,
                staff=both[0],
                start=time.clock(max(0, other.start)),
            )
