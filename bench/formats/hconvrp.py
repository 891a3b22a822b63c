"""Heterogeneous consistent vehicle routing: its files, and the judge of a period's routes.

After Stavropoulou 2022. Customers are visited on the days they have a demand; whoever is visited
on several days (a frequent customer) always sees the same vehicle, at times no further apart than a
limit. Every vehicle leaves the depot at 0 and is back within the route duration. Cost: of each
vehicle on each day it goes out, its fixed cost, and its variable cost per unit of distance.

The judge shares no code with any search. As in the published model an arrival is bounded from
below only (arrival + service + way), so time may be spent before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.formats.files import BadFile, text_of

__all__ = ["Call", "Fault", "Period", "Report", "Vehicle", "judge", "read"]

_NEAR = 1e-6


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle; `kind` is the position of its type."""

    kind: int
    capacity: float
    fixed: float
    variable: float
    speed: float


@dataclass(frozen=True, slots=True)
class Period:
    """One instance. Customers are rows from 1, the depot is row 0.

    service
        Per row, time.
    demand
        Per row and day; 0: not visited on that day.
    allowed
        Per row: positions of the vehicles that may come.
    """

    name: str
    duration: float
    days: int
    vehicles: tuple[Vehicle, ...]
    points: tuple[tuple[float, float], ...]
    service: tuple[float, ...]
    demand: tuple[tuple[float, ...], ...]
    allowed: tuple[frozenset[int], ...]

    def distance(self, a: int, b: int) -> float:
        """Straight line between two rows."""
        return math.dist(self.points[a], self.points[b])

    def on(self, day: int) -> list[int]:
        """Rows visited on a day."""
        return [row for row, demand in enumerate(self.demand) if demand[day] > 0]

    def visits(self, row: int) -> int:
        """Number of days on which a row is visited."""
        return sum(demand > 0 for demand in self.demand[row])


def read(path: Path) -> Period:
    """One instance.

    Raises
    ------
    BadFile
        Names the line, or the part that is missing.
    """
    head, tables = _parts(path)
    if len(tables["DEPOT"]) != 1:
        raise BadFile(f"{path}: DEPOT: x and y are missing")
    days, rows = int(head["DAYS"]), int(head["CUSTOMERS"])
    # Some files name another fleet size than their types add up to: the types hold.
    vehicles = tuple(
        Vehicle(kind, capacity, fixed, variable, speed)
        for kind, (count, capacity, fixed, variable, speed) in enumerate(tables["TYPE"])
        for _ in range(int(count))
    )
    _sized(path, "CUSTOMERCOORDINATES", tables, rows - 1, 3)
    _sized(path, "CUSTOMERDEMANDS", tables, rows - 1, 1 + days)
    demand: list[tuple[float, ...]] = [(0.0,) * days] * rows
    for line in tables["CUSTOMERDEMANDS"]:
        if not 1 <= line[0] < rows:
            raise BadFile(f"{path}: CUSTOMERDEMANDS: customer {line[0]:g} of {rows - 1}")
        demand[int(line[0])] = tuple(line[1 : 1 + days])
    return Period(
        name=path.stem,
        duration=head["MAXTIME"],
        days=days,
        vehicles=vehicles,
        points=tuple((line[0], line[1]) for line in (*tables["DEPOT"], *_places(tables))),
        service=(0.0, *(line[-1] for line in _places(tables))),
        demand=tuple(demand),
        allowed=_allowed(path, tables.get("COMPATIBILITY", []), vehicles, rows),
    )


def _places(tables: Mapping[str, list[list[float]]]) -> list[list[float]]:
    return tables["CUSTOMERCOORDINATES"]


def _parts(path: Path) -> tuple[dict[str, float], dict[str, list[list[float]]]]:
    """Single numbers by their first word, and tables by theirs."""
    head: dict[str, float] = {}
    tables: dict[str, list[list[float]]] = {"DEPOT": [], "TYPE": []}
    part = ""
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        words = line.replace(",", " ").split()
        if not words or words[0].upper() == "NAME":
            continue
        title = words[0].upper()
        try:
            if title.startswith("TYPE"):
                tables["TYPE"].append([float(word) for word in words[1:]])
                if len(tables["TYPE"][-1]) != 5:
                    raise ValueError("not count, capacity, fixed, variable, speed")
            elif title == "DEPOT":
                tables["DEPOT"].append([float(word) for word in words[1:3]])
            elif title[0].isalpha():
                part = title
                tables[part] = []
                if _number(words[-1]):
                    head[title] = float(words[-1])
            else:
                tables[part].append([float(word) for word in words])
        except (ValueError, KeyError) as fault:
            raise BadFile(f"{path}: line {number}, {part or title}: {fault}") from fault
    for title in ("MAXTIME", "DAYS", "CUSTOMERS"):
        if title not in head:
            raise BadFile(f"{path}: {title}: missing")
    return head, tables


