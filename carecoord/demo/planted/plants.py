"""What is planted: one function a kind; `case.expected` says what has to be found."""

from collections.abc import Callable
from datetime import date

from carecoord.demo.parts import RESIDENT, identifier, person_name, phone
from carecoord.demo.planted.case import EVENING, INTACT, Case
from carecoord.demo.planted.sound import (
    HOME_BED,
    LAPSED,
    LTCI,
    STATION,
    cared,
    caregiver,
    plain,
)

Plant = Callable[[Case, int], None]
"""Makes a case; the number chooses among the variants of a kind."""


def same_person(case: Case, variant: int) -> None:
    """One person in two records: number, misspelt name, mistyped birthday, moved house."""
    plain(case)
    first = case.resources[0]
    name, number = first["name"][0], first["identifier"]
    birth = date.fromisoformat(first["birthDate"])
    changes = (
        {
            "name": [person_name(name["family"], name["given"][0][::-1])],
            "telecom": [phone("19900009998")],
            "address": [{"use": "home", "text": "永安社区芳草苑3栋201室"}],
            "identifier": [identifier(RESIDENT, number[0]["value"].lower())],
        },
        {
            "name": [person_name(name["family"], name["given"][0][0] + "瑛")],
            "identifier": [],
        },
        {"birthDate": _mistyped(birth).isoformat(), "identifier": []},
        {"address": [{"use": "home", "text": "芳草苑7号楼2单元501室"}], "identifier": []},
    )
    changed = changes[variant % len(changes)]
    second = case.patient("twice", **changed)
    if not second["identifier"]:
        del second["identifier"]
    case.pairs.append(second["id"])


def _mistyped(birth: date) -> date:
    """One digit of the day is wrong."""
    tens, ones = divmod(birth.day, 10)
    return birth.replace(day=tens * 10 + (ones + 1 if ones < 8 else ones - 1))


def same_item(case: Case, variant: int) -> None:
    """Bath, or morning care, from two programmes."""
    cared(case)
    case.bed("family-bed", 3)
    if variant % 2:
        case.task("15", "family-bed", group="family.morning", per_week=3)
    else:
        window = ("08:00:00", "11:30:00")
        case.task("6", "family-bed", group="family.bath", per_week=1, window=window)
    case.expected.add("duplicate.item")


def two_payers(case: Case, variant: int) -> None:
    """One task with two payers, or one bath billed twice."""
    cared(case)
    if variant % 2:
        case.bill("6", "ltci", 8, 14)
        case.bill("6", "subsidy", 8, 14, minutes=20)
    else:
        case.task("8", LTCI, group="ltci.mouth", per_week=1, payers=("ltci", "subsidy"))
    case.expected.add("duplicate.payer")


def assessed_again(case: Case, variant: int) -> None:
    """A second assessment although nothing had changed."""
    cared(case)
    case.assessed(120 + 10 * variant)
    case.expected.add("duplicate.assessment")


def unserved(case: Case, variant: int) -> None:
    """Entitled for two months, and nobody came, or not for three weeks."""
    cared(case, bed=False, visits=False)
    if variant % 2:
        case.visit(20, ("15", "9", "7", "10"), LTCI, start=30000, staff=caregiver(case))
    case.expected.add("omission.unserved")


def unplanned_order(case: Case, variant: int) -> None:
    """An order that nobody took into the plan."""
    cared(case)
    case.order(("37", "29", "26")[variant % 3], 6 + variant)
    case.expected.add("omission.order")


def bed_alone(case: Case, variant: int) -> None:
    """A bed whose programme has not come in its period."""
    cared(case, bed=variant % 2 == 1)
    if variant % 2:
        case.visits = [v for v in case.visits if HOME_BED not in v.programmes]
        case.visit(9, ("101",), HOME_BED, start=30000, staff="planted-doctor", level="D")
    else:
        case.bed("family-bed", 30)
    case.expected.add("omission.bed")


def not_followed_up(case: Case, variant: int) -> None:
    """A visit nobody made, and nobody asked after."""
    cared(case)
    case.visit(6 + variant % 4, ("5",), LTCI, start=0, staff="")
    case.expected.add("omission.follow_up")


def one_strand(case: Case, variant: int) -> None:
    """Nothing medical for a severely disabled person; or nothing but medical."""
    if variant % 2:
        cared(case, care=False)
        # Nothing answers the needs of the body either.
        case.expected.add("mismatch.below")
    else:
        cared(case, medical=False, bed=False)
    case.expected.add("omission.strand")


def too_much(case: Case, variant: int) -> None:
    """Help that nobody was found to need."""
    if variant % 2:
        cared(case)
        case.task("18", STATION, group="station.medicine", minutes=30)
    else:
        case.patient()
        case.assessed(50, INTACT, 1)
        case.task("7", STATION, group="station.meal", per_week=5)
        case.task("11", STATION, group="station.toilet", per_week=5, window=EVENING)
    case.expected.add("mismatch.above")


def too_little(case: Case, variant: int) -> None:
    """Most needs without any item."""
    cared(case, care=False)
    case.task("15", LTCI, group="ltci.morning", per_week=2 + variant % 3, visit_minutes=60)
    case.expected.add("mismatch.below")


def wrong_hands(case: Case, variant: int) -> None:
    """Planned, sent, or named below the level that is needed."""
    cared(case)
    if variant % 3 == 0:
        case.order("37", 20)
        case.task("37", HOME_BED, group="wound", per_week=3, level="C")
    elif variant % 3 == 1:
        case.visit(7, ("37",), HOME_BED, start=30000, staff=caregiver(case), level="N")
    else:
        case.task("38", HOME_BED, group="blood", per_week=1, performer=LAPSED)
        case.order("38", 20)
    case.expected.add("mismatch.performer")


def never_in_time(case: Case, variant: int) -> None:
    """Agreed for eight, and never once there by then."""
    cared(case)
    for days in (3, 6, 9, 13)[: 3 + variant % 2]:
        late = 34200 + 60 * case.dice.randrange(25)
        case.visit(
            days, ("8",), LTCI, start=late, staff=caregiver(case), wish=(28800 - 1800, 28800 + 1800)
        )
    case.expected.add("mismatch.window")


def too_many_hours(case: Case, variant: int) -> None:
    """More of the LTC insurance than the level gives."""
    cared(case)
    for item in ("12", "16"):
        case.task(
            item,
            LTCI,
            group="ltci.evening",
            per_week=4 + variant % 4,
            window=EVENING,
            visit_minutes=60,
        )
    case.expected.add("mismatch.hours")


PLANTS: dict[str, Plant] = {
    "duplicate.person": same_person,
    "duplicate.item": same_item,
    "duplicate.payer": two_payers,
    "duplicate.assessment": assessed_again,
    "omission.unserved": unserved,
    "omission.order": unplanned_order,
    "omission.bed": bed_alone,
    "omission.follow_up": not_followed_up,
    "omission.strand": one_strand,
    "mismatch.above": too_much,
    "mismatch.below": too_little,
    "mismatch.performer": wrong_hands,
    "mismatch.window": never_in_time,
    "mismatch.hours": too_many_hours,
}
"""Every kind of finding and how it is planted."""
