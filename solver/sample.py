"""Seeded test days: small and odd ones for property tests, street days for measuring."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from solver.plan import Route, Stop
from solver.types import (
    UNREACHABLE,
    Apart,
    Break,
    Link,
    Pace,
    Pin,
    Problem,
    Shift,
    Staff,
    Visit,
    Window,
)

__all__ = ["full_day", "linked_day", "odd_day", "street_day"]

HOUR = 3600
_SKILLS = ("care", "nursing", "wound", "rehab", "doctor")


def street_day(
    visits: int, staff: int, seed: int, *, rich: bool = False, metres: int = 4000
) -> Problem:
    """One street: clustered homes, walk (4.5 km/h) and e-bike (15 km/h) matrices, five skills.

    rich
        12 % pairs, 8 % ordered links, lunch breaks, split shifts, continuity, optional visits and
        preferred times. Plain has none of these.
    metres
        Edge of the square the homes lie in.
    """
    rng = random.Random(seed)  # noqa: S311 - repeatable test data, not secrets
    points = _points(rng, visits, metres)
    travel = _matrices(points)
    people = [_carer(rng, row, visits + 1 + row % 3, rich=rich) for row in range(staff)]
    wanted = [_visit(rng, row, people, rich=rich) for row in range(visits)]
    return Problem(
        visits=tuple(wanted),
        staff=tuple(people),
        travel=travel,
        links=_ordered(rng, wanted) if rich else (),
    )


def _points(rng: random.Random, visits: int, metres: int) -> npt.NDArray[np.float64]:
    """Row 0 unused, homes around 12 centres, then three stations."""
    centres = [(rng.uniform(0, metres), rng.uniform(0, metres)) for _ in range(12)]
    out = [(metres / 2, metres / 2)]
    for _ in range(visits):
        x, y = rng.choice(centres)
        out.append((rng.gauss(x, metres / 14), rng.gauss(y, metres / 14)))
    out += [(rng.uniform(0.3, 0.7) * metres, rng.uniform(0.3, 0.7) * metres) for _ in range(3)]
    return np.array(out)


def _matrices(points: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int32], ...]:
    gap = np.abs(points[:, None, :] - points[None, :, :])
    # Streets are neither straight nor a grid: between the two.
    way = 0.5 * gap.sum(axis=2) + 0.5 * np.sqrt((gap**2).sum(axis=2)) * 1.3
    walk = np.ceil(way / (4500 / HOUR)).astype(np.int32)
    bike = np.ceil(way / (15000 / HOUR) + 60 * (way > 0)).astype(np.int32)
    return walk, bike


def _carer(rng: random.Random, row: int, station: int, *, rich: bool) -> Staff:
    skills = {"care": 1}
    for name, share in (("nursing", 0.5), ("wound", 0.3), ("rehab", 0.2), ("doctor", 0.1)):
        # The first carers have everything, so that each skill exists.
        if row < 2 or rng.random() < share:
            skills[name] = 1
    early = rng.random() < 0.6
    begin, end = (7 * HOUR, 16 * HOUR) if early else (11 * HOUR, 20 * HOUR)
    lunch = begin + 4 * HOUR
    breaks = (Break(lunch, lunch + 2 * HOUR, 1800),) if rich else ()
    shifts: tuple[Shift, ...] = (
        Shift(begin, end, station, station, end + HOUR if rich else None, breaks),
    )
    if rich and rng.random() < 0.2:
        shifts = (
            Shift(7 * HOUR, 12 * HOUR, station, station),
            Shift(16 * HOUR, 20 * HOUR, station, station),
        )
    return Staff(
        id=f"s{row}",
        shifts=shifts,
        skills=skills,
        mode=int(rng.random() < 0.6),
        max_visits=14 if rich else None,
    )


def _visit(rng: random.Random, row: int, people: Sequence[Staff], *, rich: bool) -> Visit:
    width = rng.choice([1800, 3600, 2 * HOUR, 4 * HOUR, 24 * HOUR])
    middle = rng.uniform(7.5, 18.5) * HOUR
    first = int(max(7 * HOUR, middle - width / 2)) // 300 * 300
    last = int(min(19 * HOUR, middle + width / 2)) // 300 * 300
    skill = rng.choices(_SKILLS, [60, 20, 10, 7, 3])[0]
    base = Visit(
        id=f"v{row}",
        place=row + 1,
        duration=rng.choice([1200, 1800, 1800, 2400, 3600]),
        windows=(Window(first, max(first, last)),),
        skills={skill: 1},
    )
    if not rich:
        return base
    wish = rng.randrange(first, max(first, last) + 1) // 300 * 300
    known = rng.sample([p.id for p in people], min(3, len(people)))
    return Visit(
        id=base.id,
        place=base.place,
        duration=base.duration,
        windows=base.windows,
        skills=base.skills,
        carers=2 if rng.random() < 0.12 else 1,
        preferred=Window(max(first, wish - 1800), max(first, wish + 1800)),
        continuity=dict.fromkeys(known, 0),
        unfamiliar=600,
        mandatory=rng.random() >= 0.1,
        priority=rng.randrange(3),
        access=rng.choice([60, 120, 240]),
    )


def _ordered(rng: random.Random, visits: Sequence[Visit]) -> tuple[Link, ...]:
    """Ties about 8 % of the visits into ordered couples whose windows allow the gap."""
    free = [v for v in visits if v.carers == 1]
    rng.shuffle(free)
    links: list[Link] = []
    while len(free) > 1 and len(links) < round(0.04 * len(visits)):
        first = free.pop()
        for second in free:
            low = second.windows[-1].latest - first.windows[0].earliest
            high = second.windows[0].earliest - first.windows[-1].latest
            if low >= 2 * HOUR and high <= 2 * HOUR:
                free.remove(second)
                links.append(Link(first.id, second.id, 1800, 4 * HOUR))
                break
    return tuple(links)


def linked_day(seed: int, *, visits: int = 24, staff: int = 6) -> Problem:
    """A street day with soft ends and links between visits, as home care benchmarks have them."""
    base = street_day(visits, staff, seed)
    wanted = tuple(
        Visit(
            v.id,
            v.place,
            v.duration,
            (Window(v.windows[0].earliest, 24 * HOUR),),
            preferred=v.windows[0],
            skills=v.skills,
        )
        for v in base.visits
    )
    links = tuple(
        Link(wanted[k].id, wanted[k + 1].id, 0, 0 if k % 4 else HOUR, "different")
        for k in range(0, visits // 3, 2)
    )
    carers = tuple(
        Staff(
            s.id,
            (Shift(6 * HOUR, 30 * HOUR, s.shifts[0].start_place, s.shifts[0].end_place),),
            skills=dict.fromkeys(_SKILLS, 1),
            mode=s.mode,
        )
        for s in base.staff
    )
    return Problem(wanted, carers, base.travel, links=links)


def odd_day(seed: int, *, visits: int | None = None, staff: int | None = None) -> Problem:
    """A small day with every rule somewhere, sensible or not, some of it impossible to serve."""
    rng = random.Random(seed)  # noqa: S311 - repeatable test data, not secrets
    count = rng.randrange(0, 14) if visits is None else visits
    people = rng.randrange(0, 6) if staff is None else staff
    places = rng.randrange(1, count + 4)
    travel = tuple(_odd_matrix(rng, places) for _ in range(rng.randrange(1, 3)))
    carers = tuple(_odd_carer(rng, row, places, len(travel)) for row in range(people))
    wanted = tuple(_odd_visit(rng, row, places, carers) for row in range(count))
    links = _odd_links(rng, wanted)
    return Problem(
        visits=wanted,
        staff=carers,
        travel=travel,
        links=links,
        pins=_odd_pins(rng, wanted, carers),
    )


def full_day(seed: int, *, visits: int | None = None, staff: int | None = None) -> Problem:
    """An odd day that also has limits of travel, paid hours and kilometres, own durations, areas,
    hard work, days left, goods, a plan in force, and visits kept apart."""
    base = odd_day(seed, visits=visits, staff=staff)
    rng = random.Random(~seed)  # noqa: S311 - repeatable test data, not secrets
    metres = rng.random() < 0.5
    names = [s.id for s in base.staff] or ["nobody"]
    # Goods and promises have a source of their own: days of older seeds stay what they were.
    more = random.Random(seed ^ 0x600D)  # noqa: S311 - repeatable test data, not secrets
    loaded = more.random() < 0.4
    return Problem(
        visits=tuple(
            replace(
                v,
                paces=(Pace(rng.choice(_SKILLS), 2, 900),) if rng.random() < 0.2 else (),
                duration_by={rng.choice(names): 2400} if rng.random() < 0.2 else {},
                due=rng.choice([None, None, 0, 3]),
                area=rng.choice([None, "north", "south"]),
                hard=rng.random() < 0.3,
                goods=more.randrange(4) if loaded else 0,
            )
            for v in base.visits
        ),
        staff=tuple(
            replace(
                s,
                max_travel=rng.choice([None, None, 1800, 7200]),
                max_leg=rng.choice([None, None, None, 1500]),
                cost_hour=rng.choice([0, 0, 700, 3600]),
                cost_km=rng.choice([0, 90, 1000]) if metres else 0,
                areas=frozenset(rng.choice([(), (), ("north",), ("north", "south")])),
                shifts=tuple(
                    replace(x, capacity=more.choice([None, 2, 6]) if loaded else None)
                    for x in s.shifts
                ),
            )
            for s in base.staff
        ),
        travel=base.travel,
        links=base.links,
        pins=base.pins,
        apart=_odd_apart(rng, base.visits),
        previous=_odd_previous(more, base) if more.random() < 0.4 else (),
        metres=tuple((m % 10_000) * 5 // 4 for m in base.travel) if metres else (),
    )


def _odd_matrix(rng: random.Random, places: int) -> npt.NDArray[np.int32]:
    out = np.array(
        [[rng.randrange(60, 2400) for _ in range(places)] for _ in range(places)], dtype=np.int32
    )
    for _ in range(rng.randrange(3)):
        out[rng.randrange(places), rng.randrange(places)] = UNREACHABLE
    np.fill_diagonal(out, 0)
    return out


def _odd_carer(rng: random.Random, row: int, places: int, modes: int) -> Staff:
    shifts: list[Shift] = []
    clock = rng.randrange(5, 12) * HOUR
    for _ in range(rng.choice([0, 1, 1, 1, 2])):
        end = clock + rng.randrange(2, 15) * HOUR
        hard = end + rng.randrange(3) * HOUR if rng.random() < 0.4 else None
        breaks: list[Break] = []
        pause = clock + HOUR
        while rng.random() < 0.4 and pause < end:
            latest = pause + rng.choice([0, HOUR])
            breaks.append(Break(pause, latest, rng.choice([600, 1800])))
            pause = latest + 1800 + rng.randrange(3) * HOUR
        ends = [None if rng.random() < 0.2 else rng.randrange(places) for _ in range(2)]
        shifts.append(Shift(clock, end, ends[0], ends[1], hard, tuple(breaks)))
        clock = (hard or end) + rng.randrange(1, 4) * HOUR
    return Staff(
        id=f"s{row}",
        shifts=tuple(shifts),
        skills={s: rng.randrange(1, 4) for s in _SKILLS if rng.random() < 0.6},
        mode=rng.randrange(modes),
        max_visits=rng.choice([None, None, 1, 3, 6]),
        cost_use=rng.choice([0, 0, 500]),
    )


def _odd_visit(rng: random.Random, row: int, places: int, people: Sequence[Staff]) -> Visit:
    windows: list[Window] = []
    clock = rng.randrange(6, 18) * HOUR
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        windows.append(Window(clock, clock + rng.choice([0, 900, HOUR, 4 * HOUR])))
        clock = windows[-1].latest + rng.randrange(1, 3) * HOUR
    names = [p.id for p in people] or ["nobody"]
    wish = windows[0].earliest + rng.randrange(-2, 3) * 1800
    return Visit(
        id=f"v{row}",
        place=rng.randrange(places),
        duration=rng.choice([300, 1200, 1800, 5400]),
        windows=tuple(windows),
        preferred=Window(wish, wish + 900) if rng.random() < 0.4 else None,
        skills={rng.choice(_SKILLS): rng.randrange(1, 3)} if rng.random() < 0.5 else {},
        carers=rng.choice([1, 1, 1, 1, 2, 2, 3]),
        required=frozenset(rng.sample(names, 1)) if rng.random() < 0.1 else frozenset(),
        forbidden=frozenset(rng.sample(names, 1)) if rng.random() < 0.1 else frozenset(),
        continuity={rng.choice(names): 0} if rng.random() < 0.5 else {},
        unfamiliar=rng.choice([0, 600]),
        preference={rng.choice(names): rng.randrange(-300, 300)} if rng.random() < 0.3 else {},
        mandatory=rng.random() < 0.8,
        priority=rng.randrange(10),
        penalty=rng.choice([None, None, 0, 5000]),
        access=rng.choice([0, 0, 120]),
        group=rng.choice([None, None, "a", "b"]),
    )


def _odd_links(rng: random.Random, visits: Sequence[Visit]) -> tuple[Link, ...]:
    links: dict[tuple[int, int], Link] = {}
    while len(visits) > 1 and rng.random() < 0.5:
        a, b = sorted(rng.sample(range(len(visits)), 2))
        low = rng.choice([0, 0, 1800])
        high = rng.choice([None, low, low + HOUR])
        kind = rng.choice(["any", "any", "same", "different"])
        if kind == "same" and visits[a].carers != visits[b].carers:
            kind = "any"
        links[a, b] = Link(visits[a].id, visits[b].id, low, high, kind)  # type: ignore[arg-type]
    return tuple(links.values())


def _odd_apart(rng: random.Random, visits: Sequence[Visit]) -> tuple[Apart, ...]:
    pairs: dict[tuple[int, int], Apart] = {}
    while len(visits) > 1 and rng.random() < 0.5:
        a, b = sorted(rng.sample(range(len(visits)), 2))
        pairs[a, b] = Apart(visits[a].id, visits[b].id, rng.choice([0, 0, 1800]))
    return tuple(pairs.values())


def _odd_previous(rng: random.Random, base: Problem) -> tuple[Route, ...]:
    """Routes once promised, possible or not; some to visits and carers that are gone."""
    routes: list[Route] = []
    for staff in base.staff:
        made = [v for v in base.visits if rng.random() < 0.3]
        stops = tuple(
            Stop(v.id, start, start, start + v.duration)
            for v in made
            for start in (v.windows[0].earliest + rng.randrange(1800),)
        )
        if stops and staff.shifts:
            name = "gone" if rng.random() < 0.1 else staff.id
            routes.append(Route(name, 0, stops[0].arrival, stops[-1].end, stops))
    if routes and rng.random() < 0.2:
        lost = Stop("cancelled", 9 * HOUR, 9 * HOUR, 10 * HOUR)
        routes[0] = replace(routes[0], stops=(*routes[0].stops, lost))
    return tuple(routes)


def _odd_pins(
    rng: random.Random,
    visits: Sequence[Visit],
    people: Sequence[Staff],
) -> tuple[Pin, ...]:
    pins: list[Pin] = []
    led: set[str] = set()
    for row, visit in enumerate(visits):
        if rng.random() < 0.25:
            who: tuple[str, ...] = ()
            if len(people) >= visit.carers and rng.random() < 0.3:
                who = tuple(p.id for p in rng.sample(list(people), visit.carers))
            start = visit.windows[0].earliest + rng.randrange(900) if rng.random() < 0.3 else None
            # After an earlier row only, so that nothing leads back; links go from low to high too.
            lead = visits[rng.randrange(row)] if row and rng.random() < 0.5 else None
            if lead is not None and (lead.id in led or lead.carers < visit.carers):
                lead = None
            if lead is not None:
                led.add(lead.id)
            after = None if lead is None else lead.id
            pins.append(Pin(visit.id, who, start, after, after is None and rng.random() < 0.2))
    return tuple(pins)
