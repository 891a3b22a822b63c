"""Continuity, load and equity from calls: formulas and small groups."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord.model.places import Place
from carecoord.planning import continuity, equity
from carecoord.planning.continuity import Called
from carecoord.planning.fairness import gini
from tests.build import DAY

NOBODY: dict[str, frozenset[str]] = {}


def called(number: int, elder: str, *staff: str, day: date = DAY, **more: object) -> Called:
    outcome = "made" if staff else "unserved"
    base: dict[str, object] = {"outcome": outcome, "service": 1800 if staff else 0}
    return Called(f"v{number:04d}", day, elder, tuple(staff), **(base | more))  # type: ignore[arg-type]


def test_the_main_carer_is_who_comes_most_and_two_carers_count_once_as_a_visit() -> None:
    calls = [
        called(1, "e", "a"),
        called(2, "e", "a", "b"),
        called(3, "e", "b", "c"),
        called(4, "e", "d"),
        called(5, "e"),
    ]

    (month,) = continuity.client_months(calls, NOBODY)

    assert (month.visits, month.carers, month.main) == (4, 4, "a")
    assert (month.main_share, month.top_share) == (0.5, 0.75)


def test_somebody_is_new_once_and_not_when_they_came_before() -> None:
    later = DAY + timedelta(days=40)
    calls = [called(1, "e", "a", "b"), called(2, "e", "c"), called(3, "e", "c", day=later)]

    first, second = continuity.client_months(calls, {"e": frozenset({"a"})})

    assert (first.month, first.new) == ("2026-03", ("b", "c"))
    assert (second.month, second.new) == ("2026-04", ())
    assert set(continuity.first_calls(calls, {"e": frozenset({"a"})}).values()) == {
        "v0001",
        "v0002",
    }


def test_load_is_service_by_time_at_work_role_by_role() -> None:
    calls = [
        called(1, "e", "a", hard=True),
        called(2, "e", "a"),
        called(3, "e", "b"),
        called(4, "f"),
    ]
    roles = {"a": "nurse", "b": "caregiver", "c": "caregiver"}
    hours = {"a": 7200, "b": 3600, "c": 3600}

    found = continuity.loads(calls, roles, hours)

    assert {one.staff: (one.visits, one.hard, one.share) for one in found} == {
        "a": (2, 1, 0.5),
        "b": (1, 0, 0.5),
        "c": (0, 0, 0.0),
    }
    spreads = {one.role: one for one in continuity.spreads(found)}
    assert spreads["*"].people == 3
    assert spreads["*"].load_gini == pytest.approx(gini([0.5, 0.5, 0.0]))
    assert spreads["caregiver"].load_busiest == 2.0
    assert spreads["caregiver"].hard_gini is None
    assert spreads["nurse"].load_gini == 0


people = st.sampled_from([f"e{k}" for k in range(12)])
staff = st.lists(st.sampled_from("abc"), max_size=2, unique=True)


@st.composite
def many(draw: st.DrawFn) -> list[Called]:
    rows = draw(st.lists(st.tuples(people, staff, st.integers(0, 40), st.booleans()), max_size=60))
    return [
        called(k, elder, *who, day=DAY + timedelta(days=on), late=600 * late)
        for k, (elder, who, on, late) in enumerate(rows)
    ]


@given(many())
def test_shares_and_counts_of_months_are_consistent(calls: list[Called]) -> None:
    made = [one for one in calls if one.staff]
    months = continuity.client_months(calls, NOBODY)

    assert sum(one.visits for one in months) == len(made)
    assert sum(len(one.new) for one in months) == len(
        {(one.elder, who) for one in made for who in one.staff}
    )
    for one in months:
        assert 1 / max(1, one.carers) - 1e-9 <= one.main_share <= one.top_share <= 1
        assert one.carers <= 3 or one.top_share <= 1
        if one.carers <= 3:
            assert one.top_share == 1


@given(many(), st.integers(2, 6))
def test_no_small_group_is_shown_or_can_be_worked_out(calls: list[Called], smallest: int) -> None:
    groups = {"age": {f"e{k}": "old" if k < 3 else "mid" if k < 8 else "young" for k in range(12)}}
    everybody = {one.elder for one in calls}

    cells = equity.table(calls, (), groups, smallest=smallest)

    sizes = Counter(groups["age"][elder] for elder in everybody)
    whole = next(cell for cell in cells if cell.dimension == "all")
    assert whole.hidden == (len(everybody) < smallest)
    shown = [cell for cell in cells if cell.dimension == "age" and not cell.hidden]
    assert all(sizes[cell.group] >= smallest for cell in shown)
    hidden = len(everybody) - sum(cell.people or 0 for cell in shown)
    assert hidden == 0 or hidden >= smallest or whole.hidden


def test_rates_are_of_visits_made_and_asked() -> None:
    calls = [called(k, f"e{k}", "a", late=60 * (k < 2)) for k in range(6)]
    calls += [called(9, "e0"), called(10, "e1", "a", outcome="not-made")]

    whole, group = equity.table(
        calls, ["v0003"], {"age": dict.fromkeys(map("e{}".format, range(6)), "x")}
    )

    assert whole.group == "*" and group.group == "x"
    assert (group.people, group.asked, group.late, group.unserved, group.strange) == (6, 8, 2, 2, 1)
    assert (group.late_rate, group.unserved_rate) == (2 / 6, 2 / 8)
    assert group.strange_rate == 1 / 6


def test_bands_and_squares() -> None:
    assert equity.age_band(date(1936, 3, 6), DAY) == "80-89"
    assert equity.age_band(date(1936, 3, 5), DAY) == "90+"
    assert equity.age_band(date(1980, 1, 1), DAY) == "0-59"
    assert equity.age_band(None, DAY) == equity.UNKNOWN
    assert equity.cluster(Place(116.314, 39.996)) == "40.00,116.31"
    assert equity.cluster(None) == equity.UNKNOWN
