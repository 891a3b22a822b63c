"""Numbers of regulation as dated rows, and the rows in force on one day at one place.

The rows come from `carecoord.packs`; every rule takes a `Rules` as an argument and
says which rows it used, so that a decision can still be explained when they change.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, Union

from carecoord.errors import Fact, Invalid, Missing
from carecoord.model.catalogue import Catalogue, PlanBlock, block_of, item_of
from carecoord.model.plans import Window

# A union that names itself has to be built from strings, which `|` cannot do at run time.
Value = Union[int, str, Decimal, tuple["Value", ...], Mapping[str, "Value"]]  # noqa: UP007
"""Whole numbers, exact decimals, text, flags (`bool`), lists and tables. Never a float."""

NATION = "CN"
_DIGITS = (6, 9, 12)


class Graded(Protocol):
    """A level of some scale, as `carecoord.model.assessment` gives it."""

    @property
    def scale(self) -> str:
        """Name of the scale, part of rule ids."""

    @property
    def number(self) -> int:
        """The step on that scale."""


class Mark(StrEnum):
    """How far a row can be trusted."""

    CONFIRMED = "V"
    MEMORY = "M"
    DOUBTFUL = "M?"
    ASSUMED = "A"


@dataclass(frozen=True, slots=True)
class RuleRef:
    """Which row a decision rests on; stays true when the row is replaced later."""

    rule_id: str
    jurisdiction: str
    doc_no: str
    clause: str
    valid_from: date
    mark: Mark

    @property
    def confirmed(self) -> bool:
        """Whether the value was seen in a published copy."""
        return self.mark is Mark.CONFIRMED


@dataclass(frozen=True, slots=True)
class Row:
    """One number, text, list or table of one document, from a first to a last day.

    jurisdiction
        `CN`, or a division code of 6, 9 or 12 digits.
    valid_to
        Last day in force; `None` = until replaced.
    least, most
        Bounds that cities are known to stay in, in the unit of `value`; `None` = unknown.
    source, line
        Pack file and line, for people who edit it.
    """

    rule_id: str
    jurisdiction: str
    doc_no: str
    clause: str
    valid_from: date
    valid_to: date | None
    mark: Mark
    value: Value
    zh: str = ""
    en: str = ""
    unit: str = ""
    note: str = ""
    least: int | Decimal | None = None
    most: int | Decimal | None = None
    source: str = ""
    line: int = 0

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Invalid(
                "pack.dates",
                rule=self.rule_id,
                start=self.valid_from.isoformat(),
                end=self.valid_to.isoformat(),
            )

    @property
    def confirmed(self) -> bool:
        """Whether the value was seen in a published copy."""
        return self.mark is Mark.CONFIRMED

    @property
    def ref(self) -> RuleRef:
        """What a decision keeps of this row."""
        return RuleRef(
            self.rule_id, self.jurisdiction, self.doc_no, self.clause, self.valid_from, self.mark
        )

    def in_force(self, day: date) -> bool:
        """Whether `day` lies in the validity, both ends included."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def places_over(jurisdiction: str) -> tuple[str, ...]:
    """`jurisdiction` and the divisions it lies in, nearest first, the nation last.

    Raises
    ------
    Invalid
        Neither `CN` nor a division code of 6, 9 or 12 digits (GB/T 2260 and its extension).
    """
    if jurisdiction == NATION:
        return (NATION,)
    digits = jurisdiction.isascii() and jurisdiction.isdigit()
    if not digits or len(jurisdiction) not in _DIGITS:
        raise Invalid("pack.jurisdiction", field="jurisdiction", jurisdiction=jurisdiction)
    county, finer = jurisdiction[:6], [jurisdiction[:n] for n in (12, 9) if len(jurisdiction) >= n]
    chain = [*finer, county, county[:4] + "00", county[:2] + "0000", NATION]
    return tuple(dict.fromkeys(chain))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows in force on `day` in `jurisdiction`; the nearest division wins.

    `known` holds every rule id of the packs, so that a row that exists but is not in
    force on this day is told apart from a misspelt one.
    """

    day: date
    jurisdiction: str
    rows: Mapping[str, Row]
    known: frozenset[str] = frozenset()

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self.rows

    def row(self, rule_id: str) -> Row:
        """The row of `rule_id`.

        Raises
        ------
        Missing
            `rule.not_in_force`: known, but not on this day at this place;
            `rule.unknown`: no pack has it.
        """
        found = self.rows.get(rule_id)
        if found is None:
            code = "rule.not_in_force" if rule_id in self.known else "rule.unknown"
            raise Missing(
                code, rule=rule_id, day=self.day.isoformat(), jurisdiction=self.jurisdiction
            )
        return found

    def value(self, rule_id: str) -> Value:
        """The value of a row, as it is in the pack."""
        return self.row(rule_id).value

    def number(self, rule_id: str) -> int:
        """A whole number.

        Raises
        ------
        Missing
            No such row here today.
        Invalid
            The row holds something else.
        """
        value = self.value(rule_id)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._kind(rule_id, "integer")
        return value

    def decimal(self, rule_id: str) -> Decimal:
        """A number that need not be whole, exact."""
        value = self.value(rule_id)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self._kind(rule_id, "number")
        return Decimal(value)

    def flag(self, rule_id: str) -> bool:
        """A switch."""
        value = self.value(rule_id)
        if not isinstance(value, bool):
            raise self._kind(rule_id, "true or false")
        return value

    def text(self, rule_id: str) -> str:
        """A text."""
        value = self.value(rule_id)
        if not isinstance(value, str):
            raise self._kind(rule_id, "text")
        return value

    def entries(self, rule_id: str) -> tuple[Value, ...]:
        """A list."""
        value = self.value(rule_id)
        if not isinstance(value, tuple):
            raise self._kind(rule_id, "list")
        return value

    def texts(self, rule_id: str) -> tuple[str, ...]:
        """A list of texts."""
        found = tuple(v for v in self.entries(rule_id) if isinstance(v, str))
        if len(found) != len(self.entries(rule_id)):
            raise self._kind(rule_id, "list of texts")
        return found

    def table(self, rule_id: str) -> Mapping[str, Value]:
        """A table."""
        value = self.value(rule_id)
        if not isinstance(value, Mapping):
            raise self._kind(rule_id, "table")
        return value

    def entry(self, rule_id: str, key: str) -> int:
        """The whole number under `key` of a table, e.g. `("visit.max_per_day", "nurse")`."""
        value = self.table(rule_id).get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._kind(rule_id, f"table with an integer at {key}")
        return value

    def under(self, prefix: str) -> tuple[Row, ...]:
        """The rows whose id starts with `prefix` and a dot, in the order of the packs."""
        return tuple(r for i, r in self.rows.items() if i.startswith(prefix + "."))

    def unconfirmed(self) -> tuple[Row, ...]:
        """The rows that a person should check against the issuing body's document."""
        return tuple(r for r in self.rows.values() if not r.confirmed)

    def reading(self) -> "Reading":
        """A reader that notes each row it looks up."""
        return Reading(self)

    def catalogue(self) -> Catalogue:
        """The service items in force.

        Raises
        ------
        Invalid
            A row under `catalogue.item` lacks a field or has a wrong one.
        """
        return Catalogue(item_of(row.rule_id, row.mark, _plain(row)) for row in self._items())

    def _items(self) -> tuple[Row, ...]:
        return self.under("catalogue.item")

    def plan_blocks(self, programme: str, level: Graded | None = None) -> tuple[PlanBlock, ...]:
        """The default blocks from which a draft plan of `programme` is made.

        level
            Of the scale that the programme goes by; `None` for one without levels. Levels
            of different scales have different rows: nothing is converted.

        Raises
        ------
        Missing
            The packs have no template for this programme and level.
        """
        rule_id = f"plan.{programme}" + (f".{level.scale}.{level.number}" if level else "")
        return tuple(block_of(rule_id, programme, entry) for entry in self.entries(rule_id))

    def order_block(self, item: str) -> PlanBlock:
        """How often and how long an ordered item is done, unless the order says otherwise."""
        rule_id = f"plan.order.{item}"
        entry = {"key": f"order-{item}", "items": (item,), **self.table(rule_id)}
        return block_of(rule_id, str(entry.pop("programme")), entry)

    def windows(self, part: str) -> tuple[Window, ...]:
        """Bounds on the start of a visit in a part of the day, seconds after 00:00.

        part
            `morning`, `forenoon`, `noon`, `afternoon`, `evening`, `night`, `clinic`, `day`.
        """
        found: list[Window] = []
        for pair in self.entries(f"visit.window.{part}"):
            match pair:
                case (int() as earliest, int() as latest):
                    found.append((earliest, latest))
                case _:
                    raise self._kind(f"visit.window.{part}", "list of pairs of clock times")
        return tuple(found)

    def _kind(self, rule_id: str, expected: str) -> Invalid:
        row = self.row(rule_id)
        return Invalid(
            "rule.kind", field=rule_id, rule=rule_id, expected=expected, file=row.source, **_at(row)
        )


