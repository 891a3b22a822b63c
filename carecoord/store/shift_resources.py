"""How does the day of one bookable person look as Slots, and their calendar as a Schedule?

Pure, like `visit_resources`: rows in, FHIR JSON out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from carecoord.model.visits import DayKey
from carecoord.store.visit_resources import (
    SOURCE,
    Call,
    Person,
    Shown,
    at,
    own_id,
    ref,
    schedule_of,
    slot_of,
)
from fhir_profiles.wire import Json


@dataclass(frozen=True, slots=True)
class Route:
    """One person's day: shifts, pauses and ways home as (start, end), and who is called at."""

    staff: str
    shifts: list[tuple[int, int]] = field(default_factory=list)
    pauses: list[tuple[int, int]] = field(default_factory=list)
    homeward: list[tuple[int, int]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)


def slots(key: DayKey, route: Route, *, published: bool) -> Iterator[Shown]:
    """Busy and free stretches of one person's day.

    A visit is busy from setting out to leaving; before people are told, tentatively so. Pauses and
    ways home are unavailable; what is left of the shifts is free.
    """
    prefix = (route.staff, f"{key.day:%Y%m%d}")
    taken: list[tuple[int, int]] = []
    for n, (start, end) in enumerate(sorted(route.pauses)):
        taken.append((start, end))
        yield _slot(key, route, own_id(*prefix, f"p{n}"), start, end, "busy-unavailable")
    for n, (start, end) in enumerate(sorted(route.homeward)):
        if start < end:
            taken.append((start, end))
            yield _slot(key, route, own_id(*prefix, f"h{n}"), start, end, "busy-unavailable")
    status = "busy" if published else "busy-tentative"
    for call in sorted(route.calls, key=lambda c: (c.start, c.demand)):
        before = max((end for _, end in taken if end <= call.start), default=0)
        out = min(max(call.arrival - call.travel, before), call.start)
        taken.append((out, call.end))
        yield _slot(key, route, slot_of(call.demand, call.staff), out, call.end, status)
    for n, (start, end) in enumerate(_free(route.shifts, taken)):
        yield _slot(key, route, own_id(*prefix, f"f{n}"), start, end, "free")


def _free(
    shifts: Sequence[tuple[int, int]], taken: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    for first, last in sorted(shifts):
        for start, end in sorted(taken):
            if first < start < last:
                yield first, start
            if start < last:
                first = max(first, end)
        if first < last:
            yield first, last


def _slot(key: DayKey, route: Route, id_: str, start: int, end: int, status: str) -> Shown:
    made: Json = {
        "resourceType": "Slot",
        "meta": {"source": SOURCE},
        "schedule": ref("Schedule", schedule_of(route.staff)),
        "status": status,
        "start": at(key.day, start),
        "end": at(key.day, end),
    }
    return Shown(made, id_, key=key)


def schedule(staff: str, person: Person, day: date, present: Json | None) -> Shown:
    """The Schedule of one bookable person, its horizon widened to `day`."""
    horizon = {} if present is None else present.get("planningHorizon", {})
    text = day.isoformat()
    actors = [ref("PractitionerRole", staff)]
    if person.practitioner:
        actors.append(ref("Practitioner", person.practitioner))
    made: Json = {
        "resourceType": "Schedule",
        "meta": {"source": SOURCE},
        "active": True,
        "actor": actors,
        "planningHorizon": {
            "start": min(horizon.get("start", text), text),
            "end": max(horizon.get("end", text), text),
        },
    }
    return Shown(made, schedule_of(staff))
