"""Which one payer pays for each task, at what price, and what is left to the person?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from carecoord.errors import Fact, Invalid
from carecoord.model.catalogue import Catalogue, ServiceItem
from carecoord.model.coverage import (
    COVERED,
    Cover,
    Entitlement,
    Payer,
    Person,
    Stacking,
    Why,
    ltc_entitlement,
    stacking,
)
from carecoord.model.policy import Reading, RuleRef, Rules, Value
from carecoord.model.staff import Level


@dataclass(frozen=True, slots=True)
class Use:
    """One service item of one visit.

    start, end
        Seconds after 00:00 of `day`: when it is done, or the window in which it may be.
    minutes
        Its share of the time at the bedside.
    """

    visit: str
    day: date
    start: int
    end: int
    item: str
    programme: str
    minutes: int

    def overlaps(self, other: "Use") -> bool:
        """Whether both fall into one span of time."""
        return self.day == other.day and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Charge:
    """What one task costs whom, fen.

    fund
        Paid by `payer`; `price - fund` is left to the person.
    why
        Why the payers asked before did not pay.
    duplicate
        The visit in which the same item is paid already: nothing is charged again.
    """

    use: Use
    payer: Payer
    price: int
    fund: int
    why: tuple[Why, ...] = ()
    duplicate: str = ""
    cover: Cover | None = None
    refs: tuple[RuleRef, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.fund <= self.price:
            raise Invalid("payer.amount", price=self.price, fund=self.fund)

    @property
    def own(self) -> int:
        """Left to the person."""
        return self.price - self.fund

    @property
    def copay(self) -> int:
        """The person's part of a task that a fund pays."""
        return 0 if self.payer is Payer.SELF else self.own

    @property
    def out_of_pocket(self) -> int:
        """The whole price of a task that nobody else pays."""
        return self.own if self.payer is Payer.SELF else 0


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used of an entitlement in one week or month."""

    entitlement: Entitlement
    key: str
    used: int

    @property
    def left(self) -> int:
        """What is left in the unit of the entitlement; bonus minutes not counted."""
        return max(0, self.entitlement.amount - self.used)


@dataclass(slots=True)
class Account:
    """Decides tasks of one person in the order of time and keeps what is used.

    Quotas are used up in that order, so give the tasks of whole weeks.
    """

    person: Person
    rules: Rules
    catalogue: Catalogue
    _used: dict[tuple[Payer, str], int] = field(default_factory=lambda: defaultdict(int))
    _visits: set[str] = field(default_factory=set)
    _fees: set[str] = field(default_factory=set)
    _paid: list[Charge] = field(default_factory=list)
    _entitled: dict[tuple[Payer, str], Entitlement] = field(default_factory=dict)
    _pairs: dict[date, tuple[Stacking, ...]] = field(default_factory=dict)

    def charge(self, uses: Iterable[Use]) -> list[Charge]:
        """One payer for each task."""
        ordered = sorted(
            uses, key=lambda u: (u.day, u.start, self._rank(u), u.visit, _number(u.item))
        )
        return [self._one(use) for use in ordered]

    def usage(self) -> list[Usage]:
        """Entitlements that were looked at, with what is used of each, by week or month."""
        found = [
            Usage(one, key, self._used[payer, key]) for (payer, key), one in self._entitled.items()
        ]
        return sorted(found, key=lambda u: (u.entitlement.payer, u.key))

    def _rank(self, use: Use) -> tuple[int, str]:
        """Programmes in the order of the pack, so that two of them never swap places by chance."""
        rule = "payer.by_programme"
        order = list(self.rules.table(rule)) if rule in self.rules else []
        known = use.programme in order
        return order.index(use.programme) if known else len(order), use.programme

    def _one(self, use: Use) -> Charge:
        reading = self.rules.reading()
        if (paid := self._already(use, reading)) is not None:
            facts: dict[str, Fact] = {"item": use.item, "rule": "bed_link.one_payer"}
            why = Why(paid.payer, "payer.double", facts)
            return Charge(use, paid.payer, 0, 0, (why,), paid.use.visit, paid.cover, reading.refs)
        item = self.catalogue.item(use.item) if use.item in self.catalogue else None
        refused: list[Why] = []
        for payer in _candidates(item, use, reading):
            price = self._price(payer, item, use, reading)
            fund = _share(payer, price, reading)
            found = self._refusal(payer, item, use, fund, reading)
            if found is None:
                return self._take(use, payer, price, fund, refused, reading)
            refused.append(found)
        price = self._price(Payer.SELF, item, use, reading)
        return self._take(use, Payer.SELF, price, 0, refused, reading)

    def _take(
        self,
        use: Use,
        payer: Payer,
        price: int,
        fund: int,
        refused: Sequence[Why],
        reading: Reading,
    ) -> Charge:
        entitlement = self._entitlement(payer, use, reading)
        if isinstance(entitlement, Entitlement):
            key = (payer, entitlement.key(use.day))
            self._used[key] += self._amount(entitlement, use, fund)
        if payer is Payer.MEDICAL and price:
            self._fees.add(use.visit)
        self._visits.add(f"{payer}|{use.visit}")
        cover = self.person.cover(payer, use.day)
        made = Charge(use, payer, price, fund, tuple(refused), "", cover, reading.refs)
        self._paid.append(made)
        return made

    def _already(self, use: Use, reading: Reading) -> Charge | None:
        """The task that is paid already: the same item in one span of time."""
        if "bed_link.one_payer" in self.rules and not reading.flag("bed_link.one_payer"):
            return None
        return next((c for c in self._paid if c.use.item == use.item and c.use.overlaps(use)), None)

    def _refusal(
        self, payer: Payer, item: ServiceItem | None, use: Use, fund: int, reading: Reading
    ) -> Why | None:
        if payer in (Payer.SELF, Payer.PUBLIC):
            return None
        if payer in COVERED and self.person.cover(payer, use.day) is None:
            return Why(payer, "payer.no_cover", {"day": use.day.isoformat()})
        if item is not None and item.order_needed and item.code not in self.person.ordered:
            return Why(payer, "payer.no_order", {"item": item.code, "rule": item.rule_id})
        if payer is Payer.LTCI and self.person.in_hospital(use.day):
            rule = "ltci.stops_in_hospital"
            if rule in self.rules and reading.flag(rule):
                return Why(payer, "payer.inpatient", {"day": use.day.isoformat(), "rule": rule})
        if (found := self._stacked(payer, item, use, reading)) is not None:
            return found
        entitlement = self._entitlement(payer, use, reading)
        if isinstance(entitlement, Why):
            return entitlement
        return self._exhausted(entitlement, use, fund) if entitlement else None

    def _stacked(
        self, payer: Payer, item: ServiceItem | None, use: Use, reading: Reading
    ) -> Why | None:
        present = {c.payer for c in self.person.covers if c.on(use.day)}
        for rule in self._restrictions():
            if rule.first is not payer or rule.second not in present:
                continue
            listed = item is not None and rule.second.value in item.payers
            if rule.verdict == "never" or listed:
                reading.note([rule.ref])
                facts: dict[str, Fact] = {"other": rule.second.value, "rule": rule.ref.rule_id}
                return Why(payer, "payer.stacking", facts)
        return None

    def _restrictions(self) -> tuple[Stacking, ...]:
        """Pairs of benefits that may not stand beside one another, read once a day."""
        day = self.rules.day
        if day not in self._pairs:
            found = stacking(tuple(Payer), self.rules)
            self._pairs[day] = tuple(one for one in found if one.verdict != "both")
        return self._pairs[day]

    def _entitlement(self, payer: Payer, use: Use, reading: Reading) -> Entitlement | Why | None:
        found: Entitlement | Why | None = None
        if payer is Payer.LTCI:
            found = ltc_entitlement(self.person, self.rules, use.day)
        elif payer is Payer.SUBSIDY and "subsidy.month_fen" in self.rules:
            amount = reading.number("subsidy.month_fen")
            found = Entitlement(payer, "fen", amount, "month", refs=reading.refs)
        if isinstance(found, Entitlement):
            reading.note(found.refs)
            self._entitled.setdefault((payer, found.key(use.day)), found)
        return found

    def _exhausted(self, of: Entitlement, use: Use, fund: int) -> Why | None:
        needed = self._amount(of, use, fund)
        used = self._used[of.payer, of.key(use.day)]
        if used + needed <= of.amount or (of.unit == "visits" and self._bonus_left(of, use)):
            return None
        facts: dict[str, Fact] = {
            "amount": of.amount,
            "unit": of.unit,
            "period": of.period,
            "used": used,
        }
        return Why(of.payer, "payer.quota", facts)

    def _bonus_left(self, of: Entitlement, use: Use) -> bool:
        """Visits beyond the week's draw on the minutes that continuous care adds to the month."""
        if not of.bonus_minutes:
            return False
        month = [c for c in self._paid if c.payer is of.payer and _month(c.use) == _month(use)]
        weeks: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for one in month:
            weeks[of.key(one.use.day)][one.use.visit] += one.use.minutes
        beyond = sum(sum(list(visits.values())[of.amount :]) for visits in weeks.values())
        return beyond + use.minutes <= of.bonus_minutes

    def _amount(self, of: Entitlement, use: Use, fund: int) -> int:
        if of.unit == "visits":
            return 0 if f"{of.payer}|{use.visit}" in self._visits else 1
        return use.minutes if of.unit == "minutes" else fund

    def _price(self, payer: Payer, item: ServiceItem | None, use: Use, reading: Reading) -> int:
        level = item.performer if item is not None else Level.CAREGIVER
        if payer is Payer.LTCI:
            nurse = level in (Level.NURSE, Level.DOCTOR)
            rule = "ltci.price.nurse" if nurse else "ltci.price.caregiver"
            return per_hour(reading.number(rule), use.minutes)
        if payer is Payer.MEDICAL:
            if level is not Level.DOCTOR:
                return reading.entry("price.medical_item", level.value)
            return 0 if use.visit in self._fees else reading.number("home_bed.fee_visit")
        return per_hour(reading.entry("price.hour", level.value), use.minutes)


