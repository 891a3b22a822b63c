"""Who answers for a referral that nobody deals with? People first, by name, then organisations."""

from collections.abc import Iterable
from dataclasses import dataclass

from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json, system
from carecoord.model.referrals import Direction
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

ROLES = ("duty", "head", "medical-officer")
"""Codes of `referral-contact` in a PractitionerRole, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody who can be told.

    reference
        `PractitionerRole/id`, or `Organization/id` where no person is named.
    channels
        How to reach them: `phone 010-1`, `email a@b`; their own, else their organisation's.
    """

    reference: str
    name: str
    role: str
    organization: str
    channels: tuple[str, ...]


def line(tx: Tx, task: Document, way: Direction, kind: str) -> list[str]:
    """References of everybody whom a limit tells, the first first.

    The people of the owner, of each organisation above it, and of the placer at last; an
    organisation that names nobody stands for itself. After an up-referral it is the sender who
    follows up; all else is the owner's to do.
    """
    first = papers.owner(task.resource)
    if kind == "follow-up" and way is Direction.UP:
        first = papers.placer(task.resource)
    chain = [first, *_above(tx, first), papers.placer(task.resource)]
    found: list[str] = []
    for organization in dict.fromkeys(one for one in chain if one):
        people = [f"PractitionerRole/{role['id']}" for role in _people(tx, organization)]
        found += people or [f"Organization/{organization}"]
    return found


def of(tx: Tx, reference: str) -> Contact:
    """Name, role and channels of somebody who was told."""
    kind, _, id_ = reference.partition("/")
    found = documents.peek(tx, kind, id_)
    if found is None or found.deleted:
        return Contact(reference, reference, "", "", ())
    if kind == "Organization":
        name = str(found.resource.get("name", id_))
        return Contact(reference, name, "", id_, _channels(found.resource))
    role = found.resource
    organization = read.reference(role.get("organization"), "Organization")
    person = _read(tx, "Practitioner", read.reference(role.get("practitioner"), "Practitioner"))
    held = _read(tx, "Organization", organization)
    channels = next(filter(None, (_channels(one) for one in (role, person, held))), ())
    name = read.name(person) if person else id_
    return Contact(reference, name, _role(role), organization, channels)


def _people(tx: Tx, organization: str) -> list[Json]:
    roles = [
        one.resource
        for one in documents.find(
            tx, "PractitionerRole", organization=f"Organization/{organization}"
        )
        if one.resource.get("active") is not False and _role(one.resource)
    ]
    return sorted(roles, key=lambda role: (ROLES.index(_role(role)), str(role["id"])))


def _role(role: Json) -> str:
    """The first of `ROLES` that somebody has; empty: none."""
    codes = {c for one in role.get("code", ()) for c in read.codes(one, system("referral-contact"))}
    return next((one for one in ROLES if one in codes), "")


def _channels(resource: Json) -> tuple[str, ...]:
    return tuple(
        f"{one.get('system', 'other')} {one['value']}"
        for one in _telecom(resource.get("telecom", ()))
    )


def _telecom(points: Iterable[Json]) -> list[Json]:
    usable = [one for one in points if one.get("value") and one.get("use") != "old"]
    return sorted(usable, key=lambda one: int(one.get("rank", 99)))


def _read(tx: Tx, kind: str, id_: str) -> Json:
    found = documents.peek(tx, kind, id_) if id_ else None
    return {} if found is None or found.deleted else found.resource


def _above(tx: Tx, organization: str) -> list[str]:
    """The organisations above one, nearest first."""
    chain: list[str] = []
    while organization and organization not in chain:
        found = _read(tx, "Organization", organization)
        organization = read.reference(found.get("partOf"), "Organization")
        if organization:
            chain.append(organization)
    return chain
