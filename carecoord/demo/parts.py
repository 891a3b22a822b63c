"""How is a FHIR R4 resource of the contract written down?

The generator plays the registers, the hospital and the street office. It therefore knows only
what `docs/fhir-mapping.md` publishes and shares no constant with the code that reads it.
"""

from collections.abc import Iterable
from typing import Any

from fhir_profiles.wire import Literal

Json = dict[str, Any]

BASE = "https://carecoord.example/fhir"
RESIDENT = "urn:oid:2.16.840.1.113883.2.23.1.19.1"
GEOLOCATION = "http://hl7.org/fhir/StructureDefinition/geolocation"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
LANGUAGE = "urn:ietf:bcp:47"


def sid(name: str) -> str:
    """Our identifier system `name`."""
    return f"{BASE}/sid/{name}"


def coding(name: str, code: str, display: str = "") -> Json:
    """A code of our own code system `name`."""
    return plain(f"{BASE}/CodeSystem/{name}", code, display)


def hl7(name: str, code: str) -> Json:
    """A code of a terminology.hl7.org code system."""
    return plain(f"http://terminology.hl7.org/CodeSystem/{name}", code)


def plain(system: str, code: str, display: str = "") -> Json:
    """A Coding of any system."""
    # A member of a StrEnum is no plain text, and JSON knows only that.
    return {"system": system, "code": str(code)} | ({"display": display} if display else {})


def concept(*codings: Json, text: str = "") -> Json:
    """A CodeableConcept."""
    return {"coding": list(codings)} | ({"text": text} if text else {})


def identifier(system: str, value: str, use: str = "official") -> Json:
    """An Identifier."""
    return {"use": use, "system": system, "value": value}


def decimal(number: float) -> Literal:
    """A decimal as the wire knows it: a text, never a binary fraction."""
    return Literal(repr(number))


def extension(name: str, **value: Any) -> Json:
    """One of our own extensions with a simple value, such as `valueCode="walk"`."""
    return {"url": f"{BASE}/StructureDefinition/{name}", **value}


def parts(url: str, **values: tuple[str, Any]) -> Json:
    """A complex extension: part name to (kind of value, value)."""
    return {
        "url": url,
        "extension": [{"url": k, f"value{kind}": v} for k, (kind, v) in values.items()],
    }


def phone(number: str, use: str = "mobile") -> Json:
    """A ContactPoint."""
    return {"system": "phone", "value": number, "use": use}


def person_name(family: str, given: str) -> Json:
    """A HumanName."""
    return {"use": "official", "text": family + given, "family": family, "given": [given]}


def refer(kind: str, id: str, display: str = "") -> Json:  # noqa: A002 - FHIR's own word
    """A literal reference."""
    return {"reference": f"{kind}/{id}"} | ({"display": display} if display else {})


def organisation_by_code(uscc: str) -> Json:
    """A conditional reference: how an outsider names an organisation of the street."""
    return {"reference": f"Organization?identifier={sid('uscc')}|{uscc}"}


def put(resource: Json) -> Json:
    """A Bundle entry that writes a resource under its own id."""
    address = f"{resource['resourceType']}/{resource['id']}"
    return {
        "fullUrl": f"{BASE}/{address}",
        "resource": resource,
        "request": {"method": "PUT", "url": address},
    }


def create(temporary: str, resource: Json) -> Json:
    """A Bundle entry that creates a resource unless its first identifier is known."""
    known = resource["identifier"][0]
    return {
        "fullUrl": f"urn:uuid:{temporary}",
        "resource": resource,
        "request": {
            "method": "POST",
            "url": resource["resourceType"],
            "ifNoneExist": f"identifier={known['system']}|{known['value']}",
        },
    }


def transaction(id: str, entries: Iterable[Json]) -> Json:  # noqa: A002 - FHIR's own word
    """A transaction Bundle."""
    return {"resourceType": "Bundle", "id": id, "type": "transaction", "entry": list(entries)}
