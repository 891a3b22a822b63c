"""What comes close and must not be found: one function a near-miss."""

from datetime import date, timedelta

from carecoord.demo.parts import BASE, RESIDENT, identifier, person_name, phone, refer
from carecoord.demo.people import resident_number
from carecoord.demo.planted.case import EVENING, Case
from carecoord.demo.planted.plants import Plant, not_followed_up, too_many_hours, two_payers
from carecoord.demo.planted.sound import (
    HOME_BED,
    LTCI,
    NURSE,
    STATION,
    cared,
    caregiver,
    plain,
)


def twins(case: Case, _variant: int) -> None:
    """One flat, one telephone, one birthday, one family name; two identity numbers."""
    plain(case)
    first = case.resources[0]
    name = first["name"][0]
    birth = date.fromisoformat(first["birthDate"])
    number = resident_number(case.seed, 499 - case.index, birth, first["gender"])
    case.patient(
        "twin",
        name=[person_name(name["family"], name["given"][0][0] + "璐")],
        identifier=[identifier(RESIDENT, number)],
    )


def couple(case: Case, variant: int) -> None:
    """One flat and one telephone, two persons."""
    plain(case)
    first = case.resources[0]
    spouse = case.patient(
        "spouse",
        name=[person_name("欧阳", "建国" if first["gender"] == "female" else "淑芬")],
        gender="male" if first["gender"] == "female" else "female",
        birthDate=_shifted(first["birthDate"], 500 + case.index),
    )
    # Half of the registers know no number of the second one.
    if variant % 2:
        del spouse["identifier"]
    else:
        birth = date.fromisoformat(spouse["birthDate"])
        number = resident_number(case.seed, 499 - case.index, birth, spouse["gender"])
        spouse["identifier"] = [identifier(RESIDENT, number)]


def namesake(case: Case, variant: int) -> None:
    """The same name and birthday in another house, with another telephone."""
    plain(case)
    other = case.patient(
        "namesake",
        telecom=[phone(f"1990001{case.index:04d}")],
        address=[{"use": "home", "text": f"永安社区人民路{case.index + 1}弄{variant + 2}号"}],
    )
    del other["identifier"]


def other_time(case: Case, variant: int) -> None:
    """The same item from two programmes, morning and evening."""
    cared(case)
    case.bed("family-bed", 2)
    window = EVENING if variant % 2 else ("13:00:00", "15:00:00")
    case.task("9", "family-bed", group="family.evening", per_week=5, window=window)


def two_bills(case: Case, variant: int) -> None:
    """The same item for two payers, one after the other; the same payer twice is no second."""
    cared(case)
    case.bill("6", "ltci", 8, 9)
    case.bill("6", "subsidy", 8 - variant % 2, 11)
    case.bill("6", "ltci", 8, 9, minutes=30)


def assessed_in_time(case: Case, variant: int) -> None:
    """Assessed again: shortly before the end, at once after a change, or in dispute."""
    cared(case)
    if variant % 3 == 0:
        case.assessed(60 + 2 * 365 - 10)
    elif variant % 3 == 1:
        case.assessed(200)
        case.hospital(90, 80)
    else:
        case.resources = [r for r in case.resources if r["resourceType"] == "Patient"]
        case.assessed(60, reason="dispute")
        case.assessed(100)
        case.bed(HOME_BED, 40)


def newly_entitled(case: Case, variant: int) -> None:
    """Assessed a few days ago: nobody has had the time to come or to plan."""
    case.patient()
    case.assessed(2 + variant % 4)


def fresh_orders(case: Case, _variant: int) -> None:
    """Orders of yesterday, over, taken back, or planned."""
    cared(case)
    case.order("37", 1)
    case.order("29", 30, until=5)
    case.order("26", 12, status="revoked")
    case.order("38", 12)
    case.task("38", HOME_BED, group="blood", per_week=1, performer=NURSE)


