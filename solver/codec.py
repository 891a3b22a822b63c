"""Versioned JSON for problems and solutions, and a problem's SHA-256.

The canonical form has sorted keys, no white space and no defaults left out, so that equal problems
have equal bytes. Matrices are rows of integers; `UNREACHABLE` is written as null.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from solver.errors import ProblemError
from solver.limits import MAX_TIME, name, whole
from solver.plan import Pause, Route, Solution, Stop, Unserved
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

__all__ = [
    "VERSION",
    "problem_from_json",
    "problem_hash",
    "problem_to_json",
    "solution_from_json",
    "solution_to_json",
]

#: Raised when a reader of the old form would misread the new one.
VERSION = 1

T = TypeVar("T")
R = TypeVar("R", Stop, Pause, Route)


def problem_to_json(problem: Problem) -> bytes:
    """Canonical bytes of a problem."""
    return _dump(
        {
            "format": "solver.problem",
            "version": VERSION,
            "visits": [_plain_visit(v) for v in problem.visits],
            "staff": [_plain_staff(s) for s in problem.staff],
            "travel": [_plain_matrix(m) for m in problem.travel],
            "links": [asdict(link) for link in problem.links],
            "pins": [asdict(pin) for pin in problem.pins],
            "previous": [asdict(route) for route in problem.previous],
            "apart": [asdict(pair) for pair in problem.apart],
            "metres": [_plain_matrix(m) for m in problem.metres],
        }
    )


def problem_hash(problem: Problem) -> str:
    """SHA-256 of the canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(problem_to_json(problem)).hexdigest()


def solution_to_json(solution: Solution) -> bytes:
    """Canonical bytes of a solution."""
    return _dump(
        {
            "format": "solver.solution",
            "version": VERSION,
            "routes": [asdict(route) for route in solution.routes],
            "unserved": [
                {"visit": u.visit, "reason": u.reason, "facts": dict(u.facts)}
                for u in solution.unserved
            ],
            "cost": dict(solution.cost),
            "total": solution.total,
            "stats": dict(solution.stats),
            "problem_hash": solution.problem_hash,
        }
    )


def problem_from_json(data: bytes | str) -> Problem:
    """Read a problem; ProblemError names the first faulty value."""
    body = _load(data, "solver.problem")
    return Problem(
        visits=_each(body, "visits", _read_visit),
        staff=_each(body, "staff", _read_staff),
        travel=_each(body, "travel", _read_matrix),
        links=_each(body, "links", lambda one, path: _make(Link, one, path), needed=False),
        pins=_each(body, "pins", _read_pin, needed=False),
        previous=_each(body, "previous", _read_route, needed=False),
        apart=_each(body, "apart", lambda one, path: _make(Apart, one, path), needed=False),
        metres=_each(body, "metres", _read_matrix, needed=False),
    )


def solution_from_json(data: bytes | str) -> Solution:
    """Read a solution; ProblemError names the first faulty value."""
    body = _load(data, "solver.solution")
    return Solution(
        routes=_each(body, "routes", _read_route),
        unserved=_each(body, "unserved", lambda one, path: _make(Unserved, one, path)),
        cost=_table(body, "cost"),
        stats=_table(body, "stats"),
        problem_hash=str(body.get("problem_hash", "")),
    )


def _dump(body: Mapping[str, Any]) -> bytes:
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def _load(data: bytes | str, kind: str) -> dict[str, Any]:
    strange: list[str] = []

    def constant(text: str) -> float:
        strange.append(text)
        return float(text)

    try:
        body = json.loads(data, parse_constant=constant)
    except (ValueError, RecursionError) as fault:
        raise ProblemError("json.syntax", "$", message=str(fault)) from fault
    if strange:
        where = next(_not_finite(body, ""), "$")
        raise ProblemError("number.range", where, value=strange[0], low=0, high=UNREACHABLE)
    if not isinstance(body, dict) or body.get("format") != kind:
        raise ProblemError("json.format", "format", expected=kind)
    if body.get("version") != VERSION:
        raise ProblemError(
            "json.version", "version", given=str(body.get("version")), expected=VERSION
        )
    return body


