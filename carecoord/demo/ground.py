"""Where do the elders live, and where do the organisations stand?

Buildings come from a map. What a map seldom says (storeys, lifts, the name of the estate) is
drawn here; what it says is kept.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from random import Random

from carecoord.demo.seeds import Seed
from carecoord.errors import Invalid
from carecoord.model.places import Place
from carecoord.streets import Building

RADIUS = 1_600.0
"""Metres around the middle in which a street unit lies (docs of the generator, 0.8–1.6 km)."""

HOMES = frozenset(
    {"apartments", "residential", "house", "detached", "terrace", "semidetached_house"}
)
NOT_HOMES = frozenset(
    {
        "dormitory", "school", "university", "college", "kindergarten", "hospital", "commercial",
        "office", "retail", "industrial", "warehouse", "train_station", "church", "temple",
        "public", "government", "hotel", "garage", "garages", "roof", "shed", "service",
        "construction",
        "supermarket", "sports_centre", "stadium", "civic", "library", "museum", "toilets",
    }
)  # fmt: skip

_METRES_PER_DEGREE = 111_195.0
_TRIES = 50
_ENOUGH = 60
_ESTATES = (
    "槐树苑", "春晖里", "松鹤园", "向阳里", "兰亭苑", "和风里", "梧桐苑", "清河里", "银杏园",
    "永安里", "芳草苑", "荷塘里", "金桂园", "晨光里", "翠竹苑", "长乐里",
)  # fmt: skip
_COMMUNITIES = ("槐荫社区", "松鹤社区", "清河社区", "永安社区")
_DOORS = (
    "",
    "",
    "",
    "单元门有门禁,请按住户号",
    "从北门进,非机动车停在楼东侧",
    "敲门请大声,老人耳背",
)


@dataclass(frozen=True, slots=True)
class House:
    """A building in which elders live.

    address
        From the estate or the road to the building, as written on an envelope.
    """

    place: Place
    community: str
    address: str
    levels: int
    lift: bool


@dataclass(frozen=True, slots=True)
class Flat:
    """One household's home."""

    house: House
    entrance: int
    floor: int
    room: int
    note: str

    @property
    def line(self) -> str:
        """From the estate or the road to the room, as written on an envelope."""
        entrance = f"{self.entrance}单元" if self.house.levels > 3 else ""
        return f"{self.house.address}{entrance}{self.floor}{self.room:02d}室"


@dataclass(frozen=True, slots=True)
class Ground:
    """The street unit on the map.

    houses
        Where elders live; the seed chose them, how many elders there are did not.
    sites
        Where organisations of the street stand, far apart, the most central first.
    outside
        Points beyond the street unit, for hospitals.
    """

    seed: Seed
    houses: tuple[House, ...]
    sites: tuple[Place, ...]
    outside: tuple[Place, ...]

    def flats(self, households: Iterable[int]) -> dict[int, Flat]:
        """A home for each household, in rising order; no two share one while there is room."""
        found: dict[int, Flat] = {}
        taken: set[tuple[str, str]] = set()
        for household in households:
            dice = self.seed.dice("home", household)
            for _ in range(_TRIES):
                flat = self._flat(dice)
                if (key := (flat.house.community, flat.line)) not in taken:
                    break
            taken.add(key)
            found[household] = flat
        return found

    def _flat(self, dice: Random) -> Flat:
        house = dice.choice(self.houses)
        return Flat(
            house=house,
            entrance=dice.randint(1, 4),
            floor=dice.randint(1, house.levels),
            room=dice.randint(1, 3),
            note=dice.choice(_DOORS),
        )


