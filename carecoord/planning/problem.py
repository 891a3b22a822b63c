"""How does a street-day become a solver problem?

Everything that keeps a visit from being planned for want of data is taken out here and listed
with its reason, so that the solver never sees a home without a place, and nobody forgets it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.ids import DemandId, ElderId, StaffId
from carecoord.model.pins import Breach, VisitPin
from carecoord.model.places import Place
from carecoord.model.staff import Level, Role, Shift, Staff
from carecoord.model.visits import Unserved
from carecoord.planning.labour import Cut
from carecoord.planning.past import Past, settle, under_way
from carecoord.planning.pinned import hold
from carecoord.planning.rests import rests
from carecoord.planning.standins import Draft
from carecoord.streets import WALK, AccessTimes, PlaceProblem, Travel, access_seconds
from solver import UNREACHABLE, Break, Link, Problem, Visit, Window
from solver import Shift as SolverShift
from solver import Staff as SolverStaff

Matrix = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DayRules:
    """Numbers of the policy pack that a day needs; seconds unless said otherwise.

    meal_break
        Duration; `meal_window` bounds in which it lies whole.
    max_visits
        Per day and role.
    access
        Between the street and the bedside; parking is added to each ride to a home by e-bike.
    """

    meal_break: int
    meal_window: tuple[int, int]
    max_visits: Mapping[Role, int]
    access: AccessTimes


@dataclass(frozen=True, slots=True)
class Costs:
    """What the pooled plan prefers among feasible ones; dimensionless, 2 = a second of travel.

    above_level
        Per step of level above the one needed: keeps nurses free for nursing.
    other_carer
        Somebody else than the named or known carers of the elder.
    other_gender
        Somebody of another gender than wished.
    other_language
        Somebody who does not speak the language or dialect wished.
    other_organization
        Somebody of another organisation than the one that answers for the visit.
    chosen_carer
        Gain of whoever the spread over days chose.
    """

    above_level: int = 900
    other_carer: int = 3_600
    other_gender: int = 9_000
    other_language: int = 3_600
    other_organization: int = 600
    chosen_carer: int = 1_200


@dataclass(frozen=True, slots=True)
class DayInput:
    """Everything one street-day is planned from.

    known
        Elder → staff who called there before, the most frequent first.
    held
        Visits that must not be planned for now, such as those of somebody in hospital.
    labour
        Limits of working time that cut somebody's shifts; `staff` has the shifts that are left.
    week
        Visit → who should come by the spread over days: a wish, not a rule.
    pins
        What people fixed of single visits.
    past
        What has happened already.
    starts
        Visit → start in the plan in force, where there is one.
    """

    demands: tuple[VisitDemand, ...]
    elders: Mapping[ElderId, Elder]
    staff: tuple[Staff, ...]
    known: Mapping[ElderId, tuple[StaffId, ...]] = field(default_factory=dict)
    held: Mapping[DemandId, Unserved] = field(default_factory=dict)
    labour: Mapping[StaffId, tuple[Cut, ...]] = field(default_factory=dict)
    week: Mapping[DemandId, tuple[StaffId, ...]] = field(default_factory=dict)
    pins: tuple[VisitPin, ...] = ()
    past: Past = field(default_factory=Past)
    starts: Mapping[DemandId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Places:
    """Rows of the travel matrices: bases of staff first, then homes."""

    rows: tuple[Place, ...]
    bases: int

    def row(self, place: Place) -> int:
        """Row of a place; ValueError when it is none of them."""
        return self.rows.index(place)


@dataclass(frozen=True, slots=True)
class Built:
    """A problem, and what was kept out of it.

    row_of
        Place → row of the travel matrices.
    stand_ins
        Staff of the problem who stand for somebody at visits that are fixed, and for whom.
    fixed
        Visits that have their people and their start, whether they have happened or not.
    bases
        Row of everybody's base, where something is fixed.
    past
        What has happened already, as it stays in the plan.
    breaches
        Pins that a rule forbids and the plan keeps all the same.
    """

    problem: Problem
    kept_out: tuple[Unserved, ...]
    row_of: Mapping[Place, int]
    stand_ins: Mapping[str, StaffId] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()
    bases: Mapping[StaffId, int] = field(default_factory=dict)
    past: Past = field(default_factory=Past)
    breaches: tuple[Breach, ...] = ()

    def person(self, staff: str) -> StaffId:
        """Who somebody of the problem is: a stand-in is whom it stands for."""
        return self.stand_ins.get(staff, StaffId(staff))


def places(day: DayInput) -> Places:
    """Places between which travel times are needed, each once."""
    bases = dict.fromkeys(s.base for s in day.staff if s.base is not None)
    wanted = (day.elders[d.elder].home.place for d in day.demands if d.elder in day.elders)
    homes = dict.fromkeys(place for place in wanted if place is not None and place not in bases)
    return Places(rows=(*bases, *homes), bases=len(bases))


def build(
    day: DayInput,
    at: Places,
    travel: Mapping[str, Travel],
    rules: DayRules,
    costs: Costs,
) -> Built:
    """The solver problem of a day.

    Parameters
    ----------
    travel
        Travel mode → times between `at.rows`.
    """
    lost = lost_places(at, travel)
    begun = {stop.demand for stop in day.past.stops}
    row_of = {place: row for row, place in enumerate(at.rows)}
    modes = sorted(travel)
    staff = tuple(
        _staff(one, row_of, modes, rules)
        for one in day.staff
        if one.base is not None and one.levels
    )
    at_work = {one.id: one.levels for one in day.staff if one.shifts}
    prefer = Preferences(day.staff, costs)
    kept_out: list[Unserved] = []
    visits: list[Visit] = []
    for demand in sorted(day.demands, key=lambda d: d.id):
        elder = day.elders.get(demand.elder)
        if elder is None:
            kept_out.append(Unserved(demand.id, "unserved.elder", {"elder": demand.elder}))
        elif elder.dead and demand.id not in begun:
            kept_out.append(Unserved(demand.id, "unserved.dead"))
        elif (held := day.held.get(demand.id)) and demand.id not in begun:
            kept_out.append(held)
        elif elder.home.place is None:
            facts = {"address": elder.home.text or "-"}
            kept_out.append(Unserved(demand.id, "unserved.address", facts))
        elif found := lost.get(elder.home.place):
            kept_out.append(Unserved(demand.id, found.code, found.facts))
        else:
            place = row_of[elder.home.place]
            visits.append(_visit(demand, elder, place, day, at_work, rules, prefer))
    ridden = tuple(_ridden(travel[mode].seconds, mode, at.bases, rules) for mode in modes)
    matrices = ridden or (np.zeros((len(at.rows), len(at.rows)), dtype=np.int32),)
    problem = Problem(
        visits=tuple(visits),
        staff=staff,
        travel=matrices,
        links=tuple(_links(day.demands, visits, staff, matrices)),
    )
    return _with_fixed(day, problem, kept_out, row_of)


def _with_fixed(
    day: DayInput, problem: Problem, kept_out: list[Unserved], row_of: Mapping[Place, int]
) -> Built:
    """The problem with what has happened and what people fixed taken into it."""
    if day.past.empty and not day.pins:
        return Built(problem, tuple(kept_out), row_of)
    draft = Draft.of(problem)
    past = under_way(draft, day.past)
    kept_out += settle(draft, past, row_of)
    names = {one.id: one.name for one in day.staff}
    breaches = hold(draft, day.pins, past.stops, kept_out, names, day.starts)
    return Built(
        problem=draft.problem(),
        kept_out=tuple(kept_out),
        row_of=row_of,
        stand_ins=draft.stand_ins,
        fixed=frozenset(draft.fixed),
        bases={one.id: row_of[one.base] for one in day.staff if one.base is not None},
        past=past,
        breaches=breaches,
    )


def _links(
    demands: Sequence[VisitDemand],
    visits: Sequence[Visit],
    staff: Sequence[SolverStaff],
    travel: Sequence[Matrix],
) -> Iterator[Link]:
    """Orders between visits, from start to start as the solver counts.

    Linked visits are served both or not at all; so an order that the people at work could not
    keep, if only because nobody can make one of the visits, is left aside rather than taking the
    other visit down with it.
    """
    by_id = {visit.id: visit for visit in visits}
    starts: dict[str, list[tuple[int, int]]] = {}

    def of(id_: str) -> list[tuple[int, int]]:
        if id_ not in starts:
            starts[id_] = _starts(by_id[id_], staff, travel)
        return starts[id_]

    for demand in demands:
        for before in demand.after:
            if demand.id not in by_id or before.demand not in by_id:
                continue
            length = by_id[before.demand].duration
            least = length + before.min_gap
            most = None if before.max_gap is None else length + before.max_gap
            if _keeps(of(before.demand), of(demand.id), least, most):
                yield Link(before.demand, demand.id, least, most, before.carers)


def _starts(
    visit: Visit, staff: Sequence[SolverStaff], travel: Sequence[Matrix]
) -> list[tuple[int, int]]:
    """When enough people could start, each coming from the base and going back to it."""
    found: list[tuple[str, int, int]] = []
    for one in staff:
        if any(one.skills.get(name, 0) < need for name, need in visit.skills.items()):
            continue
        for shift in one.shifts:
            way = travel[one.mode]
            there = 0 if shift.start_place is None else int(way[shift.start_place, visit.place])
            back = 0 if shift.end_place is None else int(way[visit.place, shift.end_place])
            first = shift.start + there + visit.access
            last = shift.latest_return - back - visit.duration
            found += [
                (one.id, max(w.earliest, first), min(w.latest, last))
                for w in visit.windows
                if max(w.earliest, first) <= min(w.latest, last)
            ]
    enough = len({who for who, _, _ in found}) >= visit.carers
    return [(start, end) for _, start, end in found] if enough else []


def _keeps(
    firsts: Sequence[tuple[int, int]],
    seconds: Sequence[tuple[int, int]],
    least: int,
    most: int | None,
) -> bool:
    """Whether some pair of starts keeps the gap."""
    return any(
        max(c, a + least) <= (d if most is None else min(d, b + most))
        for a, b in firsts
        for c, d in seconds
    )


def lost_places(at: Places, travel: Mapping[str, Travel]) -> dict[Place, PlaceProblem]:
    """Places that no mode of travel reaches, each with what a person should correct."""
    lost: dict[Place, PlaceProblem] = {}
    for row, place in enumerate(at.rows):
        found = [
            next((p for p in one.problems if p.row == row and not p.reachable), None)
            for one in travel.values()
        ]
        if found and found[0] is not None and all(found):
            lost[place] = found[0]
    return lost


def _ridden(seconds: Matrix, mode: str, bases: int, rules: DayRules) -> Matrix:
    if mode != "e-bike" or rules.access.parking == 0:
        return seconds
    ridden = seconds.copy()
    homes = ridden[:, bases:]
    homes[(homes > 0) & (homes < UNREACHABLE)] += rules.access.parking
    return ridden


def _staff(
    one: Staff, row_of: Mapping[Place, int], modes: Sequence[str], rules: DayRules
) -> SolverStaff:
    assert one.base is not None
    base = row_of[one.base]
    return SolverStaff(
        id=one.id,
        skills={level.value: 1 for level in one.levels},
        mode=modes.index(one.mode),
        max_visits=rules.max_visits.get(one.role),
        shifts=tuple(
            SolverShift(
                start=shift.start,
                end=shift.end,
                hard_end=shift.hard_end,
                start_place=base,
                end_place=base,
                breaks=_breaks(shift, rules),
            )
            for shift in one.shifts
        ),
    )


def _breaks(shift: Shift, rules: DayRules) -> tuple[Break, ...]:
    found = rests(shift, rules.meal_break, rules.meal_window)
    return tuple(Break(rest.earliest, rest.latest, rest.seconds) for rest in found)


def _visit(
    demand: VisitDemand,
    elder: Elder,
    place: int,
    day: DayInput,
    at_work: Mapping[StaffId, tuple[Level, ...]],
    rules: DayRules,
    prefer: "Preferences",
) -> Visit:
    chosen = day.week.get(demand.id, ())
    named = dict.fromkeys((*(demand.preferred or day.known.get(demand.elder, ())), *chosen))
    # Somebody who is off, or may not do it, cannot be missed: then all others are alike.
    able = [person for person in named if demand.level in at_work.get(person, ())]
    wished: dict[str, Any] = (
        {"continuity": dict.fromkeys(able, 0), "unfamiliar": prefer.costs.other_carer}
        if able
        else {}
    )
    return Visit(
        id=demand.id,
        place=place,
        duration=demand.duration,
        windows=tuple(Window(earliest, latest) for earliest, latest in _apart(demand.windows)),
        preferred=Window(*demand.wish) if demand.wish else None,
        skills={demand.level.value: 1},
        carers=demand.carers,
        preference=prefer.of(demand, chosen),
        priority=demand.priority,
        access=access_seconds(WALK, elder.home.floor, elder.home.lift, rules.access),
        group=f"{place}|{elder.home.floor}",
        **wished,
    )


class Preferences:
    """What it costs to send each person, beyond the way; equal wishes share one answer."""

    def __init__(self, staff: Sequence[Staff], costs: Costs) -> None:
        self.costs = costs
        self._staff = staff
        self._known: dict[tuple[object, ...], Mapping[str, int]] = {}

    def of(self, demand: VisitDemand, chosen: Collection[StaffId] = ()) -> Mapping[str, int]:
        """Person → cost where there is any; `chosen`: whom the spread wishes for."""
        key = (
            demand.level,
            demand.gender,
            demand.language,
            demand.organization,
            frozenset(chosen),
        )
        if key not in self._known:
            found = {
                one.id: sum(
                    preference_parts(demand, one, self.costs, chosen=one.id in chosen).values()
                )
                for one in self._staff
            }
            self._known[key] = {person: cost for person, cost in found.items() if cost}
        return self._known[key]


def preference_parts(
    demand: VisitDemand, one: Staff, costs: Costs, *, chosen: bool
) -> dict[str, int]:
    """What it costs to send one person, beyond the way: name of the weight → cost."""
    above = one.levels.index(demand.level) if demand.level in one.levels else 0
    return {
        "above_level": costs.above_level * above,
        "other_gender": costs.other_gender * (demand.gender not in ("", one.gender)),
        "other_language": costs.other_language * (demand.language not in ("", *one.languages)),
        "other_organization": costs.other_organization
        * (demand.organization not in ("", one.organization)),
        "chosen_carer": -costs.chosen_carer * chosen,
    }


def _apart(windows: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Windows in order, touching and overlapping ones joined: the solver wants them apart."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(windows):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
