"""Has anything changed that a street-day is planned from? One short text that differs if so."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Select, func, select

from carecoord.model.visits import DayKey
from carecoord.store.engine import Tx
from carecoord.store.tables import (
    day_plan,
    day_repair,
    demand,
    document,
    spread,
    staff_absence,
    street_member,
    street_network,
    visit_event,
    visit_pin,
)

_DOCUMENTS = (
    "Appointment",
    "EpisodeOfCare",
    "Location",
    "Organization",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Schedule",
    "Slot",
)
_AROUND = timedelta(days=40)
"""Days before and after whose plans say how much somebody may still work, and who is known."""
_LATE = timedelta(minutes=10)
"""A transaction that ends this long after another may still carry an earlier time."""


def of_day(tx: Tx, key: DayKey) -> str:
    """SHA-256 over everything that one street-day reads: equal texts, equal inputs.

    Documents are told apart by type and time of change, not by street: a change in another street
    costs a reading, never a wrong answer.
    """
    sha = sha256()
    for chosen in (*_documents(tx), *_planning(key), *_street(key)):
        for row in tx.execute(chosen):
            sha.update(repr(tuple(row)).encode())
        sha.update(b"/")
    return sha.hexdigest()


def _documents(tx: Tx) -> list[Select[Any]]:
    kinds = (
        select(document.c.type, func.max(document.c.updated))
        .where(document.c.type.in_(_DOCUMENTS))
        .group_by(document.c.type)
    )
    newest = [(kind, at) for kind, at in tx.execute(kinds)]
    versions = func.sum(document.c.version)
    return [
        select(document.c.type, func.max(document.c.updated), func.count(), versions)
        .where(document.c.type == kind, document.c.updated >= at - _LATE)
        .group_by(document.c.type)
        for kind, at in sorted(newest)
    ]


def _planning(key: DayKey) -> tuple[Select[Any], ...]:
    first, last = key.day - _AROUND, key.day + _AROUND
    of_day = {"street": key.street, "day": key.day}
    return (
        select(demand).filter_by(**of_day).order_by(demand.c.id),
        select(day_plan.c.day, day_plan.c.version, day_plan.c.state)
        .filter_by(street=key.street)
        .where(day_plan.c.day.between(first, last))
        .order_by(day_plan.c.day),
        select(spread)
        .filter_by(**of_day)
        .order_by(spread.c.plan, spread.c.visit, spread.c.due, spread.c.occasion),
        select(visit_pin).filter_by(**of_day).order_by(visit_pin.c.demand, visit_pin.c.kind),
        select(func.count()).select_from(visit_event).filter_by(**of_day),
        select(func.count()).select_from(day_repair).filter_by(**of_day),
    )


def _street(key: DayKey) -> tuple[Select[Any], ...]:
    return (
        select(staff_absence).filter_by(street=key.street).order_by(staff_absence.c.id),
        select(street_network).filter_by(street=key.street),
        select(street_member).filter_by(street=key.street).order_by(street_member.c.patient),
    )
