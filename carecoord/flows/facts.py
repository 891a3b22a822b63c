"""Everything the detectors have to know about persons of one street, as stored now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from carecoord.fhir import facts as told
from carecoord.fhir import plans, read
from carecoord.fhir.read import Json
from carecoord.flows import aliases, condition, register
from carecoord.model.assessment import Change
from carecoord.model.catalogue import Catalogue
from carecoord.model.facts import (
    Occurrence,
    PersonFacts,
    PlannedTask,
    Visit,
    VisitState,
    days_before,
)
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.issues import DEMAND
from carecoord.model.plans import Plan, Task
from carecoord.model.policy import Rules
from carecoord.model.staff import Level, Qualification
from carecoord.planning import expand, figures
from carecoord.planning.recur import days_of
from carecoord.store import documents
from carecoord.store import visits as routes
from carecoord.store.engine import Tx

_AT_ONCE = 200


def gather(
    tx: Tx, street: StreetId, patients: Mapping[ElderId, Json], rules: Rules
) -> list[PersonFacts]:
    """Facts of each of these patients on the day of `rules`; merged records count as one.

    patients
        Patient resources by id; a record that was replaced by another is left out.
    """
    found: list[PersonFacts] = []
    ids = iter(sorted(id_ for id_, one in patients.items() if aliases.survivor(one) is None))
    while chunk := list(islice(ids, _AT_ONCE)):
        found += _Chunk(tx, street, chunk, rules).facts(patients)
    return found


class _Chunk:
    """Some persons, read with one search a kind of resource."""

    def __init__(self, tx: Tx, street: StreetId, elders: Sequence[ElderId], rules: Rules) -> None:
        self._tx, self._street, self._elders, self._rules = tx, street, elders, rules
        self._one: dict[str, ElderId] = {}
        for elder, records in aliases.records(tx, elders).items():
            self._one |= dict.fromkeys(records, elder)
        self._subjects = [f"Patient/{id_}" for id_ in self._one]

    def facts(self, patients: Mapping[ElderId, Json]) -> Iterator[PersonFacts]:
        """One after the other."""
        day = self._rules.day
        levels = self._by("Observation", "subject", category="survey", status="final")
        responses = self._by("QuestionnaireResponse", "subject")
        encounters = self._by("Encounter", "subject", status=told.SAYING)
        appointments = self._by("Appointment", "patient", status=told.SAYING)
        contacts = self._by("Communication", "subject")
        claims = self._by("Claim", "patient")
        beds = self._by("EpisodeOfCare", "patient")
        requests = self._by("ServiceRequest", "subject", status="active")
        tasks, agreed = self._tasks(), self._routed(day)
        staff = self._staff(tasks, agreed)
        for elder in self._elders:
            assessed = told.assessments(levels[elder], responses[elder])
            written = [told.visit(one) for one in [*encounters[elder], *appointments[elder]]]
            yield PersonFacts(
                elder=elder,
                dead=read.elder(patients[elder], None)[0].dead,
                in_hospital=any(told.in_hospital(one) for one in encounters[elder]),
                assessments=assessed,
                changes=tuple(self._changes(elder)) if len(assessed) > 1 else (),
                beds=tuple(b for one in beds[elder] if (b := told.bed(one))),
                orders=tuple(o for one in requests[elder] for o in told.orders(one)),
                tasks=tuple(tasks[elder]),
                visits=_together(agreed[elder], [v for v in written if v]),
                bills=tuple(b for one in claims[elder] for b in told.bills(one)),
                contacts=tuple(c for one in contacts[elder] if (c := told.contact(one))),
                staff=staff,
            )

    def _by(
        self, kind: str, parameter: str, **more: str | Sequence[str]
    ) -> dict[ElderId, list[Json]]:
        found: dict[ElderId, list[Json]] = defaultdict(list)
        criteria: dict[str, Any] = {parameter: self._subjects, **more}
        for one in documents.find(self._tx, kind, **criteria):
            named = one.resource.get("subject") or one.resource.get("patient") or {}
            elder = self._one.get(read.reference(named, "Patient"))
            if elder is None:
                # An Appointment names its patient among the participants.
                actors = (p.get("actor") for p in one.resource.get("participant", ()))
                elder = next(
                    (e for a in actors if (e := self._one.get(read.reference(a, "Patient")))), None
                )
            if elder is not None:
                found[elder].append(one.resource)
        return found

    def _changes(self, elder: ElderId) -> list[Change]:
        records = [ElderId(id_) for id_, one in self._one.items() if one == elder]
        return condition.changes(self._tx, records, self._rules)

    def _tasks(self) -> dict[ElderId, list[PlannedTask]]:
        rules = self._rules
        found: dict[ElderId, list[PlannedTask]] = defaultdict(list)
        ahead = rules.number("plan.horizon_days")
        active = register.active_plans(self._tx, self._elders, rules.day, ahead)
        if not active:
            return found
        catalogue, times = rules.catalogue(), figures.day_times(rules)
        for resource in active:
            plan, _ = plans.plan(resource, catalogue, times, {})
            elder = self._one.get(plan.elder, plan.elder)
            paid, leader = _payers(resource), expand.leaders(plan.follows)
            for task in plan.tasks:
                start = expand.anchor(plan.id, leader.get(task.group, task.group))
                when = tuple(
                    Occurrence(on, windows)
                    for on in days_of(task.recurrence, start, rules.day, ahead)
                    for windows in task.occasions
                )
                found[elder].append(
                    _planned(plan, task, catalogue, paid.get((task.group, task.item), ()), when)
                )
            found[elder] += _informal(plan)
        return found

    def _routed(self, day: date) -> dict[ElderId, list[Visit]]:
        found: dict[ElderId, list[Visit]] = defaultdict(list)
        back = days_before(day, self._rules.number("detect.look_back_days"))
        end = day + timedelta(days=self._rules.number("plan.horizon_days"))
        ids = [ElderId(id_) for id_ in self._one]
        for row in routes.of_elders(self._tx, self._street, ids, back, end):
            state = _state(row, day)
            if state is not None:
                found[self._one[row.elder]].append(replace(_visit(row), state=state))
        return found

    def _staff(
        self,
        tasks: Mapping[ElderId, list[PlannedTask]],
        visits: Mapping[ElderId, list[Visit]],
    ) -> dict[str, tuple[Qualification, ...]]:
        named = {s for many in tasks.values() for task in many for s in task.performers}
        named |= {s for many in visits.values() for visit in many for s in visit.staff}
        return _licences(self._tx, sorted(named))


def _licences(tx: Tx, roles: Sequence[str]) -> dict[str, tuple[Qualification, ...]]:
    """PractitionerRole id to the licences of the person behind it."""
    found: dict[str, tuple[Qualification, ...]] = {}
    for start in range(0, len(roles), _AT_ONCE):
        chunk = documents.find(tx, "PractitionerRole", _id=roles[start : start + _AT_ONCE])
        who = {
            role.id: read.reference(role.resource.get("practitioner"), "Practitioner")
            for role in chunk
        }
        people = {
            one.id: read.qualifications(one.resource)
            for one in documents.find(tx, "Practitioner", _id=sorted({*who.values()} - {""}))
        }
        found |= {role: people.get(person, ()) for role, person in who.items()}
    return found


def _planned(
    plan: Plan,
    task: Task,
    catalogue: Catalogue,
    payers: tuple[str, ...],
    when: tuple[Occurrence, ...],
) -> PlannedTask:
    return PlannedTask(
        plan=f"CarePlan/{plan.id}",
        item=task.item,
        label=task.label,
        group=task.group,
        programme=task.programme,
        level=task.level,
        needed=catalogue.item(task.item).performer if task.item in catalogue else None,
        minutes=task.minutes,
        visit_minutes=task.visit_minutes,
        payers=payers,
        performers=task.preferred,
        occurrences=when,
    )


def _informal(plan: Plan) -> Iterable[PlannedTask]:
    """What the family does counts as planned, and asks nobody to come."""
    for care in plan.family:
        for item in care.items:
            yield PlannedTask(
                plan=f"CarePlan/{plan.id}",
                item=item,
                label="",
                group=f"family.{care.who}",
                programme="informal",
                level=Level.CAREGIVER,
                needed=None,
                minutes=0,
                visit_minutes=0,
                payers=(),
                performers=(),
                occurrences=(),
            )


def _payers(care_plan: Json) -> dict[tuple[str, str], tuple[str, ...]]:
    """Group and item to those who are to pay, where the plan says so."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for index, activity in enumerate(care_plan.get("activity", ())):
        detail = activity.get("detail", {})
        group = str(read.extension_value(detail, "visit-group") or f"activity-{index}")
        for item in read.codes(detail.get("code"), read.system("service-item"))[:1]:
            if named := told.payers(detail):
                found[group, item] = (*found.get((group, item), ()), *named)
    return found


def _state(row: routes.VisitRow, today: date) -> VisitState | None:
    """`made` and `missed` need published routes of a day that is over."""
    if row.day >= today:
        return "planned" if row.staff else None
    if not row.published:
        return None
    return "made" if row.staff else "missed" if row.refused else None


def _visit(row: routes.VisitRow) -> Visit:
    return Visit(
        ref=f"{DEMAND}{row.demand}",
        day=row.day,
        state="planned",
        items=row.items,
        programmes=row.programmes,
        start=row.start,
        agreed=(row.wish,) if row.wish else row.windows,
        level=row.level,
        staff=row.staff,
        plan=f"CarePlan/{row.plan}",
    )


def _together(routed: list[Visit], written: list[Visit]) -> tuple[Visit, ...]:
    """Routes and record: where both speak of one demand, the record says what happened."""
    by_ref = {visit.ref: visit for visit in written}
    found = []
    for visit in routed:
        said = by_ref.pop(visit.ref, None)
        if said is not None:
            start = said.start if said.start is not None else visit.start
            visit = replace(visit, state=said.state, start=start)
        found.append(visit)
    return tuple(sorted([*found, *by_ref.values()], key=lambda v: (v.day, v.ref)))
