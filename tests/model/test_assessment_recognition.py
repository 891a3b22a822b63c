"""Recognise before assessing again; when the next one is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.errors import Invalid, Missing
from carecoord.model.assessment import Change, Past, due, recognise
from carecoord.model.assessment.recognition import after_months
from carecoord.packs.load import load

DAY = date(2026, 7, 1)
RULES = load().on(DAY, "990101001")
SHANGHAI = load().on(DAY, "310106007")
LTC = Past("ltc", "p1", "LTC37", date(2025, 1, 10))
GB = Past("gb", "p1", "GB42195", date(2026, 1, 10))


def test_a_valid_assessment_of_another_programme_is_offered() -> None:
    found = recognise([LTC], RULES, person="p1")

    assert (found.offer, found.valid_until) == (LTC, date(2027, 1, 9))
    assert "ltc37.valid_months" in {ref.rule_id for ref in found.refs}


def test_the_one_that_stays_valid_longest_is_offered() -> None:
    newer = Past("new", "p1", "GB42195", date(2026, 6, 1))

    assert recognise([GB, LTC, newer], RULES, person="p1").offer is newer
    assert recognise([GB, LTC], RULES, person="p1").offer is GB


def test_without_any_there_is_nothing_to_offer() -> None:
    found = recognise([], RULES, person="p1")

    assert (found.offer, found.valid_until, found.refused) == (None, None, ())


@pytest.mark.parametrize(
    ("past", "reason"),
    [
        (Past("x", "p2", "LTC37", date(2026, 6, 1)), "other_person"),
        (Past("x", "p1", "LTC37", date(2026, 6, 1), complete=False), "incomplete"),
        (Past("x", "p1", "LTC37", date(2026, 6, 1), revoked=True), "revoked"),
        (Past("x", "p1", "LTC37", date(2026, 7, 2)), "later"),
        (Past("x", "p1", "LTC37", date(2024, 7, 1)), "expired"),
        (Past("x", "p1", "GB42195", date(2025, 7, 1)), "expired"),
        (Past("x", "p1", "GB42195", DAY, valid_until=date(2026, 6, 30)), "expired"),
        (Past("x", "p1", "SH_LTC", date(2026, 6, 1)), "no_rule"),
    ],
)
def test_what_cannot_be_recognised_says_why(past: Past, reason: str) -> None:
    found = recognise([past], RULES, person="p1")

    assert found.offer is None
    assert [(r.id, r.reason) for r in found.refused] == [("x", reason)]


def test_the_last_valid_day_is_the_day_before_the_anniversary() -> None:
    last = Past("x", "p1", "GB42195", date(2025, 7, 2))

    assert recognise([last], RULES, person="p1").valid_until == DAY


def test_a_shanghai_level_is_recognised_in_shanghai() -> None:
    past = Past("x", "p1", "SH_LTC", date(2025, 6, 1))

    assert recognise([past], SHANGHAI, person="p1").offer is past


def test_a_change_after_the_assessment_ends_its_use() -> None:
    stroke = Change("stroke", date(2026, 1, 11))
    found = recognise([GB], RULES, person="p1", changes=[stroke])

    assert [(r.id, r.reason) for r in found.refused] == [("gb", "changed")]


def test_a_change_on_or_before_the_day_of_the_assessment_does_not() -> None:
    changes = [Change("hospital_discharge", GB.assessed_on), Change("fall", date(2025, 3, 1))]

    assert recognise([GB, LTC], RULES, person="p1", changes=changes).offer is GB


def test_a_change_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        recognise([GB], RULES, person="p1", changes=[Change("sneeze", DAY)])

    assert caught.value.code == "assessment.change_kind"
    assert "stroke" in str(caught.value.facts["allowed"])


def test_the_next_assessment_is_due_when_the_last_expires_with_notice_before() -> None:
    found = due(GB, RULES)

    assert (found.on, found.trigger) == (date(2027, 1, 9), "expiry")
    assert found.notice_from == date(2026, 12, 10)
    assert [ref.rule_id for ref in found.refs][1:] == [
        "gb42195.valid_months",
        "assessment.reassess_lead_days",
    ]


def test_a_change_makes_it_due_within_days() -> None:
    found = due(GB, RULES, changes=[Change("fall", DAY), Change("stroke", DAY)])

    assert (found.on, found.notice_from, found.trigger) == (DAY + timedelta(days=7), DAY, "fall")


def test_a_change_just_before_expiry_does_not_move_it_later() -> None:
    found = due(GB, RULES, changes=[Change("fall", date(2027, 1, 8))])

    assert (found.on, found.trigger) == (date(2027, 1, 9), "expiry")


def test_without_a_row_for_the_scale_nothing_is_due() -> None:
    with pytest.raises(Missing):
        due(Past("x", "p1", "SH_LTC", DAY), RULES)


def test_an_unknown_scale_is_refused() -> None:
    with pytest.raises(Invalid):
        Past("x", "p1", "ADL", DAY)


def test_months_end_on_the_last_day_where_there_is_no_such_day() -> None:
    assert after_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert after_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert after_months(date(2025, 12, 1), 1) == date(2026, 1, 1)


days = st.dates(date(2024, 1, 1), date(2026, 12, 31))
pasts = st.builds(
    Past,
    id=st.uuids().map(str),
    person=st.sampled_from(["p1", "p2"]),
    scale=st.sampled_from(["LTC37", "GB42195", "SH_LTC"]),
    assessed_on=days,
    complete=st.booleans(),
    revoked=st.booleans(),
)
kinds = st.sampled_from(RULES.texts("assessment.change_events"))


@given(st.lists(pasts, unique_by=lambda p: p.id), st.lists(st.builds(Change, kinds, days)))
def test_an_offer_is_always_valid_and_every_other_is_explained_or_worse(
    candidates: list[Past], changes: list[Change]
) -> None:
    found = recognise(candidates, SHANGHAI, person="p1", changes=changes)
    refused = {r.id for r in found.refused}

    if found.offer is None:
        assert refused == {p.id for p in candidates}
        return
    assert found.valid_until is not None and found.valid_until >= DAY
    assert found.offer.person == "p1" and found.offer.complete and not found.offer.revoked
    assert not any(found.offer.assessed_on < c.day <= DAY for c in changes)
    for other in candidates:
        if other.id not in refused:
            alone = recognise([other], SHANGHAI, person="p1", changes=changes)
            assert alone.valid_until is not None and alone.valid_until <= found.valid_until
