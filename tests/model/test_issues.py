"""Findings: a stable id, a fingerprint of the facts, and the workflow."""

from dataclasses import replace

import pytest

from carecoord.errors import Conflict
from carecoord.model.ids import ElderId
from carecoord.model.issues import NEXT, STATES, Finding, move

FINDING = Finding(
    "duplicate.item", ElderId("e1"), ("6", "family-bed", "ltci"), "moderate", {"item": "6"}, (), ()
)


def test_the_same_finding_has_the_same_id_and_another_person_or_key_another() -> None:
    again = replace(FINDING, facts={"item": "7"}, severity="high")

    assert again.id == FINDING.id
    assert replace(FINDING, elder=ElderId("e2")).id != FINDING.id
    assert replace(FINDING, key=("6",)).id != FINDING.id


def test_facts_and_basis_change_the_fingerprint_and_the_order_of_facts_does_not() -> None:
    facts = {"a": 1, "b": 2}
    turned = {"b": 2, "a": 1}

    assert replace(FINDING, facts=facts).fingerprint == replace(FINDING, facts=turned).fingerprint
    assert replace(FINDING, facts={"item": "7"}).fingerprint != FINDING.fingerprint
    assert replace(FINDING, basis=("longer",)).fingerprint != FINDING.fingerprint


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("to", STATES)
def test_only_the_listed_steps_are_allowed_and_a_refusal_lists_them(state: str, to: str) -> None:
    if to in NEXT[state]:
        assert move("i", state, to) == to
        return
    with pytest.raises(Conflict) as refused:
        move("i", state, to)
    assert refused.value.code == "issue.move"
    assert refused.value.facts["allowed"] == (", ".join(NEXT[state]) or "-")
