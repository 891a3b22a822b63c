"""What people fix of single visits: carers, start, and which visit comes directly before."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid, Missing, Stale
from carecoord.flows import register
from carecoord.flows.standing import stand
from carecoord.model import time
from carecoord.model.ids import DemandId, StaffId, StreetId
from carecoord.model.pins import KINDS, Breach, PinKind, VisitPin
from carecoord.model.policy import Rules
from carecoord.model.visits import DayKey
from carecoord.store import days, demands, pins
from carecoord.store.engine import Tx


@dataclass(frozen=True, slots=True)
class Pinned:
    """Everything fixed on a day, and which of it a rule forbids; `version` is that of the day."""

    version: int
    pins: tuple[VisitPin, ...]
    breaches: tuple[Breach, ...]


def on(tx: Tx, caller: Caller, street: StreetId, day: date, rules: Rules, data: Path) -> Pinned:
    """What is fixed of a day. Pins that cannot be met are kept, and listed with the reason."""
    require(caller, "day.read", street)
    key = DayKey(street, day)
    found = pins.on(tx, key)
    breaches = stand(tx, street, day, data, rules).built.breaches if found else ()
    return Pinned(days.version(tx, key), found, breaches)


def put(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    pin: VisitPin,
    reason: str,
    *,
    expected: int,
) -> None:
    """Fix the parts of a visit that `pin` names. Every run, offer and repair keeps them.

    Raises
    ------
    Missing
        `pin.visit`, `pin.staff`: no such visit on that day, no such person in the street.
    Invalid
        `pin.nothing`, `pin.carers`.
    Stale
        The day is no longer at version `expected`.
    """
    require(caller, "day.write", street)
    key = DayKey(street, day)
    people = set(register.practitioner_roles(tx, register.street(tx, street)).values())
    _require_version(tx, key, expected)
    wanted = {one.id: one for one in demands.on(tx, street, day)}
    for name, visit in (("visit", pin.demand), ("after", pin.after)):
        if visit is not None and visit not in wanted:
            raise Missing("pin.visit", field=name, visit=visit, day=day.isoformat())
    _require_people(pin.carers, people, street)
    if not pin.kinds:
        raise Invalid("pin.nothing", field="carers")
    asked = wanted[pin.demand].carers
    if pin.carers and len(pin.carers) != asked:
        raise Invalid("pin.carers", field="carers", given=len(pin.carers), carers=asked)
    pins.put(tx, key, pin, reason=reason, by=caller.id, at=time.now())
    audit.record(tx, caller, "pin.put", f"{street}/{day.isoformat()}/{pin.demand}")


def remove(
    tx: Tx,
    caller: Caller,
    street: StreetId,
    day: date,
    demand: DemandId,
    kinds: Collection[PinKind] = KINDS,
    *,
    expected: int,
) -> None:
    """Let go of what was fixed of a visit, or of some parts of it.

    Raises
    ------
    Missing
        `pin.none`: nothing of it was fixed.
    Stale
        The day is no longer at version `expected`.
    """
    require(caller, "day.write", street)
    register.street(tx, street)
    key = DayKey(street, day)
    _require_version(tx, key, expected)
    if not pins.remove(tx, key, demand, kinds):
        raise Missing("pin.none", visit=demand, day=day.isoformat())
    audit.record(tx, caller, "pin.remove", f"{street}/{day.isoformat()}/{demand}")


def _require_people(carers: Collection[StaffId], people: Collection[str], street: StreetId) -> None:
    for who in carers:
        if who not in people:
            raise Missing("pin.staff", field="carers", staff=who, street=street)


def _require_version(tx: Tx, key: DayKey, expected: int) -> None:
    if days.version(tx, key) != expected:
        raise Stale("day.moved", street=key.street, day=key.day.isoformat(), expected=expected)
