"""Home care routing of Mankowska et al. 2014: the text files and the JSON of Ceschia et al. 2024.

Objective: (travel with return + total tardiness + largest tardiness) / 3. Window ends are soft,
starts hard; a double service needs two different carers, together or one after the other. Times are
kept in thousandths of the file's unit, so that no published cost changes by rounding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench.formats.files import text_of
from solver import (
    MAX_TIME,
    Link,
    Options,
    Problem,
    Route,
    Shift,
    Solution,
    Staff,
    Stop,
    Visit,
    Window,
)

__all__ = ["SCALE", "WEIGHTS", "best_known", "read", "read_solution"]

#: Published cost = total / SCALE.
SCALE = 3000
UNIT = 1000
WEIGHTS = Options.preset("mankowska").weights


def _units(value: float) -> int:
    return round(float(value) * UNIT)


def read(path: Path) -> Problem:
    """One instance, text or JSON, plain or .xz."""
    text = text_of(path)
    return _from_json(json.loads(text)) if text.lstrip().startswith("{") else _from_text(text)


def _visit(name: str, place: int, long: float, early: float, due: float, skill: object) -> Visit:
    first = _units(early)
    return Visit(
        id=name,
        place=place,
        duration=max(1, _units(long)),
        windows=(Window(first, MAX_TIME // 2),),
        preferred=Window(first, max(first, _units(due))),
        skills={str(skill): 1},
    )


def _problem(
    visits: list[Visit], links: list[Link], skills: list[dict[str, int]], travel: Any
) -> Problem:
    shift = Shift(0, MAX_TIME, 0, 0)
    matrix = np.rint(np.asarray(travel, dtype=np.float64) * UNIT).astype(np.int64)
    return Problem(
        visits=tuple(visits),
        staff=tuple(Staff(id=f"c{k}", shifts=(shift,), skills=s) for k, s in enumerate(skills)),
        travel=(matrix,),
        links=tuple(links),
    )


def _from_text(text: str) -> Problem:
    part: dict[str, list[list[float]]] = {}
    name = ""
    for line in text.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0][0].isalpha():
            name = words[0]
            part[name] = []
            words = words[1:]
        if words and not name:
            raise ValueError(f"begins with {words[0]!r}, not with a name")
        try:
            part.setdefault(name, []).extend([[float(w) for w in words]] if words else [])
        except ValueError as fault:
            raise ValueError(f"{name}: {fault}") from fault
    nodes, carers = int(part["nbNodes"][0][0]), int(part["nbVehi"][0][0])
    services = int(part["nbServi"][0][0])
    least, most, early, due = (_sized(part, name, nodes)[0] for name in ("mind", "maxd", "e", "l"))
    needs, able = _sized(part, "r", services, nodes), _sized(part, "a", services, carers)
    travel, paces = _sized(part, "d", nodes, nodes), _sized(part, "p", services, nodes * carers)
    visits: list[Visit] = []
    links: list[Link] = []
    for node in range(1, nodes - 1):
        asked = [s for s, need in enumerate(needs[node]) if need]
        for service in asked:
            long = [paces[node * carers + k][service] for k in range(carers)]
            name = f"p{node}-s{service + 1}"
            visit = _visit(name, node, long[0], early[node], due[node], service)
            if len(set(long)) > 1:
                own = {f"c{k}": max(1, _units(one)) for k, one in enumerate(long)}
                visit = replace(visit, duration_by=own)
            visits.append(visit)
        if len(asked) == 2:
            one, two = (f"p{node}-s{service + 1}" for service in asked)
            low, high = _units(least[node]), _units(most[node])
            links.append(Link(one, two, low, high, "different"))
    skills = [{str(s): 1 for s, can in enumerate(able[k]) if can} for k in range(carers)]
    return _problem(visits, links, skills, np.array(travel)[: nodes - 1, : nodes - 1])


def _sized(
    part: Mapping[str, list[list[float]]], name: str, wide: int, rows: int = 1
) -> list[list[float]]:
    """A table of the text as rows of `wide` numbers, however its lines are broken."""
    numbers = [number for line in part[name] for number in line]
    if len(numbers) < wide * rows:
        raise ValueError(f"{name}: {len(numbers)} numbers, not {rows} rows of {wide}")
    return [numbers[row * wide : (row + 1) * wide] for row in range(rows)]


def _from_json(data: dict[str, Any]) -> Problem:
    visits: list[Visit] = []
    links: list[Link] = []
    usual = {s["id"]: s.get("default_duration") for s in data["services"] if "id" in s}
    for k, patient in enumerate(data["patients"]):
        for name in ("id", "time_window", "required_caregivers"):
            if name not in patient:
                raise KeyError(f"patients[{k}].{name}")
        place = int(patient.get("distance_matrix_index", k + 1))
        early, due = patient["time_window"]
        names: list[str] = []
        for need in patient["required_caregivers"]:
            name = f"{patient['id']}-{need['service']}"
            names.append(name)
            long = need.get("duration", usual.get(need["service"]))
            if long is None:
                raise KeyError(f"patients[{k}].required_caregivers: duration of {need['service']}")
            visits.append(_visit(name, place, long, early, due, need["service"]))
        if len(names) == 2:
            sync = patient.get("synchronization")
            if sync is None:
                raise KeyError(f"patients[{k}].synchronization")
            low = high = 0
            if sync["type"] == "sequential":
                low, high = sync["distance"]
            links.append(Link(names[0], names[1], _units(low), _units(high), "different"))
    skills = [{str(s): 1 for s in carer["abilities"]} for carer in data["caregivers"]]
    return _problem(visits, links, skills, data["distances"])


def best_known(folder: Path) -> dict[str, float]:
    """Cost by instance name (without extension) from `best_known_ceschia2024.md`."""
    out: dict[str, float] = {}
    for path in folder.glob("best_known*.md"):
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = [c.strip() for c in line.strip("| \n").split("|")]
            if len(cells) >= 5 and cells[0].endswith(".json"):
                out[cells[0].removesuffix(".json")] = float(cells[4])
    return out


def read_solution(path: Path, problem: Problem) -> Solution:
    """A published solution as ours: its carers and its order, timed as early as they allow."""
    data = json.loads(text_of(path))
    carer: dict[str, int] = {}
    for route in data["routes"]:
        for place in route.get("locations", ()):
            carer[f"{place['patient']}-{place['service']}"] = (
                int(str(route["caregiver_id"]).removeprefix("c")) - 1
            )
    links = {link.first: link for link in problem.links}
    matrix = problem.travel[0]
    here, clock = dict.fromkeys(carer.values(), 0), dict.fromkeys(carer.values(), 0)
    stops: dict[int, list[Stop]] = {}
    for patient in data["global_ordering"]:
        mine = [v for v in problem.visits if v.id.rsplit("-", 1)[0] == patient]
        arrived = [clock[k] + int(matrix[here[k], v.place]) for v in mine for k in (carer[v.id],)]
        start = [max(a, v.windows[0].earliest) for a, v in zip(arrived, mine, strict=True)]
        if len(mine) == 2:
            link = links[mine[0].id]
            start[1] = max(start[1], start[0] + link.min_gap)
            start[0] = max(start[0], start[1] - (link.max_gap or 0))
        for v, a, s in zip(mine, arrived, start, strict=True):
            k = carer[v.id]
            stops.setdefault(k, []).append(Stop(v.id, a, s, s + v.duration))
            here[k], clock[k] = v.place, s + v.duration
    routes = tuple(
        Route(f"c{k}", 0, 0, clock[k] + int(matrix[here[k], 0]), tuple(stops[k]))
        for k in sorted(stops)
    )
    return Solution(routes, (), {})
