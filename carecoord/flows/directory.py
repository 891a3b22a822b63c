"""Who could take somebody: organisations by what they can do, their room and their distance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from carecoord.access import Caller, require
from carecoord.fhir import read
from carecoord.fhir import referrals as papers
from carecoord.fhir.read import Json, system
from carecoord.flows import register, room
from carecoord.model import time
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.places import Place
from carecoord.model.staff import Level
from carecoord.packs.load import load
from carecoord.store import documents
from carecoord.store.engine import Tx
from carecoord.streets.place import great_circle

KINDS = ("hospital", "health-centre", "care-station")
"""Organisations that referrals go to, by kind."""

_LEVEL = {"home-hospital-bed": Level.NURSE}

_WAITING = ("requested", "received", "on-hold")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One organisation that a referral may go to.

    capable
        Whether one of its services is of the kind asked for (or nothing was asked for, or it
        lists no services: then nobody knows better).
    waiting, active
        Referrals that wait for its answer, and that it works on.
    free
        Seconds that able people of its street have left in the coming days; None: of no street,
        nobody can compute it here.
    earliest
        The first of those days with time for one visit; None: none, or not known.
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
    free: int | None
    earliest: date | None
    metres: int | None


def rank(
    tx: Tx,
    caller: Caller,
    *,
    need: str = "",
    elder: ElderId | None = None,
    kind: str = "",
    wanted: str = "",
    minutes: int = 60,
) -> list[Candidate]:
    """Candidates, the best first: capable, then most working time left, then the nearest.

    need
        Code or words of a service, such as `rehabilitation`.
    wanted
        Kind of bed, which says who would call: nurses for a home hospital bed, else caregivers.
    minutes
        Of one visit, for `earliest`.
    """
    require(caller, "referral.read")
    home = _home(tx, elder)
    rooms = _Rooms(tx, _LEVEL.get(wanted, Level.CAREGIVER), minutes)
    found = []
    for one in documents.find(tx, "Organization", limit=None):
        kinds = read.codes(one.resource.get("type"), system("organization-kind"))
        known = next((k for k in kinds if k in KINDS), "")
        if not known or (kind and known != kind) or one.resource.get("active") is False:
            continue
        found.append(_candidate(tx, one.id, one.resource, known, need, home, rooms))
    return sorted(found, key=_order)


def _order(one: Candidate) -> tuple[bool, int, int, int, str]:
    """Room that is known before room that is not, and that before none."""
    known = 1 if one.free is None else 0 if one.earliest else 2
    far = 10**9 if one.metres is None else one.metres
    return not one.capable, known, -(one.free or 0), far, one.organization


class _Rooms:
    """What streets have left, each asked once."""

    def __init__(self, tx: Tx, level: Level, minutes: int) -> None:
        self._tx, self._level, self._seconds = tx, level, 60 * minutes
        self._known: dict[StreetId, tuple[int, date | None]] = {}

    def of(self, organization: str) -> tuple[int | None, date | None]:
        """Seconds left and the first day with time, of the street of an organisation."""
        street = register.street_of(self._tx, organization)
        if street is None:
            return None, None
        if street not in self._known:
            coming = room.coming(self._tx, street)
            way = load().on(time.today(), street).number("referral.offer_travel_seconds")
            enough = (r.day for r in coming if r.free[self._level] >= self._seconds + way)
            self._known[street] = sum(r.free[self._level] for r in coming), next(enough, None)
        return self._known[street]


def _candidate(
    tx: Tx,
    id_: str,
    resource: Json,
    kind: str,
    need: str,
    home: Place | None,
    rooms: _Rooms,
) -> Candidate:
    reference = f"Organization/{id_}"
    services = [d.resource for d in documents.find(tx, "HealthcareService", organization=reference)]
    words = [w for one in services for w in _words(one)]
    free, earliest = rooms.of(id_)
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
        free=free,
        earliest=earliest,
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
