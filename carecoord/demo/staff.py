"""Who works on the street: people, licences, shifts, rest days?

Everybody works at most 44 hours on six days and rests on a fixed day of the week, so that about
46 of 56 are at work on any day. The n-th nurse is the same person however many
nurses the street employs.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.demo.mix import Mix
from carecoord.demo.organisations import CENTRE, STATIONS, Office
from carecoord.demo.parts import (
    LANGUAGE,
    Json,
    coding,
    concept,
    extension,
    identifier,
    person_name,
    phone,
    plain,
    refer,
    sid,
)
from carecoord.demo.people import staff_name, telephone
from carecoord.demo.seeds import Seed, pick
from carecoord.model.ids import StaffId
from carecoord.model.staff import Licence, Role

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ROLE_NAMES = {Role.DOCTOR: "医生", Role.NURSE: "护士", Role.CAREGIVER: "养老护理员"}

Hours = tuple[tuple[str, str], ...]

# Section 15 of the domain notes gives the opening hours; the cut into shifts of at most eight
# hours is ours (docs/decisions/0501).
CENTRE_HOURS: Hours = (("08:00:00", "11:30:00"), ("13:30:00", "17:00:00"))
STATION_HOURS: Hours = (("08:30:00", "12:00:00"), ("13:30:00", "17:00:00"))
EARLY: Hours = (("07:00:00", "14:15:00"),)
LATE: Hours = (("11:45:00", "19:00:00"),)
SPLIT: Hours = (("07:00:00", "12:00:00"), ("16:15:00", "18:30:00"))

_EMPLOYERS: dict[Role, tuple[Office, ...]] = {
    Role.DOCTOR: (CENTRE,),
    Role.NURSE: (CENTRE, CENTRE, STATIONS[2], CENTRE, STATIONS[0], CENTRE, STATIONS[1]),
    Role.CAREGIVER: STATIONS,
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of the staff, before it is written as resources."""

    number: int
    role: Role
    office: Office
    gender: str
    name: tuple[str, str]
    licence: Licence
    since: date
    until: date
    hours: Hours
    rest: int
    mode: str
    language: str
    away: tuple[date, date] | None

    @property
    def key(self) -> str:
        """Staff number, unique on the street."""
        return f"{self.role.value[0].upper()}{self.number + 1:03d}"

    def id(self, seed: Seed) -> StaffId:
        """Id of the PractitionerRole."""
        return StaffId(seed.id("PractitionerRole", self.key))


def everybody(seed: Seed, elders: int, day: date, mix: Mix) -> tuple[Member, ...]:
    """The staff that a street with so many elders employs, doctors first."""
    return tuple(
        member(seed, role, number, day, mix)
        for role in Role
        for number in range(mix.employed(role, elders))
    )


def member(seed: Seed, role: Role, number: int, day: date, mix: Mix) -> Member:
    """The `number`-th member of the staff with a role."""
    dice = seed.dice("staff", role, number)
    gender = "female" if dice.random() < mix.women[role] else "male"
    offices = _EMPLOYERS[role]
    since, until = _validity(role, number, day, dice.randrange(365 * 3))
    return Member(
        number=number,
        role=role,
        office=offices[number % len(offices)],
        gender=gender,
        name=staff_name(dice, gender),
        licence=_licence(seed, role, number, mix),
        since=since,
        until=until,
        hours=_hours(role, offices[number % len(offices)], number),
        rest=_rest(role, number),
        mode="e-bike"
        if seed.even("mode", 100 * _rank(role) + number) < mix.e_bike[role]
        else "walk",
        language=pick(dice.random(), mix.languages),
        away=_away(role, number, day),
    )


def _rank(role: Role) -> int:
    return list(Role).index(role)


def _licence(seed: Seed, role: Role, number: int, mix: Mix) -> Licence:
    if role is not Role.CAREGIVER:
        return Licence(role.value)
    trained = seed.even("licence", number) < mix.trained
    return Licence.CAREGIVER_MEDICAL if trained else Licence.CAREGIVER


