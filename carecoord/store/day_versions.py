"""Every version of every day plan, as it was when it was made."""

import json
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, func, insert, select

from carecoord.errors import Missing
from carecoord.model.ids import DemandId, ElderId, StaffId, StreetId
from carecoord.model.versions import DayVersion, Why
from carecoord.model.visits import DayKey, DayPlan, Homeward, Pause, Stop, Unserved
from carecoord.store import canonical
from carecoord.store.engine import Tx
from carecoord.store.tables import day_version, demand

_SHOWN = tuple(c for c in day_version.c if c.name not in ("plan", "elders", "attribution"))


def keep(tx: Tx, plan: DayPlan, why: Why, *, version: int, state: str, attribution: str) -> None:
    """Write down a version of a day; `plan` has its rows in order."""
    key = plan.key
    tx.execute(
        insert(day_version).values(
            street=key.street,
            day=key.day,
            version=version,
            state=state,
            cause=why.cause,
            by=why.by,
            at=why.at,
            reason=why.reason,
            based_on=version - 1 if why.based_on is None else why.based_on,
            source=why.source,
            served=len({stop.demand for stop in plan.stops}),
            unserved=len(plan.unserved),
            attribution=attribution,
            plan=to_json(plan),
            elders=canonical.dumps(_elders_now(tx, key)),
        )
    )


def of_day(tx: Tx, key: DayKey, *, after: int = 0) -> tuple[DayVersion, ...]:
    """Versions of a day later than `after`, oldest first."""
    rows = tx.execute(
        select(*_SHOWN)
        .filter_by(street=key.street, day=key.day)
        .where(day_version.c.version > after)
        .order_by(day_version.c.version)
    )
    return tuple(_version(row) for row in rows)


def plan(tx: Tx, key: DayKey, version: int) -> DayPlan:
    """The whole plan of one version.

    Raises
    ------
    Missing
        `day.no_version`: the day never had it.
    """
    return from_json(key, _row(tx, key, version).plan)


def attribution(tx: Tx, key: DayKey, version: int) -> str:
    """Whose map the ways of a version were drawn on."""
    found: str = _row(tx, key, version).attribution
    return found


def told(tx: Tx, key: DayKey) -> int:
    """The version that people were told last; 0 = they have been told nothing."""
    found: int | None = tx.execute(
        select(func.max(day_version.c.version)).filter_by(
            street=key.street, day=key.day, cause="publish"
        )
    ).scalar_one()
    return found or 0


def elders(tx: Tx, key: DayKey) -> dict[DemandId, ElderId]:
    """Visit → elder, of all visits that were ever in a plan of the day or are wanted now."""
    rows = tx.execute(
        select(day_version.c.elders)
        .filter_by(street=key.street, day=key.day)
        .order_by(day_version.c.version)
    )
    found: dict[DemandId, ElderId] = {}
    for (text,) in rows:
        found.update(json.loads(text))
    return found | _elders_now(tx, key)


def to_json(plan: DayPlan) -> str:
    """A plan without its key as canonical JSON: equal plans give equal texts."""
    # Of a few hundred flat rows; `asdict` would copy each value as deep as it goes.
    facts = {
        "stops": [_flat(one) for one in plan.stops],
        "pauses": [_flat(one) for one in plan.pauses],
        "homeward": [_flat(one) for one in plan.homeward],
        "unserved": [_flat(one) for one in plan.unserved],
        "cost": plan.cost,
        "estimated": plan.estimated,
    }
    return canonical.dumps(facts)


def _flat(one: Stop | Pause | Homeward | Unserved) -> dict[str, Any]:
    return {each.name: getattr(one, each.name) for each in fields(one)}


def from_json(key: DayKey, text: str) -> DayPlan:
    """Back from `to_json`."""
    facts = json.loads(text)
    return DayPlan(
        key=key,
        stops=tuple(Stop(**_typed(one)) for one in facts["stops"]),
        pauses=tuple(Pause(**_typed(one)) for one in facts["pauses"]),
        homeward=tuple(Homeward(**_typed(one)) for one in facts["homeward"]),
        unserved=tuple(Unserved(**_typed(one)) for one in facts["unserved"]),
        cost=facts["cost"],
        estimated=facts["estimated"],
    )


def _typed(one: dict[str, Any]) -> dict[str, Any]:
    if "staff" in one:
        one["staff"] = StaffId(one["staff"])
    if "demand" in one:
        one["demand"] = DemandId(one["demand"])
    if "line" in one:
        one["line"] = tuple((lon, lat) for lon, lat in one["line"])
    return one


def _elders_now(tx: Tx, key: DayKey) -> dict[DemandId, ElderId]:
    rows = tx.execute(select(demand.c.id, demand.c.elder).filter_by(street=key.street, day=key.day))
    return {DemandId(id_): ElderId(elder) for id_, elder in rows}


def _row(tx: Tx, key: DayKey, version: int) -> Row[Any]:
    row = tx.execute(
        select(day_version).filter_by(street=key.street, day=key.day, version=version)
    ).one_or_none()
    if row is None:
        raise Missing("day.no_version", version=version, day=key.day.isoformat())
    return row


def _version(row: Row[Any]) -> DayVersion:
    return DayVersion(
        key=DayKey(StreetId(row.street), row.day),
        version=row.version,
        state=row.state,
        why=Why(row.cause, row.by, row.reason, row.based_on, row.source, row.at),
        served=row.served,
        unserved=row.unserved,
    )
