"""Coverage resources as facts: which payer, from when to when."""

from collections.abc import Iterable

from carecoord.errors import Fact
from carecoord.fhir import read
from carecoord.fhir.read import Json
from carecoord.model.coverage import Cover, Payer
from carecoord.model.problems import DataProblem

_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_SELF_PAY = "http://terminology.hl7.org/CodeSystem/coverage-selfpay"
# Codes of HL7 for partners that do not use ours.
_FOREIGN = {
    (_ACT, "PUBLICPOL"): Payer.MEDICAL,
    (_ACT, "EHCPOL"): Payer.MEDICAL,
    (_ACT, "SUBSIDIZ"): Payer.SUBSIDY,
    (_ACT, "SUBSIDMC"): Payer.SUBSIDY,
    (_SELF_PAY, "pay"): Payer.SELF,
}


def covers(resources: Iterable[Json]) -> tuple[tuple[Cover, ...], list[DataProblem]]:
    """Coverages that name a payer we know, in the order of `Coverage.order`.

    Returns
    -------
    tuple
        The covers, and a data problem for each Coverage whose payer is not known.
    """
    found: list[tuple[int, Cover]] = []
    problems: list[DataProblem] = []
    for one in resources:
        if one.get("status") != "active":
            continue
        payer = _payer(one)
        subject = f"Coverage/{one['id']}"
        if payer is None:
            known = ", ".join(Payer)
            facts: dict[str, Fact] = {"known": known}
            problems.append(DataProblem("coverage.payer", subject, "Coverage.type", facts))
            continue
        period = one.get("period", {})
        payor = next((str(p.get("reference", "")) for p in one.get("payor", ())), "")
        cover = Cover(
            payer,
            str(one["id"]),
            read.day(period.get("start")),
            read.last_day(period.get("end")),
            payor,
        )
        found.append((int(one.get("order", 99)), cover))
    return tuple(cover for _, cover in sorted(found, key=lambda pair: pair[0])), problems


def _payer(coverage: Json) -> Payer | None:
    ours = read.codes(coverage.get("type"), read.system("payer"))
    if ours:
        return Payer(ours[0]) if ours[0] in set(Payer) else None
    for coding in coverage.get("type", {}).get("coding", ()):
        if found := _FOREIGN.get((coding.get("system"), coding.get("code"))):
            return found
    return None
