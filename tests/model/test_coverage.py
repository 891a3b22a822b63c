"""One payer for each task, within what a person is entitled to."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord.errors import Invalid
from carecoord.model.charges import Account, Charge, Use, per_hour, split, totals
from carecoord.model.costs import together, visit_cost
from carecoord.model.coverage import (
    Assessed,
    Cover,
    Entitlement,
    Payer,
    Person,
    Why,
    ltc_entitlement,
    stacking,
)
from carecoord.model.policy import Rules
from carecoord.model.staff import Level
from carecoord.packs.load import load
from tests import build
from tests.build import DAY, HOUR

SHANGHAI = "310106007"
MONDAY = DAY - timedelta(days=DAY.weekday())
QUICK = settings(max_examples=40, deadline=None)


def rules(place: str = build.STREET) -> Rules:
    return load().on(DAY, place)


def covers(*payers: Payer) -> tuple[Cover, ...]:
    return tuple(Cover(one, f"cover-{one}") for one in payers)


def person(*payers: Payer, scale: str = "LTC37", number: int = 3, **more: object) -> Person:
    levels = (Assessed(scale, number, MONDAY - timedelta(days=30)),)
    return Person("e1", covers(*payers), levels, **more)  # type: ignore[arg-type]


def use(day: int = 0, item: str = "7", minutes: int = 60, **more: object) -> Use:
    """One item of a visit so many days after Monday, at eight."""
    facts: dict[str, object] = {
        "visit": f"v{day}",
        "day": MONDAY + timedelta(days=day),
        "start": 8 * HOUR,
        "end": 9 * HOUR,
        "item": item,
        "programme": "ltci",
        "minutes": minutes,
    }
    return Use(**(facts | more))  # type: ignore[arg-type]


def charged(who: Person, *uses: Use, place: str = build.STREET) -> list[Charge]:
    here = rules(place)
    return Account(who, here, here.catalogue()).charge(uses)


def codes(charge: Charge) -> list[str]:
    return [one.code for one in charge.why]


def test_long_term_care_insurance_pays_its_share_and_leaves_the_rest() -> None:
    [one] = charged(person(Payer.LTCI), use())

    assert (one.payer, one.price, one.fund, one.copay, one.out_of_pocket) == (
        Payer.LTCI,
        5000,
        3500,
        1500,
        0,
    )
    assert {ref.rule_id for ref in one.refs} >= {
        "ltci.entitlement.LTC37",
        "ltci.fund_percent",
        "ltci.price.caregiver",
        "payer.by_programme",
    }


def test_minutes_beyond_the_week_go_to_the_person_and_a_new_week_starts_again() -> None:
    uses = [use(day) for day in range(7)] + [use(7)]
    uses += [use(day, visit=f"w{day}", start=15 * HOUR, end=16 * HOUR) for day in range(3)]

    found = charged(person(Payer.LTCI), *uses)

    first_week = [c for c in found if c.use.day < MONDAY + timedelta(days=7)]
    paid = [c for c in first_week if c.payer is Payer.LTCI]
    assert sum(c.use.minutes for c in paid) == 480
    beyond = [c for c in first_week if c.payer is Payer.SELF]
    assert len(beyond) == 2
    assert all(codes(c) == ["payer.quota", "payer.no_cover"] for c in beyond)
    assert all(c.out_of_pocket == 5000 for c in beyond)
    assert found[-1].payer is Payer.LTCI


def test_the_city_that_has_its_own_scale_counts_visits_by_its_level() -> None:
    who = person(Payer.LTCI, scale="SH_LTC", number=4)

    found = charged(who, *(use(day) for day in range(7)), place=SHANGHAI)

    assert [c.payer for c in found] == [Payer.LTCI] * 5 + [Payer.SELF] * 2
    assert found[0].price == 6500
    assert found[0].fund == 5850


def test_several_items_of_one_visit_use_one_visit_of_the_quota() -> None:
    who = person(Payer.LTCI, scale="SH_LTC", number=2)
    uses = [use(day, item, 30) for day in range(3) for item in ("7", "9")]

    found = charged(who, *uses, place=SHANGHAI)

    assert {c.payer for c in found} == {Payer.LTCI}


def test_without_the_citys_level_the_national_one_decides() -> None:
    found = ltc_entitlement(person(Payer.LTCI, number=5), rules(SHANGHAI), DAY)

    assert isinstance(found, Entitlement)
    assert (found.unit, found.amount, found.basis) == ("minutes", 1080, "LTC37 5")


@pytest.mark.parametrize(
    ("months", "minutes", "fen"), [(0, 0, 0), (1, 60, 4000), (6, 60, 4000), (7, 120, 8000)]
)
def test_continuous_care_adds_to_the_month_as_the_city_says(
    months: int, minutes: int, fen: int
) -> None:
    since = date(2026, 3, 5)
    day = date(2026 + (2 + months) // 12, (2 + months) % 12 + 1, 5)
    who = Person("e1", covers(Payer.LTCI), (Assessed("SH_LTC", 5, since),), care_since=since)

    found = ltc_entitlement(who, load().on(day, SHANGHAI), day)

    assert isinstance(found, Entitlement)
    assert (found.bonus_minutes, found.bonus_fen) == (minutes, fen)


def test_bonus_minutes_pay_for_a_visit_beyond_the_week() -> None:
    since = MONDAY - timedelta(days=100)
    level = Assessed("SH_LTC", 5, since)
    who = Person("e1", covers(Payer.LTCI), (level,), care_since=since)
    extra = [use(3, visit=f"x{k}", start=(14 + k) * HOUR, end=(15 + k) * HOUR) for k in range(2)]

    found = charged(who, *(use(day) for day in range(7)), *extra, place=SHANGHAI)

    assert [c.payer for c in found].count(Payer.LTCI) == 8
    assert [codes(c)[0] for c in found if c.payer is Payer.SELF] == ["payer.quota"]


def test_a_level_below_the_benefit_gives_nothing_and_names_the_rule() -> None:
    [one] = charged(person(Payer.LTCI, number=2), use())

    assert one.payer is Payer.SELF
    assert one.why[0].code == "payer.level_low"
    assert one.why[0].facts["rule"] == "ltci.benefit_from.LTC37"


def test_an_expired_level_gives_nothing_and_names_the_rule() -> None:
    who = Person("e1", covers(Payer.LTCI), (Assessed("LTC37", 5, DAY - timedelta(days=800)),))

    found = ltc_entitlement(who, rules(), DAY)

    assert isinstance(found, Why)
    assert (found.code, found.facts["rule"]) == (
        "payer.assessment_expired",
        "ltc37.valid_months",
    )


def test_nobody_without_a_coverage_is_paid_for() -> None:
    [one] = charged(Person("e1"), use())

    assert one.payer is Payer.SELF
    assert codes(one) == ["payer.no_cover", "payer.no_cover"]


def test_a_coverage_that_has_ended_pays_no_more() -> None:
    over = Cover(Payer.LTCI, "c", last=MONDAY - timedelta(days=1))
    who = Person("e1", (over,), (Assessed("LTC37", 3, MONDAY),))

    assert charged(who, use())[0].payer is Payer.SELF


def test_insurance_stops_on_days_in_hospital() -> None:
    stay = (MONDAY - timedelta(days=1), MONDAY + timedelta(days=1))
    who = person(Payer.LTCI, inpatient=(stay,))

    found = charged(who, use(0), use(1), use(2))

    assert [c.payer for c in found] == [Payer.SELF, Payer.LTCI, Payer.LTCI]
    assert codes(found[0])[0] == "payer.inpatient"


def test_an_item_that_needs_an_order_is_paid_only_with_one() -> None:
    nursing = use(item="37", minutes=30, programme="home-hospital-bed")
    insured = person(Payer.MEDICAL)

    assert codes(charged(insured, nursing)[0]) == ["payer.no_order"]
    ordered = person(Payer.MEDICAL, ordered=frozenset({"37"}))
    [one] = charged(ordered, nursing)
    assert (one.payer, one.price, one.fund) == (Payer.MEDICAL, 6000, 4800)


def test_a_doctors_visit_has_one_fee_however_many_items() -> None:
    rounds = [use(item=i, minutes=25, programme="home-hospital-bed") for i in ("101", "102")]

    found = charged(person(Payer.MEDICAL), *rounds)

    assert [c.price for c in found] == [8000, 0]


def test_the_programme_decides_who_is_asked_first() -> None:
    both = person(Payer.LTCI, Payer.SUBSIDY)

    assert charged(both, use(programme="family-bed"))[0].payer is Payer.SUBSIDY
    assert charged(both, use(programme="ltci"))[0].payer is Payer.LTCI


def test_the_subsidy_ends_at_its_monthly_sum() -> None:
    visits = [use(day, programme="family-bed", minutes=60) for day in range(12)]

    found = charged(person(Payer.SUBSIDY), *visits)

    assert sum(c.fund for c in found) == 40000
    assert [c.payer for c in found].count(Payer.SELF) == 4


def test_the_same_item_in_one_span_of_time_is_paid_once() -> None:
    twice = [use(), use(visit="other", programme="family-bed", start=8 * HOUR + 1800)]

    first, second = charged(person(Payer.LTCI, Payer.SUBSIDY), *twice)

    assert (first.payer, second.payer) == (Payer.LTCI, Payer.LTCI)
    assert (second.price, second.duplicate) == (0, "v0")
    assert codes(second) == ["payer.double"]


def test_benefits_that_may_not_be_combined_yield(tmp_path: Path) -> None:
    file = tmp_path / "street.toml"
    file.write_text(
        f'''format = 1
pack = "street"
jurisdiction = "{build.STREET}"
zh = "街道"
en = "street"
[[document]]
doc_no = "1"
valid_from = 2026-01-01
[[document.rule]]
rule_id = "payer.stacking"
mark = "A"
zh = "叠加"
en = "stacking"
value = [["subsidy", "ltci", "not_same_item"]]
''',
        encoding="utf-8",
    )
    here = load(file).on(DAY, build.STREET)
    who = person(Payer.LTCI, Payer.SUBSIDY, number=1)

    [one] = Account(who, here, here.catalogue()).charge([use()])

    assert codes(one) == ["payer.level_low", "payer.stacking"]
    assert [s.verdict for s in stacking((Payer.LTCI, Payer.SUBSIDY), here)] == ["not_same_item"]


SOME = st.lists(
    st.builds(
        use,
        day=st.integers(0, 13),
        item=st.sampled_from(["6", "7", "12", "32", "37", "101", "122", "999"]),
        minutes=st.integers(5, 120),
        visit=st.sampled_from(["a", "b", "c"]),
        programme=st.sampled_from(["ltci", "family-bed", "home-hospital-bed", "station", ""]),
        start=st.integers(7, 16).map(lambda h: h * HOUR),
    ).map(lambda u: Use(f"{u.visit}{u.day}", u.day, u.start, u.start + 1800, u.item, u.programme,
                        u.minutes)),
    max_size=25,
)  # fmt: skip
WHO = st.builds(
    lambda payers, number: person(*payers, number=number, ordered=frozenset({"37"})),
    st.sets(st.sampled_from([Payer.MEDICAL, Payer.LTCI, Payer.SUBSIDY])),
    st.integers(0, 5),
)


@QUICK
@given(WHO, SOME)
def test_every_task_has_one_payer_and_its_price_is_shared_out_exactly(
    who: Person, uses: list[Use]
) -> None:
    found = charged(who, *uses)

    assert sorted(map(repr, (c.use for c in found))) == sorted(map(repr, uses))
    for one in found:
        assert one.fund + one.copay + one.out_of_pocket == one.price
        assert one.payer is not Payer.SELF or one.fund == 0
    sums = totals(found)
    assert sum(a + b for a, b in sums.values()) == sum(c.price for c in found)


@QUICK
@given(WHO, SOME)
def test_no_payer_pays_beyond_its_quota_or_twice_for_one_minute(
    who: Person, uses: list[Use]
) -> None:
    found = charged(who, *uses)

    minutes: dict[date, int] = defaultdict(int)
    fen: dict[str, int] = defaultdict(int)
    for one in found:
        day = one.use.day
        if one.payer is Payer.LTCI and not one.duplicate:
            minutes[day - timedelta(days=day.weekday())] += one.use.minutes
        if one.payer is Payer.SUBSIDY:
            fen[f"{day:%Y-%m}"] += one.fund
    entitled = ltc_entitlement(who, rules(), MONDAY)
    most = entitled.amount if isinstance(entitled, Entitlement) else 0
    assert all(one <= most for one in minutes.values())
    assert all(one <= 40000 for one in fen.values())
    paid = [c for c in found if not c.duplicate]
    clashes = [
        (a, b)
        for k, a in enumerate(paid)
        for b in paid[k + 1 :]
        if a.use.item == b.use.item and a.use.overlaps(b.use)
    ]
    assert clashes == []


@given(st.integers(0, 600), st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_minutes_are_split_without_loss(minutes: int, shares: list[int]) -> None:
    found = split(minutes, shares)

    assert sum(found) == minutes
    assert all(one >= 0 for one in found)
    whole = sum(shares)
    assert all(
        abs(part * whole - minutes * share) < whole
        for part, share in zip(found, shares, strict=True)
    )


def test_prices_round_half_up_to_a_fen() -> None:
    assert [per_hour(5000, 60), per_hour(50, 3), per_hour(0, 60)] == [5000, 3, 0]


def test_nothing_is_split_by_nothing() -> None:
    with pytest.raises(Invalid) as caught:
        split(10, [0, 0])

    assert caught.value.code == "payer.minutes"


def test_a_visit_costs_labour_travel_and_overhead() -> None:
    one = visit_cost(Level.CAREGIVER, 60, rules(), travel=600)

    assert (one.labour, one.travel, one.overhead) == (3500, 683, 837)
    assert one.total == 5020
    assert one.per_hour == 5020
    two = visit_cost(Level.CAREGIVER, 60, rules(), travel=600, carers=2)
    both = together([one, two])
    assert (both.minutes, both.labour) == (180, 10500)
    assert {ref.rule_id for ref in both.refs} == {
        "cost.labour_hour",
        "cost.travel_hour",
        "cost.overhead_percent",
    }


def test_without_service_there_is_no_unit_cost() -> None:
    assert together([]).per_hour is None
