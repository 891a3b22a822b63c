"""Clocks of referrals fire: a reminder, the next person told, an unanswered referral expired."""

from dataclasses import dataclass
from datetime import datetime

from carecoord.access import audit, everything
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.flows import contacts, notices, notify, referral
from carecoord.flows.deadlines import rules_of
from carecoord.model import deadlines
from carecoord.model.policy import Rules
from carecoord.model.referrals import ENDED, UNANSWERED, Direction, Position, State, Urgency
from carecoord.model.time import ZONE
from carecoord.store import clocks, documents
from carecoord.store.clocks import Clock
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_NOTICE = {"reminder": "notice.referral-reminder", "overdue": "notice.referral-overdue"}


@dataclass(frozen=True, slots=True)
class Fired:
    """What one firing of a clock was.

    deed
        `reminder`, `overdue` (told to the next person) or `expired`.
    told
        Reference of who is told: `PractitionerRole/id`, or `Organization/id`.
    """

    clock: Clock
    deed: str
    told: str


def waiting(tx: Tx, now: datetime) -> tuple[Clock, ...]:
    """Clocks that should fire now."""
    return clocks.due(tx, now)


def fire(tx: Tx, clock: Clock, now: datetime) -> Fired | None:
    """Fire one clock once: remind, tell the next person, or let the referral expire.

    Returns
    -------
    Fired | None
        None: another process did it, or the referral has moved on.
    """
    task = documents.read(tx, "Task", clock.task)
    request = referral.request_of(tx, task)
    way, urgency = papers.direction(request.resource), papers.urgency(request.resource)
    rules = rules_of(clock.street, now)
    expires = deadlines.expiry(clock.started_at, clock.due_at, urgency, rules)
    position = papers.position(task.resource)
    if position.state in ENDED and clock.kind != "follow-up":
        # Ended by somebody who knows nothing of limits, such as the death of the person.
        clocks.end(tx, clock.task, now, stopped=True)
        return None
    lapsed = clock.kind == "accept" and now >= expires and _unanswered(position)
    if not clocks.fire(tx, clock, _next(clock, now, expires, urgency, rules, lapsed)):
        return None
    if lapsed:
        return Fired(clock, "expired", _expire(tx, clock, task))
    deed = "overdue" if now >= clock.due_at else "reminder"
    told = _told(tx, clock, task, way, deed)
    audit.record(tx, everything("clock"), f"referral.{deed}", task.reference)
    _notify(tx, clock, task, deed, told)
    notify.referral(
        tx, f"referral.{deed}", task, clock=clock.kind, told=told, level=str(clock.level + 1)
    )
    return Fired(clock, deed, told)


def _next(
    clock: Clock,
    now: datetime,
    expires: datetime,
    urgency: Urgency,
    rules: Rules,
    lapsed: bool,
) -> datetime | None:
    if lapsed:
        return None
    if now < clock.due_at:
        return clock.due_at
    following = deadlines.again(clock.due_at, now, urgency, rules)
    return min(following, expires) if clock.kind == "accept" and now < expires else following


def _expire(tx: Tx, clock: Clock, task: Document) -> str:
    referral.expire(tx, clock.task)
    return f"Organization/{papers.placer(task.resource)}"


def _unanswered(position: Position) -> bool:
    return position.state in UNANSWERED or position.before is State.RECEIVED


def _told(tx: Tx, clock: Clock, task: Document, way: Direction, deed: str) -> str:
    """Whom a firing tells: a reminder the first in line, then one after the other."""
    people = contacts.line(tx, task, way, clock.kind)
    at = 0 if deed == "reminder" else clock.level
    return people[min(at, len(people) - 1)] if people else ""


def _notify(tx: Tx, clock: Clock, task: Document, deed: str, told: str) -> None:
    """A notice in the hands of whoever is told, beside the event for programs."""
    notices.tell(
        tx,
        everything("clock"),
        referral.elder_of(task),
        _NOTICE[deed],
        {
            "number": read.identifier(task.resource, read.REFERRAL_NUMBER) or task.id,
            "due": f"{clock.due_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        },
        [told] if told else [],
        [task.reference],
        occasion=f"{clock.id}|{clock.level}",
    )
