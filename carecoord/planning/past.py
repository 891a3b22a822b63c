"""What of a day has happened already, and how does the rest of it go on from there? Pure.

What has happened is no longer decided: those visits are made by stand-ins who have no skill and so
take nothing else, exactly as they are in the plan. The people themselves begin where and when they
are done. So the judge looks at the whole day, and no search can change what was.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId
from carecoord.model.places import Place
from carecoord.model.visits import DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.planning.standins import Draft
from solver import UNREACHABLE, Break, Window
from solver import Shift as SolverShift


@dataclass(frozen=True, slots=True)
class Past:
    """What stays of the plan in force, whoever plans anew.

    until
        Seconds after 00:00; nothing else may begin before.
    stops, pauses, homeward
        Rows of the plan as they are.
    rest
        The other stops of the plan: somebody may be on the way to the next.
    ready
        Staff → second before which they can begin nothing, such as somebody who is late.
    seen
        Staff → where and when somebody was last known to be, if not at one of `stops`.
    """

    until: int = 0
    stops: tuple[Stop, ...] = ()
    pauses: tuple[Pause, ...] = ()
    homeward: tuple[Homeward, ...] = ()
    rest: tuple[Stop, ...] = ()
    ready: Mapping[StaffId, int] = field(default_factory=dict)
    seen: Mapping[StaffId, tuple[Place, int]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether the whole day is still open."""
        return not (self.until or self.stops or self.ready or self.seen)


def past_of(plan: DayPlan, begun: Collection[DemandId], until: int = 0) -> Past:
    """What stays of a plan: visits that have begun, and everything that begins before `until`.

    Whoever has begun a visit has passed those before it.

    Parameters
    ----------
    begun
        Visits that somebody reported as started or finished.
    """
    passed: dict[StaffId, int] = {}
    for stop in plan.stops:
        if stop.demand in begun:
            passed[stop.staff] = max(passed.get(stop.staff, 0), stop.start)
    over = {
        s.demand
        for s in plan.stops
        if s.demand in begun or s.start < max(until, passed.get(s.staff, 0))
    }
    stops = tuple(s for s in plan.stops if s.demand in over)
    last = {who: max(s.start for s in stops if s.staff == who) for who in {s.staff for s in stops}}
    return Past(
        until=until,
        stops=stops,
        rest=tuple(s for s in plan.stops if s.demand not in over),
        pauses=tuple(p for p in plan.pauses if p.start < until or p.end <= last.get(p.staff, -1)),
        homeward=tuple(h for h in plan.homeward if _made(h, plan.stops, over)),
    )


def _made(home: Homeward, stops: Sequence[Stop], over: Collection[DemandId]) -> bool:
    """Whether the visit before a way home has begun."""
    before = [s for s in stops if s.staff == home.staff and s.end <= home.arrival]
    return bool(before) and max(before, key=lambda s: s.end).demand in over


def under_way(draft: Draft, past: Past) -> Past:
    """With the visits to which people must have left already: those stay as well."""
    last: dict[StaffId, Stop] = {}
    for stop in sorted(past.stops, key=lambda s: s.end):
        last[stop.staff] = stop
    following: dict[StaffId, Stop] = {}
    for stop in sorted(past.rest, key=lambda s: s.start, reverse=True):
        following[stop.staff] = stop
    gone = {
        stop.demand
        for who, stop in following.items()
        if past.until and who not in past.ready and _left(draft, stop, last.get(who), past.until)
    }
    going = {s.demand for s in past.rest if s.demand in gone} - {
        s.demand for s in past.rest if _shift_of(draft, s) is None
    }
    if not going:
        return past
    return replace(
        past,
        stops=(*past.stops, *(s for s in past.rest if s.demand in going)),
        rest=tuple(s for s in past.rest if s.demand not in going),
    )


def _shift_of(draft: Draft, stop: Stop) -> SolverShift | None:
    """The shift in which somebody can still make a stop of theirs."""
    person = draft.staff.get(stop.staff)
    if person is None or stop.demand not in draft.visits:
        return None
    inside = (s for s in person.shifts if s.start <= stop.start and stop.end <= s.latest_return)
    return next(inside, None)


def _left(draft: Draft, stop: Stop, before: Stop | None, until: int) -> bool:
    """Whether somebody would come too late if they had not left before `until`."""
    shift = _shift_of(draft, stop)
    if shift is None or until <= shift.start:
        return False
    here, since = shift.start_place, until
    if before is not None and before.end >= shift.start and before.demand in draft.visits:
        here, since = draft.place(before.demand), max(until, before.end)
    way = 0
    if here is not None:
        way = int(draft.travel[draft.staff[stop.staff].mode][here, draft.place(stop.demand)])
    # With a vehicle broken down the way has become longer: then they do come too late.
    return way <= stop.travel and stop.start - draft.visits[stop.demand].access - way < since


