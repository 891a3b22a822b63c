"""Which orders between pinned visits can be kept? Pure."""

from collections.abc import Mapping
from dataclasses import replace

from carecoord.model.pins import VisitPin
from carecoord.planning.pin_desk import Desk
from carecoord.planning.pinned_together import unplaced
from carecoord.planning.standins import Draft, cut
from solver import Pin, ProblemError


def orders_kept(desk: Desk) -> None:
    """Which orders can be kept; the visit itself keeps carer and start in any case."""
    draft = desk.draft
    leads: dict[str, str] = {}
    for pin in list(desk.pins.values()):
        if pin.after is None:
            continue
        refused = (
            pin.after not in draft.visits
            or pin.after in desk.waiting
            or pin.after in leads.values()
            or draft.visits[pin.demand].carers > draft.visits[pin.after].carers
            or _circle(leads, pin.demand, pin.after)
            or _leads_to(draft, pin.demand, pin.after)
        )
        if not refused and pin.after in draft.fixed:
            refused = not _follows_past(draft, pin)
        elif not refused:
            leads[pin.demand] = pin.after
            desk.pins[pin.demand] = pin
            refused = _contradicted(_only(desk, leads))
        if refused:
            leads.pop(pin.demand, None)
            desk.blame(pin, "pin.order", other=pin.after)
            desk.pins[pin.demand] = replace(pin, after=None)


def same_people(draft: Draft) -> None:
    """Whoever is named for a visit makes the one directly before it, too, and the other way."""
    # Along a chain names pass one visit at a time.
    for _ in list(draft.pins):
        for pin in list(draft.pins.values()):
            before = draft.pins.get(pin.after or "", Pin(pin.after or pin.visit))
            if (
                pin.after is None
                or draft.visits[pin.after].carers != draft.visits[pin.visit].carers
            ):
                continue
            if pin.staff and not before.staff:
                draft.pins[before.visit] = replace(before, staff=pin.staff)
            elif before.staff and not pin.staff:
                draft.pins[pin.visit] = replace(pin, staff=before.staff)


def _only(desk: Desk, leads: Mapping[str, str]) -> Desk:
    """The same pins with these orders alone."""
    pins = {k: p if k in leads else replace(p, after=None) for k, p in desk.pins.items()}
    return replace(desk, pins=pins)


def _contradicted(desk: Desk) -> bool:
    """Whether some pinned visit finds no place any more with these orders."""
    try:
        return bool(unplaced(desk, orders=True))
    except ProblemError:
        # The visits are linked the other way round.
        return True


def _circle(leads: Mapping[str, str], visit: str, after: str) -> bool:
    here: str | None = after
    while here is not None:
        if here == visit:
            return True
        here = leads.get(here)
    return False


def _leads_to(draft: Draft, first: str, last: str) -> bool:
    """Whether links ask one visit to come before another."""
    ahead, seen = [first], {first}
    while ahead:
        here = ahead.pop()
        for link in draft.links:
            if link.first == here and link.second not in seen:
                seen.add(link.second)
                ahead.append(link.second)
    return last in seen


def _follows_past(draft: Draft, pin: VisitPin) -> bool:
    """Directly after something that has happened: first of what is left of those people's day."""
    led = draft.pins[pin.after or ""]
    who = tuple(draft.stand_ins[s] for s in led.staff)
    visit = draft.visits[pin.demand]
    if len(who) != visit.carers or (pin.carers and set(pin.carers) != set(who)):
        return False
    before = draft.visits[pin.after or ""]
    here = before.place
    windows = cut(visit.windows, before.windows[0].earliest + before.duration, None)
    if not windows or not all(
        s in draft.staff and any(x.start_place == here for x in draft.staff[s].shifts) for s in who
    ):
        return False
    draft.visits[pin.demand] = replace(visit, windows=windows)
    draft.pins[pin.demand] = Pin(pin.demand, staff=tuple(str(s) for s in who), first=True)
    return True