def young_bed(case: Case, variant: int) -> None:
    """A bed of this week, or one on hold."""
    cared(case)
    if variant % 2:
        case.bed("family-bed", 4)
    else:
        case.bed("family-bed", 60, "onhold")


def followed_up(case: Case, variant: int) -> None:
    """Missed yesterday; or made up the next day; or asked after."""
    if variant % 3 == 0:
        cared(case)
        case.visit(1, ("5",), LTCI, start=0, staff="")
        return
    not_followed_up(case, variant)
    case.expected.clear()
    missed = 6 + variant % 4
    if variant % 3 == 1:
        case.visit(
            missed - 1, ("5", "8"), LTCI, start=30000, staff=caregiver(case), window=(25200, 40000)
        )
    else:
        case.called(missed - 2)


def in_hospital(case: Case, _variant: int) -> None:
    """Nobody comes because the person is not at home."""
    cared(case, visits=False)
    case.visit(25, ("15",), LTCI, start=30000, staff=caregiver(case))
    case.hospital(20, None)


def family_cares(case: Case, _variant: int) -> None:
    """The family does what no carer is planned for."""
    cared(case, care=False)
    items = [{"url": "item", "valueCode": item} for item in ("15", "9", "7", "6")]
    carer = {"url": "carer", "valueReference": refer("RelatedPerson", case.name("daughter"))}
    minutes = {"url": "minutes-per-week", "valuePositiveInt": 600}
    url = f"{BASE}/StructureDefinition/family-care"
    case.plan_extensions.append({"url": url, "extension": [carer, minutes, *items]})
    case.add(
        "RelatedPerson",
        "daughter",
        patient=refer("Patient", case.elder),
        name=[person_name("林", "小萍")],
    )


def small_extra(case: Case, variant: int) -> None:
    """A little beyond the assessed needs; or the same with an order for it."""
    cared(case)
    if variant % 2:
        case.task("18", STATION, group="station.medicine", per_week=4)
    else:
        case.order("30", 20)
        case.task("30", HOME_BED, group="medicine", minutes=30)


def just_entitled(case: Case, _variant: int) -> None:
    """To the minute what the level gives."""
    cared(case, bath_minutes=60)


def in_time_once(case: Case, variant: int) -> None:
    """Late, and late again, but not always; or late too seldom to say so."""
    cared(case)
    wish = (27000, 30600)
    late = (3, 6, 9)[: 2 if variant % 2 else 3]
    for days in late:
        case.visit(days, ("8",), LTCI, start=35000, staff=caregiver(case), wish=wish)
    if not variant % 2:
        case.visit(13, ("8",), LTCI, start=30600, staff=caregiver(case), wish=wish)


def higher_hands(case: Case, variant: int) -> None:
    """A nurse for a carer's item; a licence that ended after the visit."""
    cared(case)
    if variant % 2:
        case.visit(7, ("5",), LTCI, start=30000, staff=NURSE)
    else:
        case.visit(20, ("32",), HOME_BED, start=30000, staff="planted-lapsed", level="N")


def dead(case: Case, variant: int) -> None:
    """Whatever is wrong no longer matters."""
    (too_many_hours, two_payers, not_followed_up)[variant % 3](case, variant)
    case.expected.clear()
    case.resources[0]["deceasedBoolean"] = True


def _shifted(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


NEAR: dict[str, Plant] = {
    "near.twins": twins,
    "near.couple": couple,
    "near.namesake": namesake,
    "near.other_time": other_time,
    "near.two_bills": two_bills,
    "near.assessed_in_time": assessed_in_time,
    "near.newly_entitled": newly_entitled,
    "near.fresh_orders": fresh_orders,
    "near.young_bed": young_bed,
    "near.followed_up": followed_up,
    "near.in_hospital": in_hospital,
    "near.family_cares": family_cares,
    "near.small_extra": small_extra,
    "near.just_entitled": just_entitled,
    "near.in_time_once": in_time_once,
    "near.higher_hands": higher_hands,
    "near.dead": dead,
}
"""Every near-miss."""
