"""Which vital-sign profile does an Observation owe by its code?"""

from fhir_profiles.wire import Json

_LOINC, _SNOMED = "http://loinc.org", "http://snomed.info/sct"
# Codes whose observations FHIR R4 expects in the form of a vital-sign profile.
_VITAL_SIGNS = {
    (_LOINC, "85353-1"): "vitalspanel",
    (_LOINC, "9279-1"): "resprate",
    (_SNOMED, "86290005"): "resprate",
    (_LOINC, "8867-4"): "heartrate",
    (_SNOMED, "364075005"): "heartrate",
    (_LOINC, "59408-5"): "oxygensat",
    (_LOINC, "2708-6"): "oxygensat",
    (_LOINC, "8310-5"): "bodytemp",
    (_SNOMED, "386725007"): "bodytemp",
    (_SNOMED, "276885007"): "bodytemp",
    (_LOINC, "8302-2"): "bodyheight",
    (_SNOMED, "50373000"): "bodyheight",
    (_LOINC, "9843-4"): "headcircum",
    (_SNOMED, "363812007"): "headcircum",
    (_LOINC, "29463-7"): "bodyweight",
    (_SNOMED, "27113001"): "bodyweight",
    (_LOINC, "39156-5"): "bmi",
    (_SNOMED, "60621009"): "bmi",
    (_LOINC, "85354-9"): "bp",
    (_SNOMED, "75367002"): "bp",
}


def vital_signs(observation: Json) -> list[str]:
    """Canonical URLs of the vital-sign profiles that an Observation's code calls for."""
    code = observation.get("code")
    codings = [c for c in code.get("coding", ()) if type(c) is dict] if type(code) is dict else []
    names = (_VITAL_SIGNS.get((str(c.get("system")), str(c.get("code")))) for c in codings)
    return [f"http://hl7.org/fhir/StructureDefinition/{name}" for name in names if name]
