"""May this person have this bed at this organisation on this day, and may this one do the step?"""

from datetime import date

from carecoord.access import Caller, require
from carecoord.errors import Conflict, Forbidden, Invalid, Missing
from carecoord.fhir import beds, read
from carecoord.fhir.read import Json
from carecoord.flows import aliases, hospital, register
from carecoord.model.beds import OPEN_STATES, STATUS, Bed, BedKind
from carecoord.model.ids import ElderId
from carecoord.model.policy import Rules
from carecoord.model.rounds import months_later
from carecoord.model.staff import Level, levels_on
from carecoord.store import documents
from carecoord.store.engine import Tx

_LEVEL = {"doctor": Level.DOCTOR, "nurse": Level.NURSE, "caregiver": Level.CAREGIVER}
"""Staff role to the performer level that its licence must allow."""


def require_owner(tx: Tx, caller: Caller, action: str, organization: str) -> None:
    """Refuse unless the caller may take `action` on beds, and acts for the bed's organisation.

    Raises
    ------
    Forbidden
        `access.scope`, `access.street`; `bed.owner`: another organisation keeps the bed.
    """
    require(caller, action, register.street_of(tx, organization))
    if caller.organization and caller.organization != organization:
        raise Forbidden(
            "bed.owner", organization=caller.organization, owner=organization, action=action
        )


def require_performer(tx: Tx, bed: Bed, step: str, performer: str, day: date, rules: Rules) -> None:
    """Refuse a step that the pack reserves for staff, unless such a one does it.

    The person must hold the licence on `day` and work in an organisation of the bed's street.

    Raises
    ------
    Invalid
        `bed.performer`: nobody is named; `bed.performer_unknown`; `bed.performer_licence`;
        `bed.performer_elsewhere`.
    """
    row = f"{bed.kind.rules}.performers"
    allowed = rules.table(row).get(step)
    if allowed is None:
        return
    roles = [str(one) for one in allowed] if isinstance(allowed, list | tuple) else [str(allowed)]
    said = ", ".join(roles)
    if not performer:
        raise Invalid("bed.performer", field="performer", step=step, roles=said, rule=row)
    role = documents.peek(tx, "PractitionerRole", performer)
    if role is None or role.deleted or role.resource.get("active") is False:
        raise Invalid("bed.performer_unknown", field="performer", performer=performer)
    who = read.reference(role.resource.get("practitioner"), "Practitioner")
    person = documents.peek(tx, "Practitioner", who) if who else None
    held = levels_on(read.qualifications(person.resource), day) if person else ()
    if not any(_LEVEL[one] in held for one in roles if one in _LEVEL):
        raise Invalid(
            "bed.performer_licence",
            field="performer",
            performer=performer,
            roles=said,
            day=day.isoformat(),
            rule=row,
        )
    at = read.reference(role.resource.get("organization"), "Organization")
    if register.street_of(tx, at) != register.street_of(tx, bed.organization):
        raise Invalid("bed.performer_elsewhere", field="performer", performer=performer)


def require_alive(tx: Tx, elder: ElderId) -> Json:
    """The Patient.

    Raises
    ------
    Missing, Gone
        No such elder.
    Conflict
        `bed.dead`.
    """
    patient = documents.read(tx, "Patient", elder)
    if read.elder(patient.resource, None)[0].dead:
        raise Conflict("bed.dead", elder=elder)
    return patient.resource


def require_within_limit(tx: Tx, elder: ElderId, kind: BedKind, rules: Rules) -> None:
    """Refuse one home hospital bed more than the pack allows a person."""
    if kind is BedKind.FAMILY:
        return
    taken = [bed for bed in beds_of(tx, elder) if bed.kind is kind and bed.state in OPEN_STATES]
    rule = "home_bed.active_per_person"
    limit = rules.number(rule)
    if len(taken) >= limit:
        raise Conflict("bed.limit", elder=elder, limit=limit, rule=rule)


def require_keeper(tx: Tx, organization: str, kind: BedKind, rules: Rules) -> None:
    """Refuse an organisation that may not keep this kind of bed.

    Raises
    ------
    Conflict
        `bed.keeper`: neither its kind nor a HealthcareService of the programme allows it.
    """
    rule = f"{kind.rules}.keepers"
    allowed = rules.texts(rule)
    found = documents.read(tx, "Organization", organization)
    kinds = read.codes(found.resource.get("type"), read.system("organization-kind"))
    if set(kinds) & set(allowed):
        return
    offers = documents.find(tx, "HealthcareService", organization=found.reference)
    programmes = {
        code
        for one in offers
        if one.resource.get("active") is not False
        for code in read.codes(one.resource.get("type"), read.system("programme"))
    }
    if kind.value not in programmes:
        raise Conflict(
            "bed.keeper",
            field="organization",
            organization=organization,
            kind=kind.value,
            allowed=", ".join(allowed),
            rule=rule,
        )


def require_capacity(tx: Tx, organization: str, kind: BedKind) -> None:
    """Refuse one bed more than the organisation is licensed for; hold its count meanwhile.

    Raises
    ------
    Conflict
        `bed.capacity`.
    """
    documents.hold(tx, f"beds/{organization}/{kind.value}")
    licensed = beds.capacity(documents.read(tx, "Organization", organization).resource).get(kind)
    if licensed is None:
        return
    taken = sum(1 for one in kept(tx, organization, kind) if one.state in OPEN_STATES)
    if taken >= licensed:
        raise Conflict(
            "bed.capacity",
            organization=organization,
            kind=kind.value,
            taken=taken,
            licensed=licensed,
        )


