"""How likely are two records of the register the same person?

Graded: an identity number decides; else name, date of birth, telephone and address are compared,
each between 0 (differs) and 1 (the same), and weighed. Names are compared character by character,
never by how they sound.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import DamerauLevenshtein

from carecoord.errors import Invalid
from carecoord.model.identifiers import from_15, resident_id
from carecoord.model.ids import ElderId
from carecoord.model.policy import RuleRef, Rules

Grade = Literal["certain", "probable", "possible"]

_DIGITS = str.maketrans("零〇一二三四五六七八九", "00123456789")
_PHONE_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1\d{10}$)")
_CROWD = 50
"""Records that share one value (the telephone of a home) and more are not compared for it."""


@dataclass(frozen=True, slots=True)
class Person:
    """One record of the register.

    residents
        Identity numbers as they were written down.
    numbers
        Other identifiers, (system, value).
    """

    id: ElderId
    name: str
    gender: str
    birth: date | None
    residents: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    phones: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """Two records that may be one person.

    score
        Share of the weights they agree in, percent; 100 when an identity number decides.
    agreed
        How alike each thing is, percent; what is known of only one of them is left out.
    """

    first: ElderId
    second: ElderId
    grade: Grade
    score: int
    agreed: Mapping[str, int]
    refs: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class _Plain:
    """A record with everything in its plainest form."""

    person: Person
    name: str
    residents: frozenset[str]
    phones: frozenset[str]
    address: str


def matches(people: Iterable[Person], rules: Rules, *, of: ElderId | None = None) -> list[Match]:
    """Every pair of records that may be one person, the most likely first.

    of
        Only pairs with this record.
    """
    plain = [_plain(one) for one in people]
    found = [
        match
        for a, b in _candidates(plain)
        if (of is None or of in (a.person.id, b.person.id)) and (match := _judge(a, b, rules))
    ]
    return sorted(found, key=lambda m: (-m.score, m.first, m.second))


def compare(first: Person, second: Person, rules: Rules) -> Match | None:
    """Whether two records may be one person, and how likely."""
    return _judge(_plain(first), _plain(second), rules)


def resident_numbers(written: Iterable[str]) -> frozenset[str]:
    """Identity numbers in their 18-character form; one with a wrong check digit says nothing."""
    found = set()
    for number in written:
        number = unicodedata.normalize("NFKC", number).replace(" ", "")
        try:
            found.add(resident_id(from_15(number) if len(number) == 15 else number).number)
        except Invalid:
            continue
    return frozenset(found)


def plain_name(name: str) -> str:
    """A name without spaces, points and full-width letters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in folded if c.isalnum())


def plain_phone(number: str) -> str:
    """The digits of a telephone number, without the country code of a mobile one."""
    digits = re.sub(r"[^\d+]", "", unicodedata.normalize("NFKC", number))
    return _PHONE_COUNTRY.sub("", digits).lstrip("+")


def plain_address(text: str) -> str:
    """An address with plain digits and without what people leave out or put in at will."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_DIGITS)
    folded = re.sub(r"(单元|号楼|栋|幢|座|层|楼|室|号|弄|#|-|—|,|、|。|\s)+", "/", folded)
    return folded.strip("/")


def _plain(person: Person) -> _Plain:
    return _Plain(
        person=person,
        name=plain_name(person.name),
        residents=resident_numbers(person.residents),
        phones=frozenset(filter(None, map(plain_phone, person.phones))),
        address=plain_address(person.address),
    )


def _candidates(people: Sequence[_Plain]) -> Iterator[tuple[_Plain, _Plain]]:
    """Pairs that share at least one thing exactly; two that share nothing cannot reach a grade."""
    shared: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row, one in enumerate(people):
        for key in _keys(one):
            shared[key].append(row)
    pairs = {
        pair
        for key, rows in shared.items()
        if len(rows) <= _CROWD or key[0] == "resident"
        for pair in combinations(rows, 2)
    }
    for a, b in sorted(pairs):
        yield people[a], people[b]


def _keys(one: _Plain) -> Iterator[tuple[object, ...]]:
    yield from (("resident", number) for number in one.residents)
    yield from (("number", *number) for number in one.person.numbers)
    yield from (("phone", number) for number in one.phones)
    if one.person.birth:
        yield ("birth", one.person.birth)
    if one.name:
        yield ("name", one.name)


def _judge(a: _Plain, b: _Plain, rules: Rules) -> Match | None:
    first, second = sorted((a.person.id, b.person.id))
    read = rules.reading()
    same_number = a.residents & b.residents or set(a.person.numbers) & set(b.person.numbers)
    if same_number:
        return Match(first, second, "certain", 100, {"identifier": 100}, read.refs)
    # Two valid numbers that differ are two persons, twins in one flat included.
    if (a.residents and b.residents) or _known_apart(a.person.gender, b.person.gender):
        return None
    near = read.number("detect.person.birth_near_percent")
    alike = dict(_alike(a, b, near))
    if not {"phone", "address"} & alike.keys() or "name" not in alike or "birth" not in alike:
        return None
    weights = {key: read.entry("detect.person.weights", key) for key in alike}
    score = sum(alike[k] * w for k, w in weights.items()) // sum(weights.values())
    same_address = read.number("detect.person.address_percent")
    if alike.get("phone", 0) < 100 and alike.get("address", 0) < same_address:
        return None
    for grade in _GRADES:
        if score >= read.entry("detect.person.grades", grade):
            return Match(first, second, grade, score, alike, read.refs)
    return None


_GRADES: tuple[Grade, ...] = ("probable", "possible")


def _known_apart(a: str, b: str) -> bool:
    known = {"female", "male"}
    return a in known and b in known and a != b


def _alike(a: _Plain, b: _Plain, near: int) -> Iterator[tuple[str, int]]:
    if a.name and b.name:
        yield "name", int(fuzz.ratio(a.name, b.name))
    if a.person.birth and b.person.birth:
        yield "birth", _births(a.person.birth, b.person.birth, near)
    if a.phones and b.phones:
        yield "phone", 100 if a.phones & b.phones else 0
    if a.address and b.address:
        yield "address", int(fuzz.ratio(a.address, b.address))


def _births(a: date, b: date, near: int) -> int:
    """100 when equal; `near` when one digit differs, or day and month are exchanged."""
    if a == b:
        return 100
    swapped = (a.year, a.month, a.day) == (b.year, b.day, b.month)
    one_off = DamerauLevenshtein.distance(f"{a:%Y%m%d}", f"{b:%Y%m%d}") == 1
    return near if swapped or one_off else 0
