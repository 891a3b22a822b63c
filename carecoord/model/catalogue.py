"""Service items and the blocks of a default plan; read from policy pack rows."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from carecoord.errors import Invalid, Missing
from carecoord.model.staff import Level, highest

PARTS = ("morning", "forenoon", "noon", "afternoon", "evening", "night", "clinic", "day")
"""Parts of the day; the pack gives each its windows (`visit.window.*`)."""

PROGRAMMES = ("home-hospital-bed", "family-bed", "ltci", "nurse-visit", "station", "public-health")


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """One thing that can be done for an elder at home.

    code
        Number in the catalogue, as text: the code of the FHIR coding.
    performer
        Least level of who may do it.
    minutes
        Usual time at the bedside.
    order_needed
        Whether a medical order must be in force.
    intimate
        Whether the elder's wish for a carer of the same gender applies.
    payers
        Who may pay, in the order in which they are asked: `ltci`, `medical`, `subsidy`,
        `public`, `self`.
    mark
        Of the pack row: `V` confirmed, else not.
    item_code, content, points
        As the national list has them; empty where a list has none. Points are exact.
    """

    code: str
    zh: str
    en: str
    category: str
    performer: Level
    minutes: int
    order_needed: bool
    intimate: bool
    payers: tuple[str, ...]
    rule_id: str
    mark: str
    item_code: str = ""
    content: str = ""
    points: Decimal = Decimal(0)

    @property
    def number(self) -> int:
        """`code` as a number, for sorting."""
        return int(self.code)


@dataclass(frozen=True, slots=True)
class PlanBlock:
    """A visit that a default plan repeats.

    key
        Name within the template: a stable part of ids made from it.
    items
        Codes of the service items done in the visit, in the order of doing.
    frequency, period
        `frequency` visits in every `period` days.
    part_of_day
        One of `PARTS`.
    minutes
        At the bedside, at least the sum of the items' minutes.
    carers
        People who must be there together, 1 or 2.
    performer
        Level asked for beyond what the items need; `None` = what they need.
    """

    key: str
    programme: str
    items: tuple[str, ...]
    frequency: int
    period: int
    part_of_day: str
    minutes: int
    carers: int
    performer: Level | None
    rule_id: str

    def level(self, catalogue: "Catalogue") -> Level:
        """The performer level that one person needs for the whole visit."""
        needed = [catalogue.item(code).performer for code in self.items]
        return highest([*needed, self.performer] if self.performer else needed)


class Catalogue:
    """The service items in force, by code."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[ServiceItem]) -> None:
        self._items = {item.code: item for item in items}

    def __iter__(self) -> Iterator[ServiceItem]:
        return iter(sorted(self._items.values(), key=lambda item: item.number))

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, code: object) -> bool:
        return code in self._items

    def item(self, code: str) -> ServiceItem:
        """The item with `code`.

        Raises
        ------
        Missing
            The catalogue in force has no such item.
        """
        found = self._items.get(code)
        if found is None:
            raise Missing("catalogue.item_unknown", field="item", item=code)
        return found

    def minutes(self, codes: Iterable[str]) -> int:
        """Sum of the usual minutes of several items."""
        return sum(self.item(code).minutes for code in codes)


def item_of(rule_id: str, mark: str, fields: Mapping[str, object]) -> ServiceItem:
    """A service item from the pack row `rule_id` = `catalogue.item.<number>`.

    fields
        `zh en category by minutes order intimate payers item_code content points`; the last six
        may be left out.

    Raises
    ------
    Invalid
        A field is missing or has a value that cannot be; the facts name both.
    """
    code = rule_id.rpartition(".")[2]
    if not (code.isascii() and code.isdigit()):
        raise Invalid("catalogue.field", field=rule_id, rule=rule_id, name="number", got=code)
    _only(
        rule_id,
        fields,
        "zh en category by minutes order intimate payers item_code content points",
    )
    return ServiceItem(
        code=code,
        zh=_text(rule_id, fields, "zh"),
        en=_text(rule_id, fields, "en"),
        category=_text(rule_id, fields, "category"),
        performer=_level(rule_id, fields, "by"),
        minutes=_positive(rule_id, fields, "minutes"),
        order_needed=_flag(rule_id, fields, "order"),
        intimate=_flag(rule_id, fields, "intimate"),
        payers=_texts(rule_id, fields, "payers"),
        rule_id=rule_id,
        mark=mark,
        item_code=_optional(rule_id, fields, "item_code"),
        content=_optional(rule_id, fields, "content"),
        points=_points(rule_id, fields.get("points", 0)),
    )


def block_of(rule_id: str, programme: str, entry: object) -> PlanBlock:
    """A plan block from one entry of a template row.

    entry
        `key items part minutes`, and `per_week` or `every_days`; `carers` and `by` may be
        left out.

    Raises
    ------
    Invalid
        A field is missing or has a value that cannot be.
    """
    if not isinstance(entry, Mapping):
        raise _wrong(rule_id, "block", entry)
    _only(rule_id, entry, "key items part minutes per_week every_days carers by")
    if ("per_week" in entry) == ("every_days" in entry):
        raise _wrong(rule_id, "per_week / every_days", None)
    weekly = "per_week" in entry
    part = _text(rule_id, entry, "part")
    if part not in PARTS:
        raise _wrong(rule_id, "part", part)
    carers = _positive(rule_id, {"carers": 1, **entry}, "carers")
    if carers > 2:
        raise _wrong(rule_id, "carers", carers)
    items = _texts(rule_id, entry, "items")
    if not items:
        raise _wrong(rule_id, "items", None)
    return PlanBlock(
        key=_text(rule_id, entry, "key"),
        programme=programme,
        items=items,
        frequency=_positive(rule_id, entry, "per_week") if weekly else 1,
        period=7 if weekly else _positive(rule_id, entry, "every_days"),
        part_of_day=part,
        minutes=_positive(rule_id, entry, "minutes"),
        carers=carers,
        performer=_level(rule_id, entry, "by") if "by" in entry else None,
        rule_id=rule_id,
    )


def _wrong(rule_id: str, name: str, got: object) -> Invalid:
    return Invalid(
        "catalogue.field",
        field=rule_id,
        rule=rule_id,
        name=name,
        got="-" if got is None else str(got),
    )


def _only(rule_id: str, fields: Mapping[str, object], allowed: str) -> None:
    for name in fields:
        if name not in allowed.split():
            raise Invalid(
                "catalogue.field_unknown", field=rule_id, rule=rule_id, name=name, allowed=allowed
            )


def _text(rule_id: str, fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise _wrong(rule_id, name, value)
    return value


def _optional(rule_id: str, fields: Mapping[str, object], name: str) -> str:
    return _text(rule_id, fields, name) if name in fields else ""


def _texts(rule_id: str, fields: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = fields.get(name, ())
    if not isinstance(value, tuple | list) or not all(isinstance(v, str) for v in value):
        raise _wrong(rule_id, name, value)
    return tuple(str(v) for v in value)


def _flag(rule_id: str, fields: Mapping[str, object], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(rule_id, name, value)
    return value


def _positive(rule_id: str, fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise _wrong(rule_id, name, value)
    return value


def _points(rule_id: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
        raise _wrong(rule_id, "points", value)
    return Decimal(value)


def _level(rule_id: str, fields: Mapping[str, object], name: str) -> Level:
    value = _text(rule_id, fields, name)
    if value not in list(Level):
        raise _wrong(rule_id, name, value)
    return Level(value)
