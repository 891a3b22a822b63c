import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.access import Caller, audit, everything, require
from carecoord.errors import Forbidden
from carecoord.model.ids import StreetId
from carecoord.store import audit as rows
from carecoord.store.engine import Database
from tests.build import STREET, caller

OTHER = StreetId("990101002")
actions = st.sampled_from(["day.read", "day.write", "plan.sign", "fhir.write"])
places = st.sampled_from([STREET, OTHER])


@given(st.sets(actions), st.sets(places), actions, st.none() | places)
def test_who_lacks_the_scope_or_the_street_is_refused_and_nobody_else(
    scopes: set[str], streets: set[StreetId], action: str, street: StreetId | None
) -> None:
    who = Caller("x", streets=frozenset(streets), scopes=frozenset(scopes))
    if action in scopes and street in streets:
        require(who, action, street)
        return
    with pytest.raises(Forbidden) as caught:
        require(who, action, street)
    assert caught.value.code == ("access.street" if action in scopes else "access.scope")


def test_a_caller_without_anything_may_do_nothing() -> None:
    with pytest.raises(Forbidden):
        require(Caller("x"), "day.read")


def test_an_action_that_concerns_no_street_asks_for_the_scope_alone() -> None:
    require(Caller("x", scopes=frozenset({"fhir.write"})), "fhir.write")


def test_somebody_of_no_street_is_open_only_to_who_may_act_in_all() -> None:
    with pytest.raises(Forbidden) as caught:
        require(
            Caller("x", streets=frozenset({STREET}), scopes=frozenset({"bed.open"})),
            "bed.open",
            None,
        )
    assert caught.value.code == "access.street"
    require(everything("clock"), "bed.open", None)


def test_the_engine_itself_may_do_everything_everywhere() -> None:
    require(everything("clock"), "day.write", OTHER)
    assert everything("clock").covers(OTHER)


def test_an_entry_says_who_for_whom_what_and_about_what(database: Database) -> None:
    who = caller("day.write")
    with database.write() as tx:
        audit.record(tx, who, "day.write", "Run/1")
        audit.record_all(tx, who, "fhir.created", ["Task/1", "Task/2"])
        (found,) = rows.of_target(tx, "Run/1")
        both = [*rows.of_target(tx, "Task/1"), *rows.of_target(tx, "Task/2")]

    assert (found.actor, found.organization, found.action) == ("somebody", "centre", "day.write")
    assert [(r.action, r.target) for r in both] == [
        ("fhir.created", "Task/1"),
        ("fhir.created", "Task/2"),
    ]
    assert found.at.tzinfo is not None
