"""Persons about whom there is nothing to find; everything planted starts from one of them."""

from carecoord.demo.planted.case import INTACT, Case

NURSE, DOCTOR, LAPSED = "planted-nurse", "planted-doctor", "planted-lapsed"
CAREGIVERS = tuple(f"planted-caregiver-{k}" for k in range(12))

LTCI, STATION, HOME_BED = "ltci", "station", "home-hospital-bed"


def plain(case: Case) -> None:
    """Hardly in need of help, and nothing planned."""
    case.patient()
    case.assessed(40 + case.dice.randrange(100), INTACT, 1)


def caregiver(case: Case) -> str:
    """Who usually comes."""
    return CAREGIVERS[case.index % len(CAREGIVERS)]


def cared(
    case: Case,
    *,
    medical: bool = True,
    care: bool = True,
    bed: bool = True,
    visits: bool = True,
    bath_minutes: int = 45,
) -> None:
    """Severely disabled: LTC insurance every morning, a weekly bath, a home hospital bed."""
    case.patient()
    case.assessed(60)
    if care:
        for item in ("15", "9", "7", "10"):
            case.task(item, LTCI, group="ltci.morning", visit_minutes=60)
        case.task(
            "6",
            LTCI,
            group="ltci.bath",
            per_week=1,
            window=("13:00:00", "17:00:00"),
            visit_minutes=bath_minutes,
        )
    if medical:
        case.task("32", HOME_BED, group="nurse", per_week=1, level="N", performer=NURSE)
    if bed:
        case.bed(HOME_BED, 40)
        case.task("101", HOME_BED, group="round", per_week=1, performer=DOCTOR)
    if visits:
        came(case, care=care, bed=bed)


def came(case: Case, *, care: bool = True, bed: bool = True) -> None:
    """Two weeks of visits, each in its window by somebody who may."""
    if care:
        for days in (2, 4, 6, 8, 10, 12):
            start = 25200 + 60 * case.dice.randrange(170)
            case.visit(days, ("15", "9", "7", "10"), LTCI, start=start, staff=caregiver(case))
    if bed:
        for days in (3, 10):
            case.visit(days, ("101",), HOME_BED, start=30000, staff=DOCTOR, level="D")
        case.visit(5, ("32",), HOME_BED, start=31000, staff=NURSE, level="N")