def require_at_home(tx: Tx, elder: ElderId, day: date, rules: Rules) -> None:
    """Refuse to serve somebody at home on days of a stay in hospital.

    Raises
    ------
    Conflict
        `bed.inpatient`: more days in common than the pack allows.
    """
    rule = "home_bed.overlap_inpatient_days"
    most = rules.number(rule)
    for stay in hospital.stays(tx, elder):
        common = stay.days_from(day)
        if (stay.present or stay.discharged is not None) and common > most:
            raise Conflict(
                "bed.inpatient", elder=elder, stay=stay.id, days=common, most=most, rule=rule
            )


def require_for_family_bed(tx: Tx, patient: Json, day: date, rules: Rules) -> None:
    """Age, level and freshness of the assessment; one of the scales suffices.

    Raises
    ------
    Conflict
        `bed.no_birth_date`, `bed.too_young`, `bed.level`, `bed.assessment_old`.
    """
    _require_age(patient, day, rules)
    newest = assessed(tx, ElderId(patient["id"]))
    wanted = rules.table("family_bed.min_level")
    enough = [
        at
        for scale, least in wanted.items()
        if scale in newest
        for at, level in [newest[scale]]
        if level >= int(str(least))
    ]
    if not enough:
        raise Conflict(
            "bed.level",
            elder=patient["id"],
            levels=", ".join(f"{s} {n}" for s, (_, n) in sorted(newest.items())) or "-",
            least=", ".join(f"{s} {n}" for s, n in sorted(wanted.items())),
            rule="family_bed.min_level",
        )
    rule = "family_bed.assessment_months"
    months = rules.number(rule)
    last = max(enough)
    if months_later(last, months) < day:
        raise Conflict(
            "bed.assessment_old",
            elder=patient["id"],
            assessed=last.isoformat(),
            months=months,
            rule=rule,
        )


def _require_age(patient: Json, day: date, rules: Rules) -> None:
    rule = "family_bed.min_age"
    least = rules.number(rule)
    born = read.day(patient.get("birthDate"))
    if born is None:
        raise Conflict("bed.no_birth_date", elder=patient["id"], rule=rule)
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < least:
        raise Conflict("bed.too_young", elder=patient["id"], age=age, least=least, rule=rule)


def require_agreed(tx: Tx, patient: Json, organization: str, rules: Rules) -> None:
    """What the pack lists in `family_bed.requires`, as far as a record can show it.

    Raises
    ------
    Conflict
        `bed.not_in_area`: another street plans for the person; `bed.no_consent`: no Consent in
        force.
    """
    rule = "family_bed.requires"
    required = rules.texts(rule)
    here = register.street_of(tx, organization)
    if "home_in_area" in required and register.elder_street(tx, patient) != here:
        raise Conflict("bed.not_in_area", elder=patient["id"], organization=organization, rule=rule)
    agreed = documents.find(tx, "Consent", patient=f"Patient/{patient['id']}", status="active")
    if "consent" in required and not agreed:
        raise Conflict("bed.no_consent", elder=patient["id"], rule=rule)


def require_reassessed(tx: Tx, bed: Bed, rules: Rules) -> None:
    """Refuse to extend a cycle in which nobody has assessed the person.

    Raises
    ------
    Conflict
        `bed.reassess`.
    """
    rule = "home_bed.extension_needs_assessment"
    if bed.cycle is None or not rules.flag(rule):
        return
    newest = max((at for at, _ in assessed(tx, bed.elder).values()), default=None)
    if newest is None or newest <= bed.cycle[0]:
        raise Conflict(
            "bed.reassess",
            bed=bed.id,
            since=bed.cycle[0].isoformat(),
            assessed=newest.isoformat() if newest else "-",
            rule=rule,
        )


def assessed(tx: Tx, elder: ElderId) -> dict[str, tuple[date, int]]:
    """Day and number of the newest level of each scale; levels of two scales are not compared."""
    records = [f"Patient/{one}" for one in aliases.known_as(tx, elder)]
    found = documents.find(tx, "Observation", subject=records, category="survey", status="final")
    newest: dict[str, tuple[str, int]] = {}
    for one in found:
        for scale in read.codes(one.resource.get("code"), read.system("assessment-scale")):
            at = str(one.resource.get("effectiveDateTime", ""))
            if "valueInteger" in one.resource and at >= newest.get(scale, ("", 0))[0]:
                newest[scale] = (at, one.resource["valueInteger"])
    return {s: (on, level) for s, (at, level) in newest.items() if (on := read.day(at))}


def beds_of(tx: Tx, elder: ElderId) -> list[Bed]:
    """Every bed that a person has or had."""
    records = [f"Patient/{one}" for one in aliases.known_as(tx, elder)]
    found = documents.find(tx, "EpisodeOfCare", patient=records, status=tuple(set(STATUS.values())))
    return [beds.bed(one) for one in found if beds.kind_of(one.resource)]


def kept(tx: Tx, organization: str, kind: BedKind | None = None) -> list[Bed]:
    """Beds of an organisation that are not over."""
    found = documents.find(
        tx,
        "EpisodeOfCare",
        organization=f"Organization/{organization}",
        status=("planned", "waitlist", "active", "onhold"),
    )
    every = [beds.bed(one) for one in found if beds.kind_of(one.resource)]
    return [bed for bed in every if kind in (None, bed.kind)]


def bed_document(tx: Tx, id_: str) -> documents.Document:
    """A bed's EpisodeOfCare.

    Raises
    ------
    Missing
        `bed.none`: no such bed.
    """
    found = documents.peek(tx, "EpisodeOfCare", id_)
    if found is None or found.deleted or beds.kind_of(found.resource) is None:
        raise Missing("bed.none", bed=id_)
    return found
