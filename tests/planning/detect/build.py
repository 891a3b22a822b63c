"""Facts about a person for the tests of the detectors."""

from datetime import date, timedelta
from typing import Any

from carecoord.model.facts import Assessed, Occurrence, PersonFacts, PlannedTask, Visit
from carecoord.model.ids import ElderId, StaffId
from carecoord.model.issues import Finding
from carecoord.model.staff import Level, Licence, Qualification
from carecoord.planning.detect import duplicates, mismatches, omissions
from tests import build

DAY = build.DAY
RULES = build.rules()
STAFF = {
    "carer": (Qualification(Licence.CAREGIVER),),
    "nurse": (Qualification(Licence.NURSE),),
    "doctor": (Qualification(Licence.DOCTOR),),
    "lapsed": (Qualification(Licence.NURSE, None, DAY - timedelta(days=10)),),
}
SEVERE = {
    "a1": 5, "a2": 5, "a3": 0, "a4": 5, "a5": 5, "a6": 5, "a7": 5, "a8": 5, "a10": 0,
    "c1": 4, "c3": 4, "c4": 4,
}  # fmt: skip
INTACT = {
    "a1": 10, "a2": 10, "a3": 5, "a4": 10, "a5": 10, "a6": 10, "a7": 15, "a8": 15, "a10": 5,
    "c1": 4, "c3": 4, "c4": 4,
}  # fmt: skip


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def assessed(days: int = 60, level: int = 3, **more: Any) -> Assessed:
    known: dict[str, Any] = {"levels": {"LTC37": level}, "scores": SEVERE}
    return Assessed(f"QuestionnaireResponse/{days}", ago(days), **(known | more))


def task(
    item: str = "7",
    programme: str = "ltci",
    *,
    every: int = 1,
    offset: int = 0,
    window: tuple[int, int] = (25200, 36000),
    **more: Any,
) -> PlannedTask:
    known: dict[str, Any] = {
        "plan": "CarePlan/p",
        "label": "",
        "group": f"{programme}.{item}",
        "level": Level.CAREGIVER,
        "needed": Level.CAREGIVER,
        "minutes": 20,
        "visit_minutes": 0,
        "payers": (),
        "performers": (),
    }
    days = range(offset, 14, every)
    when = tuple(Occurrence(DAY + timedelta(days=k), (window,)) for k in days)
    return PlannedTask(item=item, programme=programme, occurrences=when, **(known | more))


def visit(days: int, *, programme: str = "ltci", state: str = "made", **more: Any) -> Visit:
    known: dict[str, Any] = {
        "ref": f"demand:{programme}-{days}",
        "items": ("7",),
        "programmes": (programme,),
        "start": 30000 if state == "made" else None,
        "agreed": ((25200, 36000),),
        "level": Level.CAREGIVER,
        "staff": (StaffId("carer"),) if state == "made" else (),
        "plan": "CarePlan/p",
    }
    return Visit(day=ago(days), state=state, **(known | more))  # type: ignore[arg-type]


def person(**facts: Any) -> PersonFacts:
    return PersonFacts(ElderId("e1"), **({"staff": STAFF} | facts))


def found(facts: PersonFacts, code: str = "") -> list[Finding]:
    """What all detectors find; of one kind where it is named."""
    every = [*duplicates(facts, RULES), *omissions(facts, RULES), *mismatches(facts, RULES)]
    return [one for one in every if not code or one.code == code]
