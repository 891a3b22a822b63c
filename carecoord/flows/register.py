"""Who and what belongs to a street: organisations, staff, elders, plans."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from carecoord.errors import Fact, Missing
from carecoord.fhir import read, roster
from carecoord.fhir.plans import in_force
from carecoord.fhir.read import Json
from carecoord.flows import aliases
from carecoord.flows.appointments import appointments
from carecoord.model.elders import Elder
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.places import Place
from carecoord.model.policy import NATION
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Staff
from carecoord.store import documents, territory
from carecoord.store.engine import Tx

_AT_ONCE = 200
"""Values in one search: keeps statements short on both databases."""


@dataclass(frozen=True, slots=True)
class Street:
    """A street and the organisations below it.

    organizations
        Id → Organization; the street itself is the first.
    """

    id: StreetId
    name: str
    organizations: dict[str, Json]

    @property
    def references(self) -> list[str]:
        """`Organization/…` of each."""
        return [f"Organization/{id_}" for id_ in self.organizations]


def streets(tx: Tx) -> list[StreetId]:
    """Codes of all registered streets."""
    kind = f"{read.system('organization-kind')}|street"
    found = documents.find(tx, "Organization", type=kind)
    return sorted(
        StreetId(code) for one in found if (code := read.identifier(one.resource, read.DIVISION))
    )


def street(tx: Tx, code: StreetId) -> Street:
    """A street with every organisation in its `partOf` tree.

    Raises
    ------
    Missing
        No Organization has that division code.
    """
    found = documents.find(tx, "Organization", identifier=f"{read.DIVISION}|{code}")
    tops = [
        one
        for one in found
        if "street" in read.codes(one.resource.get("type"), read.system("organization-kind"))
    ]
    if not tops:
        raise Missing("street.none", street=code)
    tree = {one.id: one.resource for one in tops}
    level = list(tree)
    while level:
        below = [
            one
            for chunk in chunks(level)
            for one in documents.find(
                tx, "Organization", partof=[f"Organization/{id_}" for id_ in chunk]
            )
            if one.id not in tree
        ]
        tree |= {one.id: one.resource for one in below}
        level = [one.id for one in below]
    return Street(code, str(tops[0].resource.get("name", code)), tree)


def street_of(tx: Tx, organization: str) -> StreetId | None:
    """The street at the top of an organisation's `partOf` chain, or None."""
    seen: set[str] = set()
    while organization and organization not in seen:
        seen.add(organization)
        found = documents.peek(tx, "Organization", organization)
        if found is None or found.deleted:
            return None
        kinds = read.codes(found.resource.get("type"), read.system("organization-kind"))
        if "street" in kinds:
            code = read.identifier(found.resource, read.DIVISION)
            return StreetId(code) if code else None
        organization = read.reference(found.resource.get("partOf"), "Organization")
    return None


def elder_street(tx: Tx, patient: Json) -> StreetId | None:
    """The street that plans for a patient, or None.

    That of the managing organisation, else of one with an active bed, else the one assigned.
    """
    managed = read.reference(patient.get("managingOrganization"), "Organization")
    return (
        street_of(tx, managed)
        or next(filter(None, (street_of(tx, o) for o in _bed_keepers(tx, [patient["id"]]))), None)
        or territory.assigned_to(tx, ElderId(patient["id"]))
    )


def _bed_keepers(tx: Tx, patients: Iterable[str]) -> dict[str, set[str]]:
    """Organisation → those of `patients` who have a bed there that is open or suspended."""
    found: dict[str, set[str]] = {}
    for chunk in chunks(patients):
        beds = documents.find(
            tx,
            "EpisodeOfCare",
            patient=[f"Patient/{id_}" for id_ in chunk],
            status=("active", "onhold"),
        )
        for bed in beds:
            keeper = read.reference(bed.resource.get("managingOrganization"), "Organization")
            found.setdefault(keeper, set()).add(
                read.reference(bed.resource.get("patient"), "Patient")
            )
    return found


def jurisdiction(tx: Tx, elder: ElderId) -> str:
    """The division whose policy rows decide about an elder: their street, else the nation.

    Raises
    ------
    Missing, Gone
        There is no such elder.
    """
    return elder_street(tx, documents.read(tx, "Patient", elder).resource) or NATION


def elders(tx: Tx, of: Street) -> tuple[dict[ElderId, Elder], list[DataProblem]]:
    """Every registered elder of a street."""
    managed = _referring(tx, "Patient", "organization", of.references)
    others = _others(tx, of, {str(one["id"]) for one in managed})
    found: dict[ElderId, Elder] = {}
    problems: list[DataProblem] = []
    for patient in [*managed, *others]:
        elder, missing = read.elder(patient, of.id)
        found[elder.id] = elder
        problems += missing
    return found, problems


def _others(tx: Tx, of: Street, managed: set[str]) -> list[Json]:
    """Patients in a bed of the street or assigned to it, whom no organisation of one manages."""
    assigned = {str(id_) for id_ in territory.assigned(tx, of.id)} - managed
    elsewhere = {
        id_
        for keeper, patients in _bed_keepers(tx, sorted(assigned)).items()
        if keeper not in of.organizations and street_of(tx, keeper) is not None
        for id_ in patients
    }
    beds = [
        bed
        for bed in _referring(tx, "EpisodeOfCare", "organization", of.references)
        if bed.get("status") in ("active", "onhold")
    ]
    in_bed = {read.reference(bed.get("patient"), "Patient") for bed in beds} - managed - {""}
    found = by_id(tx, "Patient", sorted(in_bed | (assigned - elsewhere)))
    keepers = {
        keeper: street_of(tx, keeper)
        for keeper in {
            read.reference(one.get("managingOrganization"), "Organization") for one in found
        }
    }
    return [
        one
        for one in found
        if keepers[read.reference(one.get("managingOrganization"), "Organization")] is None
    ]


