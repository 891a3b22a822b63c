"""Who may pay for a person, how much of it they are entitled to, and what stands in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from carecoord.errors import Fact, Invalid
from carecoord.model.assessment.levels import SCALES
from carecoord.model.assessment.recognition import VALIDITY, after_months
from carecoord.model.policy import Reading, RuleRef, Rules


class Payer(StrEnum):
    """Who pays for a task: exactly one."""

    MEDICAL = "medical"
    LTCI = "ltci"
    SUBSIDY = "subsidy"
    PUBLIC = "public"
    SELF = "self"


COVERED = (Payer.MEDICAL, Payer.LTCI, Payer.SUBSIDY)
"""Payers that pay only for somebody with a Coverage in force."""

Unit = Literal["visits", "minutes", "fen"]
Period = Literal["week", "month"]


@dataclass(frozen=True, slots=True)
class Cover:
    """A payer has taken a person on; `None` = no bound.

    id
        Of the Coverage.
    payor
        `Organization/…` or `Patient/…`, or empty.
    """

    payer: Payer
    id: str
    first: date | None = None
    last: date | None = None
    payor: str = ""

    def on(self, day: date) -> bool:
        """Whether it is in force on a day, both ends included."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The newest level on one scale. Levels of two scales are never compared."""

    scale: str
    number: int
    assessed_on: date
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.scale not in SCALES:
            raise Invalid("level.scale", field="scale", scale=self.scale, allowed=", ".join(SCALES))


