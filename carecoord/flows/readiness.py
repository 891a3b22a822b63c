"""Is a street ready for its first run, and what would make its plans better?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from carecoord.access import Caller, require
from carecoord.errors import Invalid
from carecoord.fhir import read
from carecoord.flows import day as days_of
from carecoord.flows import register, validation
from carecoord.model.ids import ElderId, StaffId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.staff import Role
from carecoord.planning import readiness
from carecoord.planning.readiness import Item, Person, StreetFacts
from carecoord.store import demands, documents, territory
from carecoord.store.engine import Tx

MOST_DAYS = 28
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a street lacks.

    visits
        That the plans ask for in the days looked at.
    """

    street: StreetId
    name: str
    first: date
    last: date
    elders: int
    planned: int
    staff: int
    visits: int
    items: tuple[Item, ...]

    @property
    def ready(self) -> bool:
        """Nothing blocks a run."""
        return not any(one.severity == "blocks" for one in self.items)


def street(
    tx: Tx, caller: Caller, code: StreetId, first: date, rules: Rules, *, count: int = 14
) -> Readiness:
    """Look at everything that planning a street rests on, for `count` days from `first`.

    Raises
    ------
    Missing
        There is no such street.
    Invalid
        `readiness.days`.
    """
    require(caller, "day.read", code)
    if not 1 <= count <= MOST_DAYS:
        raise Invalid("readiness.days", field="days", days=count, most=MOST_DAYS)
    of = register.street(tx, code)
    days = readiness.window(first, count)
    facts = _facts(tx, of, days, rules)
    return Readiness(
        street=code,
        name=of.name,
        first=days[0],
        last=days[-1],
        elders=len(facts.elders),
        planned=len(facts.planned),
        staff=len(facts.staff),
        visits=sum(len(one) for one in facts.wanted.values()),
        items=readiness.items(facts),
    )


def _facts(tx: Tx, of: register.Street, days: tuple[date, ...], rules: Rules) -> StreetFacts:
    elders, problems = register.elders(tx, of)
    alive = {id_: one for id_, one in elders.items() if not one.dead}
    wanted, unclear = days_of.asked_for(tx, of, alive, days[0], len(days), rules)
    plans = register.active_plans(tx, alive, days[0], len(days))
    return StreetFacts(
        street=of.id,
        days=days,
        network=territory.network(tx, of.id) is not None,
        elders=tuple(alive[id_] for id_ in sorted(alive)),
        staff=tuple(_staff(tx, of, days)),
        planned=frozenset(read.reference(one.get("subject"), "Patient") for one in plans),
        unsigned=dict(_unsigned(tx, alive)),
        beds=frozenset(_in_bed(tx, alive)),
        wanted={day: [one for one in wanted if one.day == day] for day in days},
        expanded={day: len(demands.on(tx, of.id, day)) for day in days},
        problems=(*problems, *unclear),
    )


def _staff(tx: Tx, of: register.Street, days: tuple[date, ...]) -> Iterator[Person]:
    held = validation.licences(tx, of.id)
    known, _ = register.staff_on(tx, of, days[0])
    roles = {
        one.id: one.resource
        for one in documents.find(tx, "PractitionerRole", organization=of.references)
    }
    for one in known:
        role = roles[one.id]
        named = read.codes(role.get("code"), read.system("staff-role"))
        yield Person(
            id=one.id,
            name=one.name,
            role=any(code in set(Role) for code in named),
            base=one.base is not None,
            licences=tuple(held.get(StaffId(one.id), ())),
            works=frozenset(day for day in days if read.shifts(role, day)),
        )


def _unsigned(tx: Tx, elders: Iterable[ElderId]) -> Iterator[tuple[str, str]]:
    for subjects in _chunks(elders):
        for one in documents.find(tx, "CarePlan", subject=subjects, status="draft"):
            yield one.id, read.reference(one.resource.get("subject"), "Patient")


def _in_bed(tx: Tx, elders: Iterable[ElderId]) -> Iterator[str]:
    for subjects in _chunks(elders):
        for one in documents.find(tx, "EpisodeOfCare", patient=subjects, status="active"):
            yield read.reference(one.resource.get("patient"), "Patient")


def _chunks(elders: Iterable[ElderId]) -> Iterator[list[str]]:
    subjects = [f"Patient/{one}" for one in sorted(elders)]
    for start in range(0, len(subjects), _AT_ONCE):
        yield subjects[start : start + _AT_ONCE]
