"""Who cares for a person, and who of them holds the threads?"""

from collections.abc import Iterable, Sequence
from hashlib import sha256

from carecoord.errors import Missing
from carecoord.fhir import compose, integrated, read
from carecoord.fhir import documents as checked
from carecoord.fhir.integrated import COORDINATOR, FAMILY, ORGANIZATION, Member
from carecoord.flows.drafting import Wishes
from carecoord.model.ids import ElderId
from carecoord.model.plans import FamilyCare
from carecoord.model.staff import Role
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_HOLDS_THREADS = (Role.NURSE, Role.DOCTOR, Role.CAREGIVER)
"""Who coordinates when nobody was named, in this order."""


def form(
    tx: Tx,
    elder: Document,
    plan: str,
    beds: Sequence[Document],
    wishes: Wishes,
    coordinator: str,
    family: Iterable[FamilyCare],
    keeper: str,
) -> Document:
    """Store the care team of a plan.

    coordinator
        PractitionerRole id, or empty: the manager of a bed, a carer who was wished, else one of
        the staff of the organisation that keeps a bed; where there are none, the organisation.

    Raises
    ------
    Missing
        `document.missing`: a coordinator or relative who is not in the register.
    """
    if coordinator:
        _require(tx, "PractitionerRole", coordinator, "coordinator")
    relatives = [one.who for one in family]
    for who in relatives:
        _require(tx, "RelatedPerson", who, "family")
    keepers = [_keeper(bed) for bed in beds]
    organizations = [*dict.fromkeys(filter(None, [*keepers, keeper]))]
    if not organizations:
        managed = read.reference(elder.resource.get("managingOrganization"), "Organization")
        organizations = [managed] if managed else []
    first = _named(coordinator, beds, wishes) or _one_of(tx, organizations, ElderId(elder.id))
    members = [Member(*first, COORDINATOR)] if first else []
    if not first and organizations:
        members.append(Member("Organization", organizations[0], COORDINATOR))
    members += [
        Member("PractitionerRole", who, role.value) for role, who in sorted(wishes.carers.items())
    ]
    members += [Member("RelatedPerson", who, FAMILY) for who in relatives]
    members += [Member("Organization", one, ORGANIZATION) for one in organizations]
    id_ = compose.derived_id("care-team", plan)
    team = integrated.care_team(id_, elder.id, "医养照护团队", members, (organizations or [""])[0])
    return checked.update(tx, "CareTeam", id_, team).document


def coordinator_of(tx: Tx, plan: Document) -> Member | None:
    """Who holds the threads of a plan, or None."""
    for reference in plan.resource.get("careTeam", ()):
        found = documents.peek(tx, "CareTeam", read.reference(reference, "CareTeam"))
        if found is not None and not found.deleted:
            for one in integrated.members(found.resource):
                if one.role == COORDINATOR:
                    return one
    return None


def rename(tx: Tx, plan: Document, who: str, *, expected: int | None = None) -> Document:
    """Name another coordinator in the team of a plan; everybody else stays.

    Raises
    ------
    Missing
        `document.missing`: no such PractitionerRole, or the plan has no team.
    Stale
        The team is no longer at version `expected`.
    """
    _require(tx, "PractitionerRole", who, "coordinator")
    named = [read.reference(one, "CareTeam") for one in plan.resource.get("careTeam", ())]
    found = documents.read(tx, "CareTeam", named[0] if named else "-")
    changed = integrated.with_coordinator(found.resource, who)
    return checked.update(
        tx, "CareTeam", found.id, changed, expected=expected or found.version
    ).document


def _require(tx: Tx, kind: str, id_: str, field: str) -> None:
    found = documents.peek(tx, kind, id_)
    if found is None or found.deleted:
        raise Missing("document.missing", field=field, type=kind, id=id_)


def _keeper(bed: Document) -> str:
    return read.reference(bed.resource.get("managingOrganization"), "Organization")


def _named(coordinator: str, beds: Sequence[Document], wishes: Wishes) -> tuple[str, str] | None:
    """Who was named: for the plan, for a bed, or wished."""
    if coordinator:
        return "PractitionerRole", coordinator
    for bed in beds:
        manager = bed.resource.get("careManager")
        for kind in ("PractitionerRole", "Practitioner"):
            if id_ := read.reference(manager, kind):
                return kind, id_
    for role in _HOLDS_THREADS:
        if role in wishes.carers:
            return "PractitionerRole", wishes.carers[role]
    return None


def _one_of(tx: Tx, organizations: Sequence[str], elder: ElderId) -> tuple[str, str] | None:
    """One of the staff, spread over the elders by their id."""
    if not organizations:
        return None
    found = documents.find(
        tx,
        "PractitionerRole",
        organization=[f"Organization/{one}" for one in organizations],
    )
    for role in _HOLDS_THREADS:
        able = sorted(
            one.id
            for one in found
            if one.resource.get("active") is not False
            and role.value in read.codes(one.resource.get("code"), read.system("staff-role"))
        )
        if able:
            at = int.from_bytes(sha256(elder.encode()).digest()[:4]) % len(able)
            return "PractitionerRole", able[at]
    return None