def _not_finite(value: Any, path: str) -> Iterator[str]:
    """Paths of the numbers that are none."""
    if isinstance(value, float) and not math.isfinite(value):
        yield path or "$"
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _not_finite(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for row, one in enumerate(value):
            yield from _not_finite(one, f"{path}[{row}]")


def _each(
    body: Mapping[str, Any], key: str, read: Callable[[Any, str], T], *, needed: bool = True
) -> tuple[T, ...]:
    found = body.get(key, None if needed else [])
    if not isinstance(found, list):
        raise ProblemError("json.type", key, expected="list")
    return tuple(read(one, f"{key}[{row}]") for row, one in enumerate(found))


def _table(body: Mapping[str, Any], key: str) -> dict[str, int]:
    found = body.get(key, {})
    if not isinstance(found, dict) or not all(type(v) is int for v in found.values()):
        raise ProblemError("json.type", key, expected="names to whole numbers")
    return found


def _names(body: Mapping[str, Any], key: str, path: str) -> list[str]:
    found = body.get(key, [])
    if not isinstance(found, list) or not all(isinstance(x, str) for x in found):
        raise ProblemError("json.type", f"{path}.{key}", expected="list of names")
    return found


def _make(kind: Callable[..., T], one: Any, path: str) -> T:
    """Build a dataclass from a JSON object, naming the path when it cannot be built."""
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    try:
        return kind(**one)
    except TypeError as fault:
        raise ProblemError("json.fields", path, message=str(fault)) from fault
    except ProblemError as fault:
        raise ProblemError(fault.code, f"{path}: {fault.field}", **fault.facts) from fault


def _plain_visit(visit: Visit) -> dict[str, Any]:
    out: dict[str, Any] = {f.name: getattr(visit, f.name) for f in fields(visit)}
    out["windows"] = [asdict(w) for w in visit.windows]
    out["preferred"] = None if visit.preferred is None else asdict(visit.preferred)
    out["paces"] = [asdict(pace) for pace in visit.paces]
    for key in ("skills", "continuity", "preference", "duration_by"):
        out[key] = dict(out[key])
    for key in ("required", "forbidden"):
        out[key] = sorted(out[key])
    return out


def _read_visit(one: Any, path: str) -> Visit:
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    ready = dict(one)
    ready["windows"] = _each(one, "windows", lambda w, at: _make(Window, w, f"{path}.{at}"))
    if ready.get("preferred") is not None:
        ready["preferred"] = _make(Window, ready["preferred"], f"{path}.preferred")
    for key in ("required", "forbidden"):
        ready[key] = frozenset(_names(one, key, path))
    ready["paces"] = _each(one, "paces", lambda p, at: _make(Pace, p, f"{path}.{at}"), needed=False)
    for key in ("skills", "continuity", "preference", "duration_by"):
        ready[key] = _table(ready, key)
    return _make(Visit, ready, path)


def _plain_staff(staff: Staff) -> dict[str, Any]:
    out: dict[str, Any] = {f.name: getattr(staff, f.name) for f in fields(staff)}
    out["skills"] = dict(staff.skills)
    out["areas"] = sorted(staff.areas)
    out["shifts"] = [asdict(shift) for shift in staff.shifts]
    return out


def _read_staff(one: Any, path: str) -> Staff:
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    ready = dict(one)
    ready["shifts"] = _each(one, "shifts", lambda s, at: _read_shift(s, f"{path}.{at}"))
    ready["skills"] = _table(ready, "skills")
    ready["areas"] = frozenset(_names(one, "areas", path))
    return _make(Staff, ready, path)


def _read_shift(one: Any, path: str) -> Shift:
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    ready = dict(one)
    ready["breaks"] = _each(
        one, "breaks", lambda b, at: _make(Break, b, f"{path}.{at}"), needed=False
    )
    return _make(Shift, ready, path)


def _read_pin(one: Any, path: str) -> Pin:
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    return _make(Pin, dict(one) | {"staff": tuple(_names(one, "staff", path))}, path)


def _read_route(one: Any, path: str) -> Route:
    if not isinstance(one, dict):
        raise ProblemError("json.type", path, expected="object")
    ready = dict(one)
    ready["stops"] = _each(
        one, "stops", lambda s, at: _numbered(_make(Stop, s, f"{path}.{at}"), f"{path}.{at}")
    )
    ready["pauses"] = _each(
        one,
        "pauses",
        lambda p, at: _numbered(_make(Pause, p, f"{path}.{at}"), f"{path}.{at}"),
        needed=False,
    )
    return _numbered(_make(Route, ready, path), path)


def _numbered(one: R, path: str) -> R:
    """A part of a plan whose times are whole numbers and whose names are texts."""
    for part in fields(one):
        value = getattr(one, part.name)
        if part.name in ("staff", "visit"):
            name(value, f"{path}.{part.name}")
        elif part.name not in ("stops", "pauses"):
            whole(value, f"{path}.{part.name}", -MAX_TIME, MAX_TIME)
    return one


def _plain_matrix(matrix: npt.NDArray[np.int32]) -> list[list[int | None]]:
    rows: list[list[int | None]] = matrix.tolist()
    if not (matrix == UNREACHABLE).any():
        return rows
    return [[None if x == UNREACHABLE else x for x in row] for row in rows]


def _read_matrix(one: Any, path: str) -> npt.NDArray[Any]:
    if not isinstance(one, list) or not all(isinstance(row, list) for row in one):
        raise ProblemError("json.type", path, expected="rows of whole numbers")
    if any(len(row) != len(one) for row in one):
        raise ProblemError("travel.shape", path, shape="ragged")
    rows = [[UNREACHABLE if x is None else x for x in row] for row in one]
    for r, row in enumerate(rows):
        for c, x in enumerate(row):
            if type(x) is not int or abs(x) > 2**40:
                raise ProblemError("travel.value", f"{path}[{r}][{c}]", value=str(x))
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(rows))
