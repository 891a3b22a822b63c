"""May a plain FHIR write change this bed, and what stood there before?"""

from carecoord.errors import Conflict
from carecoord.fhir import beds, read
from carecoord.fhir.documents import Change
from carecoord.fhir.read import Json
from carecoord.flows import eligibility as may
from carecoord.flows import register
from carecoord.model import time
from carecoord.model.beds import OPEN_STATES, BedKind
from carecoord.model.ids import ElderId
from carecoord.model.policy import NATION, Rules
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def require_steps(tx: Tx, change: Change) -> None:
    """Refuse to move a bed of one of our streets other than by its steps.

    Raises
    ------
    Conflict
        `bed.managed`; `bed.limit` for one that comes in new.
    """
    document, earlier = change.document, before(tx, change.document)
    after = {} if change.deed == "deleted" else document.resource
    for episode in (earlier, after):
        if episode and beds.kind_of(episode) is not None and is_ours(tx, episode):
            break
    else:
        return
    if change.deed == "created":
        _require_within_limit(tx, document)
        return
    if earlier is None or _managed(earlier) != _managed(after):
        raise Conflict("bed.managed", field="EpisodeOfCare.status", bed=document.id)


def _require_within_limit(tx: Tx, document: Document) -> None:
    """Refuse one open home hospital bed more than the pack allows a person."""
    if beds.state_of(document.resource) is None:
        return
    bed = beds.bed(document)
    if bed.kind is not BedKind.HOME_HOSPITAL or bed.state not in OPEN_STATES:
        return
    held = [b for b in may.beds_of(tx, bed.elder) if b.kind is bed.kind]
    rule = "home_bed.active_per_person"
    limit = rules_of(tx, bed.elder).number(rule)
    if sum(1 for one in held if one.state in OPEN_STATES) > limit:
        raise Conflict(
            "bed.limit", field="EpisodeOfCare.patient", elder=bed.elder, limit=limit, rule=rule
        )


def _managed(episode: Json) -> object:
    """What only steps may change."""
    own = [
        e
        for e in episode.get("extension", ())
        if str(e.get("url", "")).rpartition("/")[2] in _OWN and e["url"].startswith(read.BASE)
    ]
    elements = ("status", "statusHistory", "type", "patient", "managingOrganization", "period")
    return [own, *(episode.get(name) for name in elements)]


_OWN = ("bed-state", "bed-step", "bed-cycle", "bed-reason")


def is_ours(tx: Tx, episode: Json) -> bool:
    """Whether an organisation of one of our streets keeps the bed."""
    keeper = read.reference(episode.get("managingOrganization"), "Organization")
    return bool(keeper) and register.street_of(tx, keeper) is not None


def before(tx: Tx, document: Document) -> Json | None:
    """The version before the one just written, or None for the first or a deleted one."""
    if document.version < 2:
        return None
    versions = documents.history(tx, document.type, document.id)
    found = next((d for d in versions if d.version == document.version - 1), None)
    return None if found is None or found.deleted else found.resource


def rules_of(tx: Tx, elder: ElderId) -> Rules:
    """Bundled rows in force today where a person lives, the nation's for one not stored."""
    patient = documents.peek(tx, "Patient", elder)
    here = None
    if patient is not None and not patient.deleted:
        here = register.elder_street(tx, patient.resource)
    return load().on(time.today(), here or NATION)
