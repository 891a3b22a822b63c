"""How often does a street find each kind? The indicators K1 to K6 and one rate a kind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from carecoord.model.facts import PersonFacts
from carecoord.model.issues import Finding
from carecoord.model.policy import RuleRef, Rules
from carecoord.planning.detect.mismatch import fit
from carecoord.planning.detect.omission import entitled

CODES = (
    "duplicate.person",
    "duplicate.item",
    "duplicate.payer",
    "duplicate.assessment",
    "omission.unserved",
    "omission.order",
    "omission.bed",
    "omission.follow_up",
    "omission.strand",
    "mismatch.above",
    "mismatch.below",
    "mismatch.performer",
    "mismatch.window",
    "mismatch.hours",
)
"""Every kind of finding."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `of`; `indicator` is K1 to K6, or empty for a plain rate of a kind.

    unit
        What `of` counts: `persons`, `assessments`, `entitled`, `beds`, `minutes`, `needs`,
        `tasks`.
    """

    code: str
    indicator: str
    count: int
    of: int
    unit: str
    refs: tuple[RuleRef, ...] = ()

    @property
    def share(self) -> float:
        """`count` ÷ `of`; 0 of nothing."""
        return self.count / self.of if self.of else 0.0


def rates(
    people: Sequence[PersonFacts], found: Iterable[Finding], rules: Rules, *, persons: int
) -> list[Rate]:
    """Rates over the street.

    people
        Facts of the persons who are alive.
    persons
        Records of the register, dead ones too: what K1 is a rate of.
    """
    findings = list(found)
    counted = {code: [f for f in findings if f.code == code] for code in CODES}
    alive = [person for person in people if not person.dead]
    return [*_indicators(alive, counted, rules, persons), *_plain(alive, counted)]


def _indicators(
    alive: list[PersonFacts],
    counted: Mapping[str, list[Finding]],
    rules: Rules,
    persons: int,
) -> list[Rate]:
    read = rules.reading()
    assessments = sum(bool(a.levels) for p in alive for a in p.assessments)
    entitled_ones = sum(entitled(p, read) is not None for p in alive)
    beds = sum(bed.since is not None for p in alive for bed in p.beds)
    fits = [found for p in alive if p.tasks and (found := fit(p, read)) is not None]
    tasks = sum(len(p.tasks) for p in alive)
    refs = {code: _refs(found) for code, found in counted.items()}

    def rate(code: str, indicator: str, of: int, unit: str) -> Rate:
        return Rate(code, indicator, len(counted[code]), of, unit, refs[code])

    above = sum(f.unsupported for f in fits), sum(f.minutes for f in fits)
    below = sum(len(f.unmet) for f in fits), sum(len(f.needs) for f in fits)
    return [
        rate("duplicate.person", "K1", persons, "persons"),
        rate("duplicate.assessment", "K2", assessments, "assessments"),
        rate("omission.unserved", "K3", entitled_ones, "entitled"),
        rate("omission.bed", "K4", beds, "beds"),
        Rate("mismatch.above", "K5", *above, "minutes", refs["mismatch.above"]),
        Rate("mismatch.below", "K5", *below, "needs", refs["mismatch.below"]),
        rate("duplicate.payer", "K6", tasks, "tasks"),
    ]


def _plain(alive: list[PersonFacts], counted: Mapping[str, list[Finding]]) -> list[Rate]:
    """Persons with at least one finding of a kind ÷ persons."""
    return [
        Rate(code, "", len({f.elder for f in found}), len(alive), "persons", _refs(found))
        for code, found in counted.items()
    ]


def _refs(found: list[Finding]) -> tuple[RuleRef, ...]:
    return tuple(dict.fromkeys(ref for one in found for ref in one.rules))
