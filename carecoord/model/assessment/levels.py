"""Levels of the three scales. They share the word only and can never be compared.

A level of one scale put beside one of another, in any comparison, is a `TypeError`: a
programming mistake that must not reach a person, not something a user could correct.
"""

from dataclasses import dataclass
from typing import ClassVar

from carecoord.errors import Invalid


@dataclass(frozen=True, slots=True, eq=False)
class _Level:
    """A step of one scale; a higher number means more help is needed."""

    number: int

    scale: ClassVar[str]
    least: ClassVar[int]
    most: ClassVar[int]

    def __post_init__(self) -> None:
        if type(self.number) is not int or not self.least <= self.number <= self.most:
            raise Invalid(
                "level.range",
                field="level",
                scale=self.scale,
                got=str(self.number),
                least=self.least,
                most=self.most,
            )

    def _other(self, other: object) -> int | None:
        if isinstance(other, _Level) and other.scale != self.scale:
            raise TypeError(f"a {self.scale} level cannot be compared with a {other.scale} level")
        return other.number if isinstance(other, _Level) else None

    def __eq__(self, other: object) -> bool:
        number = self._other(other)
        return NotImplemented if number is None else self.number == number

    def __lt__(self, other: object) -> bool:
        number = self._other(other)
        return NotImplemented if number is None else self.number < number

    def __le__(self, other: object) -> bool:
        number = self._other(other)
        return NotImplemented if number is None else self.number <= number

    def __gt__(self, other: object) -> bool:
        number = self._other(other)
        return NotImplemented if number is None else self.number > number

    def __ge__(self, other: object) -> bool:
        number = self._other(other)
        return NotImplemented if number is None else self.number >= number

    def __hash__(self) -> int:
        return hash((self.scale, self.number))

    def __str__(self) -> str:
        return f"{self.scale} {self.number}"


class LTC37Level(_Level):
    """0 (basically normal) to 5 (severe III); 医保办发〔2021〕37号."""

    __slots__ = ()
    scale, least, most = "LTC37", 0, 5


class GB42195Level(_Level):
    """0 (intact) to 4 (complete loss); GB/T 42195-2022."""

    __slots__ = ()
    scale, least, most = "GB42195", 0, 4


class SHLTCLevel(_Level):
    """1 to 6, the unified needs assessment of Shanghai; recorded, never computed here."""

    __slots__ = ()
    scale, least, most = "SH_LTC", 1, 6


AnyLevel = LTC37Level | GB42195Level | SHLTCLevel

SCALES: dict[str, type[LTC37Level] | type[GB42195Level] | type[SHLTCLevel]] = {
    "LTC37": LTC37Level,
    "GB42195": GB42195Level,
    "SH_LTC": SHLTCLevel,
}


def level_of(scale: str, number: int) -> AnyLevel:
    """A level by the name of its scale.

    Raises
    ------
    Invalid
        There is no such scale, or the scale has no such level.
    """
    if scale not in SCALES:
        raise Invalid("level.scale", field="scale", scale=scale, allowed=", ".join(SCALES))
    return SCALES[scale](number)