def _number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _sized(
    path: Path, title: str, tables: Mapping[str, list[list[float]]], rows: int, wide: int
) -> None:
    table = tables.get(title, [])
    if len(table) != rows:
        raise BadFile(f"{path}: {title}: {len(table)} lines, not {rows}")
    for number, line in enumerate(table, start=1):
        # A line of the published files has a number too many; the last is the service time.
        if len(line) < wide:
            raise BadFile(f"{path}: {title}: line {number}: {len(line)} numbers, not {wide}")


def _allowed(
    path: Path, table: Sequence[Sequence[float]], vehicles: Sequence[Vehicle], rows: int
) -> tuple[frozenset[int], ...]:
    """Ones by customer, a column for each vehicle or for each type; without a table, everybody."""
    out = [frozenset(range(len(vehicles)))] * rows
    kinds = {v.kind for v in vehicles}
    for line in table:
        if len(line) - 1 not in (len(vehicles), len(kinds)) or not 1 <= line[0] < rows:
            raise BadFile(f"{path}: COMPATIBILITY: customer {line[0]:g}: {len(line) - 1} columns")
        by_kind = len(line) - 1 != len(vehicles)
        out[int(line[0])] = frozenset(
            k for k, v in enumerate(vehicles) if line[1 + (v.kind if by_kind else k)] > 0
        )
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Call:
    """A vehicle at a customer on a day."""

    row: int
    arrival: float


@dataclass(frozen=True, slots=True)
class Fault:
    """A broken rule and where."""

    rule: str
    about: str


@dataclass(frozen=True, slots=True)
class Report:
    """What routes of a period come to.

    apart
        Largest difference between two arrivals at one frequent customer.
    idle
        Time spent before arrivals, all routes together.
    """

    faults: tuple[Fault, ...]
    cost: float
    apart: float
    idle: float
    unserved: int


def judge(period: Period, routes: Mapping[tuple[int, int], Sequence[Call]], limit: float) -> Report:
    """Every rule and the published cost of routes, by (day, vehicle).

    limit
        Most time between two arrivals at one frequent customer.
    """
    faults: list[Fault] = []
    cost = idle = 0.0
    made: dict[int, list[tuple[int, int, float]]] = {}
    for (day, vehicle), calls in routes.items():
        if not calls:
            continue
        one, spare = _route(period, day, vehicle, calls, faults)
        cost, idle = cost + one, idle + spare
        for call in calls:
            made.setdefault(call.row, []).append((day, vehicle, call.arrival))
    unserved, apart = 0, 0.0
    for row in range(1, len(period.points)):
        mine = made.get(row, [])
        days = sorted(day for day, _, _ in mine)
        asked = [day for day in range(period.days) if period.demand[row][day] > 0]
        unserved += len(set(asked) - set(days))
        if days != asked:
            faults.append(Fault("days", f"customer {row}: {days}, not {asked}"))
        if len({vehicle for _, vehicle, _ in mine}) > 1:
            faults.append(Fault("driver", f"customer {row}"))
        times = [arrival for _, _, arrival in mine]
        apart = max(apart, max(times, default=0.0) - min(times, default=0.0))
    if apart > limit + _NEAR:
        faults.append(Fault("arrivals", f"{apart:.2f} apart, not {limit:g}"))
    return Report(tuple(faults), cost, apart, idle, unserved)


def _route(
    period: Period, day: int, vehicle: int, calls: Sequence[Call], faults: list[Fault]
) -> tuple[float, float]:
    """Cost and idle time of one route."""
    who = period.vehicles[vehicle]
    here, clock, length, idle = 0, 0.0, 0.0, 0.0
    for call in calls:
        way = period.distance(here, call.row)
        ready = clock + way / who.speed
        if call.arrival < ready - _NEAR:
            faults.append(Fault("time", f"day {day}, vehicle {vehicle}, customer {call.row}"))
        if vehicle not in period.allowed[call.row]:
            faults.append(Fault("compatible", f"vehicle {vehicle}, customer {call.row}"))
        idle += max(0.0, call.arrival - ready)
        here, clock, length = call.row, call.arrival + period.service[call.row], length + way
    home = period.distance(here, 0)
    if clock + home / who.speed > period.duration + _NEAR:
        faults.append(Fault("duration", f"day {day}, vehicle {vehicle}"))
    if sum(period.demand[call.row][day] for call in calls) > who.capacity + _NEAR:
        faults.append(Fault("capacity", f"day {day}, vehicle {vehicle}"))
    return who.fixed + who.variable * (length + home), idle
