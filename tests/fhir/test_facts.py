"""What resources tell the detectors, and findings as DetectedIssue."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from carecoord.fhir import facts, issues
from carecoord.model.ids import ElderId
from carecoord.model.issues import Evidence, Finding
from fhir_profiles import check
from tests import build

Json = dict[str, Any]
NOON = datetime(2026, 3, 5, 4, tzinfo=UTC)
VISIT = "https://carecoord.example/fhir/sid/visit"


def level(scale: str, number: int, source: str = "", day: str = "2026-02-01") -> Json:
    found: Json = {
        "resourceType": "Observation",
        "id": f"{scale}-{day}",
        "code": build.concept("assessment-scale", scale),
        "effectiveDateTime": day,
        "valueInteger": number,
    }
    return (
        found | {"derivedFrom": [build.ref("QuestionnaireResponse", source)]} if source else found
    )


def test_two_levels_of_one_interview_are_one_assessment_with_its_answers_and_reason() -> None:
    response = {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "status": "completed",
        "item": [
            {"linkId": "about", "item": [_reason("dispute")]},
            {"linkId": "a1", "answer": [{"valueInteger": 5}]},
        ],
    }
    (one,) = facts.assessments(
        [level("LTC37", 3, "r1"), level("GB42195", 2, "r1", "2026-02-02")], [response]
    )

    assert (one.ref, one.on) == ("QuestionnaireResponse/r1", date(2026, 2, 2))
    assert (one.levels, one.scores) == ({"LTC37": 3, "GB42195": 2}, {"a1": 5})
    assert one.reason == "dispute"


def _reason(code: str) -> Json:
    return {"linkId": "reason", "answer": [{"valueCoding": {"code": code}}]}


def test_a_level_without_answers_and_a_faulty_form_still_count() -> None:
    faulty = {"resourceType": "QuestionnaireResponse", "id": "r1", "item": "nonsense"}
    alone, formed = facts.assessments([level("LTC37", 3), level("LTC37", 4, "r1")], [])

    assert {alone.ref.split("/")[0], formed.ref.split("/")[0]} == {
        "Observation",
        "QuestionnaireResponse",
    }
    response = {**faulty, "item": [{"linkId": "a1", "answer": [{"valueString": "?"}]}]}
    (one,) = facts.assessments([level("LTC37", 4, "r1")], [response])
    assert (one.levels, one.scores) == ({"LTC37": 4}, {})


@pytest.mark.parametrize(
    ("status", "history", "since"),
    [
        ("active", [("active", "2026-01-01", "")], date(2026, 1, 1)),
        (
            "active",
            [("active", "2026-01-01", "2026-02-01"), ("active", "2026-02-20", "")],
            date(2026, 2, 20),
        ),
        ("onhold", [("active", "2026-01-01", "2026-02-01"), ("onhold", "2026-02-01", "")], None),
        ("active", [], date(2025, 12, 1)),
    ],
)
def test_a_bed_serves_since_its_last_resumption(
    status: str, history: list[tuple[str, str, str]], since: date | None
) -> None:
    episode = {
        "id": "b",
        "status": status,
        "type": [build.concept("bed-kind", "family-bed")],
        "period": {"start": "2025-12-01"},
        "statusHistory": [
            {"status": s, "period": {"start": a} | ({"end": b} if b else {})} for s, a, b in history
        ],
    }
    found = facts.bed(episode)

    assert found is not None
    assert (found.kind, found.since) == ("family-bed", since)
    assert facts.bed(episode | {"type": []}) is None


def test_an_order_covers_the_days_it_says_and_a_proposal_is_none() -> None:
    request = {
        "id": "o",
        "status": "active",
        "intent": "order",
        "code": build.concept("service-item", "37"),
        "authoredOn": "2026-02-01",
        "occurrencePeriod": {"start": "2026-02-10", "end": "2026-03"},
    }
    (one,) = facts.orders(request)

    assert (one.item, one.since, one.last) == ("37", date(2026, 2, 10), date(2026, 3, 31))
    for other in ({"intent": "proposal"}, {"status": "revoked"}):
        assert list(facts.orders(request | other)) == []


@pytest.mark.parametrize(
    ("encounter", "expected"),
    [
        ({"status": "finished"}, ("Encounter/x", "made", 12 * 3600)),
        ({"status": "cancelled"}, ("Encounter/x", "missed", None)),
        (
            {"status": "finished", "identifier": [{"system": VISIT, "value": "d1"}]},
            ("demand:d1", "made", 12 * 3600),
        ),
        ({"status": "planned"}, None),
        ({"status": "finished", "class": {"code": "IMP"}}, None),
    ],
)
def test_an_encounter_says_whether_a_visit_was_made(
    encounter: Json, expected: tuple[str, str, int | None] | None
) -> None:
    known = {
        "resourceType": "Encounter",
        "id": "x",
        "period": {"start": "2026-03-01T12:00:00+08:00"},
        "type": [build.concept("service-item", "5")],
    }
    found = facts.visit(known | encounter)

    assert (found and (found.ref, found.state, found.start)) == expected
    if found is not None:
        assert (found.items, found.day) == (("5",), date(2026, 3, 1))


def test_a_stay_that_has_not_ended_is_in_hospital() -> None:
    stay = {"class": {"code": "IMP"}, "status": "in-progress"}

    assert facts.in_hospital(stay)
    assert not facts.in_hospital(stay | {"status": "finished"})
    assert not facts.in_hospital(stay | {"class": {"code": "HH"}})


def test_bills_name_payer_and_time_and_a_predetermination_is_none() -> None:
    payer = build.own("payer", valueCode="ltci")
    claim = {
        "id": "c",
        "status": "active",
        "use": "claim",
        "insurer": {"reference": "Organization/fund"},
        "item": [
            {
                "extension": [payer],
                "productOrService": build.concept("service-item", "6"),
                "servicedPeriod": {
                    "start": "2026-03-01T09:00:00+08:00",
                    "end": "2026-03-01T09:40:00+08:00",
                },
            },
            {
                "productOrService": build.concept("service-item", "7"),
                "servicedDate": "2026-03-01",
            },
            {"productOrService": build.concept("service-item", "8")},
        ],
    }
    first, second = facts.bills(claim)

    assert (first.item, first.payer) == ("6", "ltci")
    assert (first.end - first.start).seconds == 2400
    assert (second.payer, (second.end - second.start).days) == ("Organization/fund", 1)
    assert list(facts.bills(claim | {"use": "predetermination"})) == []
    assert list(facts.bills(claim | {"status": "cancelled"})) == []


FINDING = Finding(
    "omission.bed",
    ElderId("e1"),
    ("EpisodeOfCare/b",),
    "high",
    {"bed": "family-bed", "days": 7},
    (Evidence("evidence.bed", {"since": "2026-01-01"}, ("EpisodeOfCare/b", "demand:d1")),),
    build.rules().reading().refs,
    (ElderId("e2"),),
)


def test_a_finding_survives_its_way_through_fhir() -> None:
    resource = issues.detected(FINDING, build.STREET, "text", NOON)

    assert [f for f in check.findings(resource) if f.severity == "error"] == []
    known = issues.issue(resource)
    assert known is not None
    assert (known.id, known.code, known.state) == (FINDING.id, "omission.bed", "open")
    assert (known.elder, known.others) == ("e1", ("e2",))
    assert known.facts == FINDING.facts
    assert known.evidence == FINDING.evidence
    assert known.fingerprint == FINDING.fingerprint
    assert resource["evidence"][0]["detail"][1] == {
        "type": "Appointment",
        "identifier": {"system": VISIT, "value": "d1"},
    }


def test_a_move_changes_state_and_status_and_keeps_what_was_there() -> None:
    resource = issues.detected(FINDING, build.STREET, "text", NOON) | {"language": "zh"}
    deed = issues.Deed("dismissed", "no", "2026-03-05T12:00:00+08:00", "somebody")
    moved = issues.moved(resource, "dismissed", deed)
    known = issues.issue(moved)

    assert known is not None
    assert (known.state, moved["status"], moved["language"]) == (
        "dismissed",
        "entered-in-error",
        "zh",
    )
    assert known.deeds == (deed,)
    assert resource["status"] == "preliminary"
    assert [f for f in check.findings(moved) if f.severity == "error"] == []


def test_a_detected_issue_of_somebody_else_is_not_ours() -> None:
    assert issues.issue({"resourceType": "DetectedIssue", "id": "x", "status": "final"}) is None