def _validity(role: Role, number: int, day: date, offset: int) -> tuple[date, date]:
    """First and last day of the licence: five years, except for two people.

    The fifth nurse's has run out last year, the third caregiver's ends with next month.
    """
    if role is Role.NURSE and number == 4:
        return date(day.year - 5, 1, 1), date(day.year - 1, 12, 31)
    if role is Role.CAREGIVER and number == 2:
        last = _month_after_next(day) - timedelta(days=1)
        return date(last.year - 5, last.month, 1), last
    first = date(day.year - 3, 3, 1) + timedelta(days=offset)
    return first, date(first.year + 5, first.month, first.day if first.day < 29 else 28)


def _month_after_next(day: date) -> date:
    months = day.year * 12 + day.month + 1
    return date(months // 12, months % 12 + 1, 1)


def _hours(role: Role, office: Office, number: int) -> Hours:
    if role is Role.CAREGIVER:
        return (EARLY, SPLIT, EARLY, LATE, SPLIT, EARLY, SPLIT, LATE, SPLIT)[number % 9]
    return CENTRE_HOURS if office is CENTRE else STATION_HOURS


def _rest(role: Role, number: int) -> int:
    """The weekday off, 0 = Monday."""
    # Multiples of 3 and 4 run through all seven days before one comes twice, and a cycle of
    # seven shares no factor with the cycle of nine of the shifts.
    return (6 + (3 if role is Role.CAREGIVER else 4) * number) % 7


def _away(role: Role, number: int, day: date) -> tuple[date, date] | None:
    """The sixth caregiver is on long leave all year."""
    if role is Role.CAREGIVER and number == 5:
        return date(day.year, 1, 1), date(day.year, 12, 31)
    return None


def resources(seed: Seed, members: tuple[Member, ...]) -> list[Json]:
    """A Practitioner and a PractitionerRole for each."""
    return [r for m in members for r in (_practitioner(seed, m), _role(seed, m))]


def _practitioner(seed: Seed, member: Member) -> Json:
    return {
        "resourceType": "Practitioner",
        "id": seed.id("Practitioner", member.key),
        "active": True,
        "identifier": [identifier(sid("staff-number"), member.key)],
        "name": [person_name(*member.name)],
        "gender": member.gender,
        "telecom": [phone(telephone(seed.dice("staff-phone", member.key)), "work")],
        "communication": [concept(plain(LANGUAGE, member.language))],
        "qualification": [
            {
                "identifier": [identifier(sid("licence"), f"L-{member.key}")],
                "code": concept(coding("licence", member.licence)),
                "period": {"start": member.since.isoformat(), "end": member.until.isoformat()},
            }
        ],
    }


def _role(seed: Seed, member: Member) -> Json:
    working = [name for index, name in enumerate(_DAYS) if index != member.rest]
    resource: Json = {
        "resourceType": "PractitionerRole",
        "id": member.id(seed),
        "extension": [extension("travel-mode", valueCode=member.mode)],
        "active": True,
        "identifier": [identifier(sid("staff-number"), member.key)],
        "practitioner": refer(
            "Practitioner", seed.id("Practitioner", member.key), "".join(member.name)
        ),
        "organization": refer("Organization", member.office.id(seed), member.office.name),
        "code": [concept(coding("staff-role", member.role, _ROLE_NAMES[member.role]))],
        "location": [refer("Location", seed.id("Location", member.office.key))],
        "availableTime": [
            {"daysOfWeek": working, "availableStartTime": start, "availableEndTime": end}
            for start, end in member.hours
        ],
    }
    if member.away:
        start, end = member.away
        resource["notAvailable"] = [
            {
                "description": "长期休假",
                "during": {"start": start.isoformat(), "end": end.isoformat()},
            }
        ]
    return resource
