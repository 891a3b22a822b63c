"""A solver problem while what is fixed is taken into it: visits set apart with stand-ins. Pure.

A stand-in has the working time of exactly the visits that are fixed and no skill, so that nothing
else is given to it. The person it stands for keeps the rest of the day.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from carecoord.model.ids import StaffId
from carecoord.planning.pace import lasts
from solver import MAX_COST, Apart, Break, Link, Pin, Problem, Shift, Staff, Visit, Window

SEPARATOR = "|"
"""Between person and visit in the name of a stand-in; no FHIR id has it."""


@dataclass(slots=True)
class Draft:
    """Parts of a problem, by id, that fixing a visit changes.

    whole
        The problem as it was: ways are the same.
    stand_ins
        Stand-in → whom it stands for.
    fixed
        Visits that have their people and their start.
    """

    visits: dict[str, Visit]
    staff: dict[str, Staff]
    whole: Problem
    links: list[Link]
    apart: list[Apart]
    pins: dict[str, Pin] = field(default_factory=dict)
    stand_ins: dict[str, StaffId] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, problem: Problem) -> "Draft":
        """A problem as it is."""
        return cls(
            {v.id: v for v in problem.visits},
            {s.id: s for s in problem.staff},
            problem,
            list(problem.links),
            list(problem.apart),
            {p.visit: p for p in problem.pins},
        )

    def problem(self) -> Problem:
        """The problem as it is now."""
        return replace(
            self.whole,
            visits=tuple(self.visits.values()),
            staff=tuple(self.staff.values()),
            links=tuple(self.links),
            pins=tuple(self.pins.values()),
            # What is fixed already may overlap: it happened, or somebody wanted it so.
            apart=tuple(a for a in self.apart if not {a.first, a.second} <= self.fixed),
        )

    @property
    def travel(self) -> tuple[npt.NDArray[np.int32], ...]:
        """Ways by mode, as of the problem."""
        return self.whole.travel

    def place(self, visit: str) -> int:
        """Row of a visit's place."""
        return self.visits[visit].place

    def drop(self, visit: str) -> None:
        """Take a visit out."""
        del self.visits[visit]
        self.pins.pop(visit, None)
        self.links = [k for k in self.links if visit not in (k.first, k.second)]
        self.apart = [k for k in self.apart if visit not in (k.first, k.second)]

    def spend(self, staff: str, visits: int) -> None:
        """So many visits of a person's day are taken already."""
        person = self.staff[staff]
        if person.max_visits is not None and visits:
            left = max(0, person.max_visits - visits)
            self.staff[staff] = replace(person, max_visits=left)

    def stand_in(self, staff: StaffId, visit: str, shift: Shift) -> str:
        """Make a stand-in of a person, named after its first visit."""
        name = f"{staff}{SEPARATOR}{visit}"
        person = self.staff.get(staff, Staff(staff, ()))
        self.staff[name] = Staff(name, (shift,), mode=person.mode, areas=person.areas)
        self.stand_ins[name] = staff
        return name

    def fix(
        self,
        visit: str,
        people: Mapping[StaffId, str],
        start: int,
        *,
        seconds: int | None = None,
        access: int = 0,
    ) -> None:
        """Give a visit its stand-ins and its start, whatever its own wishes are.

        people
            Person → stand-in.
        seconds
            At the bedside; as asked for if left out.
        """
        asked = self.visits[visit]
        self.visits[visit] = replace(
            asked,
            duration=asked.duration if seconds is None else seconds,
            paces=(),
            duration_by={} if seconds is not None else self._paces(asked, people),
            windows=(Window(start, start),),
            skills={},
            carers=len(people),
            required=frozenset(),
            forbidden=frozenset(),
            continuity={s: asked.continuity.get(p, asked.unfamiliar) for p, s in people.items()},
            preference={s: asked.preference.get(p, 0) for p, s in people.items()},
            access=access,
            group=None,
            penalty=MAX_COST,
        )
        self.pins[visit] = Pin(visit, staff=tuple(people.values()), start=start)
        self.fixed.add(visit)
        self._untie(visit, people, start)

    def _paces(self, asked: Visit, people: Mapping[StaffId, str]) -> dict[str, int]:
        """Stand-in → seconds, where the person it stands for takes other than is usual."""
        known = {name: self.staff[p] for p, name in people.items() if p in self.staff}
        paces = {name: lasts(asked, person) for name, person in known.items()}
        return {name: long for name, long in paces.items() if long != asked.duration}

    def _untie(self, visit: str, people: Iterable[StaffId], start: int) -> None:
        """What a fixed visit leaves of the visits linked to it."""
        mine = [k for k in self.links if visit in (k.first, k.second)]
        self.links = [k for k in self.links if k not in mine]
        for link in mine:
            other = link.second if link.first == visit else link.first
            if other in self.fixed:
                continue
            if link.first == visit:
                low = start + link.min_gap
                high = None if link.max_gap is None else start + link.max_gap
            else:
                low = 0 if link.max_gap is None else max(0, start - link.max_gap)
                high = start - link.min_gap
            asked = self.visits[other]
            # An order that what has happened makes impossible is left aside.
            windows = cut(asked.windows, low, high) or asked.windows
            who = frozenset(str(one) for one in people)
            can = {s.id for s in self.staff.values() if s.shifts}
            if link.carers == "same" and who <= can and len(who) == asked.carers:
                asked = replace(asked, required=who)
            elif link.carers == "different":
                asked = replace(asked, forbidden=asked.forbidden | who)
            self.visits[other] = replace(asked, windows=windows)


def cut(windows: Sequence[Window], low: int, high: int | None) -> tuple[Window, ...]:
    """The parts of windows between two bounds, both included."""
    parts = (
        (max(w.earliest, low), w.latest if high is None else min(w.latest, high)) for w in windows
    )
    return tuple(Window(a, b) for a, b in parts if a <= b)


def around(person: Staff, start: int, end: int, place: int) -> Staff:
    """A person with `start` to `end` taken out of the shifts, spent at `place`.

    A break that one part can still hold stays in the part that leaves it most freedom.
    """
    shifts: list[Shift] = []
    for shift in person.shifts:
        if end <= shift.start or shift.latest_return <= start:
            shifts.append(shift)
            continue
        spans = [(shift.start, start), (end, shift.latest_return)]
        held = [_held(shift.breaks, low, high) for low, high in spans]
        before = {b: room for b, _, room in held[0]}
        after = {b: room for b, _, room in held[1]}
        first = tuple(new for b, new, room in held[0] if room >= after.get(b, -1))
        second = tuple(new for b, new, room in held[1] if room > before.get(b, -1))
        if shift.start < start:
            shifts.append(
                replace(
                    shift,
                    end=min(shift.end, start),
                    hard_end=start if start > shift.end else None,
                    end_place=place,
                    breaks=first,
                )
            )
        if end < shift.latest_return:
            shifts.append(
                replace(shift, start=end, end=max(shift.end, end), start_place=place, breaks=second)
            )
    return replace(person, shifts=tuple(shifts))


def _held(breaks: Iterable[Break], low: int, high: int) -> list[tuple[Break, Break, int]]:
    """Breaks that lie whole between two bounds, as they may be there, with their freedom."""
    found = []
    for one in breaks:
        earliest, latest = max(one.earliest, low), min(one.latest, high - one.duration)
        if earliest <= latest:
            found.append((one, Break(earliest, latest, one.duration), latest - earliest))
    return found