def survey(seed: Seed, buildings: Sequence[Building], houses: int, sites: int) -> Ground:
    """Choose houses and sites among the buildings of a map.

    Parameters
    ----------
    buildings
        Of a map in any order; the result does not depend on it.
    houses
        Most buildings with elders in them; all suitable ones when there are fewer.
    sites
        How many organisations need a place.

    Raises
    ------
    Invalid
        `demo.buildings`: the map has no building in which somebody could live.
    """
    ordered = sorted(set(buildings), key=lambda b: (b.place.lon, b.place.lat, b.name or ""))
    homes = _dwellings(ordered)
    if not homes:
        raise Invalid("demo.buildings", field="--streets", found=len(buildings))
    middle = _middle(homes)
    near = [b for b in homes if metres(_at(b), middle) <= RADIUS]
    chosen = seed.dice("houses").sample(near, min(houses, len(near)))
    chosen.sort(key=lambda b: (b.place.lon, b.place.lat))
    offices = [_at(b) for b in ordered if metres(_at(b), middle) <= RADIUS / 2]
    return Ground(
        seed=seed,
        houses=_addressed(seed, chosen, middle),
        sites=_apart(offices, middle, sites),
        outside=tuple(
            _shifted(middle, east, north) for east, north in ((2600, 900), (-1900, 2400))
        ),
    )


def metres(a: Place, b: Place) -> float:
    """Straight distance of two points of one town; an error below 1 % does not matter here."""
    narrow = cos(radians((a.lat + b.lat) / 2))
    return hypot((a.lon - b.lon) * narrow, a.lat - b.lat) * _METRES_PER_DEGREE


def _at(building: Building) -> Place:
    return Place(building.place.lon, building.place.lat)


def _dwellings(buildings: list[Building]) -> list[Building]:
    """Buildings in which people live for certain; where a map has few of them, also others."""
    possible = [b for b in buildings if b.kind not in NOT_HOMES]
    sure = [b for b in possible if b.kind in HOMES]
    if len(sure) >= _ENOUGH:
        return sure
    # Names are given to halls and offices more often than to dwellings.
    unnamed = [b for b in possible if b.kind in HOMES or not b.name]
    return unnamed or possible


def _middle(buildings: list[Building]) -> Place:
    # The building nearest to the medians, so that the middle lies on the map even where
    # homes form a ring.
    lon = sorted(b.place.lon for b in buildings)[len(buildings) // 2]
    lat = sorted(b.place.lat for b in buildings)[len(buildings) // 2]
    return min((_at(b) for b in buildings), key=lambda p: metres(p, Place(lon, lat)))


def _shifted(place: Place, east: float, north: float) -> Place:
    narrow = cos(radians(place.lat)) * _METRES_PER_DEGREE
    return Place(
        round(place.lon + east / narrow, 6), round(place.lat + north / _METRES_PER_DEGREE, 6)
    )


def _apart(places: list[Place], middle: Place, count: int) -> tuple[Place, ...]:
    # Greedy farthest point: the first in the middle, each next one far from all before it.
    found = [min(places, key=lambda p: metres(p, middle))]
    while len(found) < count:
        found.append(max(places, key=lambda p: min(metres(p, f) for f in found)))
    return tuple(found)


def _addressed(seed: Seed, buildings: list[Building], middle: Place) -> tuple[House, ...]:
    dice = seed.dice("estates")
    names = dice.sample(_ESTATES, len(_ESTATES))
    numbers: Counter[str] = Counter()
    houses = []
    for building in buildings:
        at = _at(building)
        quarter = 2 * (at.lon >= middle.lon) + (at.lat >= middle.lat)
        estate = names[quarter * 4 + min(3, int(metres(at, middle) / RADIUS * 4))]
        numbers[estate] += 1
        levels = building.levels or dice.choice((5, 6, 6, 6, 6, 11, 18))
        houses.append(
            House(
                place=at,
                community=_COMMUNITIES[quarter],
                address=f"{building.street}{building.housenumber}"
                if building.street and building.housenumber
                else f"{estate}{numbers[estate]}栋",
                levels=levels,
                # Dwellings of seven storeys and more must have a lift.
                lift=levels > 6 if building.has_lift is None else building.has_lift,
            )
        )
    return tuple(houses)
