"""Which other records of a street may be the same person? What matching compares."""

from collections.abc import Collection

from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.flows import aliases, register
from carecoord.model.ids import ElderId, StreetId
from carecoord.model.matching import Person
from carecoord.store import documents
from carecoord.store.engine import Tx


def comparable(patient: Json) -> Person:
    """What matching compares of a Patient."""
    known, _ = read.elder(patient, None)
    phones = (t.get("value") for t in patient.get("telecom", ()) if t.get("system") == "phone")
    numbers = [
        (str(i["system"]), str(i["value"]))
        for i in patient.get("identifier", ())
        if i.get("system") and i.get("value")
    ]
    return Person(
        id=known.id,
        name=read.name(patient),
        gender=known.gender,
        birth=known.birth if len(str(patient.get("birthDate", ""))) == 10 else None,
        residents=tuple(value for system, value in numbers if system == read.RESIDENT),
        numbers=tuple(pair for pair in numbers if pair[0] != read.RESIDENT),
        phones=tuple(str(value) for value in phones if value),
        address=known.home.text,
    )


def candidates(tx: Tx, code: StreetId, patient: Json, named: Collection[ElderId]) -> list[Json]:
    """Records of the street that share something with this one, and those in `named`."""
    one = comparable(patient)
    searches: list[dict[str, list[str]]] = [
        {"identifier": [f"{read.RESIDENT}|{number}" for number in one.residents]},
        {"identifier": [f"{system}|{value}" for system, value in one.numbers]},
        {"phone": [number.replace(",", "\\,") for number in one.phones]},
        {"birthdate": [one.birth.isoformat()] if one.birth else []},
        {"_id": sorted(named)},
    ]
    found: dict[str, Json] = {}
    for search in searches:
        if all(search.values()):
            for document in documents.find(tx, "Patient", **search):  # type: ignore[arg-type]
                found[document.id] = document.resource
    found.pop(patient["id"], None)
    return [
        other
        for other in found.values()
        if aliases.survivor(other) is None and register.elder_street(tx, other) == code
    ]
