"""The two instruments as tables, read from pack rows and proved consistent on the way in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from carecoord.errors import Invalid
from carecoord.model.assessment.levels import GB42195Level, LTC37Level
from carecoord.model.policy import Reading, RuleRef, Rules, Value

Range = tuple[int, int]
"""Least and most total, both included."""


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that an item allows."""

    score: int
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question; `group` is its primary indicator. Higher scores mean less help needed."""

    code: str
    group: str
    zh: str
    en: str
    options: tuple[Option, ...]

    @property
    def scores(self) -> tuple[int, ...]:
        """The scores allowed, rising."""
        return tuple(sorted(option.score for option in self.options))


@dataclass(frozen=True, slots=True)
class LTC37Table:
    """医保办发〔2021〕37号: groups `adl`, `cog`, `per`; bands 0 (intact) to 3 (severe).

    bands
        By group, the totals of band 0, 1, 2, 3.
    matrix
        `matrix[adl band][worse band of cog and per]` is the level.
    names, band_names
        (zh, en), from 0.
    """

    items: Mapping[str, Item]
    bands: Mapping[str, tuple[Range, ...]]
    band_names: tuple[tuple[str, str], ...]
    matrix: tuple[tuple[int, ...], ...]
    names: tuple[tuple[str, str], ...]
    adl_step: int
    refs: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class GB42195Table:
    """GB/T 42195-2022: totals to level, and what makes the level worse afterwards.

    levels
        Totals of level 0, 1, 2, 3, 4.
    any_diagnosis, psychiatric_diagnosis
        First and last ICD-10 category; the second counts only when a psychiatrist says so.
    risk_events, risk_days, risk_kinds
        So many events of these kinds in so many days.
    stack
        Whether a diagnosis and risk events together count twice.
    """

    items: Mapping[str, Item]
    levels: tuple[Range, ...]
    names: tuple[tuple[str, str], ...]
    coma_level: int
    any_diagnosis: tuple[str, str]
    psychiatric_diagnosis: tuple[str, str]
    diagnosis_steps: int
    risk_events: int
    risk_days: int
    risk_steps: int
    risk_kinds: tuple[str, ...]
    stack: bool
    refs: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class Prefill:
    """What an answer of one instrument suggests for an item of the other.

    scores
        The suggestion for the least source score 0, 1, 2 …; `None` = the same number.
    """

    item: str
    sources: tuple[str, ...]
    scores: tuple[int, ...] | None
    ref: RuleRef


def ltc37(rules: Rules) -> LTC37Table:
    """The LTC37 instrument in force.

    Raises
    ------
    Missing
        Not in force on this day.
    Invalid
        `instrument.table`: the rows do not fit together; the facts name the row and why.
    """
    read = rules.reading()
    items = _items(read, "ltc37.items", "ltc37.options")
    for row in _lists(read, "ltc37.items"):
        if len(items[_str(row[0])].options) != row[4]:
            raise _broken("ltc37.options", f"{row[0]}: number of options")
    bands = {g: _ranges("ltc37.bands", v) for g, v in read.table("ltc37.bands").items()}
    matrix = tuple(_ints("ltc37.matrix", row) for row in _lists(read, "ltc37.matrix"))
    step = read.number("ltc37.adl_step")
    names = _names(read, "ltc37.levels")
    if set(bands) != {"adl", "cog", "per"} or {i.group for i in items.values()} != set(bands):
        raise _broken("ltc37.bands", "adl, cog, per")
    if len(names) != LTC37Level.most + 1:
        raise _broken("ltc37.levels", f"0-{LTC37Level.most}")
    for group, ranges in bands.items():
        most = sum(i.scores[-1] for i in items.values() if i.group == group)
        _partition("ltc37.bands", ranges, most, step if group == "adl" else 1)
    band_names = _names(read, "ltc37.band_names")
    sizes = {len(band_names), len(matrix), *map(len, matrix), *map(len, bands.values())}
    if len(sizes) != 1 or not all(0 <= n < len(names) for row in matrix for n in row):
        raise _broken("ltc37.matrix", "shape or level")
    return LTC37Table(items, bands, band_names, matrix, names, step, read.refs)


def gb42195(rules: Rules) -> GB42195Table:
    """The GB42195 instrument in force.

    Raises
    ------
    Missing
        Not in force on this day.
    Invalid
        `instrument.table`: the rows do not fit together; the facts name the row and why.
    """
    read = rules.reading()
    items = _items(read, "gb42195.items", "gb42195.options")
    for row in _lists(read, "gb42195.items"):
        if items[_str(row[0])].scores[-1] != row[4]:
            raise _broken("gb42195.options", f"{row[0]}: most points")
    for group, most in read.table("gb42195.group_maxima").items():
        if most != sum(i.scores[-1] for i in items.values() if i.group == group):
            raise _broken("gb42195.group_maxima", group)
    rows = _lists(read, "gb42195.levels")
    if len(rows) != GB42195Level.most + 1 or any(len(row) != 4 for row in rows):
        raise _broken("gb42195.levels", f"0-{GB42195Level.most}")
    coma = GB42195Level(read.number("gb42195.change.coma")).number
    levels = tuple(_pair("gb42195.levels", row[:2]) for row in rows)
    _partition("gb42195.levels", levels, sum(i.scores[-1] for i in items.values()), 1)
    diagnosis, risk = read.table("gb42195.change.diagnosis"), read.table("gb42195.change.risk")
    return GB42195Table(
        items=items,
        levels=levels,
        names=tuple((_str(row[2]), _str(row[3])) for row in rows),
        coma_level=coma,
        any_diagnosis=_codes("gb42195.change.diagnosis", diagnosis.get("any")),
        psychiatric_diagnosis=_codes("gb42195.change.diagnosis", diagnosis.get("by_psychiatrist")),
        diagnosis_steps=read.entry("gb42195.change.diagnosis", "steps"),
        risk_events=read.entry("gb42195.change.risk", "events"),
        risk_days=read.entry("gb42195.change.risk", "days"),
        risk_steps=read.entry("gb42195.change.risk", "steps"),
        risk_kinds=tuple(_str(k) for k in _tuple("gb42195.change.risk", risk.get("kinds"))),
        stack=read.flag("gb42195.gb_stack"),
        refs=read.refs,
    )


def prefills(rules: Rules, items: Mapping[str, Item]) -> tuple[Prefill, ...]:
    """What one interview can carry over between the instruments; the assessor confirms each.

    items
        Of both instruments, by code.

    Raises
    ------
    Missing
        Not in force on this day.
    Invalid
        `instrument.table`: a row names an unknown item, or gives a score off its ladder.
    """
    found = []
    for rule_id in ("prefill.copy", "prefill.map"):
        ref = rules.row(rule_id).ref
        for row in _lists(rules.reading(), rule_id):
            if len(row) != (2 if rule_id == "prefill.copy" else 3):
                raise _broken(rule_id, str(row))
            sources = tuple(_str(s) for s in _tuple(rule_id, row[1]))
            scores = _ints(rule_id, row[2]) if len(row) > 2 else None
            entry = Prefill(_str(row[0]), sources, scores, ref)
            if not _fits(entry, items):
                raise _broken(rule_id, entry.item)
            found.append(entry)
    return tuple(found)


def _fits(entry: Prefill, items: Mapping[str, Item]) -> bool:
    if not entry.sources or not {entry.item, *entry.sources} <= set(items):
        return False
    given = {score for source in entry.sources for score in items[source].scores}
    if entry.scores is None:
        return given <= set(items[entry.item].scores)
    return max(given) < len(entry.scores) and set(entry.scores) <= set(items[entry.item].scores)


def _broken(rule_id: str, detail: str) -> Invalid:
    return Invalid("instrument.table", field=rule_id, rule=rule_id, detail=detail)


def _items(read: Reading, items: str, options: str) -> dict[str, Item]:
    ladders = read.table(options)
    found = {}
    for row in _lists(read, items):
        if len(row) != 5:
            raise _broken(items, str(row[0]) if row else "-")
        code = _str(row[0])
        ladder = tuple(_option(options, code, o) for o in _tuple(options, ladders.get(code)))
        if len({o.score for o in ladder}) != len(ladder) or 0 not in [o.score for o in ladder]:
            raise _broken(options, code)
        found[code] = Item(code, _str(row[1]), _str(row[2]), _str(row[3]), ladder)
    if extra := set(ladders) - set(found):
        raise _broken(options, ", ".join(sorted(extra)))
    return found


def _option(rule_id: str, code: str, value: Value) -> Option:
    match value:
        case (int() as score, str() as zh, str() as en):
            return Option(score, zh, en)
        case _:
            raise _broken(rule_id, code)


def _partition(rule_id: str, ranges: Iterable[Range], most: int, step: int) -> None:
    expected = most
    for least, top in ranges:
        if top != expected or least > top:
            raise _broken(rule_id, f"{least}-{top}")
        expected = least - step
    if expected + step != 0:
        raise _broken(rule_id, f"0-{expected}")


def _lists(read: Reading, rule_id: str) -> tuple[tuple[Value, ...], ...]:
    read.row(rule_id)
    return tuple(_tuple(rule_id, row) for row in read.rules.entries(rule_id))


def _tuple(rule_id: str, value: Value | None) -> tuple[Value, ...]:
    if not isinstance(value, tuple):
        raise _broken(rule_id, str(value))
    return value


def _ints(rule_id: str, value: Value) -> tuple[int, ...]:
    found = tuple(v for v in _tuple(rule_id, value) if isinstance(v, int))
    if len(found) != len(_tuple(rule_id, value)):
        raise _broken(rule_id, str(value))
    return found


def _pair(rule_id: str, value: Value) -> Range:
    match value:
        case (int() as least, int() as most):
            return least, most
        case _:
            raise _broken(rule_id, str(value))


def _ranges(rule_id: str, value: Value) -> tuple[Range, ...]:
    return tuple(_pair(rule_id, pair) for pair in _tuple(rule_id, value))


def _names(read: Reading, rule_id: str) -> tuple[tuple[str, str], ...]:
    return tuple((_str(row[0]), _str(row[-1])) for row in _lists(read, rule_id) if row)


def _codes(rule_id: str, value: Value | None) -> tuple[str, str]:
    match value:
        case (str() as first, str() as last):
            return first, last
        case _:
            raise _broken(rule_id, str(value))


def _str(value: Value) -> str:
    return str(value)
