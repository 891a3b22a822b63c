"""The plan of each street-day: who calls where and when, what stays undone."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from carecoord.errors import Missing, Stale
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.versions import Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import canonical, day_versions, projections
from carecoord.store.documents import hold
from carecoord.store.engine import Tx
from carecoord.store.tables import day_plan, demand, homeward, pause, stop, unserved

_ROWS = (stop, pause, homeward, unserved)


@dataclass(frozen=True, slots=True)
class DayState:
    """Version, state and attribution of a stored day plan, without its rows."""

    key: DayKey
    version: int
    state: str
    published_at: datetime | None
    estimated: bool
    attribution: str


def state(tx: Tx, key: DayKey) -> DayState | None:
    """What is stored of a day, or None when nothing was planned yet."""
    row = tx.execute(select(day_plan).filter_by(street=key.street, day=key.day)).one_or_none()
    return _state(row) if row else None


def version(tx: Tx, key: DayKey) -> int:
    """Version of a day; 0 = nothing planned yet."""
    found = state(tx, key)
    return found.version if found else 0


def of_street(tx: Tx, street: StreetId) -> tuple[DayState, ...]:
    """All planned days of a street, in order."""
    rows = tx.execute(select(day_plan).filter_by(street=street).order_by(day_plan.c.day))
    return tuple(_state(row) for row in rows)


def published(tx: Tx, street: StreetId) -> frozenset[date]:
    """Days whose routes people have been told."""
    rows = tx.execute(select(day_plan.c.day).filter_by(street=street, state="published"))
    return frozenset(day for (day,) in rows)


def counts(tx: Tx, street: StreetId) -> dict[date, tuple[int, int]]:
    """Day → (visits served, visits unserved)."""
    served = tx.execute(
        select(stop.c.day, func.count(stop.c.demand.distinct()))
        .filter_by(street=street)
        .group_by(stop.c.day)
    )
    unmet = tx.execute(
        select(unserved.c.day, func.count()).filter_by(street=street).group_by(unserved.c.day)
    )
    done = {row[0]: row[1] for row in served}
    missed = {row[0]: row[1] for row in unmet}
    return {day: (done.get(day, 0), missed.get(day, 0)) for day in done.keys() | missed.keys()}


def calls(tx: Tx, street: StreetId, first: date, end: date) -> list[tuple[ElderId, StaffId, int]]:
    """Elder, staff and number of calls on published days from `first` up to before `end`."""
    rows = tx.execute(
        select(demand.c.elder, stop.c.staff, func.count())
        .join(demand, demand.c.id == stop.c.demand)
        .join(day_plan, (day_plan.c.street == stop.c.street) & (day_plan.c.day == stop.c.day))
        .where(stop.c.street == street, stop.c.day >= first, stop.c.day < end)
        .where(day_plan.c.state == "published")
        .group_by(demand.c.elder, stop.c.staff)
    )
    return [(ElderId(elder), StaffId(staff), count) for elder, staff, count in rows]


def read(tx: Tx, key: DayKey) -> DayPlan:
    """The whole plan of a day.

    Raises
    ------
    Missing
        Nothing was planned for that day.
    """
    row = tx.execute(select(day_plan).filter_by(street=key.street, day=key.day)).one_or_none()
    if row is None:
        raise Missing("day.none", street=key.street, day=key.day.isoformat())

    def rows(table: Any, *order: str) -> list[Row[Any]]:
        chosen = select(table).filter_by(street=key.street, day=key.day)
        return list(tx.execute(chosen.order_by(*(table.c[name] for name in order))))

    return DayPlan(
        key=key,
        stops=tuple(_stop(r) for r in rows(stop, "staff", "order")),
        pauses=tuple(
            Pause(StaffId(r.staff), r.start, r.end) for r in rows(pause, "staff", "start")
        ),
        homeward=tuple(
            Homeward(StaffId(r.staff), r.travel, r.arrival, _line(r.line))
            for r in rows(homeward, "staff", "arrival")
        ),
        unserved=tuple(
            Unserved(DemandId(r.demand), r.code, json.loads(r.facts))
            for r in rows(unserved, "demand")
        ),
        cost=json.loads(row.cost),
        estimated=row.estimated,
    )


def replace_plan(
    tx: Tx,
    plan: DayPlan,
    *,
    expected: int,
    why: Why,
    attribution: str | None = None,
    even_equal: bool = False,
) -> int:
    """Store the plan of a day, keep it as a version, and return that version.

    A plan equal to the stored one changes nothing and keeps version and state. What a run finds
    is a draft; what people change of a day that was told stays published.

    Parameters
    ----------
    attribution
        Whose map the ways were drawn on; None = that of the stored plan.
    even_equal
        Make a new version of an equal plan too: the visits themselves have changed.

    Raises
    ------
    Stale
        The day is no longer at version `expected`; nothing was written.
    """
    key, plan = plan.key, _sorted(plan)
    if not expected:
        # There is no row yet on which two first plans could wait for one another.
        hold(tx, f"day/{key.street}/{key.day.isoformat()}")
    present = state(tx, key)
    if (present.version if present else 0) != expected:
        raise _stale(key, expected)
    if present and not even_equal and read(tx, key) == plan:
        return expected
    kept = present if present and why.keeps_state else None
    values = {
        "version": expected + 1,
        "state": kept.state if kept else "draft",
        "published_at": kept.published_at if kept else None,
        "estimated": plan.estimated,
        "attribution": _attribution(present, attribution),
        "cost": canonical.dumps(plan.cost),
    }
    _put(tx, key, values, expected)
    _write_rows(tx, plan)
    _keep(tx, plan, why)
    return expected + 1


def _attribution(present: DayState | None, given: str | None) -> str:
    if given is not None:
        return given
    return present.attribution if present else ""


def _put(tx: Tx, key: DayKey, values: Mapping[str, object], expected: int) -> None:
    where = {"street": key.street, "day": key.day}
    if not expected:
        tx.execute(insert(day_plan).values(**where, **values))
        return
    claimed = tx.execute(update(day_plan).filter_by(**where, version=expected).values(**values))
    if claimed.rowcount == 0:
        raise _stale(key, expected)


def _keep(tx: Tx, plan: DayPlan, why: Why) -> None:
    now = state(tx, plan.key)
    assert now is not None
    day_versions.keep(
        tx, plan, why, version=now.version, state=now.state, attribution=now.attribution
    )
    projections.of_day(tx, plan.key)


def _write_rows(tx: Tx, plan: DayPlan) -> None:
    where = {"street": plan.key.street, "day": plan.key.day}
    for table in _ROWS:
        tx.execute(delete(table).filter_by(**where))
    for table, rows in (
        (stop, [where | _stop_row(s) for s in plan.stops]),
        (pause, [where | {"staff": p.staff, "start": p.start, "end": p.end} for p in plan.pauses]),
        (homeward, [where | _homeward_row(h) for h in plan.homeward]),
        (unserved, [where | _unserved_row(u) for u in plan.unserved]),
    ):
        if rows:
            tx.execute(insert(table), rows)


def unserved_of(tx: Tx, key: DayKey, codes: Collection[str]) -> tuple[Unserved, ...]:
    """Visits of a day that stay undone for one of these reasons."""
    rows = tx.execute(
        select(unserved)
        .filter_by(street=key.street, day=key.day)
        .where(unserved.c.code.in_(codes))
        .order_by(unserved.c.demand)
    )
    return tuple(Unserved(DemandId(r.demand), r.code, json.loads(r.facts)) for r in rows)


def publish(tx: Tx, key: DayKey, why: Why, *, expected: int) -> int:
    """Mark a day as told to people, and return its new version.

    Raises
    ------
    Missing
        Nothing was planned for that day.
    Stale
        The day is no longer at version `expected`.
    """
    plan = read(tx, key)
    values = {"version": expected + 1, "state": "published", "published_at": why.at}
    claimed = tx.execute(
        update(day_plan)
        .filter_by(street=key.street, day=key.day, version=expected)
        .values(**values)
    )
    if claimed.rowcount == 0:
        raise _stale(key, expected)
    _keep(tx, plan, why)
    return expected + 1


def _stale(key: DayKey, expected: int) -> Stale:
    return Stale("day.moved", street=key.street, day=key.day.isoformat(), expected=expected)


def _sorted(plan: DayPlan) -> DayPlan:
    return replace(
        plan,
        stops=tuple(sorted(plan.stops, key=lambda s: (s.staff, s.order))),
        pauses=tuple(sorted(plan.pauses, key=lambda p: (p.staff, p.start))),
        homeward=tuple(sorted(plan.homeward, key=lambda h: (h.staff, h.arrival))),
        unserved=tuple(sorted(plan.unserved, key=lambda u: u.demand)),
    )


def _state(row: Row[Any]) -> DayState:
    return DayState(
        key=DayKey(StreetId(row.street), row.day),
        version=row.version,
        state=row.state,
        published_at=row.published_at,
        estimated=row.estimated,
        attribution=row.attribution,
    )


def _line(text: str) -> tuple[tuple[float, float], ...]:
    return tuple((lon, lat) for lon, lat in json.loads(text))


def _stop(row: Row[Any]) -> Stop:
    return Stop(
        staff=StaffId(row.staff),
        demand=DemandId(row.demand),
        order=row.order,
        arrival=row.arrival,
        start=row.start,
        end=row.end,
        travel=row.travel,
        line=_line(row.line),
    )


def _stop_row(one: Stop) -> dict[str, object]:
    return {
        "staff": one.staff,
        "demand": one.demand,
        "order": one.order,
        "arrival": one.arrival,
        "start": one.start,
        "end": one.end,
        "travel": one.travel,
        "line": canonical.dumps(one.line),
    }


def _homeward_row(one: Homeward) -> dict[str, object]:
    return {
        "staff": one.staff,
        "arrival": one.arrival,
        "travel": one.travel,
        "line": canonical.dumps(one.line),
    }


def _unserved_row(one: Unserved) -> dict[str, object]:
    return {"demand": one.demand, "code": one.code, "facts": canonical.dumps(one.facts)}
