"""Which pins can be kept together, and what keeps the others from it? Pure."""

from collections.abc import Iterator
from dataclasses import replace

import solver
from carecoord.errors import Fact
from carecoord.model import time
from carecoord.model.ids import StaffId
from carecoord.model.pins import VisitPin
from carecoord.planning.pin_desk import Desk, keep, set_apart
from carecoord.planning.standins import Draft
from solver import MAX_COST, UNREACHABLE, Link, Options, Solution, suggest

_SEARCH = Options(seconds=10, iterations=400, seed=1)
"""Finds out which pins go together; a step limit, so that the answer is always the same."""


def together(desk: Desk) -> None:
    """Set apart as few pins as keep the rest possible, the ones made last first."""
    # Each round sets something apart, so there are no more rounds than pins.
    while True:
        lost = unplaced(desk, orders=False)
        if not lost:
            return
        for id_ in lost:
            pin = desk.pins[id_]
            clash = _clash(desk, pin)
            if clash is not None:
                code, facts = clash
                desk.blame(pin, code, **facts)
            if pin.carers:
                set_apart(desk, pin)
            else:
                # Nobody is named: the visit keeps its start and waits for somebody who can come.
                if pin.after is not None:
                    desk.blame(pin, "pin.order", other=pin.after)
                keep(desk.draft, replace(pin, after=None), worth=None)
                del desk.pins[id_]
                desk.waiting.add(id_)


def unplaced(desk: Desk, *, orders: bool) -> list[str]:
    """Pinned visits that find no place when nothing but pins and what has happened is planned."""
    trial = _trial(desk, orders=orders)
    if trial is None:
        return []
    problem = trial.problem()
    # By its module: the search is loaded when somebody needs it, not with the pages.
    found = solver.solve(problem, _SEARCH)
    for one in sorted(u.visit for u in found.unserved):
        offers = suggest(problem, found, one, top=1)
        if offers:
            routes = {(r.staff, r.shift): r for r in found.routes}
            routes |= {(r.staff, r.shift): r for r in offers[0].routes}
            rest = tuple(u for u in found.unserved if u.visit != one)
            found = Solution(tuple(routes.values()), rest, {})
    return sorted(u.visit for u in found.unserved if u.visit in desk.pins)


def _trial(desk: Desk, *, orders: bool) -> Draft | None:
    """A day with nothing but the pinned visits; an earlier pin is worth more than a later one."""
    asked = {k: p for k, p in desk.pins.items() if orders or p.carers or p.start is not None}
    leaders = {p.after for p in asked.values() if p.after} if orders else set()
    wanted = [v for v in desk.draft.visits if v in asked or v in leaders]
    if not wanted:
        return None
    named = {who for p in asked.values() for who in p.carers}
    free = any(not p.carers for p in asked.values()) or bool(leaders)
    trial = Draft(
        visits={v: desk.draft.visits[v] for v in wanted},
        staff={
            id_: replace(one, cost_use=0)
            for id_, one in desk.draft.staff.items()
            if id_ not in desk.draft.stand_ins and (free or id_ in named)
        },
        whole=desk.draft.whole,
        links=[k for k in desk.draft.links if {k.first, k.second} <= set(wanted)],
        apart=[k for k in desk.draft.apart if {k.first, k.second} <= set(wanted)],
    )
    for age, pin in enumerate(asked.values()):
        keep(trial, pin if orders else replace(pin, after=None), worth=MAX_COST - 1000 * age)
    for leader in leaders - asked.keys():
        visit = trial.visits.get(leader or "")
        if visit is not None:
            trial.visits[visit.id] = replace(visit, penalty=MAX_COST // 10)
    if orders:
        tie(trial)
    return trial


def tie(draft: Draft) -> None:
    """Place a visit together with the one directly before it: a search moves both at once."""
    linked = {frozenset((k.first, k.second)) for k in draft.links}
    for pin in draft.pins.values():
        if pin.after is not None and frozenset((pin.visit, pin.after)) not in linked:
            before = draft.visits[pin.after]
            same = before.carers == draft.visits[pin.visit].carers
            draft.links.append(
                Link(pin.after, pin.visit, before.duration, None, "same" if same else "any")
            )


def _clash(desk: Desk, pin: VisitPin) -> tuple[str, dict[str, Fact]] | None:
    """What keeps a pin from being met beside the others; None: another one is to blame already."""
    visit = desk.draft.visits[pin.demand]
    if pin.start is None:
        names = ", ".join(desk.name(s) for s in pin.carers)
        count = sum(1 for p in desk.pins.values() if set(p.carers) & set(pin.carers))
        return "pin.full", {"name": names, "pins": count}
    start, end = pin.start, pin.start + visit.duration
    facts: dict[str, Fact] = {"start": time.clock(start), "end": time.clock(end)}
    if not pin.carers:
        return "pin.nobody", facts
    for other, who, a, b in _others(desk, pin):
        if a < end and start < b:
            if other in desk.apart:
                return None
            more: dict[str, Fact] = {"other": other, "other_start": time.clock(a)}
            more |= {"name": desk.name(who), "other_end": time.clock(b)}
            return "pin.overlaps", facts | more
    for other, who, a, b in _others(desk, pin):
        person = desk.draft.staff[who]
        here, there = visit.place, desk.draft.place(other)
        way = desk.draft.travel[person.mode]
        needed, spare = (
            (int(way[there, here]), start - visit.access - b)
            if b <= start
            else (int(way[here, there]), a - desk.draft.visits[other].access - end)
        )
        if needed > spare:
            if other in desk.apart:
                return None
            minutes = -(-needed // 60) if needed < UNREACHABLE else 0
            gap: dict[str, Fact] = {"other": other, "needed": minutes, "spare": max(0, spare) // 60}
            return "pin.too_far", facts | gap | {"name": desk.name(who)}
    names = ", ".join(desk.name(s) for s in pin.carers)
    count = sum(1 for p in desk.pins.values() if set(p.carers) & set(pin.carers))
    return "pin.full", {"name": names, "pins": count}


def _others(desk: Desk, pin: VisitPin) -> Iterator[tuple[str, StaffId, int, int]]:
    """Other visits pinned to one of the same people at a start: visit, person, start, end."""
    everyone: list[VisitPin] = [*desk.pins.values(), *desk.apart.values()]
    for other in everyone:
        shared = [s for s in other.carers if s in pin.carers and s in desk.draft.staff]
        if other.demand != pin.demand and other.start is not None and shared:
            long = desk.draft.visits[other.demand].duration
            yield other.demand, shared[0], other.start, other.start + long
