"""Which organisations work on the street, on both sides, and who sends and pays from outside?"""

from dataclasses import dataclass

from carecoord.demo.ground import Ground
from carecoord.demo.parts import (
    Json,
    coding,
    concept,
    decimal,
    hl7,
    identifier,
    phone,
    refer,
    sid,
)
from carecoord.demo.people import credit_code, street_code, telephone
from carecoord.demo.seeds import Seed
from carecoord.model.places import Place

STREET_NAME = "安和街道"
CITY, DISTRICT = "示例市", "青禾区"


@dataclass(frozen=True, slots=True)
class Office:
    """One organisation.

    kind
        Code of `organization-kind`; empty for payers.
    site
        Row in `Ground.sites`, or -1 - row in `Ground.outside`; None without premises.
    offers
        Codes of `programme` that it carries out.
    """

    key: str
    number: int
    name: str
    kind: str
    site: int | None
    offers: tuple[str, ...] = ()

    def id(self, seed: Seed) -> str:
        """Id of its Organization."""
        return seed.id("Organization", self.key)

    def uscc(self, seed: Seed) -> str:
        """Its unified social credit code."""
        return credit_code(seed.value, self.number)


OFFICE = Office("street", 1, f"{STREET_NAME}办事处", "street", None)
CENTRE = Office(
    "centre", 2, f"{STREET_NAME}社区卫生服务中心", "health-centre", 0, ("home-hospital-bed",)
)
STATIONS = (
    Office("songhe", 3, "松鹤社区养老服务站", "care-station", 1, ("family-bed", "ltci")),
    Office("yongan", 4, "永安社区养老服务站", "care-station", 2, ("family-bed", "ltci")),
    # Privately run, with nurses of its own.
    Office("kanghu", 5, "康护居家护理站", "care-station", 3, ("ltci", "home-hospital-bed")),
)
HOSPITALS = (
    Office("first", 6, f"{CITY}第一人民医院", "hospital", -1),
    Office("tcm", 7, f"{CITY}中西医结合医院", "hospital", -2),
)
MEDICAL_INSURANCE = Office("insurance", 8, f"{CITY}医疗保障局", "", None)
CIVIL_AFFAIRS = Office("civil", 9, f"{DISTRICT}民政局", "", None)

LOCAL = (CENTRE, *STATIONS)
EVERYBODY = (OFFICE, *LOCAL, *HOSPITALS, MEDICAL_INSURANCE, CIVIL_AFFAIRS)
SITES = len(LOCAL)

_SERVICES = {
    "home-hospital-bed": "家庭病床",
    "family-bed": "家庭养老床位",
    "ltci": "长期护理保险居家护理",
}


def resources(seed: Seed, ground: Ground) -> list[Json]:
    """Organizations, their Locations and HealthcareServices, each after what it refers to."""
    found = [_organization(seed, office) for office in EVERYBODY]
    found += [_location(seed, office, at) for office in EVERYBODY if (at := site(office, ground))]
    found += [_service(seed, office, offer) for office in LOCAL for offer in office.offers]
    return found


def site(office: Office, ground: Ground) -> Place | None:
    """Where the organisation stands, None without premises."""
    if office.site is None:
        return None
    return ground.sites[office.site] if office.site >= 0 else ground.outside[-1 - office.site]


def _organization(seed: Seed, office: Office) -> Json:
    identifiers = [identifier(sid("uscc"), office.uscc(seed))]
    if office is OFFICE:
        identifiers.insert(0, identifier(sid("division"), street_code(seed.value)))
    kind = (
        coding("organization-kind", office.kind) if office.kind else hl7("organization-type", "pay")
    )
    resource: Json = {
        "resourceType": "Organization",
        "id": office.id(seed),
        "active": True,
        "identifier": identifiers,
        "type": [concept(kind)],
        "name": office.name,
        "telecom": [phone(telephone(seed.dice("office", office.key)), "work")],
    }
    if office in LOCAL:
        resource["partOf"] = refer("Organization", OFFICE.id(seed), OFFICE.name)
    return resource


def _location(seed: Seed, office: Office, at: Place) -> Json:
    return {
        "resourceType": "Location",
        "id": seed.id("Location", office.key),
        "status": "active",
        "name": office.name,
        "mode": "instance",
        "address": {
            "use": "work",
            "text": f"{CITY}{DISTRICT}{office.name}",
            "city": CITY,
            "district": DISTRICT,
            "country": "CN",
        },
        "position": {"longitude": decimal(at.lon), "latitude": decimal(at.lat)},
        "managingOrganization": refer("Organization", office.id(seed), office.name),
    }


def _service(seed: Seed, office: Office, offer: str) -> Json:
    return {
        "resourceType": "HealthcareService",
        "id": seed.id("HealthcareService", office.key, offer),
        "active": True,
        "providedBy": refer("Organization", office.id(seed), office.name),
        "type": [concept(coding("programme", offer, _SERVICES[offer]))],
        "name": f"{office.name}·{_SERVICES[offer]}",
        "location": [refer("Location", seed.id("Location", office.key))],
    }
