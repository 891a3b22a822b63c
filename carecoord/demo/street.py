"""What does one fictional street look like, from its organisations to the wishes of its elders?

The whole street follows from the seed, the number of elders, the day and the map: no clock,
no order of sets, no shared random stream. Staff and elders of a smaller street are the first
ones of a larger one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from carecoord.demo import (
    answers,
    elders,
    ground,
    illness,
    mix,
    organisations,
    papers,
    referrals,
    staff,
    wishes,
)
from carecoord.demo.elders import BED, Profile
from carecoord.demo.parts import Json, put, transaction
from carecoord.demo.people import street_code
from carecoord.demo.seeds import Seed
from carecoord.demo.wishes import Wishes
from carecoord.errors import Invalid
from carecoord.model.ids import ElderId, OrganizationId, StreetId
from carecoord.model.policy import Rules
from carecoord.model.staff import Role
from carecoord.streets import Building

ENTRIES = 300
"""Most entries of one Bundle of the register."""

HOUSES = 160
"""Buildings with elders on a plan in them, where the map has so many."""

MOST_ELDERS = 20_000
"""As many people aged 60 and more live on the street (`demo.residents`)."""


@dataclass(frozen=True, slots=True)
class Care:
    """Into which programmes an elder enters, with whom, and what they wish.

    programmes
        Codes of `programme`, and `station` for meals and welfare checks.
    ltc37, gb42195
        Levels that the answers score to; what counts is the assessment made from them.
    station
        The care station that keeps the family bed and the LTC visits.
    centre
        The health centre that keeps the home hospital bed.
    """

    programmes: tuple[str, ...]
    ltc37: int
    gb42195: int
    station: OrganizationId
    centre: OrganizationId
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class FictionalStreet:
    """A street as the systems around it would send it.

    register
        Transaction Bundles that write each resource under its own id, in order: each Bundle
        refers only to itself and to those before it.
    referrals
        One transaction Bundle for each discharge into a home hospital bed; sent twice, it
        changes nothing.
    assessments
        Elder → QuestionnaireResponse of the combined instrument, to be sent as it is.
    """

    street: StreetId
    name: str
    register: tuple[Json, ...]
    referrals: tuple[Json, ...]
    assessments: Mapping[ElderId, Json]
    care: Mapping[ElderId, Care]


def generate(
    seed: int, count: int, day: date, buildings: Sequence[Building], rules: Rules
) -> FictionalStreet:
    """One fictional street.

    Parameters
    ----------
    count
        Elders on a plan, at least 1.
    day
        Today. The register depends on its month only, referrals and assessments on the day.
    buildings
        Of the map in which the street lies, in any order.
    rules
        Policy rows in force: population figures and the two assessment scales.

    Raises
    ------
    Invalid
        `demo.elders`: `count` is out of range. `demo.buildings`: nobody can live on the map.
    """
    if not 1 <= count <= MOST_ELDERS:
        raise Invalid("demo.elders", field="--elders", elders=count, most=MOST_ELDERS)
    source, shares = Seed(seed), mix.read(rules)
    land = ground.survey(source, buildings, houses=HOUSES, sites=organisations.SITES)
    people = staff.everybody(source, count, day, shares)
    profiles = [elders.profile(source, index, day, shares) for index in range(count)]
    # Of every couple, even of one whose other half is beyond `count`.
    partners = {
        p.index: elders.profile(source, p.partner, day, shares)
        for p in profiles
        if p.partner is not None
    }
    scales = answers.Instruments.of(rules)
    # Two nurses of the street sign, as both scales ask.
    signers = [one.id(source) for one in people if one.role is Role.NURSE][:2]
    answered = {p.index: answers.interview(source, p, day, scales, signers) for p in profiles}
    return FictionalStreet(
        street=street_code(seed),
        name=organisations.STREET_NAME,
        register=tuple(_register(source, land, people, profiles, partners, day)),
        referrals=tuple(
            referrals.referral(source, p, day) for p in profiles if BED in p.programmes
        ),
        assessments={p.id(source): answered[p.index].response for p in profiles},
        care={
            p.id(source): Care(
                programmes=p.programmes,
                ltc37=answered[p.index].ltc37,
                gb42195=answered[p.index].gb42195,
                station=OrganizationId(p.station.id(source)),
                centre=OrganizationId(organisations.CENTRE.id(source)),
                wishes=wishes.wishes(source, p, people, day),
            )
            for p in profiles
        },
    )


def _register(
    seed: Seed,
    land: ground.Ground,
    people: tuple[staff.Member, ...],
    profiles: list[Profile],
    partners: Mapping[int, Profile],
    day: date,
) -> Iterator[Json]:
    yield from _bundles(seed, "organisations", [organisations.resources(seed, land)])
    yield from _bundles(seed, "staff", [staff.resources(seed, people)])
    homes = land.flats(sorted({p.household for p in profiles}))
    files = (
        [
            *elders.resources(seed, homes[p.household], p, partners.get(p.index)),
            *papers.resources(seed, p, day),
            *illness.resources(seed, p, day),
        ]
        for p in profiles
    )
    yield from _bundles(seed, "elders", files)


def _bundles(seed: Seed, topic: str, files: Iterable[list[Json]]) -> Iterator[Json]:
    """Bundles of at most `ENTRIES` entries; what belongs to one person stays together."""
    entries: list[Json] = []
    number = 0
    for file in files:
        if entries and len(entries) + len(file) > ENTRIES:
            yield transaction(seed.id("Bundle", topic, number), entries)
            entries, number = [], number + 1
        entries += map(put, file)
    if entries:
        yield transaction(seed.id("Bundle", topic, number), entries)
