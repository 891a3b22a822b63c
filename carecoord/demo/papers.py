"""Which consents did an elder give, and who pays for what?"""

from datetime import date, timedelta

from carecoord.demo import organisations
from carecoord.demo.elders import FAMILY_BED, LTCI, Profile, relative_id
from carecoord.demo.organisations import CIVIL_AFFAIRS, MEDICAL_INSURANCE, OFFICE
from carecoord.demo.parts import BASE, Json, coding, concept, hl7, identifier, plain, refer, sid
from carecoord.demo.seeds import Seed

CONSENT_TEXT = f"{BASE}/consent-text/joint-care/1.0"
"""The wording that was signed; a new wording gets a new version."""

_PAYERS = {
    "medical": "基本医疗保险",
    "ltci": "长期护理保险",
    "subsidy": "民政补贴",
    "self": "自费",
}


def resources(seed: Seed, elder: Profile, day: date) -> list[Json]:
    """One Consent and a Coverage for each payer."""
    return [_consent(seed, elder, day), *_coverages(seed, elder, day)]


def _consent(seed: Seed, elder: Profile, day: date) -> Json:
    """Medical and care organisations of the street may share what the plan needs."""
    dice = seed.dice("consent", elder.index)
    signed = date(day.year - 1, 1, 1) + timedelta(days=dice.randrange(360))
    # Who cannot understand what they sign is represented by their relative.
    proxy = elder.ltc37 >= 4
    signer = (
        refer("RelatedPerson", relative_id(seed, elder))
        if proxy
        else refer("Patient", elder.id(seed), "".join(elder.name))
    )
    return {
        "resourceType": "Consent",
        "id": seed.id("Consent", elder.index),
        "identifier": [identifier(sid("consent"), f"{seed.id('Consent', elder.index)}")],
        "status": "active",
        "scope": concept(hl7("consentscope", "patient-privacy")),
        "category": [concept(plain("http://loinc.org", "59284-0"))],
        "patient": refer("Patient", elder.id(seed), "".join(elder.name)),
        "dateTime": signed.isoformat(),
        "performer": [signer],
        "organization": [refer("Organization", OFFICE.id(seed), OFFICE.name)],
        "policy": [{"uri": CONSENT_TEXT}],
        "provision": {
            "type": "permit",
            "period": {
                "start": signed.isoformat(),
                "end": date(signed.year + 3, 12, 31).isoformat(),
            },
            "actor": [
                {
                    "role": concept(hl7("v3-ParticipationType", "IRCP")),
                    "reference": refer("Organization", office.id(seed), office.name),
                }
                for office in (*organisations.LOCAL, CIVIL_AFFAIRS)
            ],
            "purpose": [
                plain("http://terminology.hl7.org/CodeSystem/v3-ActReason", p)
                for p in ("TREAT", "CAREMGT")
            ],
        },
    }


def _coverages(seed: Seed, elder: Profile, day: date) -> list[Json]:
    poor = seed.dice("hardship", elder.index).random() < 0.08
    insured = seed.dice("insured", elder.index).random() < 0.97
    payers = ["medical"] if insured else []
    if LTCI in elder.programmes:
        payers.append("ltci")
    if FAMILY_BED in elder.programmes or poor:
        payers.append("subsidy")
    # Whatever no fund pays, and the own share of what a fund pays.
    payers.append("self")
    return [_coverage(seed, elder, payer, order, day) for order, payer in enumerate(payers, 1)]


def _coverage(seed: Seed, elder: Profile, payer: str, order: int, day: date) -> Json:
    patient = refer("Patient", elder.id(seed), "".join(elder.name))
    office = {"medical": MEDICAL_INSURANCE, "ltci": MEDICAL_INSURANCE, "subsidy": CIVIL_AFFAIRS}
    payor = (
        refer("Organization", office[payer].id(seed), office[payer].name)
        if payer in office
        else patient
    )
    return {
        "resourceType": "Coverage",
        "id": seed.id("Coverage", elder.index, payer),
        "status": "active",
        "type": concept(coding("payer", payer, _PAYERS[payer])),
        "beneficiary": patient,
        "relationship": concept(hl7("subscriber-relationship", "self")),
        "period": {"start": f"{day.year}-01-01", "end": f"{day.year}-12-31"},
        "payor": [payor],
        "order": order,
    }
