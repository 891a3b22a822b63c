"""What is the least that would have to give for a visit to fit? Each answer is a whole plan.

Every relaxation is looked for by real insertion, its amount is the least that is enough, and the
plan it leads to has passed the judge under the rules so loosened.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from carecoord.errors import Fact
from carecoord.planning.giving import hour, moved
from carecoord.planning.ground import Ground
from carecoord.planning.insertions import AS_IS, Found, Loose
from carecoord.planning.loosening import Kind, Relaxation, Search
from carecoord.planning.reasons import minutes, pinned, together
from solver import Shift, Window

__all__ = ["Relaxation", "relaxations"]

SHIFT = 4 * 3600
"""How far outside the windows, and after the end of a shift, is looked. Seconds."""


def relaxations(
    ground: Ground, visit: str, people: Collection[str] | None = None
) -> tuple[Relaxation, ...]:
    """Everything that alone would be enough for an unserved visit, what costs least first.

    Nothing for a visit that fits as things are, and nothing where one thing is not enough.

    people
        Who may be asked; everybody by default.
    """
    search = Search(ground, visit, people)
    if search.crew(AS_IS) is not None:
        return ()
    found: list[Relaxation] = []
    for look in (
        other_start,
        outside,
        unpinned,
        overtime,
        visits,
        moved,
        hour,
        fewer,
        skills,
    ):
        found += [one for one in look(search) if one is not None]
    return tuple(sorted(found, key=lambda one: (_HARM[one.kind], one.step.total, one.staff)))


_HARM: dict[Kind, int] = {
    "move": 0,
    "later": 1,
    "earlier": 1,
    "unpin": 2,
    "overtime": 3,
    "visits": 3,
    "outside": 4,
    "hour": 5,
    "leave": 6,
    "fewer": 7,
    "skills": 8,
}
"""Nothing lost first, then a changed wish, then people's time, then care itself."""


def other_start(search: Search) -> Iterator[Relaxation | None]:
    """The least later and the least earlier start outside the windows."""
    windows = search.visit.windows
    if any(p.visit == search.visit.id and p.start is not None for p in search.problem.pins):
        return
    later = earlier = None
    for k, window in enumerate(windows):
        end = windows[k + 1].earliest - 1 if k + 1 < len(windows) else window.latest + SHIFT
        later = _nearer(later, _later(search, window.latest, min(end, window.latest + SHIFT)))
        begin = windows[k - 1].latest + 1 if k else 0
        begin = max(begin, window.earliest - SHIFT)
        earlier = _nearer(earlier, _earlier(search, window.earliest, begin))
    for kind, found in (("later", later), ("earlier", earlier)):
        if found is not None:
            amount, window = found
            yield _with_windows(search, kind, amount, window)  # type: ignore[arg-type]


def _later(search: Search, latest: int, end: int) -> tuple[int, Window] | None:
    if end <= latest:
        return None
    found = together(search.tries, search.people, Loose(windows=(Window(latest + 1, end),)))
    if found is None:
        return None
    over = max(one.start for one in found.values()) - latest
    over = min(60 * minutes(over), end - latest)
    return over, Window(latest + 1, latest + over)


