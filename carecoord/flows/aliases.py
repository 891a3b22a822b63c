"""Under which records is one person kept? A merged record is followed to the one that stays."""

from collections.abc import Iterable, Mapping

from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.model.ids import ElderId
from carecoord.store import documents
from carecoord.store.documents import Document
from carecoord.store.engine import Tx

_AT_ONCE = 200


def survivor(patient: Json) -> ElderId | None:
    """The record that replaced this one, or None."""
    for link in patient.get("link", ()):
        if link.get("type") == "replaced-by":
            return ElderId(read.reference(link.get("other"), "Patient")) or None
    return None


def records(tx: Tx, elders: Iterable[ElderId]) -> dict[ElderId, tuple[ElderId, ...]]:
    """Each record with those that it replaced, directly or through others; itself first."""
    wanted = list(elders)
    below: dict[ElderId, list[ElderId]] = {}
    level = list(dict.fromkeys(wanted))
    while level:
        below |= {elder: [] for elder in level}
        found: list[ElderId] = []
        for start in range(0, len(level), _AT_ONCE):
            links = [f"Patient/{id_}" for id_ in level[start : start + _AT_ONCE]]
            for one in documents.find(tx, "Patient", link=links):
                above = survivor(one.resource)
                if above in below and one.id not in below[above]:
                    below[above].append(ElderId(one.id))
                    found.append(ElderId(one.id))
        level = [elder for elder in dict.fromkeys(found) if elder not in below]
    return {elder: tuple(_under(elder, below)) for elder in wanted}


def _under(elder: ElderId, below: Mapping[ElderId, list[ElderId]]) -> list[ElderId]:
    found = [elder]
    for one in found:
        found += [id_ for id_ in below.get(one, ()) if id_ not in found]
    return found


def upwards(tx: Tx, elder: ElderId) -> list[Document]:
    """A record, the one that replaced it, and so on to the one that stays; deleted ones not."""
    found: list[Document] = []
    above: ElderId | None = elder
    while above and above not in [one.id for one in found]:
        document = documents.peek(tx, "Patient", above)
        if document is None or document.deleted:
            break
        found.append(document)
        above = survivor(document.resource)
    return found


def known_as(tx: Tx, elder: ElderId) -> tuple[ElderId, ...]:
    """Every record of a person, whichever of them was named; the one that stays first."""
    chain = upwards(tx, elder)
    top = ElderId(chain[-1].id) if chain else elder
    return records(tx, [top])[top]