def per_hour(fen: int, minutes: int) -> int:
    """Price of some minutes at an hourly price, rounded half up to whole fen."""
    return (2 * fen * minutes + 60) // 120


def split(minutes: int, shares: Sequence[int]) -> list[int]:
    """Minutes of a visit over its items in proportion to `shares`; their sum is `minutes`.

    Raises
    ------
    Invalid
        `payer.minutes`: nothing to split by.
    """
    whole = sum(shares)
    if whole <= 0 or minutes < 0:
        raise Invalid("payer.minutes", minutes=minutes, shares=whole)
    found = [minutes * share // whole for share in shares]
    rest = sorted(range(len(shares)), key=lambda k: (-(minutes * shares[k] % whole), k))
    for k in rest[: minutes - sum(found)]:
        found[k] += 1
    return found


def _candidates(item: ServiceItem | None, use: Use, reading: Reading) -> list[Payer]:
    """Payers in the order in which they are asked: the programme's, as far as the item has them."""
    listed = list(item.payers) if item is not None else [Payer.SELF.value]
    order: Value | None = None
    if "payer.by_programme" in reading.rules and use.programme:
        order = reading.table("payer.by_programme").get(use.programme)
    if isinstance(order, tuple):
        listed = [str(p) for p in order if p in listed]
    return [Payer(p) for p in listed if p in set(Payer)]


def _share(payer: Payer, price: int, reading: Reading) -> int:
    """What a fund pays of a price, rounded down: the fund never pays more than its share."""
    if payer is Payer.SELF:
        return 0
    if payer is Payer.LTCI:
        percent = reading.number("ltci.fund_percent")
    else:
        percent = reading.entry("payer.fund_percent", payer.value)
    return price * percent // 100


def _number(item: str) -> int:
    return int(item) if item.isascii() and item.isdigit() else 0


def _month(use: Use) -> tuple[int, int]:
    return use.day.year, use.day.month


def totals(charges: Iterable[Charge]) -> Mapping[Payer, tuple[int, int]]:
    """Payer → (paid by it, left to the person), fen."""
    found: dict[Payer, list[int]] = defaultdict(lambda: [0, 0])
    for one in charges:
        found[one.payer][0] += one.fund
        found[one.payer][1] += one.own
    return {payer: (fund, own) for payer, (fund, own) in found.items()}