def _earlier(search: Search, earliest: int, begin: int) -> tuple[int, Window] | None:
    """Bisected to the minute: with a minute less there is no place."""

    def fits(by: int) -> bool:
        window = Window(max(begin, earliest - by), earliest - 1)
        return together(search.tries, search.people, Loose(windows=(window,))) is not None

    most = earliest - begin
    if most <= 0 or not fits(most):
        return None
    low, high = 0, minutes(most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(60 * middle) else (middle, high)
    by = min(60 * high, most)
    return by, Window(earliest - by, earliest - 1)


def _with_windows(search: Search, kind: Kind, amount: int, window: Window) -> Relaxation | None:
    widened = tuple(sorted((*search.visit.windows, window)))
    return search.given(
        kind,
        amount,
        search.crew(Loose(windows=(window,))),
        search.changed(replace(search.visit, windows=_joined(widened))),
        {"minutes": minutes(amount)},
    )


def outside(search: Search) -> Iterator[Relaxation | None]:
    """A carer from outside those who are allowed."""
    if not (search.visit.required or search.visit.forbidden):
        return
    free = replace(search.visit, required=frozenset(), forbidden=frozenset())
    crew = search.crew(Loose(without=frozenset({"allowed"})))
    yield search.given("outside", 1, crew, search.changed(free), {})


def fewer(search: Search) -> Iterator[Relaxation | None]:
    """One carer instead of two."""
    if search.visit.carers < 2 or any(
        k.carers == "same" and search.visit.id in (k.first, k.second) for k in search.problem.links
    ):
        return
    found = {one: at for one in search.people if (at := search.tries.best(one)) is not None}
    if not found:
        return
    best = min(found, key=lambda one: (found[one].extra, one))
    alone = search.changed(replace(search.visit, carers=1))
    yield search.given("fewer", 1, {best: found[best]}, alone, {"carers": search.visit.carers})


def skills(search: Search) -> Iterator[Relaxation | None]:
    """Somebody without the qualification; who lacks least first."""
    if not search.visit.skills:
        return
    crew = search.crew(Loose(without=frozenset({"skills"})))
    free = search.changed(replace(search.visit, skills={}))
    facts: dict[str, Fact] = {"skill": ", ".join(sorted(search.visit.skills))}
    yield search.given("skills", 1, crew, free, facts)


def unpinned(search: Search) -> Iterator[Relaxation | None]:
    """One pin given up, each that alone is enough."""
    held = dict.fromkeys(v for who in search.people for v in pinned(search.tries, who))
    for visit in held:
        crew = search.crew(Loose(unpinned=frozenset({visit})))
        pins = tuple(p for p in search.problem.pins if p.visit != visit)
        problem = replace(search.problem, pins=pins)
        yield search.given("unpin", 1, crew, problem, {"visit": visit})


def overtime(search: Search) -> Iterator[Relaxation | None]:
    """The least overtime that is enough; of a pair everybody may be late by as much."""
    found = _stretched(search) if search.visit.carers > 1 else _longest(search)
    if found is None:
        return
    amount, crew = found
    latest = {who: at.over for who, at in crew.items() if at.over > 0}
    staff = tuple(
        replace(one, shifts=_longer(one.shifts, amount)) if one.id in latest else one
        for one in search.problem.staff
    )
    facts: dict[str, Fact] = {"staff": ", ".join(sorted(latest)), "minutes": minutes(amount)}
    problem = replace(search.problem, staff=staff)
    yield search.given("overtime", amount, crew, problem, facts)


def _longest(search: Search) -> tuple[int, dict[str, Found]] | None:
    """One carer, with the least overtime of all, in whole minutes."""
    over = {
        who: at.over
        for who in search.people
        if (at := search.tries.shortest(who)) is not None and 0 < at.over <= SHIFT
    }
    if not over:
        return None
    who = min(over, key=lambda one: (over[one], one))
    amount = 60 * minutes(over[who])
    crew = search.crew(Loose(longer=amount), [who])
    return None if crew is None else (amount, crew)


def _stretched(search: Search) -> tuple[int, dict[str, Found]] | None:
    """A pair, both stretched as little as is enough, to the minute."""
    found = search.crew(Loose(longer=SHIFT))
    if found is None:
        return None
    low, high = 0, SHIFT // 60
    while high - low > 1:
        middle = (low + high) // 2
        shorter = search.crew(Loose(longer=60 * middle))
        if shorter is None:
            low = middle
        else:
            found, high = shorter, middle
    return 60 * high, found


def visits(search: Search) -> Iterator[Relaxation | None]:
    """One visit more than somebody's most."""
    for loose, row in _capped(search):
        who = search.problem.staff[row]
        crew = search.crew(dict.fromkeys(search.people, AS_IS) | {who.id: loose})
        if crew is None:
            continue
        assert who.max_visits is not None
        problem = search.staffed(row, replace(who, max_visits=who.max_visits + 1))
        facts: dict[str, Fact] = {"staff": who.id, "most": who.max_visits}
        given = search.given("visits", 1, crew, problem, facts)
        if given is not None:
            yield given
            return


def _capped(search: Search) -> Iterator[tuple[Loose, int]]:
    """Carers whose most visits stand in the way, the cheapest first."""
    found: list[tuple[int, int]] = []
    for row, person in enumerate(search.problem.staff):
        if person.max_visits is None or person.id not in search.people:
            continue
        at = search.tries.best(person.id, Loose(more=1))
        if at is not None and search.tries.best(person.id) is None:
            found.append((at.extra, row))
    for _, row in sorted(found):
        yield Loose(more=1), row


def _nearer(
    one: tuple[int, Window] | None, other: tuple[int, Window] | None
) -> tuple[int, Window] | None:
    both = [found for found in (one, other) if found is not None]
    return min(both, default=None)


def _joined(windows: Sequence[Window]) -> tuple[Window, ...]:
    out: list[Window] = []
    for window in windows:
        if out and window.earliest <= out[-1].latest + 1:
            out[-1] = Window(out[-1].earliest, max(out[-1].latest, window.latest))
        else:
            out.append(window)
    return tuple(out)


def _longer(shifts: Sequence[Shift], by: int) -> tuple[Shift, ...]:
    """Each shift's latest return later, but not into the next shift."""
    out: list[Shift] = []
    for k, shift in enumerate(shifts):
        latest = shift.latest_return + by
        if k + 1 < len(shifts):
            latest = min(latest, shifts[k + 1].start)
        out.append(replace(shift, hard_end=max(latest, shift.latest_return)))
    return tuple(out)
