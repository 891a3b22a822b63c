"""The bundled packs hold what the facts say, and fit together."""

from datetime import date
from decimal import Decimal

import pytest

from carecoord.model.assessment import GB42195Level, LTC37Level, SHLTCLevel, level_of
from carecoord.model.catalogue import PlanBlock
from carecoord.model.policy import Rules
from carecoord.model.staff import GRANTS, Level
from carecoord.packs.load import load

DAY = date(2026, 7, 1)
RULES = load().on(DAY, "990101001")
SHANGHAI = load().on(DAY, "310106007")
CATALOGUE = RULES.catalogue()
TEMPLATES = [
    *[("ltci", "LTC37", n) for n in range(1, 6)],
    *[("family-bed", "GB42195", n) for n in range(2, 5)],
    *[("family-bed", "LTC37", n) for n in range(2, 6)],
    *[("ltci", "SH_LTC", n) for n in range(2, 7)],
]


def blocks_of(template: tuple[str, str, int]) -> tuple[PlanBlock, ...]:
    programme, scale, number = template
    return SHANGHAI.plan_blocks(programme, level_of(scale, number))


def test_the_seed_catalogue_has_42_numbered_items_and_the_products_own() -> None:
    numbers = [item.number for item in CATALOGUE]

    assert numbers[:42] == list(range(1, 43))
    assert set(numbers[42:]) == {101, 102, 103, 111, 121, 122, 123, 124}


def test_items_carry_performer_minutes_and_order() -> None:
    bath, dressing, glucose, bed_round = (CATALOGUE.item(c) for c in ("6", "37", "36", "101"))

    assert (bath.zh, bath.performer, bath.minutes, bath.order_needed, bath.intimate) == (
        "沐浴",
        Level.CAREGIVER,
        40,
        False,
        True,
    )
    assert (dressing.performer, dressing.minutes, dressing.order_needed) == (Level.NURSE, 30, True)
    assert (glucose.performer, glucose.order_needed) == (Level.CAREGIVER_MEDICAL, False)
    assert bed_round.performer is Level.DOCTOR


def test_orders_are_needed_for_the_items_the_facts_mark() -> None:
    needed = {item.number for item in CATALOGUE if item.order_needed and item.number <= 42}

    assert needed == {22, *range(26, 43)} - {32, 36}


def test_what_levels_cover_is_the_same_in_pack_and_model() -> None:
    covers = {k: tuple(v) for k, v in RULES.table("catalogue.performer_covers").items()}  # type: ignore[arg-type]

    assert covers == {levels[0]: levels for levels in GRANTS.values()}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: "-".join(map(str, t)))
def test_a_template_keeps_its_items_within_the_visit(template: tuple[str, str, int]) -> None:
    blocks = blocks_of(template)

    assert len({block.key for block in blocks}) == len(blocks) > 0
    for block in blocks:
        assert CATALOGUE.minutes(block.items) <= block.minutes
        assert block.level(CATALOGUE) is Level.CAREGIVER
        assert not any(CATALOGUE.item(code).order_needed for code in block.items)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: "-".join(map(str, t)))
def test_heavy_bathing_takes_two_carers_from_the_level_of_the_pack(
    template: tuple[str, str, int],
) -> None:
    _, scale, number = template
    heavy = RULES.table("plan.two_carers")
    for block in blocks_of(template):
        if number >= RULES.entry("plan.two_carers", scale):
            assert block.carers == 2 or not set(block.items) & set(heavy["items"])  # type: ignore[arg-type]


def test_levels_three_and_more_ask_for_a_two_carer_visit() -> None:
    for number in (3, 4, 5):
        assert any(b.carers == 2 for b in RULES.plan_blocks("ltci", LTC37Level(number)))


@pytest.mark.parametrize("scale, numbers", [("GB42195", (2, 3, 4)), ("LTC37", (2, 3, 4, 5))])
def test_family_bed_templates_stay_in_the_monthly_hours(
    scale: str, numbers: tuple[int, ...]
) -> None:
    least = RULES.entry("family_bed.hours_per_month", "least") * 60
    most = RULES.entry("family_bed.hours_per_month", "most") * 60
    for number in numbers:
        blocks = RULES.plan_blocks("family-bed", level_of(scale, number))
        yearly = sum(b.minutes * b.frequency * 365 / b.period for b in blocks)
        assert least <= yearly / 12 <= most


