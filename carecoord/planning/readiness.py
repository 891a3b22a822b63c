"""What blocks a first run of a street, and what merely makes its plans weaker? Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from carecoord.errors import Fact
from carecoord.model.demands import VisitDemand
from carecoord.model.elders import Elder
from carecoord.model.problems import DataProblem
from carecoord.model.staff import GRANTS, Level, Qualification
from carecoord.planning.validate_staff import SOON

Severity = Literal["blocks", "weakens"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody employed in the street.

    role
        A role that planning knows is written down, not guessed from the licence.
    works
        Days looked at on which they have a shift.
    """

    id: str
    name: str
    role: bool
    base: bool
    licences: tuple[Qualification, ...]
    works: frozenset[date]

    def levels(self, day: date) -> frozenset[Level]:
        """Performer levels in force on a day."""
        return frozenset(
            level for held in self.licences if held.valid_on(day) for level in GRANTS[held.licence]
        )


@dataclass(frozen=True, slots=True)
class StreetFacts:
    """What planning a street rests on.

    planned
        Elders with a plan in force on one of the days.
    unsigned
        Plan → elder, for plans that wait for a signature.
    beds
        Elders in a bed that is open.
    wanted
        Day → visits that the plans ask for on it.
    expanded
        Day → visits stored for it.
    problems
        Found while reading plans and addresses.
    """

    street: str
    days: tuple[date, ...]
    network: bool
    elders: tuple[Elder, ...]
    staff: tuple[Person, ...]
    planned: frozenset[str]
    unsigned: Mapping[str, str]
    beds: frozenset[str]
    wanted: Mapping[date, Sequence[VisitDemand]]
    expanded: Mapping[date, int]
    problems: tuple[DataProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to correct.

    subject
        `Type/id` of a resource, or a day as `YYYY-MM-DD`.
    label
        Its name for people.
    """

    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of lack; `count` of its rows, those of the whole street where it has none."""

    severity: Severity
    code: str
    rows: tuple[Row, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many there are."""
        return max(1, len(self.rows))

    @property
    def next(self) -> str:
        """Code of what to do about it."""
        return f"readiness.next.{self.code.partition('.')[2]}"


def items(facts: StreetFacts) -> tuple[Item, ...]:
    """Everything that is lacking: what blocks first."""
    found = [*_blocking(facts), *_staff(facts), *_elders(facts), *_days(facts)]
    return tuple(sorted(found, key=lambda one: one.severity != "blocks"))


def _blocking(facts: StreetFacts) -> Iterator[Item]:
    if not facts.elders:
        yield Item("blocks", "readiness.no_elder")
    if not facts.staff:
        yield Item("blocks", "readiness.no_staff")
    elif not any(_usable(one, day) for one in facts.staff for day in facts.days):
        yield Item("blocks", "readiness.nobody_usable", facts=_span(facts))
    wanted = sum(len(one) for one in facts.wanted.values())
    if facts.elders and not facts.planned:
        yield Item("blocks", "readiness.no_plan", facts=_span(facts))
    elif facts.elders and not wanted:
        yield Item("blocks", "readiness.no_visit", facts=_span(facts))
    elif wanted and not sum(facts.expanded.values()):
        yield Item("blocks", "readiness.not_expanded", facts={**_span(facts), "visits": wanted})
    homes = [one for one in facts.elders if one.id in facts.planned]
    if homes and all(one.home.place is None for one in homes):
        yield Item("blocks", "readiness.nowhere")
    if not facts.network:
        yield Item("weakens", "readiness.no_network")


def _staff(facts: StreetFacts) -> Iterator[Item]:
    first, last = facts.days[0], facts.days[-1]
    people = facts.staff
    for code, lacking in (
        ("readiness.staff_role", [p for p in people if not p.role]),
        ("readiness.staff_licence", [p for p in people if not p.licences]),
        (
            "readiness.licence_ended",
            [p for p in people if p.licences and not p.levels(first)],
        ),
        (
            "readiness.licence_ends",
            [p for p in people if p.levels(first) and p.levels(first) - p.levels(last + SOON)],
        ),
        ("readiness.staff_shift", [p for p in people if not p.works]),
        ("readiness.staff_base", [p for p in people if not p.base]),
    ):
        rows = tuple(Row(f"PractitionerRole/{p.id}", p.name) for p in lacking)
        if rows:
            yield Item("weakens", code, rows, _span(facts))
    held = {level for p in people for level in p.levels(first)}
    asked: dict[Level, int] = {}
    for mine in facts.wanted.values():
        for one in mine:
            asked[one.level] = asked.get(one.level, 0) + 1
    for level in sorted(set(asked) - held):
        told: dict[str, Fact] = {"level": level.value, "visits": asked[level]}
        yield Item("weakens", "readiness.level_nobody", facts=told)


def _elders(facts: StreetFacts) -> Iterator[Item]:
    names: dict[str, str] = {one.id: one.name for one in facts.elders}
    for code, lacking in (
        ("readiness.address", [e.id for e in facts.elders if e.home.place is None]),
        (
            "readiness.bed_without_plan",
            [e.id for e in facts.elders if e.id in facts.beds and e.id not in facts.planned],
        ),
        (
            "readiness.elder_without_plan",
            [e.id for e in facts.elders if e.id not in facts.planned | facts.beds],
        ),
    ):
        rows = tuple(Row(f"Patient/{id_}", names[id_]) for id_ in lacking)
        if rows:
            yield Item("weakens", code, rows, _span(facts))
    unsigned = tuple(
        Row(f"CarePlan/{plan}", names.get(elder, elder))
        for plan, elder in sorted(facts.unsigned.items())
    )
    if unsigned:
        yield Item("weakens", "readiness.unsigned", unsigned)
    unclear = tuple(
        Row(one.subject, one.path) for one in facts.problems if one.subject.startswith("CarePlan/")
    )
    if unclear:
        yield Item("weakens", "readiness.plan_unclear", unclear)


def _days(facts: StreetFacts) -> Iterator[Item]:
    asked = [day for day in facts.days if facts.wanted.get(day)]
    empty = [day for day in asked if not any(_usable(one, day) for one in facts.staff)]
    if empty and len(empty) < len(facts.days):
        yield Item("weakens", "readiness.no_roster", tuple(_day(day) for day in empty))
    if sum(facts.expanded.values()):
        behind = [day for day in asked if not facts.expanded.get(day)]
        if behind:
            yield Item("weakens", "readiness.day_not_expanded", tuple(_day(d) for d in behind))


def _usable(one: Person, day: date) -> bool:
    return one.base and day in one.works and bool(one.levels(day))


def _day(day: date) -> Row:
    return Row(day.isoformat(), day.isoformat())


def _span(facts: StreetFacts) -> dict[str, Fact]:
    return {"first": facts.days[0].isoformat(), "last": facts.days[-1].isoformat()}


def window(first: date, count: int) -> tuple[date, ...]:
    """So many days from `first`."""
    return tuple(first + timedelta(days=k) for k in range(count))


def counts(found: Iterable[Item]) -> tuple[int, int]:
    """How many kinds block, and how many weaken."""
    kinds = [one.severity for one in found]
    return kinds.count("blocks"), kinds.count("weakens")