def staff_on(tx: Tx, of: Street, day: date) -> tuple[list[Staff], list[DataProblem]]:
    """Everybody employed in a street, with the shifts and licences of one day.

    Shifts are those of the roster less absences and the appointments that other systems booked.
    """
    roles = _referring(tx, "PractitionerRole", "organization", of.references)
    named = {read.reference(role.get("practitioner"), "Practitioner") for role in roles}
    people = {one["id"]: one for one in by_id(tx, "Practitioner", sorted(named - {""}))}
    bases = _Bases(tx, of, roles)
    busy = appointments(tx, roles, day)
    found: list[Staff] = []
    problems: list[DataProblem] = []
    for role in sorted(roles, key=lambda r: str(r["id"])):
        subject = f"PractitionerRole/{role['id']}"
        person = people.get(read.reference(role.get("practitioner"), "Practitioner"))
        if person is None:
            problems.append(
                DataProblem("staff.no_practitioner", subject, "PractitionerRole.practitioner")
            )
            continue
        one = read.staff(role, person, of.id, bases.of(role), day, busy.get(role["id"], ()))
        problems += roster.problems(role)
        if one.shifts and one.base is None:
            problems.append(DataProblem("staff.no_base", subject, "PractitionerRole.location"))
        if one.shifts and not one.levels:
            facts: dict[str, Fact] = {"name": one.name, "day": day.isoformat()}
            problems.append(
                DataProblem("staff.no_licence", subject, "Practitioner.qualification", facts)
            )
        found.append(one)
    return found, problems


def practitioner_roles(tx: Tx, of: Street) -> dict[str, str]:
    """Practitioner id → PractitionerRole id, for plans that name a person."""
    roles = _referring(tx, "PractitionerRole", "organization", of.references)
    return {read.reference(role.get("practitioner"), "Practitioner"): role["id"] for role in roles}


def active_plans(tx: Tx, elders: Iterable[ElderId], on: date, days: int) -> list[Json]:
    """CarePlans of these elders that are in force on any of `days` days from `on`.

    One of a record that was merged into another has that other as its subject.
    """
    known = aliases.records(tx, elders)
    merged = {
        record: elder
        for elder, ids in sorted(known.items(), key=lambda one: len(one[1]))
        for record in ids[1:]
    }
    found = [
        _under(plan, merged)
        for plan in _of_subjects(tx, "CarePlan", {*known, *merged})
        if any(in_force(plan, date.fromordinal(on.toordinal() + k)) for k in range(days))
    ]
    return sorted(found, key=lambda plan: str(plan["id"]))


def answering(tx: Tx, plans: Iterable[str]) -> dict[tuple[str, str], str]:
    """CarePlan id and programme → the organisation that answers for it, by its part of the plan."""
    answers: dict[tuple[str, str], str] = {}
    for chunk in chunks(f"CarePlan/{id_}" for id_ in sorted(set(plans))):
        for part in documents.find(tx, "CarePlan", part_of=chunk, status="active"):
            author = read.reference(part.resource.get("author"), "Organization")
            programmes = read.codes(part.resource.get("category"), read.system("programme"))
            for above in part.resource.get("partOf", ()):
                plan = read.reference(above, "CarePlan")
                answers |= {(plan, programme): author for programme in programmes if author}
    return answers


def _under(plan: Json, merged: Mapping[ElderId, ElderId]) -> Json:
    above = merged.get(ElderId(read.reference(plan.get("subject"), "Patient")))
    return plan if above is None else plan | {"subject": {"reference": f"Patient/{above}"}}


def _of_subjects(tx: Tx, kind: str, elders: Iterable[ElderId]) -> Iterator[Json]:
    for chunk in chunks(sorted(elders)):
        for one in documents.find(
            tx, kind, subject=[f"Patient/{id_}" for id_ in chunk], status="active"
        ):
            yield one.resource


class _Bases:
    """Where staff start: the role's own location, else that of its organisation."""

    def __init__(self, tx: Tx, of: Street, roles: list[Json]) -> None:
        own = {
            read.reference(place, "Location")
            for role in roles
            for place in role.get("location", ())
        }
        self._own = {
            one["id"]: read.position(one) for one in by_id(tx, "Location", sorted(own - {""}))
        }
        self._shared: dict[str, Place] = {}
        for one in _referring(tx, "Location", "organization", of.references):
            organization = read.reference(one.get("managingOrganization"), "Organization")
            if place := read.position(one):
                self._shared.setdefault(organization, place)

    def of(self, role: Json) -> Place | None:
        """The base of one role, or None."""
        for reference in role.get("location", ()):
            if place := self._own.get(read.reference(reference, "Location")):
                return place
        organization = read.reference(role.get("organization"), "Organization")
        return self._shared.get(organization)


def _referring(tx: Tx, kind: str, parameter: str, targets: Sequence[str]) -> list[Json]:
    return [
        one.resource
        for chunk in chunks(targets)
        for one in documents.find(tx, kind, limit=None, **{parameter: chunk})
    ]


def by_id(tx: Tx, kind: str, ids: Sequence[str]) -> list[Json]:
    """Resources of a type by their ids; what is not there is left out."""
    return [one.resource for chunk in chunks(ids) for one in documents.find(tx, kind, _id=chunk)]


def chunks(values: Iterable[str]) -> Iterator[list[str]]:
    """Parts short enough for one search."""
    source = iter(values)
    while chunk := list(islice(source, _AT_ONCE)):
        yield chunk
