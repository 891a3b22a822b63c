"""Who could take somebody: organisations by what they can do, their room and their distance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from carecoord.access import Caller, require
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json, system
from carecoord.model.ids import ElderId
from carecoord.model.places import Place
from carecoord.store import documents
from carecoord.store.engine import Tx
from carecoord.streets.place import great_circle

KINDS = ("hospital", "health-centre", "care-station")
"""Organisations that referrals go to, by kind."""

_WAITING = ("requested", "received", "on-hold")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One organisation that a referral may go to.

    capable
        Whether one of its services is of the kind asked for (or nothing was asked for, or it
        lists no services: then nobody knows better).
    waiting, active
        Referrals that wait for its answer, and that it works on.
    metres
        Straight from the home; None where one of the two places is not known.
    hours
        `HealthcareService.availableTime` in words.
    """

    organization: str
    name: str
    kind: str
    capable: bool
    services: tuple[str, ...]
    hours: tuple[str, ...]
    endpoints: tuple[str, ...]
    waiting: int
    active: int
    metres: int | None


def rank(
    tx: Tx, caller: Caller, *, need: str = "", elder: ElderId | None = None, kind: str = ""
) -> list[Candidate]:
    """Candidates, the best first: capable, then the fewest waiting, then the nearest.

    need
        Code or words of a service, such as `rehabilitation`.
    """
    require(caller, "referral.read")
    home = _home(tx, elder)
    found = []
    for one in documents.find(tx, "Organization", limit=None):
        kinds = read.codes(one.resource.get("type"), system("organization-kind"))
        known = next((k for k in kinds if k in KINDS), "")
        if not known or (kind and known != kind) or one.resource.get("active") is False:
            continue
        found.append(_candidate(tx, one.id, one.resource, known, need, home))
    far = 10**9
    return sorted(
        found,
        key=lambda c: (
            not c.capable,
            c.waiting,
            c.metres if c.metres is not None else far,
            c.organization,
        ),
    )


def _candidate(
    tx: Tx, id_: str, resource: Json, kind: str, need: str, home: Place | None
) -> Candidate:
    reference = f"Organization/{id_}"
    services = [d.resource for d in documents.find(tx, "HealthcareService", organization=reference)]
    words = [w for one in services for w in _words(one)]
    tasks = [
        str(t.resource["status"])
        for t in documents.find(tx, "Task", owner=reference)
        if papers.is_referral(t.resource)
    ]
    return Candidate(
        organization=id_,
        name=str(resource.get("name", id_)),
        kind=kind,
        capable=not need or not services or any(need.lower() in w.lower() for w in words),
        services=tuple(dict.fromkeys(str(s.get("name", "")) for s in services if s.get("name"))),
        hours=tuple(_hours(h) for one in services for h in one.get("availableTime", ())),
        endpoints=tuple(
            str(e.resource.get("address", ""))
            for e in documents.find(tx, "Endpoint", organization=reference)
        ),
        waiting=sum(1 for s in tasks if s in _WAITING),
        active=sum(1 for s in tasks if s in ("accepted", "in-progress")),
        metres=_metres(tx, reference, home),
    )


def _words(service: Json) -> list[str]:
    said = [str(service.get("name", ""))]
    for element in ("category", "type", "specialty", "program", "characteristic"):
        for concept in service.get(element, ()):
            said.append(str(concept.get("text", "")))
            said += [
                f"{c.get('code', '')} {c.get('display', '')}" for c in concept.get("coding", ())
            ]
    return said


def _hours(entry: Mapping[str, Any]) -> str:
    days = "/".join(entry.get("daysOfWeek", ())) or "-"
    start, end = entry.get("availableStartTime", "")[:5], entry.get("availableEndTime", "")[:5]
    return f"{days} {start}–{end}" if start else f"{days} 00:00–24:00"


def _home(tx: Tx, elder: ElderId | None) -> Place | None:
    found = documents.peek(tx, "Patient", elder) if elder else None
    return None if found is None or found.deleted else read.home(found.resource)[0].place


def _metres(tx: Tx, organization: str, home: Place | None) -> int | None:
    if home is None:
        return None
    places = [
        at
        for one in documents.find(tx, "Location", organization=organization)
        if (at := read.position(one.resource)) is not None
    ]
    if not places:
        return None
    return min(
        int(great_circle(*(np.array(v) for v in (home.lon, home.lat, at.lon, at.lat))))
        for at in places
    )
