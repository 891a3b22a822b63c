"""Who are the elders on a plan: person, household, home, need and programmes?"""

from dataclasses import dataclass
from datetime import date, timedelta

from carecoord.demo.ground import Flat
from carecoord.demo.mix import Mix
from carecoord.demo.organisations import CENTRE, CITY, DISTRICT, STATIONS, STREET_NAME, Office
from carecoord.demo.parts import (
    BASE,
    GEOLOCATION,
    LANGUAGE,
    RESIDENT,
    Json,
    concept,
    decimal,
    hl7,
    identifier,
    parts,
    person_name,
    phone,
    plain,
    refer,
)
from carecoord.demo.people import elder_name, resident_number, telephone
from carecoord.demo.seeds import Seed, pick
from carecoord.model.ids import ElderId

BED, FAMILY_BED, LTCI = "home-hospital-bed", "family-bed", "ltci"

# In every 75 elders the 21st and 22nd are a couple who both need care.
_COUPLE_EVERY, _FIRST, _SECOND = 75, 20, 21

UNLOCATED = 60
"""The 61st elder's address carries no position, so that the demo shows a data problem."""


@dataclass(frozen=True, slots=True)
class Profile:
    """One elder, before they are written as resources.

    household
        Number of the household; couples on a plan share one.
    lives
        `alone`, `couple`, `children`, `live-in` or `other`.
    programmes
        Codes of `programme`.
    ltc37
        Level that the answers score to on LTC37.
    """

    index: int
    household: int
    lives: str
    gender: str
    birth: date
    name: tuple[str, str]
    language: str
    programmes: tuple[str, ...]
    ltc37: int
    partner: int | None

    def id(self, seed: Seed) -> ElderId:
        """Id of the Patient."""
        return ElderId(seed.id("Patient", self.index))

    def number(self, seed: Seed) -> str:
        """Resident identity number."""
        return resident_number(seed.value, self.index, self.birth, self.gender)

    @property
    def station(self) -> Office:
        """The care station that keeps family bed, LTC visits, meals and checks."""
        # The private provider has no family beds.
        stations = STATIONS[:2] if FAMILY_BED in self.programmes else STATIONS
        return stations[self.index % len(stations)]

    @property
    def office(self) -> Office:
        """Who manages the elder's file: the station, or the centre for a mere medical case."""
        return CENTRE if self.programmes == (BED,) else self.station


def profile(seed: Seed, index: int, day: date, mix: Mix) -> Profile:
    """The `index`-th elder; does not depend on how many there are."""
    dice = seed.dice("elder", index)
    programmes = pick(seed.even("programmes", index), mix.programmes)
    level = pick(seed.even("level", index), mix.levels_in(programmes))
    partner = _partner(index)
    gender = "female" if dice.random() < mix.elder_women else "male"
    birth = _birth(seed, index, day, pick(dice.random(), mix.ages_at(level)))
    if partner is not None:
        gender = "male" if index < partner else "female"
    if partner is not None and partner < index:
        older = profile(seed, partner, day, mix).birth
        birth = older + timedelta(days=dice.randrange(-500, 1500))
    return Profile(
        index=index,
        household=index if partner is None else min(index, partner),
        lives=_lives(seed, index, level, mix) if partner is None else "couple",
        gender=gender,
        birth=birth,
        name=elder_name(dice, gender),
        language=pick(dice.random(), mix.languages),
        programmes=programmes,
        ltc37=level,
        partner=partner,
    )


def _partner(index: int) -> int | None:
    place = index % _COUPLE_EVERY
    return {_FIRST: index + 1, _SECOND: index - 1}.get(place)


def _lives(seed: Seed, index: int, level: int, mix: Mix) -> str:
    found = pick(seed.even("household", index), mix.lives)
    # Nobody in the two worst levels can live alone: a child moved in, or a paid carer.
    alone = found == "alone" and level >= 4
    return ("children", "live-in")[index % 2] if alone else found


def _birth(seed: Seed, index: int, day: date, ages: tuple[int, int]) -> date:
    """A birthday; the older of a group are fewer."""
    dice = seed.dice("birth", index)
    youngest, oldest = ages
    age = youngest + int((oldest - youngest + 1) * dice.random() ** 1.5)
    return date(day.year - age, 1, 1) - timedelta(days=dice.randrange(1, 366))


