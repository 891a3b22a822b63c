"""Which network does a street travel on, and which patients were counted to it by hand?"""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from carecoord.model.ids import ElderId, StreetId
from carecoord.store.engine import Tx
from carecoord.store.tables import street_member, street_network


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """Where a network comes from.

    kind
        `osm` or `synthetic`.
    source
        File name inside the data folder, or the seed.
    """

    kind: str
    source: str
    content_hash: str


def network(tx: Tx, street: StreetId) -> NetworkSource | None:
    """The network of a street, or None: travel times are then estimates."""
    row = tx.execute(select(street_network).filter_by(street=street)).one_or_none()
    return NetworkSource(row.kind, row.source, row.content_hash) if row else None


def set_network(tx: Tx, street: StreetId, source: NetworkSource) -> None:
    """Let a street travel on another network from the next plan on."""
    tx.execute(delete(street_network).filter_by(street=street))
    tx.execute(
        insert(street_network).values(
            street=street,
            kind=source.kind,
            source=source.source,
            content_hash=source.content_hash,
        )
    )


def assign(tx: Tx, patients: list[ElderId], street: StreetId) -> None:
    """Count patients to a street whose resources name none of its organisations."""
    for patient in patients:
        tx.execute(delete(street_member).filter_by(patient=patient))
        tx.execute(insert(street_member).values(patient=patient, street=street))


def assigned(tx: Tx, street: StreetId) -> frozenset[ElderId]:
    """Patients counted to a street by `assign`."""
    rows = tx.execute(select(street_member.c.patient).filter_by(street=street))
    return frozenset(ElderId(patient) for (patient,) in rows)


def assigned_to(tx: Tx, patient: ElderId) -> StreetId | None:
    """The street that a patient was counted to by `assign`, or None."""
    row = tx.execute(select(street_member.c.street).filter_by(patient=patient)).one_or_none()
    return StreetId(row.street) if row else None
