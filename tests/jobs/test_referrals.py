"""Limits of referrals: reminder, escalation, expiry; once each, whoever fires and however often."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from carecoord.flows import deadlines, intake, referral
from carecoord.jobs.referrals import Referrals
from carecoord.model import time
from carecoord.model.deadlines import due
from carecoord.model.ids import ReferralId
from carecoord.model.referrals import Direction, State, Urgency
from carecoord.store import clocks, documents, outbox
from carecoord.store.engine import Database
from tests import build
from tests.build import BOSS
from tests.flows.test_referral_doors import SENDING

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def street(database: Database) -> Database:
    build.store(database, *build.organizations(), build.organization("hospital", "hospital"))
    return database


@pytest.fixture
def jobs(street: Database, tmp_path: Path) -> Iterator[Referrals]:
    yield Referrals(street, tmp_path)


def sent(street: Database, urgency: Urgency = Urgency.URGENT) -> ReferralId:
    with street.write() as tx:
        return ReferralId(intake.send(tx, BOSS, replace(SENDING, urgency=urgency)).id)


def test_an_unanswered_referral_is_reminded_told_to_the_next_person_and_expires(
    street: Database, jobs: Referrals
) -> None:
    id_ = sent(street)
    begun = time.now()
    deeds = []
    for minutes in (1, 125, 130, 241, 250, 302, 1000, 1441, 1442, 3000):
        deeds += [(minutes, f.deed, f.told) for f in jobs.tick(begun + timedelta(minutes=minutes))]
    with street.read() as tx:
        task = documents.read(tx, "Task", id_)
        topics = [e.topic for e in outbox.about(tx, task.reference)]
        running = [c for c in clocks.of_task(tx, id_) if c.state == "running"]

    assert deeds == [
        (125, "reminder", "Organization/centre"),
        (241, "overdue", "Organization/office"),
        (302, "overdue", "Organization/hospital"),
        (1000, "overdue", "Organization/hospital"),
        (1441, "expired", "Organization/hospital"),
    ]
    assert (task.resource["status"], task.resource["businessStatus"]["coding"][0]["code"]) == (
        "on-hold",
        "expired",
    )
    assert topics[-1] == "referral.expired"
    assert running == []


def contact(id_: str, organization: str, code: str, **more: Any) -> list[dict[str, Any]]:
    """Somebody of an organisation who answers for referrals."""
    role = build.role(id_, f"p-{id_}", organization=organization, times=[])
    role["code"] = [build.concept("referral-contact", code)]
    return [build.practitioner(f"p-{id_}"), role | more]


def test_the_next_person_is_named_by_role_first_in_the_organisation_then_above(
    street: Database, jobs: Referrals
) -> None:
    phone = [{"system": "phone", "value": "010-1", "use": "work"}]
    people = [
        *contact("boss", "centre", "head"),
        *contact("night", "centre", "duty", telecom=phone),
        *contact("left", "centre", "duty", active=False),
        *contact("chief", "office", "medical-officer"),
    ]
    build.store(street, *people)
    id_ = sent(street)
    begun = time.now()
    fired = [f for m in (125, 241, 302, 363, 424) for f in jobs.tick(begun + timedelta(minutes=m))]
    with street.read() as tx:
        (limit,) = deadlines.overdue(tx, BOSS, begun + timedelta(minutes=430))
        told = deadlines.told_of(tx, [limit])[limit.id]
        notes = documents.find(tx, "Communication", subject=f"Patient/{limit_elder(tx, id_)}")

    assert [(f.deed, f.told) for f in fired] == [
        ("reminder", "PractitionerRole/night"),
        ("overdue", "PractitionerRole/boss"),
        ("overdue", "PractitionerRole/chief"),
        ("overdue", "Organization/hospital"),
        ("overdue", "Organization/hospital"),
    ]
    assert [(t.deed, t.who.name, t.who.role) for t in told][:3] == [
        ("reminder", "p-night name", "duty"),
        ("overdue", "p-boss name", "head"),
        ("overdue", "p-chief name", "medical-officer"),
    ]
    assert told[0].who.channels == ("phone 010-1",)
    recipients = [n.resource["recipient"][0]["reference"] for n in notes]
    assert sorted(recipients) == sorted(f.told for f in fired)


def limit_elder(tx: Any, id_: ReferralId) -> str:
    return str(referral.elder_of(documents.read(tx, "Task", id_)))


def test_two_clocks_at_once_and_a_restart_fire_once(
    street: Database, jobs: Referrals, tmp_path: Path
) -> None:
    id_ = sent(street)
    at = time.now() + timedelta(minutes=125)
    fired: list[object] = []
    twins = [Referrals(street, tmp_path) for _ in range(3)]
    threads = [Thread(target=lambda t=t: fired.extend(t.tick(at))) for t in twins]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    again = Referrals(street, tmp_path).tick(at)
    with street.read() as tx:
        topics = [e.topic for e in outbox.about(tx, f"Task/{id_}")]

    assert len(fired) == 1
    assert again == []
    assert topics.count("referral.reminder") == 1


def test_what_was_missed_while_nothing_ran_fires_at_the_next_start(
    street: Database, jobs: Referrals
) -> None:
    sent(street)

    fired = jobs.tick(time.now() + timedelta(minutes=600))

    assert [f.deed for f in fired] == ["overdue"]


def test_an_answer_in_time_silences_the_limit_and_starts_the_next_ones(
    street: Database, jobs: Referrals
) -> None:
    id_ = sent(street)
    with street.write() as tx:
        referral.accept(tx, BOSS, id_)
        kinds = {c.kind: c.state for c in clocks.of_task(tx, id_)}
        deadlines.met(tx, BOSS, id_, "first-contact", time.now())
        after = {c.kind: c.state for c in clocks.of_task(tx, id_)}
    late = jobs.tick(time.now() + timedelta(hours=73))
    with street.read() as tx:
        overdue = deadlines.overdue(tx, BOSS, time.now() + timedelta(hours=73))

    assert kinds == {"accept": "met", "first-contact": "running", "first-visit": "running"}
    assert after["first-contact"] == "met"
    assert [(f.clock.kind, f.deed) for f in late] == [("first-visit", "overdue")]
    assert [c.kind for c in overdue] == ["first-visit"]


def test_a_late_answer_after_expiry_is_still_an_answer(street: Database, jobs: Referrals) -> None:
    id_ = sent(street)
    jobs.tick(time.now() + timedelta(minutes=1441))
    with street.write() as tx:
        task = documents.read(tx, "Task", id_)
        done = referral.act(
            tx, BOSS, id_, State.ACCEPTED, referral.Brought(), expected=task.version
        )

    assert done.resource["status"] == "accepted"


@pytest.mark.parametrize(
    ("kind", "direction", "urgency", "since", "expected"),
    [
        ("accept", "up", "emergency", "2026-03-05T10:00", "2026-03-05T10:30"),
        ("accept", "up", "urgent", "2026-03-05T10:00", "2026-03-05T14:00"),
        ("accept", "up", "planned", "2026-03-05T10:00", "2026-03-06T10:00"),
        ("accept", "down", "urgent", "2026-03-05T10:00", "2026-03-05T14:00"),
        # Thursday to Friday, Friday over the weekend, and over the days of the Spring Festival.
        ("accept", "down", "planned", "2026-03-05T10:00", "2026-03-06T10:00"),
        ("accept", "down", "planned", "2026-03-06T10:00", "2026-03-09T10:00"),
        ("accept", "down", "planned", "2026-02-14T10:00", "2026-02-24T10:00"),
        ("first-contact", "down", "planned", "2026-03-05T10:00", "2026-03-07T10:00"),
        ("first-visit", "down", "planned", "2026-03-05T10:00", "2026-03-08T10:00"),
        ("feedback", "down", "planned", "2026-03-05T10:00", "2026-03-12T10:00"),
        ("follow-up", "up", "planned", "2026-03-05T10:00", "2026-03-19T10:00"),
    ],
)
def test_limits_are_those_of_the_pack(
    kind: str, direction: str, urgency: str, since: str, expected: str
) -> None:
    begun = datetime.fromisoformat(since).replace(tzinfo=SHANGHAI)

    found = due(kind, Direction(direction), Urgency(urgency), begun, build.rules())

    assert found.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") == expected
