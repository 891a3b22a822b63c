"""Who decided what about one version of a resource, why, and by which rules?"""

from collections.abc import Iterable

from carecoord.access import Caller
from carecoord.fhir import compose
from carecoord.fhir.read import BASE
from carecoord.model import time
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx


def sign(
    tx: Tx,
    caller: Caller,
    stored: Document,
    deed: str,
    *,
    performer: str = "",
    note: str = "",
    rules: Iterable[str] = (),
) -> Document:
    """Record who made this version of a document.

    deed
        What was done, a code of `…/CodeSystem/activity`.
    performer
        PractitionerRole on whose word it was done; empty = the caller alone.
    note
        Why, in words or as the code of a reason.
    rules
        Rows of the policy packs that it rests on.
    """
    origin = compose.provenance(
        stored.reference, stored.version, deed, caller.id, caller.organization, time.now()
    )
    if performer:
        origin["agent"].append(
            {
                "type": {"coding": [{"system": _PARTICIPATION, "code": "performer"}]},
                "who": compose.ref("PractitionerRole", performer),
            }
        )
    if note:
        origin["reason"] = [{"text": note}]
    if policy := [f"{BASE}/rule/{rule}" for rule in rules]:
        origin["policy"] = policy
    return documents.create(tx, origin)


_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
