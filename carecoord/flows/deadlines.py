"""Limits of referrals: started and met by their moves, and remembered in rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from carecoord.access import Caller, audit, require
from carecoord.errors import Invalid
from carecoord.fhir import referrals as papers
from carecoord.flows import contacts, notify, register
from carecoord.flows.contacts import Contact
from carecoord.model import deadlines, time
from carecoord.model.ids import ReferralId
from carecoord.model.policy import NATION, Rules
from carecoord.model.referrals import Position
from carecoord.packs.load import load
from carecoord.store import clocks, documents, outbox
from carecoord.store.clocks import Clock
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_MET_BY_HAND = ("first-contact", "first-visit", "follow-up")


def moved(tx: Tx, task: Document, request: Document, position: Position, at: datetime) -> None:
    """Start and end the clocks that follow from where a referral stands now."""
    kinds, stopped = deadlines.ended_by(position)
    referral = ReferralId(task.id)
    if kinds:
        clocks.end(tx, referral, at, kinds=kinds, stopped=stopped)
    way, urgency = papers.direction(request.resource), papers.urgency(request.resource)
    begun = deadlines.begun_by(position, way)
    if not begun:
        return
    if "accept" in begun:
        # Sent to somebody new: the limit of the one before has no meaning any more.
        clocks.end(tx, referral, at, kinds=("accept",), stopped=True)
    street = answerable(tx, task)
    rules = rules_of(street, at)
    for kind in begun:
        due = deadlines.due(kind, way, urgency, at, rules)
        if any(c.kind == kind and c.state == "running" for c in clocks.of_task(tx, referral)):
            continue
        again = f"|{task.version}" if kind == "accept" else ""
        clocks.start(
            tx,
            Clock(
                id=f"{task.id}|{kind}{again}",
                task=referral,
                street=street,
                kind=kind,
                started_at=at,
                due_at=due,
                next_at=deadlines.reminder(at, due, rules),
            ),
        )


def met(tx: Tx, caller: Caller, referral: ReferralId, kind: str, at: datetime) -> Document:
    """The first contact, first visit or follow-up of a referral has taken place at `at`.

    Raises
    ------
    Missing
        There is no such referral.
    Invalid
        `referral.limit`: not one of those three.
    """
    if kind not in _MET_BY_HAND:
        raise Invalid("referral.limit", field="kind", kind=kind, known=", ".join(_MET_BY_HAND))
    task = documents.read(tx, "Task", referral)
    street = answerable(tx, task)
    require(caller, "referral.decide", register.street_of(tx, papers.owner(task.resource)))
    before = {c.kind: c.state for c in clocks.of_task(tx, referral)}
    clocks.end(tx, referral, at, kinds=(kind,))
    if before.get(kind) == "running":
        audit.record(tx, caller, f"referral.{kind}", task.reference)
        notify.referral(tx, f"referral.{kind}", task, street=street)
    return task


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told of a limit, when, and whether before or after it had passed."""

    deed: str
    at: datetime
    who: Contact


def overdue(tx: Tx, caller: Caller, now: datetime) -> tuple[Clock, ...]:
    """Limits that have passed in the caller's streets, the longest overdue first."""
    require(caller, "referral.read")
    return clocks.overdue(tx, None if "*" in caller.streets else caller.streets, now)


def told_of(tx: Tx, limits: Iterable[Clock]) -> dict[str, list[Told]]:
    """Clock id → who was told of it, in order. The caller has asked for permission."""
    found: dict[str, list[Told]] = {}
    for clock in limits:
        for event in outbox.about(tx, f"Task/{clock.task}"):
            deed = event.topic.removeprefix("referral.")
            mine = event.facts.get("clock") == clock.kind and event.at >= clock.started_at
            if deed in ("reminder", "overdue") and mine and event.facts.get("told"):
                who = contacts.of(tx, event.facts["told"])
                found.setdefault(clock.id, []).append(Told(deed, event.at, who))
    return found


def answerable(tx: Tx, task: Document) -> str:
    """Street whose list shows a referral: of who is asked, else of who asks, else none."""
    sides = (papers.owner(task.resource), papers.placer(task.resource))
    return next((s for one in sides if one and (s := register.street_of(tx, one))), "")


def rules_of(street: str, at: datetime) -> Rules:
    """The policy rows that limits of a street follow."""
    return load().on(at.astimezone(time.ZONE).date(), street or NATION)
