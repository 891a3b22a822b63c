"""Every typed reading of pack tables in one list, so that a bad table is found before use."""

from collections.abc import Iterator

from carecoord.errors import CareError, Invalid
from carecoord.model.assessment import instruments
from carecoord.model.assessment.instruments import Item
from carecoord.model.assessment.levels import SCALES
from carecoord.model.catalogue import Catalogue, block_of
from carecoord.model.coverage import Payer, stacking
from carecoord.model.policy import Rules
from carecoord.model.staff import Level


def failures(rules: Rules) -> Iterator[CareError]:
    """What a rule would stumble over when it reads `rules`; nothing if all is well."""
    try:
        catalogue = rules.catalogue()
    except CareError as caught:
        yield caught
    else:
        yield from _plans(rules, catalogue)
    yield from _instruments(rules)
    yield from _payers(rules)
    for row in rules.under("visit.window"):
        try:
            rules.windows(row.rule_id.rpartition(".")[2])
        except CareError as caught:
            yield caught


def _plans(rules: Rules, catalogue: Catalogue) -> Iterator[CareError]:
    for row in rules.under("plan"):
        _, programme, *rest = row.rule_id.split(".")
        order = programme == "order"
        if not order and not (rest and rest[0] in SCALES) and not isinstance(row.value, tuple):
            continue
        try:
            entries = () if order else rules.entries(row.rule_id)
            blocks = [block_of(row.rule_id, programme, entry) for entry in entries]
            blocks += [rules.order_block(rest[0])] if order else []
            for block in blocks:
                block.level(catalogue)
                needed = catalogue.minutes(block.items)
                if block.minutes < needed:
                    raise Invalid(
                        "plan.block_short", key=block.key, minutes=block.minutes, needed=needed
                    )
        except CareError as caught:
            caught.facts.setdefault("rule", row.rule_id)
            yield caught


def _instruments(rules: Rules) -> Iterator[CareError]:
    items: dict[str, Item] = {}
    try:
        if "ltc37.items" in rules:
            items.update(instruments.ltc37(rules).items)
        if "gb42195.items" in rules:
            items.update(instruments.gb42195(rules).items)
        if {"ltc37.items", "gb42195.items", "prefill.copy"} <= set(rules.rows):
            instruments.prefills(rules, items)
    except CareError as caught:
        yield caught


def _payers(rules: Rules) -> Iterator[CareError]:
    """Rows that say who pays, and how much a task costs at each performer level."""
    try:
        stacking((), rules)
    except CareError as caught:
        yield caught
    for rule in ("payer.by_programme", "price.hour", "cost.labour_hour"):
        if rule not in rules:
            continue
        try:
            if rule == "payer.by_programme":
                _known_payers(rules, rule)
            else:
                for level in Level:
                    rules.entry(rule, level.value)
        except CareError as caught:
            caught.facts.setdefault("rule", rule)
            yield caught


def _known_payers(rules: Rules, rule: str) -> None:
    for programme, payers in rules.table(rule).items():
        listed = payers if isinstance(payers, tuple) else ()
        if not listed or not set(listed) <= set(Payer):
            raise Invalid(
                "payer.unknown",
                field=rule,
                rule=rule,
                programme=programme,
                got=str(payers),
                allowed=", ".join(Payer),
            )
