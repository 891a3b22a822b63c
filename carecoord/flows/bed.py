"""A bed at home is opened: home hospital bed or family bed."""

from datetime import date

from carecoord.access import Caller, audit, require
from carecoord.errors import Conflict, Missing
from carecoord.fhir import compose, read
from carecoord.fhir import documents as checked
from carecoord.fhir.read import Json
from carecoord.flows import referral as referrals
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.beds import BedKind
from carecoord.model.ids import ElderId, ReferralId
from carecoord.model.policy import Rules
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def open_bed(
    tx: Tx,
    caller: Caller,
    elder: ElderId,
    kind: BedKind,
    organization: str,
    day: date,
    rules: Rules,
    *,
    referral: ReferralId | None = None,
) -> Document:
    """Open a bed for an elder from `day` on; one that is open already is answered again.

    referral
        The accepted referral that asked for it; it moves on to in-progress.

    Raises
    ------
    Missing
        No such elder or organisation.
    Conflict
        `bed.dead`; `bed.limit`: the pack's number of active home hospital beds is reached;
        `bed.no_birth_date`, `bed.too_young`, `bed.level`: a family bed needs the pack's age and
        level;
        `referral.move`: the referral was not accepted.
    """
    patient = documents.read(tx, "Patient", elder)
    if documents.peek(tx, "Organization", organization) is None:
        raise Missing("document.missing", type="Organization", id=organization)
    require(caller, "bed.open", register.street_of(tx, organization))
    documents.hold(tx, f"bed/{elder}")
    present = active_beds(tx, elder)
    same = [bed for bed in present if _kind(bed.resource) is kind]
    mine = [b for b in same if _runs(b.resource, organization)]
    if mine:
        return mine[0]
    person, _ = read.elder(patient.resource, None)
    if person.dead:
        raise Conflict("bed.dead", elder=elder)
    if kind is BedKind.HOME_HOSPITAL:
        limit = rules.number("home_bed.active_per_person")
        if len(same) >= limit:
            raise Conflict("bed.limit", elder=elder, limit=limit, rule="home_bed.active_per_person")
    else:
        _require_family_bed(tx, patient.resource, day, rules)
    request = ""
    if referral is not None:
        request = referrals.request_of(tx, referrals.start(tx, caller, referral)).id
    bed = checked.create(
        tx,
        compose.bed(
            kind,
            id_=(id_ := compose.derived_id("bed", kind.value, elder, day.isoformat())),
            elder=elder,
            organization=organization,
            opened=day,
            referral=request,
        ),
        id=id_,
    ).document
    documents.create(
        tx,
        compose.provenance(
            bed.reference, bed.version, "bed-opened", caller.id, caller.organization, time.now()
        ),
    )
    audit.record(tx, caller, "bed.open", bed.reference)
    return bed


def active_beds(tx: Tx, elder: ElderId) -> list[Document]:
    """Beds of an elder that are open today."""
    return documents.find(tx, "EpisodeOfCare", patient=f"Patient/{elder}", status="active")


def _kind(episode: Json) -> BedKind | None:
    found = read.codes(episode.get("type"), read.system("bed-kind"))
    return BedKind(found[0]) if found and found[0] in set(BedKind) else None


def _runs(episode: Json, organization: str) -> bool:
    return read.reference(episode.get("managingOrganization"), "Organization") == organization


def _require_family_bed(tx: Tx, patient: Json, day: date, rules: Rules) -> None:
    """Age and level of the pack; one of the scales suffices, and they are never compared."""
    least_age = rules.number("family_bed.min_age")
    born = read.day(patient.get("birthDate"))
    if born is None:
        raise Conflict("bed.no_birth_date", elder=patient["id"], rule="family_bed.min_age")
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    if age < least_age:
        raise Conflict(
            "bed.too_young",
            elder=patient["id"],
            age=age,
            least=least_age,
            rule="family_bed.min_age",
        )
    levels = assessed_levels(tx, ElderId(patient["id"]))
    wanted = rules.table("family_bed.min_level")
    if not any(levels.get(scale, -1) >= int(str(least)) for scale, least in wanted.items()):
        raise Conflict(
            "bed.level",
            elder=patient["id"],
            levels=", ".join(f"{s} {n}" for s, n in sorted(levels.items())) or "-",
            least=", ".join(f"{s} {n}" for s, n in sorted(wanted.items())),
            rule="family_bed.min_level",
        )


def assessed_levels(tx: Tx, elder: ElderId) -> dict[str, int]:
    """The newest level of each scale, by scale."""
    found = documents.find(
        tx, "Observation", subject=f"Patient/{elder}", category="survey", status="final"
    )
    newest: dict[str, tuple[str, int]] = {}
    for one in found:
        for scale in read.codes(one.resource.get("code"), read.system("assessment-scale")):
            at = str(one.resource.get("effectiveDateTime", ""))
            if "valueInteger" in one.resource and at >= newest.get(scale, ("", 0))[0]:
                newest[scale] = (at, one.resource["valueInteger"])
    return {scale: level for scale, (_, level) in newest.items()}
