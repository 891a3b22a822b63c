"""Answers of one interview to the scores, bands and level of both scales.

The two results stand side by side: no number of one enters the other. Suggestions carry
answers over, but count only after the assessor has confirmed them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.assessment import instruments
from carecoord.model.assessment.instruments import GB42195Table, Item, LTC37Table, Prefill, Range
from carecoord.model.assessment.levels import GB42195Level, LTC37Level
from carecoord.model.policy import RuleRef, Rules

Status = Literal["complete", "incomplete"]

CONSCIOUSNESS = "B.3.9"
WHICH = "B.3.9.state"
"""Asked when consciousness scores 0: stupor or coma."""

_ICD = re.compile(r"([A-Z]\d{2})([.][0-9A-Za-z]+)?")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis, ICD-10; `by_psychiatrist` decides whether F04-F99 count."""

    code: str
    by_psychiatrist: bool = False

    def __post_init__(self) -> None:
        if not _ICD.fullmatch(self.code):
            raise Invalid("assessment.icd", field="diagnosis.code", got=self.code)

    @property
    def category(self) -> str:
        """The first three characters, e.g. `F03`."""
        return self.code[:3]


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """A care-risk event: `fall`, `choking`, `self_harm`, `wandering` or `other`."""

    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class Answers:
    """What was found out in one interview.

    scores
        Item code to score, of either instrument or both.
    coma
        When consciousness (B.3.9) scores 0: coma (True) or stupor (False).
    prefilled
        Items whose score was suggested by another answer and confirmed by the assessor.
    """

    scores: Mapping[str, int]
    coma: bool | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    risk_events: tuple[RiskEvent, ...] = ()
    prefilled: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A score that other answers make likely; not an answer until confirmed."""

    item: str
    score: int
    sources: tuple[str, ...]
    ref: RuleRef


@dataclass(frozen=True, slots=True)
class LTC37Result:
    """LTC37: totals and bands of `adl`, `cog`, `per`, and the level.

    `level`, `zh`, `en`, `totals` and `bands` are empty while `missing` names items.
    """

    missing: tuple[str, ...]
    totals: Mapping[str, int]
    bands: Mapping[str, int]
    level: LTC37Level | None
    zh: str
    en: str
    refs: tuple[RuleRef, ...]

    @property
    def status(self) -> Status:
        """`incomplete` as long as an item is unanswered: no level then."""
        return "incomplete" if self.missing else "complete"

    @property
    def confirmed(self) -> bool:
        """Whether every row it rests on was seen in a published copy."""
        return all(ref.confirmed for ref in self.refs)


@dataclass(frozen=True, slots=True)
class GB42195Result:
    """GB42195: totals by primary indicator, their sum, and the level after changes.

    before
        Level by the total alone.
    changes
        What made it worse: `coma`, `diagnosis`, `risk`.
    """

    missing: tuple[str, ...]
    totals: Mapping[str, int]
    total: int | None
    before: GB42195Level | None
    changes: tuple[str, ...]
    level: GB42195Level | None
    zh: str
    en: str
    refs: tuple[RuleRef, ...]

    @property
    def status(self) -> Status:
        """`incomplete` as long as an item is unanswered: no level then."""
        return "incomplete" if self.missing else "complete"

    @property
    def confirmed(self) -> bool:
        """Whether every row it rests on was seen in a published copy."""
        return all(ref.confirmed for ref in self.refs)


@dataclass(frozen=True, slots=True)
class Results:
    """Both results of one interview, and what the assessor may still confirm."""

    ltc37: LTC37Result
    gb42195: GB42195Result
    suggestions: tuple[Suggestion, ...]


def assess(answers: Answers, rules: Rules) -> Results:
    """Score one interview for both scales.

    rules
        Those in force on the day of the assessment at the elder's street.

    Raises
    ------
    Invalid
        `assessment.item_unknown`, `assessment.off_ladder`: no such item or score, the
        facts list what is allowed; `assessment.coma_conflict`, `assessment.risk_kind`,
        `assessment.risk_date`: circumstances that cannot be.
    Missing
        An instrument is not in force on that day.
    """
    ltc, gb = instruments.ltc37(rules), instruments.gb42195(rules)
    items = {**ltc.items, **gb.items}
    _check_scores(answers.scores, items)
    maps = instruments.prefills(rules, items)
    carried = {p.item: p.ref for p in maps if p.item in answers.prefilled}
    return Results(
        score_ltc37(answers, ltc, _refs(carried, ltc.items)),
        score_gb42195(answers, gb, rules.day, _refs(carried, gb.items)),
        suggest(answers, maps),
    )


def score_ltc37(
    answers: Answers, table: LTC37Table, carried: Iterable[RuleRef] = ()
) -> LTC37Result:
    """The LTC37 result; `carried` are the pre-fill rows that answers rest on."""
    _check_scores(answers.scores, table.items, strict=False)
    refs = (*table.refs, *carried)
    missing = tuple(code for code in table.items if code not in answers.scores)
    if missing:
        return LTC37Result(missing, {}, {}, None, "", "", refs)
    totals = _totals(answers.scores, table.items)
    bands = {group: _place(totals[group], ranges) for group, ranges in table.bands.items()}
    level = ltc37_level(totals["adl"], totals["cog"], totals["per"], table)
    return LTC37Result((), totals, bands, level, *table.names[level.number], refs)


def ltc37_level(adl: int, cog: int, per: int, table: LTC37Table) -> LTC37Level:
    """Combination method: level from the three totals.

    Raises
    ------
    Invalid
        A total that no answers can give, such as ADL 63.
    """
    bands = {}
    for group, total in (("adl", adl), ("cog", cog), ("per", per)):
        most = table.bands[group][0][1]
        step = table.adl_step if group == "adl" else 1
        if not 0 <= total <= most or total % step:
            raise Invalid(
                "assessment.total", field=group, group=group, got=total, most=most, step=step
            )
        bands[group] = _place(total, table.bands[group])
    return LTC37Level(table.matrix[bands["adl"]][max(bands["cog"], bands["per"])])


def score_gb42195(
    answers: Answers, table: GB42195Table, on: date, carried: Iterable[RuleRef] = ()
) -> GB42195Result:
    """The GB42195 result of an assessment made on the day `on`."""
    _check_scores(answers.scores, table.items, strict=False)
    refs = (*table.refs, *carried)
    missing = tuple(code for code in table.items if code not in answers.scores)
    if answers.scores.get(CONSCIOUSNESS) == 0 and answers.coma is None:
        missing = (*missing, WHICH)
    if answers.coma and answers.scores.get(CONSCIOUSNESS, 0) != 0:
        got = answers.scores[CONSCIOUSNESS]
        raise Invalid("assessment.coma_conflict", field=CONSCIOUSNESS, item=CONSCIOUSNESS, got=got)
    changes = changes_of(answers, table, on)
    if missing:
        return GB42195Result(missing, {}, None, None, (), None, "", "", refs)
    totals = _totals(answers.scores, table.items)
    total = sum(totals.values())
    before = GB42195Level(_place(total, table.levels))
    level = gb42195_level(total, changes, table)
    return GB42195Result(
        (), totals, total, before, changes, level, *table.names[level.number], refs
    )


def gb42195_level(total: int, changes: Iterable[str], table: GB42195Table) -> GB42195Level:
    """Level from the total and the changes (`coma`, `diagnosis`, `risk`) that apply.

    Raises
    ------
    Invalid
        A total outside 0 to the maximum.
    """
    most = table.levels[0][1]
    if not 0 <= total <= most:
        raise Invalid(
            "assessment.total", field="total", group="total", got=total, most=most, step=1
        )
    applying = set(changes)
    if "coma" in applying:
        return GB42195Level(table.coma_level)
    steps = [table.diagnosis_steps] if "diagnosis" in applying else []
    steps += [table.risk_steps] if "risk" in applying else []
    worse = sum(steps) if table.stack else max(steps, default=0)
    return GB42195Level(min(_place(total, table.levels) + worse, GB42195Level.most))


def changes_of(answers: Answers, table: GB42195Table, on: date) -> tuple[str, ...]:
    """Which change rules apply on the day `on`: `coma`, `diagnosis`, `risk`.

    Raises
    ------
    Invalid
        An event of an unknown kind, or after the assessment.
    """
    found = ["coma"] if answers.coma else []
    if any(_counts(d, table) for d in answers.diagnoses):
        found.append("diagnosis")
    since, recent = on - timedelta(days=table.risk_days), 0
    for event in answers.risk_events:
        if event.kind not in table.risk_kinds:
            allowed = ", ".join(table.risk_kinds)
            raise Invalid(
                "assessment.risk_kind", field="risk.kind", got=event.kind, allowed=allowed
            )
        if event.day > on:
            raise Invalid(
                "assessment.risk_date",
                field="risk.date",
                got=event.day.isoformat(),
                on=on.isoformat(),
            )
        recent += event.day >= since
    if recent >= table.risk_events:
        found.append("risk")
    return tuple(found)


def suggest(answers: Answers, maps: Iterable[Prefill]) -> tuple[Suggestion, ...]:
    """Scores for unanswered items whose sources are all answered."""
    found = []
    for entry in maps:
        if entry.item in answers.scores or not all(s in answers.scores for s in entry.sources):
            continue
        least = min(answers.scores[s] for s in entry.sources)
        score = least if entry.scores is None else entry.scores[least]
        found.append(Suggestion(entry.item, score, entry.sources, entry.ref))
    return tuple(found)


def confirm(
    answers: Answers, suggestions: Iterable[Suggestion], items: Iterable[str] | None = None
) -> Answers:
    """Answers with the suggestions that the assessor confirmed.

    items
        The confirmed ones; `None` = all of them.

    Raises
    ------
    Invalid
        An item was confirmed for which there is no suggestion.
    """
    offered = {s.item: s.score for s in suggestions}
    wanted = list(offered) if items is None else list(items)
    for item in wanted:
        if item not in offered:
            allowed = ", ".join(sorted(offered)) or "-"
            raise Invalid("assessment.not_suggested", field=item, item=item, allowed=allowed)
    scores = {**answers.scores, **{item: offered[item] for item in wanted}}
    return replace(answers, scores=scores, prefilled=answers.prefilled | frozenset(wanted))


def _check_scores(
    scores: Mapping[str, int], items: Mapping[str, Item], *, strict: bool = True
) -> None:
    for code, score in scores.items():
        item = items.get(code)
        if item is None:
            if strict:
                raise Invalid("assessment.item_unknown", field=code, item=code)
            continue
        if isinstance(score, bool) or score not in item.scores:
            raise Invalid(
                "assessment.off_ladder",
                field=code,
                item=code,
                got=str(score),
                allowed=", ".join(map(str, item.scores)),
            )


def _totals(scores: Mapping[str, int], items: Mapping[str, Item]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for item in items.values():
        totals[item.group] = totals.get(item.group, 0) + scores[item.code]
    return totals


def _place(total: int, ranges: Iterable[Range]) -> int:
    return next(n for n, (least, most) in enumerate(ranges) if least <= total <= most)


def _refs(carried: Mapping[str, RuleRef], items: Mapping[str, Item]) -> tuple[RuleRef, ...]:
    return tuple(dict.fromkeys(ref for item, ref in carried.items() if item in items))


def _counts(diagnosis: Diagnosis, table: GB42195Table) -> bool:
    first, last = table.any_diagnosis
    if first <= diagnosis.category <= last:
        return True
    first, last = table.psychiatric_diagnosis
    return diagnosis.by_psychiatrist and first <= diagnosis.category <= last