@dataclass(frozen=True, slots=True)
class Why:
    """Why a payer does not pay for a task: a message code with its facts."""

    payer: Payer
    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entitlement:
    """How much of a payer a person may use in each week or month.

    amount
        In `unit`.
    basis
        Scale and level that it follows from, or empty.
    bonus_minutes, bonus_fen
        For continuous care: minutes more a month, or money instead.
    """

    payer: Payer
    unit: Unit
    amount: int
    period: Period
    basis: str = ""
    bonus_minutes: int = 0
    bonus_fen: int = 0
    refs: tuple[RuleRef, ...] = ()

    def key(self, day: date) -> str:
        """Which week (its Monday) or month a day belongs to."""
        if self.period == "month":
            return f"{day:%Y-%m}"
        return (day - timedelta(days=day.weekday())).isoformat()


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person's payers.

    ordered
        Codes of the service items with a medical order in force.
    inpatient
        Spans of days in hospital, both ends included; an open end is `None`.
    care_since
        First day of continuous LTC care at home; None = not known.
    """

    elder: str
    covers: tuple[Cover, ...] = ()
    levels: tuple[Assessed, ...] = ()
    ordered: frozenset[str] = frozenset()
    inpatient: tuple[tuple[date, date | None], ...] = ()
    care_since: date | None = None

    def cover(self, payer: Payer, day: date) -> Cover | None:
        """The coverage of a payer in force on a day."""
        return next((c for c in self.covers if c.payer is payer and c.on(day)), None)

    def in_hospital(self, day: date) -> bool:
        """Whether the person spends the day in hospital; not the days of coming and going."""
        return any(first < day and (last is None or day < last) for first, last in self.inpatient)


def ltc_entitlement(person: Person, rules: Rules, day: date) -> Entitlement | Why:
    """What LTC insurance gives a person on a day.

    A city that has its own scale goes by it where the level is recorded; else LTC37 counts.
    """
    reading = rules.reading()
    levels = {one.scale: one for one in person.levels}
    own = levels.get("SH_LTC") if "ltci.entitlement.SH_LTC" in rules else None
    level = own or levels.get("LTC37")
    if level is None:
        return Why(Payer.LTCI, "payer.no_level", {"scales": "LTC37"})
    if (until := _until(level, reading)) is not None and until < day:
        facts: dict[str, Fact] = {
            "scale": level.scale,
            "until": until.isoformat(),
            "rule": VALIDITY[level.scale],
        }
        return Why(Payer.LTCI, "payer.assessment_expired", facts)
    if own is not None:
        return _by_visits(own, person, reading, day)
    return _by_minutes(level, reading, day)


def _until(level: Assessed, reading: Reading) -> date | None:
    row = VALIDITY[level.scale]
    if row not in reading.rules:
        return level.valid_until
    limit = after_months(level.assessed_on, reading.number(row)) - timedelta(days=1)
    return min(limit, level.valid_until) if level.valid_until else limit


def _by_visits(level: Assessed, person: Person, reading: Reading, day: date) -> Entitlement | Why:
    table = reading.table("ltci.entitlement.SH_LTC")
    visits = table.get(str(level.number))
    if not isinstance(visits, int):
        return _too_low(level, "ltci.entitlement.SH_LTC")
    minutes, fen = _bonus(level, person, reading, day)
    return Entitlement(
        Payer.LTCI, "visits", visits, "week", f"{level.scale} {level.number}", minutes, fen,
        reading.refs,
    )  # fmt: skip


def _by_minutes(level: Assessed, reading: Reading, day: date) -> Entitlement | Why:
    least = "ltci.benefit_from.LTC37"
    if level.number < reading.number(least):
        return _too_low(level, least)
    minutes = reading.table("ltci.entitlement.LTC37").get(str(level.number))
    if not isinstance(minutes, int):
        return _too_low(level, "ltci.entitlement.LTC37")
    period: Period = "week"
    if reading.flag("ltci.quota_carries_in_month"):
        period, minutes = "month", minutes * _month_days(day) // 7
    basis = f"{level.scale} {level.number}"
    return Entitlement(Payer.LTCI, "minutes", minutes, period, basis, refs=reading.refs)


def _too_low(level: Assessed, rule: str) -> Why:
    facts: dict[str, Fact] = {"scale": level.scale, "level": level.number, "rule": rule}
    return Why(Payer.LTCI, "payer.level_low", facts)


def _bonus(level: Assessed, person: Person, reading: Reading, day: date) -> tuple[int, int]:
    """Minutes or fen a month for continuous care of a high level at home."""
    rule = "ltci.continuous_bonus"
    if rule not in reading.rules or person.care_since is None:
        return 0, 0
    table = reading.table(rule)
    months = _months(person.care_since, day)
    tiers = table.get("tiers")
    if level.number < int(str(table.get("level", 99))) or not isinstance(tiers, tuple):
        return 0, 0
    for tier in tiers:
        if not isinstance(tier, Mapping):
            continue
        over, first = tier.get("months_over"), tier.get("months_from")
        last = tier.get("months_to")
        inside = isinstance(first, int) and isinstance(last, int) and first <= months <= last
        if inside or (isinstance(over, int) and months > over):
            return int(str(tier.get("minutes", 0))), int(str(tier.get("fen", 0)))
    return 0, 0


def _months(since: date, day: date) -> int:
    whole = (day.year - since.year) * 12 + day.month - since.month
    return whole - (day.day < since.day)


def _month_days(day: date) -> int:
    first = day.replace(day=1)
    return (after_months(first, 1) - first).days


@dataclass(frozen=True, slots=True)
class Stacking:
    """What the pack says of two benefits a person has at once."""

    first: Payer
    second: Payer
    verdict: str
    ref: RuleRef


def stacking(payers: Sequence[Payer], rules: Rules) -> tuple[Stacking, ...]:
    """Every pair of benefits in `payers` about which the pack has a rule.

    Raises
    ------
    Invalid
        `payer.stacking_row`: the row is not a list of two payers and a verdict.
    """
    rule = "payer.stacking"
    if rule not in rules:
        return ()
    ref, found = rules.row(rule).ref, []
    for entry in rules.entries(rule):
        match entry:
            case (str() as a, str() as b, "both" | "not_same_item" | "never" as verdict) if {
                a,
                b,
            } <= set(Payer):
                if a in payers and b in payers:
                    found.append(Stacking(Payer(a), Payer(b), str(verdict), ref))
            case _:
                raise Invalid("payer.stacking_row", field=rule, rule=rule, got=str(entry))
    return tuple(found)
