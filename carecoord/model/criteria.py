"""Must somebody be referred up? Criteria U1-U8 on what was measured and seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from carecoord.model.policy import RuleRef, Rules, Value
from carecoord.model.referrals import Urgency

CODES = ("U1", "U2", "U3", "U4", "U5", "U6", "U7", "U8")

_ORDER = (Urgency.EMERGENCY, Urgency.URGENT, Urgency.PLANNED)


@dataclass(frozen=True, slots=True)
class Findings:
    """The latest of each measurement, and signs seen; what is None was not measured.

    sbp, dbp
        mmHg.
    glucose
        Fasting, mmol/L.
    temperature
        Degrees Celsius.
    heart_rate
        Beats a minute.
    spo2
        Percent.
    fever_days
        Days in a row, today the last, with a temperature above the pack's limit.
    uncontrolled
        Follow-ups in a row found uncontrolled.
    injury_stage
        Of a pressure injury, 0 = none known.
    signs
        Codes of the pack's lists, such as `chest_pain`.
    """

    sbp: Decimal | None = None
    dbp: Decimal | None = None
    glucose: Decimal | None = None
    temperature: Decimal | None = None
    heart_rate: Decimal | None = None
    spo2: Decimal | None = None
    fever_days: int = 0
    uncontrolled: int = 0
    injury_stage: int = 0
    signs: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Met:
    """One criterion that is met, how urgent it makes things, and by which row."""

    code: str
    urgency: Urgency
    because: tuple[str, ...]
    rule: RuleRef


def evaluate(found: Findings, rules: Rules) -> tuple[Met, ...]:
    """Every criterion met, the most urgent first."""
    met = [one for code in CODES if (one := _one(code, found, rules)) is not None]
    return tuple(sorted(met, key=lambda m: (_ORDER.index(m.urgency), m.code)))


def urgency(met: tuple[Met, ...]) -> Urgency | None:
    """How urgent all of them together are; None when none is met."""
    return met[0].urgency if met else None


def fever_over(rules: Rules) -> Decimal:
    """Degrees above which a day counts as a day of fever."""
    return Decimal(str(rules.table("referral.up.U6")["fever_over_celsius"]))


def _one(code: str, found: Findings, rules: Rules) -> Met | None:
    row = rules.row(f"referral.up.{code}")
    table = rules.table(f"referral.up.{code}")
    # The limits of acute signs beside an odd glucose stand in U3, and U4 means their absence.
    limits = rules.table("referral.up.U3") if code in ("U3", "U4") else table
    because = _reasons(code, found.signs | _measured(found, limits), found, table)
    if not because:
        return None
    level = Urgency(str(table["urgency"]))
    milder = set(_texts(table, "urgent"))
    if milder and set(because) <= milder:
        level = Urgency.URGENT
    return Met(code, level, tuple(because), row.ref)


def _reasons(
    code: str, signs: frozenset[str], found: Findings, table: Mapping[str, Value]
) -> list[str]:
    if code in ("U1", "U2"):
        high = _from(found.sbp, table, "sbp_from") or _from(found.dbp, table, "dbp_from")
        return _with_or_without(high, "blood_pressure", signs, table)
    if code in ("U3", "U4"):
        off = _from(found.glucose, table, "glucose_from") or _to(found.glucose, table, "glucose_to")
        return _with_or_without(off, "fasting_glucose", signs, table)
    if code == "U5":
        often = found.uncontrolled >= int(str(table["uncontrolled_follow_ups"]))
        return [*(["uncontrolled"] if often else []), *_any(signs, table)]
    if code == "U7":
        least, most = (int(str(table[f"pressure_injury_stage_{k}"])) for k in ("from", "to"))
        deep = not found.injury_stage or least <= found.injury_stage <= most
        return [s for s in _any(signs, table) if s != "pressure_injury_infected" or deep]
    return _any(signs, table)


def _with_or_without(
    off: bool, name: str, signs: frozenset[str], table: Mapping[str, Value]
) -> list[str]:
    if not off:
        return []
    if "with_any" in table:
        also = sorted(signs & set(_texts(table, "with_any")))
        return [name, *also] if also else []
    return [] if signs & set(_texts(table, "without")) else [name]


def _measured(found: Findings, table: Mapping[str, Value]) -> frozenset[str]:
    """Signs that follow from a measurement by the limits of a row."""
    signs = set()
    if _over(found.temperature, table, "fever_over_celsius"):
        signs.add("fever")
    if _over(found.heart_rate, table, "heart_rate_over"):
        signs.add("fast_heart_rate")
    if "spo2_under_percent" in table and found.spo2 is not None:
        limit = Decimal(str(table["spo2_under_percent"]))
        signs |= {"low_spo2"} if found.spo2 < limit else set()
    if "fever_days" in table and found.fever_days >= int(str(table["fever_days"])):
        signs.add("lasting_fever")
    return frozenset(signs)


def _any(signs: frozenset[str], table: Mapping[str, Value]) -> list[str]:
    return sorted(signs & set(_texts(table, "any")))


def _texts(table: Mapping[str, Value], name: str) -> tuple[str, ...]:
    held = table.get(name, ())
    return tuple(str(one) for one in held) if isinstance(held, tuple | list) else ()


def _from(value: Decimal | None, table: Mapping[str, Value], name: str) -> bool:
    return value is not None and name in table and value >= Decimal(str(table[name]))


def _to(value: Decimal | None, table: Mapping[str, Value], name: str) -> bool:
    return value is not None and name in table and value <= Decimal(str(table[name]))


def _over(value: Decimal | None, table: Mapping[str, Value], name: str) -> bool:
    return value is not None and name in table and value > Decimal(str(table[name]))
