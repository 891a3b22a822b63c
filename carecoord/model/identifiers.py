"""Numbers that name people and organisations: check digits, conversion, synthetic ones.

Errors never carry the number itself: it is personal data, and messages end in logs.
The weights and character sets are part of the numbering standards, not policy.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal, NoReturn

from carecoord.errors import Invalid

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"

_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 "
    "50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)
"""Assigned first two digits of GB/T 2260; 83 is used in residence permits."""

Sex = Literal["male", "female"]


@dataclass(frozen=True, slots=True)
class ResidentId:
    """What an 18-character resident identity number says.

    region
        Division code, 6 digits, of first registration.
    """

    number: str
    region: str
    birth: date
    sex: Sex

    @property
    def synthetic(self) -> bool:
        """Whether the region is unassigned, so that no real person has this number."""
        return not region_assigned(self.region)


def resident_check(first: str) -> str:
    """Check character of the first 17 digits of a resident identity number.

    Raises
    ------
    Invalid
        `first` is not 17 digits.

    References
    ----------
    GB 11643-1999; ISO 7064 MOD 11-2.
    """
    _digits(first, 17, "resident")
    total = sum(int(d) * w for d, w in zip(first, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECK[total % 11]


def resident_id(number: str) -> ResidentId:
    """Read an 18-character resident identity number; a small x is taken as X.

    Raises
    ------
    Invalid
        `identifier.length`, `identifier.character`, `identifier.birth` or
        `identifier.check`, in that order.
    """
    number = number.strip().upper()
    if len(number) != 18:
        _refuse("length", "resident", got=len(number), expected=18)
    _digits(number[:17], 17, "resident")
    birth = _birth(number[6:14])
    if number[17] != resident_check(number[:17]):
        _refuse("check", "resident", position=18)
    sex: Sex = "male" if int(number[16]) % 2 else "female"
    return ResidentId(number, number[:6], birth, sex)


def from_15(number: str) -> str:
    """The 18-character form of an old 15-digit number; its century is 19.

    Raises
    ------
    Invalid
        Not 15 digits, or no day of the calendar.
    """
    number = number.strip()
    _digits(number, 15, "resident")
    _birth("19" + number[6:12])
    first = number[:6] + "19" + number[6:]
    return first + resident_check(first)


def uscc_check(first: str) -> str:
    """Check character of the first 17 of a unified social credit code.

    Raises
    ------
    Invalid
        `first` is not 17 characters of the code's alphabet (no I, O, S, V, Z).

    References
    ----------
    GB 32100-2015.
    """
    if len(first) != 17:
        _refuse("length", "uscc", got=len(first), expected=17)
    for position, character in enumerate(first, 1):
        if character not in _USCC:
            _refuse("character", "uscc", position=position)
    total = sum(_USCC.index(c) * pow(3, i, 31) for i, c in enumerate(first))
    return _USCC[-total % 31]


def uscc(code: str) -> str:
    """A unified social credit code in its written form: capital letters, no spaces round it.

    Raises
    ------
    Invalid
        `identifier.length`, `identifier.character` or `identifier.check`.
    """
    code = code.strip().upper()
    if len(code) != 18:
        _refuse("length", "uscc", got=len(code), expected=18)
    if code[17] != uscc_check(code[:17]):
        _refuse("check", "uscc", position=18)
    return code


def archive_number(number: str) -> tuple[str, str, str, str]:
    """Parts of a health archive number: county 6, street 3, community 3, person 5 digits.

    It has no check digit, so only its form can be wrong.

    Raises
    ------
    Invalid
        `identifier.length` or `identifier.character`.

    References
    ----------
    国卫基层发〔2017〕13号 (from memory).
    """
    number = number.strip()
    _digits(number, 17, "archive")
    return number[:6], number[6:9], number[9:12], number[12:]


def region_assigned(region: str) -> bool:
    """Whether real numbers may begin with this division code.

    A leading 9 marks permits of foreign residents, whose province stands in digits 2-3.
    """
    return region[:2] in _PROVINCES or (region[:1] == "9" and region[1:3] in _PROVINCES)


def synthetic_resident_id(region: str, birth: date, sequence: int, sex: Sex) -> str:
    """A well-formed resident identity number that belongs to nobody.

    Parameters
    ----------
    region
        6 digits, unassigned, such as 990101.
    sequence
        0 to 499: number of the person among those of one region, birthday and sex.

    Raises
    ------
    Invalid
        `identifier.region_assigned`: a real person might have the number;
        `identifier.sequence`: out of range.
    """
    _digits(region, 6, "region")
    if region_assigned(region):
        raise Invalid("identifier.region_assigned", field="region", region=region)
    if not 0 <= sequence <= 499:
        raise Invalid("identifier.sequence", field="sequence", got=sequence, most=499)
    order = 2 * sequence + (1 if sex == "male" else 0)
    first = f"{region}{birth:%Y%m%d}{order:03d}"
    return first + resident_check(first)


def synthetic_uscc(region: str, body: str) -> str:
    """A well-formed unified social credit code of no registered organisation.

    Parameters
    ----------
    region
        6 digits, unassigned.
    body
        9 characters of the code's alphabet, in place of an organisation code.

    Raises
    ------
    Invalid
        `identifier.region_assigned`, `identifier.length` or `identifier.character`.
    """
    _digits(region, 6, "region")
    if region_assigned(region):
        raise Invalid("identifier.region_assigned", field="region", region=region)
    first = f"91{region}{body.upper()}"
    return first + uscc_check(first)


def _digits(text: str, length: int, kind: str) -> None:
    if len(text) != length:
        _refuse("length", kind, got=len(text), expected=length)
    found = re.search(r"[^0-9]", text)
    if found:
        _refuse("character", kind, position=found.start() + 1)


def _birth(text: str) -> date:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        _refuse("birth", "resident", position=7)


def _refuse(what: str, kind: str, **facts: int) -> NoReturn:
    raise Invalid(f"identifier.{what}", field=kind, kind=kind, **facts)
