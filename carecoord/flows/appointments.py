"""When are the people of a street taken by appointments that other systems booked?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from carecoord.fhir import read, roster
from carecoord.fhir.read import Json, Span
from carecoord.store import documents
from carecoord.store.criteria import Match, Text, simple
from carecoord.store.engine import Tx
from carecoord.store.visit_resources import SOURCE
from fhir_profiles.search import parameters

_AT_ONCE = 200


def appointments(tx: Tx, roles: Sequence[Json], day: date) -> dict[str, list[Span]]:
    """PractitionerRole id → times at which its person is taken, seconds of `day`.

    From an Appointment of the person or role, or a busy Slot of a Schedule of one of them.
    """
    by_actor: dict[str, list[str]] = defaultdict(list)
    for role in roles:
        by_actor[f"PractitionerRole/{role['id']}"].append(role["id"])
        person = read.reference(role.get("practitioner"), "Practitioner")
        by_actor[f"Practitioner/{person}"].append(role["id"])
    # A night belongs to the day it began, so that the morning after counts as well.
    near = [(day + timedelta(days=k)).isoformat() for k in (-1, 0, 1)]
    found: dict[str, list[Span]] = defaultdict(list)

    def keep(actors: Iterable[str], span: Span) -> None:
        for id_ in {id_ for actor in actors for id_ in by_actor.get(actor, ())}:
            found[id_].append(span)

    for some in _chunks(sorted(by_actor)):
        for resource in _foreign(tx, "Appointment", actor=some, date=near):
            if taken := roster.appointment(resource, day):
                keep(*taken)
        schedules = {one["id"]: one for one in _foreign(tx, "Schedule", actor=some)}
        for names in _chunks([f"Schedule/{id_}" for id_ in sorted(schedules)]):
            for resource in _foreign(tx, "Slot", schedule=names, start=near):
                if busy := roster.slot(resource, day):
                    actors = schedules[busy[0]].get("actor", ())
                    keep((str(one.get("reference", "")) for one in actors), busy[1])
    return dict(found)


def _foreign(tx: Tx, kind: str, **criteria: str | Sequence[str]) -> list[Json]:
    """Matching resources that do not only show what this engine planned."""
    query = simple(kind, criteria)
    own = Match(parameters(kind)["_source"].number, (Text(SOURCE),), negated=True, rank=9)
    asked = replace(query, conditions=(*query.conditions, own))
    return [one.resource for one in documents.select_all(tx, asked)]


def _chunks(values: Sequence[str]) -> Iterable[list[str]]:
    return (list(values[at : at + _AT_ONCE]) for at in range(0, len(values), _AT_ONCE))