def resources(seed: Seed, flat: Flat, elder: Profile, partner: Profile | None) -> list[Json]:
    """The Patient and the people around them; `partner` is the other one of a couple."""
    return [patient(seed, flat, elder), *_relatives(seed, elder, partner)]


def patient(seed: Seed, flat: Flat, elder: Profile) -> Json:
    """The elder's Patient as the street's register has it."""
    dice = seed.dice("patient", elder.index)
    resource: Json = {
        "resourceType": "Patient",
        "id": elder.id(seed),
        "identifier": [identifier(RESIDENT, elder.number(seed))],
        "active": True,
        "name": [person_name(*elder.name)],
        "telecom": [phone(telephone(seed.dice("phone", elder.household)))],
        "gender": elder.gender,
        "birthDate": elder.birth.isoformat(),
        "address": [_address(flat, located=elder.index != UNLOCATED)],
        "maritalStatus": concept(hl7("v3-MaritalStatus", _marital(elder, dice.random()))),
        "communication": [
            {"language": concept(plain(LANGUAGE, elder.language)), "preferred": True}
        ],
        "managingOrganization": refer("Organization", elder.office.id(seed), elder.office.name),
    }
    return resource


def _marital(elder: Profile, chance: float) -> str:
    if elder.lives == "couple":
        return "M"
    return "W" if chance < 0.85 else "D"


def _address(flat: Flat, *, located: bool) -> Json:
    house = flat.house
    dwelling: dict[str, tuple[str, object]] = {
        "floor": ("Integer", flat.floor),
        "lift": ("Boolean", house.lift),
    }
    if flat.note:
        dwelling["note"] = ("String", flat.note)
    extensions = [parts(f"{BASE}/StructureDefinition/dwelling", **dwelling)]
    if located:
        lat, lon = decimal(house.place.lat), decimal(house.place.lon)
        point = parts(GEOLOCATION, latitude=("Decimal", lat), longitude=("Decimal", lon))
        extensions.insert(0, point)
    return {
        "extension": extensions,
        "use": "home",
        "text": f"{CITY}{DISTRICT}{STREET_NAME}{house.community}{flat.line}",
        "line": [f"{STREET_NAME}{house.community}{flat.line}"],
        "city": CITY,
        "district": DISTRICT,
        "country": "CN",
    }


def relative_id(seed: Seed, elder: Profile) -> str:
    """Id of the first RelatedPerson, the one who speaks for the elder."""
    return seed.id("RelatedPerson", elder.index, 0)


_RELATIONS = {
    "SONC": ("儿子", "male"),
    "DAUC": ("女儿", "female"),
    "HUSB": ("丈夫", "male"),
    "WIFE": ("妻子", "female"),
    "SIS": ("妹妹", "female"),
}


def _relatives(seed: Seed, elder: Profile, partner: Profile | None) -> list[Json]:
    child = seed.dice("child", elder.index).choice(("SONC", "DAUC"))
    spouse = "HUSB" if elder.gender == "female" else "WIFE"
    if partner is not None:
        return [_relative(seed, elder, 0, spouse, partner.name)]
    kinds = {
        "alone": [child],
        "couple": [spouse, child],
        "children": [child],
        "live-in": [child, "paid"],
        "other": ["SIS"],
    }[elder.lives]
    return [_relative(seed, elder, order, kind) for order, kind in enumerate(kinds)]


def _relative(
    seed: Seed, elder: Profile, order: int, kind: str, name: tuple[str, str] | None = None
) -> Json:
    dice = seed.dice("relative", elder.index, order)
    text, gender = _RELATIONS.get(kind, ("住家保姆", "female"))
    family, given = name or elder_name(dice, gender)
    if kind == "SIS" or (kind in {"SONC", "DAUC"} and elder.gender == "male"):
        family = elder.name[0]
    codes = [hl7("v3-RoleCode", kind)] if kind in _RELATIONS else []
    return {
        "resourceType": "RelatedPerson",
        "id": seed.id("RelatedPerson", elder.index, order),
        "active": True,
        "patient": refer("Patient", elder.id(seed), "".join(elder.name)),
        "relationship": [{"coding": codes, "text": text} if codes else {"text": text}],
        "name": [person_name(family, given)],
        "gender": gender,
        "telecom": [phone(telephone(dice))],
    }