def settle(draft: Draft, past: Past, row_of: Mapping[Place, int]) -> list[Unserved]:
    """Take what has happened into a problem; which visits can begin no more, with the reason."""
    if past.empty:
        return []
    stops = [stop for stop in past.stops if stop.demand in draft.visits]
    by_staff: dict[StaffId, list[Stop]] = defaultdict(list)
    for stop in sorted(stops, key=lambda s: (s.start, s.end, s.demand)):
        by_staff[stop.staff].append(stop)
    who: dict[tuple[StaffId, str], str] = {}
    for staff, own in sorted(by_staff.items()):
        for chain in _chains(draft, staff, own):
            name = draft.stand_in(staff, chain[0].demand, _chain_shift(draft, staff, chain, own))
            who |= {(staff, stop.demand): name for stop in chain}
    for demand, together in sorted(_by_visit(stops).items()):
        people = {stop.staff: who[stop.staff, demand] for stop in together}
        draft.fix(
            demand,
            people,
            min(s.start for s in together),
            seconds=max(s.end for s in together) - min(s.start for s in together),
            access=min(s.start - s.arrival for s in together),
        )
    for id_ in [one for one in draft.staff if one not in draft.stand_ins]:
        _begin(draft, StaffId(id_), past, by_staff.get(StaffId(id_), []), row_of)
    return _too_late(draft, past.until) if past.until else []


def _by_visit(stops: Sequence[Stop]) -> dict[str, list[Stop]]:
    found: dict[str, list[Stop]] = defaultdict(list)
    for stop in stops:
        found[stop.demand].append(stop)
    return found


def _chains(draft: Draft, staff: StaffId, stops: Sequence[Stop]) -> list[list[Stop]]:
    """Stops of one person, cut where the way from one to the next was shorter than possible.

    Such things happen: the map says twelve minutes, and somebody was there after nine.
    """
    travel = draft.travel[draft.staff[staff].mode if staff in draft.staff else 0]
    chains: list[list[Stop]] = []
    for stop in stops:
        before = chains[-1][-1] if chains else None
        if before is not None:
            way = int(travel[draft.place(before.demand), draft.place(stop.demand)])
            if way < UNREACHABLE and before.end + way <= stop.arrival:
                chains[-1].append(stop)
                continue
        chains.append([stop])
    return chains


def _chain_shift(
    draft: Draft, staff: StaffId, chain: Sequence[Stop], stops: Sequence[Stop]
) -> SolverShift:
    """Working time that holds one chain and nothing else; the first one begins at the base."""
    first, end = chain[0], max(s.end for s in chain)
    person = draft.staff.get(staff)
    base = person.shifts[0].start_place if person is not None and person.shifts else None
    if first is stops[0] and person is not None and base is not None:
        way = int(draft.travel[person.mode][base, draft.place(first.demand)])
        if way <= first.arrival:
            return SolverShift(first.arrival - way, end, start_place=base)
    return SolverShift(max(0, first.arrival - first.travel), end)


def _begin(
    draft: Draft,
    staff: StaffId,
    past: Past,
    stops: Sequence[Stop],
    row_of: Mapping[Place, int],
) -> None:
    """Let somebody go on where they are, when they can."""
    person = draft.staff[staff]
    place, since = None, -1
    if stops:
        last = max(stops, key=lambda s: s.end)
        place, since = draft.place(last.demand), last.end
    if any(h.staff == staff and since <= h.arrival <= past.until for h in past.homeward):
        place = None
    if staff in past.seen and past.seen[staff][1] >= since:
        where, since = past.seen[staff]
        place = row_of.get(where, place)
    rests = [p for p in past.pauses if p.staff == staff]
    ready = max(past.until, since, past.ready.get(staff, 0), *(p.end for p in rests), 0)
    shifts = tuple(
        left
        for shift in person.shifts
        if (left := _rest_of(shift, ready, place if since >= shift.start else None, rests))
    )
    draft.staff[staff] = replace(person, shifts=shifts)
    draft.spend(staff, len(stops))


def _rest_of(
    shift: SolverShift, ready: int, place: int | None, rests: Sequence[Pause]
) -> SolverShift | None:
    """What is left of a shift from `ready` on, at `place` if the person has left the base."""
    if ready >= shift.latest_return:
        return None
    if ready <= shift.start:
        return shift
    taken = [p.start for p in rests]
    return replace(
        shift,
        start=ready,
        end=max(shift.end, ready),
        start_place=shift.start_place if place is None else place,
        breaks=tuple(
            Break(max(one.earliest, ready), one.latest, one.duration)
            for one in shift.breaks
            if ready <= one.latest and not any(one.earliest <= at <= one.latest for at in taken)
        ),
    )


def _too_late(draft: Draft, until: int) -> list[Unserved]:
    """Take out what can begin no more, and let the rest begin from `until` on."""
    gone: list[Unserved] = []
    for id_, visit in list(draft.visits.items()):
        if id_ in draft.fixed:
            continue
        windows = tuple(
            Window(max(w.earliest, until), w.latest) for w in visit.windows if w.latest >= until
        )
        if windows:
            draft.visits[id_] = replace(visit, windows=windows)
            continue
        latest = time.clock(visit.windows[-1].latest)
        facts = {"latest": latest, "now": time.clock(until)}
        gone.append(Unserved(DemandId(id_), "unserved.past", facts))
        draft.drop(id_)
    return gone
