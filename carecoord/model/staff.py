"""Who can be sent where: licences with expiry, performer levels, shifts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.ids import OrganizationId, StaffId, StreetId
from carecoord.model.places import Place
from carecoord.model.time import DAY

TravelMode = Literal["walk", "e-bike"]


class Role(StrEnum):
    """What somebody is employed as."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    CAREGIVER = "caregiver"


class Licence(StrEnum):
    """A qualification that a register confirms."""

    DOCTOR = "doctor"
    NURSE = "nurse"
    CAREGIVER_MEDICAL = "caregiver-medical"
    CAREGIVER = "caregiver"


class Level(StrEnum):
    """Least performer level of an item. `N` covers `C+`, `C+` covers `C`; `D` stands alone."""

    CAREGIVER = "C"
    CAREGIVER_MEDICAL = "C+"
    NURSE = "N"
    DOCTOR = "D"


GRANTS: dict[Licence, tuple[Level, ...]] = {
    Licence.DOCTOR: (Level.DOCTOR,),
    Licence.NURSE: (Level.NURSE, Level.CAREGIVER_MEDICAL, Level.CAREGIVER),
    Licence.CAREGIVER_MEDICAL: (Level.CAREGIVER_MEDICAL, Level.CAREGIVER),
    Licence.CAREGIVER: (Level.CAREGIVER,),
}
"""Levels that a licence allows to work at, own level first."""


def highest(levels: Iterable[Level]) -> Level:
    """The level that one person needs to do tasks of all `levels`.

    Raises
    ------
    Invalid
        A doctor's task was mixed with a nurse's or caregiver's: nobody may do both.
    """
    wanted = set(levels)
    if Level.DOCTOR in wanted and len(wanted) > 1:
        raise Invalid("level.mixed", levels=", ".join(sorted(wanted)))
    order = (Level.DOCTOR, Level.NURSE, Level.CAREGIVER_MEDICAL, Level.CAREGIVER)
    return next(level for level in order if level in wanted)


@dataclass(frozen=True, slots=True)
class Qualification:
    """One licence and the days on which it is in force; an open end is `None`."""

    licence: Licence
    start: date | None = None
    end: date | None = None

    def valid_on(self, day: date) -> bool:
        """Whether the licence is in force on the whole of `day`."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Rest:
    """A break of `seconds` that begins between `earliest` and `latest`; fixed when they are equal.

    Seconds after 00:00 of the service day.
    """

    earliest: int
    latest: int
    seconds: int

    def __post_init__(self) -> None:
        if not 0 <= self.earliest <= self.latest <= 2 * DAY or not 0 < self.seconds <= DAY:
            raise Invalid(
                "shift.rest", start=self.earliest, end=self.latest, minutes=self.seconds // 60
            )

    @property
    def end(self) -> int:
        """Second by which it is over, however late it begins."""
        return self.latest + self.seconds


@dataclass(frozen=True, slots=True)
class Shift:
    """Working time on one service day, seconds after 00:00; `end` may lie past midnight.

    hard_end
        Latest return, overtime included; None: no overtime.
    rests
        Breaks that the roster gives, in order.
    """

    start: int
    end: int
    hard_end: int | None = None
    rests: tuple[Rest, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start < DAY or not self.start < self.end <= 2 * DAY:
            raise Invalid("shift.hours", start=self.start, end=self.end)
        if self.hard_end is not None and self.hard_end < self.end:
            raise Invalid("shift.hours", start=self.start, end=self.hard_end)

    @property
    def latest_return(self) -> int:
        """Second by which the person must be back."""
        return self.end if self.hard_end is None else self.hard_end


@dataclass(frozen=True, slots=True)
class Staff:
    """One bookable person on one service day.

    base
        Where the routes start and end; `None` is a data problem.
    levels
        Performer levels in force on the day, own level first. Empty: never assigned.
    shifts
        In order, not overlapping. Empty: not working that day.
    languages
        Languages and dialects spoken, BCP 47 codes such as `wuu`; Mandarin goes unsaid.
    overtime
        Seconds past the end of a day's last shift that this person agreed to.
    """

    id: StaffId
    name: str
    organization: OrganizationId
    street: StreetId
    role: Role
    gender: str
    mode: TravelMode
    base: Place | None
    levels: tuple[Level, ...]
    shifts: tuple[Shift, ...]
    languages: tuple[str, ...] = ()
    overtime: int = 0


def levels_on(qualifications: Iterable[Qualification], day: date) -> tuple[Level, ...]:
    """Performer levels that the licences in force on `day` allow, highest first."""
    held = {level for q in qualifications if q.valid_on(day) for level in GRANTS[q.licence]}
    return tuple(level for level in reversed(Level) if level in held)
