"""What is the least that would have to give for a visit to fit? Each answer is a whole plan.

Every relaxation is looked for by real insertion, its amount is the least that is enough, and the
plan it leads to has passed the judge under the rules so loosened.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from carecoord.errors import Fact
from carecoord.model.time import clock
from carecoord.planning.ground import Ground, Step
from carecoord.planning.insertions import AS_IS, Found, Insertions, Loose
from carecoord.planning.reasons import minutes, pinned, together
from solver import (
    UNREACHABLE,
    Options,
    Problem,
    Route,
    Shift,
    Staff,
    Visit,
    Window,
    suggest,
)

Kind = Literal[
    "later",
    "earlier",
    "outside",
    "unpin",
    "move",
    "overtime",
    "visits",
    "hour",
    "leave",
    "fewer",
    "skills",
]
"""`later`, `earlier`: another start; `outside`: a carer who is not allowed; `unpin`: a pin given
up; `move`: another visit goes to somebody else; `overtime`; `visits`: one more than the carer's
most; `hour`: somebody more at work for a while; `leave`: a less urgent visit is left out; `fewer`:
one carer instead of two; `skills`: somebody without the qualification."""

SHIFT = 4 * 3600
"""How far outside the windows, and after the end of a shift, is looked. Seconds."""
_MOVES = 12
"""Visits that are tried to be given to somebody else, the least urgent first."""
_STAFF = "+"


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """One thing that gives, and the plan that this makes possible.

    amount
        Seconds for `later`, `earlier`, `overtime` and `hour`, else 1; the least that is enough.
    staff, start
        Who would make the visit, and when. For `hour` there is somebody new among them, whose id
        begins with `+`.
    facts
        As of a `Reason`, for the sentence `relax.KIND`.
    step
        The whole day, accepted by the judge under the rules of `step.problem`.
    """

    kind: Kind
    amount: int
    staff: tuple[str, ...]
    start: int
    facts: Mapping[str, Fact]
    step: Step = field(repr=False)


def relaxations(
    ground: Ground, visit: str, people: Collection[str] | None = None
) -> tuple[Relaxation, ...]:
    """Everything that alone would be enough for an unserved visit, what costs least first.

    Nothing for a visit that fits as things are, and nothing where one thing is not enough.

    people
        Who may be asked; everybody by default.
    """
    search = _Search(ground, visit, people)
    if search.crew(AS_IS) is not None:
        return ()
    found: list[Relaxation] = []
    for look in (
        search.other_start,
        search.outside,
        search.unpinned,
        search.overtime,
        search.visits,
        search.moved,
        search.hour,
        search.fewer,
        search.skills,
    ):
        found += [one for one in look() if one is not None]
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


class _Search:
    """One visit that does not fit, and every loosening tried on it."""

    def __init__(self, ground: Ground, visit: str, people: Collection[str] | None) -> None:
        self.ground = ground
        self.problem = ground.problem
        self.tries = Insertions(ground.problem, ground.solution, visit, ground.weights)
        self.visit = self.tries.visit
        self.people = [
            s.id for s in self.problem.staff if s.shifts and (people is None or s.id in people)
        ]

    def crew(
        self, loose: Loose | Mapping[str, Loose], people: Sequence[str] | None = None
    ) -> dict[str, Found] | None:
        """Who could make it, the cheapest carer or the first two who can begin together."""
        who = self.people if people is None else people
        if self.visit.carers > 1:
            return together(self.tries, who, loose)
        of = loose if isinstance(loose, Mapping) else dict.fromkeys(who, loose)
        found = {one: at for one in who if (at := self.tries.best(one, of[one])) is not None}
        if not found:
            return None
        best = min(found, key=lambda one: (found[one].extra, one))
        return {best: found[best]}

    # ---- the visit itself gives ----

    def other_start(self) -> Iterator[Relaxation | None]:
        """The least later and the least earlier start outside the windows."""
        windows = self.visit.windows
        if any(p.visit == self.visit.id and p.start is not None for p in self.problem.pins):
            return
        later = earlier = None
        for k, window in enumerate(windows):
            end = windows[k + 1].earliest - 1 if k + 1 < len(windows) else window.latest + SHIFT
            later = _nearer(later, self._later(window.latest, min(end, window.latest + SHIFT)))
            begin = windows[k - 1].latest + 1 if k else 0
            begin = max(begin, window.earliest - SHIFT)
            earlier = _nearer(earlier, self._earlier(window.earliest, begin))
        for kind, found in (("later", later), ("earlier", earlier)):
            if found is not None:
                amount, window = found
                yield self._with_windows(kind, amount, window)  # type: ignore[arg-type]

    def _later(self, latest: int, end: int) -> tuple[int, Window] | None:
        if end <= latest:
            return None
        found = together(self.tries, self.people, Loose(windows=(Window(latest + 1, end),)))
        if found is None:
            return None
        over = max(one.start for one in found.values()) - latest
        over = min(60 * minutes(over), end - latest)
        return over, Window(latest + 1, latest + over)

    def _earlier(self, earliest: int, begin: int) -> tuple[int, Window] | None:
        """Bisected to the minute: with a minute less there is no place."""

        def fits(by: int) -> bool:
            window = Window(max(begin, earliest - by), earliest - 1)
            return together(self.tries, self.people, Loose(windows=(window,))) is not None

        most = earliest - begin
        if most <= 0 or not fits(most):
            return None
        low, high = 0, minutes(most)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if fits(60 * middle) else (middle, high)
        by = min(60 * high, most)
        return by, Window(earliest - by, earliest - 1)

    def _with_windows(self, kind: Kind, amount: int, window: Window) -> Relaxation | None:
        widened = tuple(sorted((*self.visit.windows, window)))
        return self._given(
            kind,
            amount,
            self.crew(Loose(windows=(window,))),
            self._changed(replace(self.visit, windows=_joined(widened))),
            {"minutes": minutes(amount)},
        )

    def outside(self) -> Iterator[Relaxation | None]:
        """A carer from outside those who are allowed."""
        if not (self.visit.required or self.visit.forbidden):
            return
        free = replace(self.visit, required=frozenset(), forbidden=frozenset())
        crew = self.crew(Loose(without=frozenset({"allowed"})))
        yield self._given("outside", 1, crew, self._changed(free), {})

    def fewer(self) -> Iterator[Relaxation | None]:
        """One carer instead of two."""
        if self.visit.carers < 2 or any(
            k.carers == "same" and self.visit.id in (k.first, k.second) for k in self.problem.links
        ):
            return
        found = {one: at for one in self.people if (at := self.tries.best(one)) is not None}
        if not found:
            return
        best = min(found, key=lambda one: (found[one].extra, one))
        alone = self._changed(replace(self.visit, carers=1))
        yield self._given("fewer", 1, {best: found[best]}, alone, {"carers": self.visit.carers})

    def skills(self) -> Iterator[Relaxation | None]:
        """Somebody without the qualification; who lacks least first."""
        if not self.visit.skills:
            return
        crew = self.crew(Loose(without=frozenset({"skills"})))
        free = self._changed(replace(self.visit, skills={}))
        facts: dict[str, Fact] = {"skill": ", ".join(sorted(self.visit.skills))}
        yield self._given("skills", 1, crew, free, facts)

    # ---- what was fixed by hand gives ----

    def unpinned(self) -> Iterator[Relaxation | None]:
        """One pin given up, each that alone is enough."""
        held = dict.fromkeys(v for who in self.people for v in pinned(self.tries, who))
        for visit in held:
            crew = self.crew(Loose(unpinned=frozenset({visit})))
            pins = tuple(p for p in self.problem.pins if p.visit != visit)
            problem = replace(self.problem, pins=pins)
            yield self._given("unpin", 1, crew, problem, {"visit": visit})

    # ---- the people's time gives ----

    def overtime(self) -> Iterator[Relaxation | None]:
        """The least overtime that is enough; of a pair everybody may be late by as much."""
        found = self._stretched() if self.visit.carers > 1 else self._longest()
        if found is None:
            return
        amount, crew = found
        latest = {who: at.over for who, at in crew.items() if at.over > 0}
        staff = tuple(
            replace(one, shifts=_longer(one.shifts, amount)) if one.id in latest else one
            for one in self.problem.staff
        )
        facts: dict[str, Fact] = {"staff": ", ".join(sorted(latest)), "minutes": minutes(amount)}
        problem = replace(self.problem, staff=staff)
        yield self._given("overtime", amount, crew, problem, facts)

    def _longest(self) -> tuple[int, dict[str, Found]] | None:
        """One carer, with the least overtime of all, in whole minutes."""
        over = {
            who: at.over
            for who in self.people
            if (at := self.tries.shortest(who)) is not None and 0 < at.over <= SHIFT
        }
        if not over:
            return None
        who = min(over, key=lambda one: (over[one], one))
        amount = 60 * minutes(over[who])
        crew = self.crew(Loose(longer=amount), [who])
        return None if crew is None else (amount, crew)

    def _stretched(self) -> tuple[int, dict[str, Found]] | None:
        """A pair, both stretched as little as is enough, to the minute."""
        found = self.crew(Loose(longer=SHIFT))
        if found is None:
            return None
        low, high = 0, SHIFT // 60
        while high - low > 1:
            middle = (low + high) // 2
            shorter = self.crew(Loose(longer=60 * middle))
            if shorter is None:
                low = middle
            else:
                found, high = shorter, middle
        return 60 * high, found

    def visits(self) -> Iterator[Relaxation | None]:
        """One visit more than somebody's most."""
        for loose, row in self._capped():
            who = self.problem.staff[row]
            crew = self.crew(dict.fromkeys(self.people, AS_IS) | {who.id: loose})
            if crew is None:
                continue
            assert who.max_visits is not None
            problem = self._staffed(row, replace(who, max_visits=who.max_visits + 1))
            facts: dict[str, Fact] = {"staff": who.id, "most": who.max_visits}
            given = self._given("visits", 1, crew, problem, facts)
            if given is not None:
                yield given
                return

    def _capped(self) -> Iterator[tuple[Loose, int]]:
        """Carers whose most visits stand in the way, the cheapest first."""
        found: list[tuple[int, int]] = []
        for row, person in enumerate(self.problem.staff):
            if person.max_visits is None or person.id not in self.people:
                continue
            at = self.tries.best(person.id, Loose(more=1))
            if at is not None and self.tries.best(person.id) is None:
                found.append((at.extra, row))
        for _, row in sorted(found):
            yield Loose(more=1), row

    def hour(self) -> Iterator[Relaxation | None]:
        """Somebody more of the least qualification needed, for as short a while as is enough."""
        here = [self.problem.staff[self.problem.staff_row(who)] for who in self.people]
        bases = {(s.mode, one.start_place) for s in here for one in s.shifts}
        start, partner = self._when()
        if start is None:
            return
        best: tuple[int, Staff] | None = None
        for mode, base in sorted(bases, key=str):
            way = self.problem.travel[mode]
            there = 0 if base is None else int(way[base, self.visit.place])
            back = 0 if base is None else int(way[self.visit.place, base])
            begin = start - there - self.visit.access
            end = start + self.visit.duration + back
            if UNREACHABLE in (there, back) or begin < 0:
                continue
            if best is None or end - begin < best[0]:
                shift = Shift(begin, end, base, base)
                best = (end - begin, Staff(_STAFF, (shift,), dict(self.visit.skills), mode))
        if best is not None:
            yield self._hired(*best, partner)

    def _hired(self, amount: int, new: Staff, partner: dict[str, Found]) -> Relaxation | None:
        missing = self.visit.carers - len(partner)
        names = [_STAFF * (k + 1) for k in range(missing)]
        people = (*self.problem.staff, *(replace(new, id=name) for name in names))
        allowed = self.visit.required and self.visit.required | set(names)
        problem = replace(
            self.problem,
            staff=people,
            visits=_with(self.problem, replace(self.visit, required=allowed)),
            pins=tuple(p for p in self.problem.pins if p.visit != self.visit.id),
        )
        tries = Insertions(problem, self.ground.solution, self.visit.id, self.ground.weights)
        crew = together(tries, [*names, *partner], AS_IS)
        facts: dict[str, Fact] = {
            "minutes": minutes(amount),
            "from": clock(new.shifts[0].start),
            "to": clock(new.shifts[0].end),
            "skill": ", ".join(sorted(self.visit.skills)) or "-",
            "people": missing,
        }
        return self._given("hour", amount, crew, problem, facts)

    def _when(self) -> tuple[int | None, dict[str, Found]]:
        """When somebody more should begin, and who of those at work begins with them."""
        wish = self.visit.preferred or self.visit.windows[0]
        if self.visit.carers > 1:
            able = {
                who: at for who in self.people if (at := self.tries.first(who, after=0)) is not None
            }
            if able:
                who = min(able, key=lambda one: (able[one].start, one))
                return able[who].start, {who: able[who]}
        bounds = self.tries.bounds(self.people[0]) if self.people else None
        low = max(wish.earliest, bounds[0] if bounds else 0)
        fitting = [w for w in self.visit.windows if w.latest >= low]
        return (max(low, fitting[0].earliest) if fitting else None), {}

    # ---- another visit gives ----

    def moved(self) -> Iterator[Relaxation | None]:
        """Another visit goes to somebody else; and if none can, a less urgent one is left out."""
        if self.visit.carers > 1:
            return
        fixed = {p.visit for p in self.problem.pins}
        fixed |= {end for k in self.problem.links for end in (k.first, k.second)}
        found: list[tuple[int, int, str, str, Found]] = []
        for who in self.people:
            for stop in self.tries.stops(who):
                other = self.problem.visits[self.problem.visit_row(stop.visit)]
                if other.id in fixed or other.carers > 1:
                    continue
                at = self.tries.best(who, Loose(gone=other.id))
                if at is not None:
                    found.append((_rank(other), at.extra, other.id, who, at))
        yield self._elsewhere(sorted(found, key=lambda one: one[:4]))
        mine = _rank(self.visit)
        for rank, _, other_id, who, at in sorted(found, key=lambda one: one[:4]):
            if rank < mine:
                step = self.ground.step([at.route], out=frozenset({other_id}))
                if step is not None:
                    facts: dict[str, Fact] = {"visit": other_id}
                    yield Relaxation("leave", 1, (who,), at.start, facts, step)
                return

    def _elsewhere(self, found: Sequence[tuple[int, int, str, str, Found]]) -> Relaxation | None:
        best: Relaxation | None = None
        for _, _, other, who, at in found[:_MOVES]:
            without = self.ground.step([at.route], out=frozenset({other}))
            if without is None:
                continue
            options = Options(weights=self.ground.weights)
            offers = suggest(self.problem, without.solution, other, top=1, options=options)
            if not offers:
                continue
            step = self.ground.step(_over(without.solution.routes, offers[0].routes))
            if step is None or (best is not None and best.step.total <= step.total):
                continue
            facts: dict[str, Fact] = {
                "visit": other,
                "to": offers[0].staff[0],
                "clock": clock(offers[0].start),
            }
            start = next(
                s.start for r in step.solution.routes for s in r.stops if s.visit == self.visit.id
            )
            best = Relaxation("move", 1, (who,), start, facts, step)
        return best

    # ---- from a loosening to a judged plan ----

    def _given(
        self,
        kind: Kind,
        amount: int,
        crew: Mapping[str, Found] | None,
        problem: Problem,
        facts: Mapping[str, Fact],
    ) -> Relaxation | None:
        """The relaxation, when the judge accepts the plan it leads to."""
        if crew is None:
            return None
        step = self.ground.step([one.route for one in crew.values()], problem)
        if step is None:
            return None
        staff = tuple(sorted(crew))
        return Relaxation(kind, amount, staff, next(iter(crew.values())).start, facts, step)

    def _changed(self, visit: Visit) -> Problem:
        return replace(self.problem, visits=_with(self.problem, visit))

    def _staffed(self, row: int, person: Staff) -> Problem:
        staff = (*self.problem.staff[:row], person, *self.problem.staff[row + 1 :])
        return replace(self.problem, staff=staff)


def _with(problem: Problem, visit: Visit) -> tuple[Visit, ...]:
    row = problem.visit_row(visit.id)
    return (*problem.visits[:row], visit, *problem.visits[row + 1 :])


def _over(routes: Sequence[Route], changed: Sequence[Route]) -> list[Route]:
    found = {(r.staff, r.shift): r for r in routes}
    return list((found | {(r.staff, r.shift): r for r in changed}).values())


def _rank(visit: Visit) -> int:
    """Urgency of a visit: an optional one gives way to every mandatory one."""
    return visit.priority + 10 * visit.mandatory


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