@dataclass(slots=True)
class Reading:
    """Reads rows of `rules` and notes each, in the order of first use.

    One decision makes one reading, and keeps `refs` beside its result.
    """

    rules: Rules
    _used: dict[str, RuleRef] = field(default_factory=dict)

    def row(self, rule_id: str) -> Row:
        """The row, noted."""
        row = self.rules.row(rule_id)
        self._used[rule_id] = row.ref
        return row

    def number(self, rule_id: str) -> int:
        """A whole number, noted."""
        self.row(rule_id)
        return self.rules.number(rule_id)

    def flag(self, rule_id: str) -> bool:
        """A switch, noted."""
        self.row(rule_id)
        return self.rules.flag(rule_id)

    def texts(self, rule_id: str) -> tuple[str, ...]:
        """A list of texts, noted."""
        self.row(rule_id)
        return self.rules.texts(rule_id)

    def table(self, rule_id: str) -> Mapping[str, Value]:
        """A table, noted."""
        self.row(rule_id)
        return self.rules.table(rule_id)

    def entry(self, rule_id: str, key: str) -> int:
        """One whole number of a table, noted."""
        self.row(rule_id)
        return self.rules.entry(rule_id, key)

    def note(self, refs: Iterable[RuleRef]) -> None:
        """Take over what another rule used."""
        self._used.update((ref.rule_id, ref) for ref in refs)

    @property
    def refs(self) -> tuple[RuleRef, ...]:
        """The rows used so far."""
        return tuple(self._used.values())

    @property
    def used(self) -> tuple[str, ...]:
        """The ids of the rows used so far."""
        return tuple(self._used)


def _at(row: Row) -> dict[str, Fact]:
    return {"line": row.line}


def _plain(row: Row) -> Mapping[str, Value]:
    titles: dict[str, Value] = {"zh": row.zh, "en": row.en}
    return titles | dict(row.value) if isinstance(row.value, Mapping) else titles