@pytest.mark.parametrize("number", [3, 4, 5])
def test_ltci_templates_stay_in_the_weekly_entitlement(number: int) -> None:
    weekly = sum(b.minutes * b.frequency for b in RULES.plan_blocks("ltci", LTC37Level(number)))

    assert weekly <= RULES.entry("ltci.entitlement.LTC37", str(number))


@pytest.mark.parametrize("number", range(2, 7))
def test_shanghai_templates_are_exactly_the_entitled_visits(number: int) -> None:
    blocks = SHANGHAI.plan_blocks("ltci", SHLTCLevel(number))

    assert sum(b.frequency for b in blocks) == SHANGHAI.entry(
        "ltci.entitlement.SH_LTC", str(number)
    )
    assert {b.minutes for b in blocks} == {SHANGHAI.number("ltci.visit_minutes")}


def test_the_home_hospital_bed_has_rounds_and_a_weekly_nurse_in_time() -> None:
    blocks = {block.key: block for block in RULES.plan_blocks("home-hospital-bed")}

    assert blocks["round"].period <= RULES.number("home_bed.round_days")
    assert blocks["round"].level(CATALOGUE) is Level.DOCTOR
    assert blocks["senior"].period <= 31
    assert blocks["nurse"].frequency >= RULES.number("home_bed.nurse_per_week")
    assert blocks["nurse"].level(CATALOGUE) is Level.NURSE


def test_every_ordered_item_has_a_default_frequency() -> None:
    for item in CATALOGUE:
        if item.order_needed:
            block = RULES.order_block(item.code)
            assert block.items == (item.code,)
            assert block.minutes >= item.minutes


@pytest.mark.parametrize(
    ("rule_id", "value"),
    [
        ("ltc37.valid_months", 24),
        ("gb42195.valid_months", 12),
        ("family_bed.min_age", 60),
        ("family_bed.visit_minutes", 84),
        ("home_bed.round_days", 7),
        ("home_bed.cycle_days", 60),
        ("home_bed.fee_visit", 8000),
        ("referral.up_follow_up_days", 14),
        ("nurse_visit.experience_years", 5),
        ("ltci.evidence_metres", 200),
        ("time_bank.cap_hours", 1500),
        ("work.week_hours", 44),
        ("work.overtime_month_hours", 36),
        ("continuity.main_share_percent", 70),
        ("demo.family_beds", 60),
    ],
)
def test_a_number_of_the_facts(rule_id: str, value: int) -> None:
    assert RULES.number(rule_id) == value


def test_the_labour_law_is_confirmed_and_the_home_bed_numbers_are_not() -> None:
    unconfirmed = {row.rule_id for row in RULES.unconfirmed()}

    assert not {row.rule_id for row in RULES.rows.values() if row.doc_no.endswith("劳动法")} & (
        unconfirmed
    )
    assert {"home_bed.round_days", "home_bed.cycle_days", "family_bed.min_age"} <= unconfirmed


def test_the_demo_population_adds_up() -> None:
    def share(rules: Rules, age: str) -> Decimal:
        return rules.decimal(f"demo.share_{age}")

    assert sum(share(RULES, age) for age in ("60_69", "70_79", "80_plus")) == 100
    assert share(SHANGHAI, "80_plus") == Decimal("18.2")
    total = Decimal(0)
    for age in ("60_69", "70_79", "80_plus"):
        levels = RULES.entries(f"demo.prevalence.{age}")
        total += share(RULES, age) * sum(Decimal(str(v)) for v in levels) / 100
    assert round(total, 1) == Decimal("15.9")


def test_every_row_has_a_title_in_both_languages_and_a_document() -> None:
    for row in load().rows:
        assert row.zh and row.en and row.doc_no, row.rule_id


def test_levels_of_different_scales_have_different_templates() -> None:
    by_gb = RULES.plan_blocks("family-bed", GB42195Level(3))
    by_ltc = RULES.plan_blocks("family-bed", LTC37Level(4))

    assert {b.rule_id for b in by_gb} == {"plan.family-bed.GB42195.3"}
    assert {b.rule_id for b in by_ltc} == {"plan.family-bed.LTC37.4"}
