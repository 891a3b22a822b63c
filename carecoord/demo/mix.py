"""In which shares do elders, levels, programmes and staff come?

Population figures come from the pack `demo_street`. The shares below are the product's own
choice (docs/decisions/0501): 300 elders on a plan who ask for about 350 visits a day, and
staff who can make nearly all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from carecoord.model.policy import Rules
from carecoord.model.staff import Role

Programmes = tuple[str, ...]
Shares = tuple[tuple[str, float], ...]

_H, _F, _L, _S = "home-hospital-bed", "family-bed", "ltci", "station"

# Persons in 300 with each combination of programmes.
_PROGRAMMES: tuple[tuple[Programmes, float], ...] = (
    ((_H,), 71),
    ((_H, _S), 62),
    ((_H, _F), 8),
    ((_H, _L), 26),
    ((_H, _F, _L), 4),
    ((_F,), 16),
    ((_F, _S), 6),
    ((_F, _L), 6),
    ((_L,), 28),
    ((_L, _S), 10),
    ((_S,), 63),
)

# LTC insurance pays from LTC37 level 3 on, a family bed is given from level 2 on; within the
# levels 3 to 5 the shares are those of the prevalence table over all ages.
_LEVELS: dict[str, tuple[tuple[int, float], ...]] = {
    _L: ((3, 55), (4, 26), (5, 19)),
    _F: ((2, 100),),
    _H: ((1, 50), (2, 50)),
    _S: ((1, 75), (2, 25)),
}

# Employed for 300 elders, and the least that leaves somebody at work on every day.
_EMPLOYED = {Role.DOCTOR: (6, 2), Role.NURSE: (12, 3), Role.CAREGIVER: (38, 4)}
_WOMEN = {Role.DOCTOR: 0.55, Role.NURSE: 0.95, Role.CAREGIVER: 0.88}

_AGES = {"60_69": (60, 69), "70_79": (70, 79), "80_plus": (80, 98)}
_AGE_SHARES = {
    "60_69": "demo.share_60_69",
    "70_79": "demo.share_70_79",
    "80_plus": "demo.share_80_plus",
}
_LIVES = {"live_in_paid": "live-in"}

# Mandarin, Wu, Yue: the language somebody is best addressed in.
_LANGUAGES: Shares = (("zh-cmn", 82), ("zh-wuu", 12), ("zh-yue", 6))


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of everything that is drawn; weights need not add up to one.

    prevalence
        Age group → weight of LTC37 levels 1 to 5 in the population aged 60+.
    """

    programmes: tuple[tuple[Programmes, float], ...]
    prevalence: Mapping[str, tuple[float, ...]]
    lives: Shares
    languages: Shares
    e_bike: Mapping[Role, float]
    women: Mapping[Role, float]
    trained: float = 0.4
    elder_women: float = 0.58

    def levels_in(self, programmes: Programmes) -> tuple[tuple[int, float], ...]:
        """LTC37 levels of elders with these programmes; the strictest programme decides."""
        return next(_LEVELS[p] for p in (_L, _F, _H, _S) if p in programmes)

    def ages_at(self, level: int) -> tuple[tuple[tuple[int, int], float], ...]:
        """Age groups, youngest and oldest, of elders at an LTC37 level from 1 to 5."""
        return tuple(
            (_AGES[group], weights[level - 1]) for group, weights in self.prevalence.items()
        )

    def employed(self, role: Role, elders: int) -> int:
        """How many people with a role a street with so many elders on a plan employs."""
        many, least = _EMPLOYED[role]
        return max(least, round(many * elders / 300))


def read(rules: Rules) -> Mix:
    """The mix, with the population figures of the packs in force.

    Raises
    ------
    Missing, Invalid
        A row under `demo` is missing or of another kind.
    """
    prevalence = {
        group: tuple(
            _float(share) * _float(rules.decimal(_AGE_SHARES[group]))
            for share in rules.entries(f"demo.prevalence.{group}")
        )
        for group in _AGES
    }
    return Mix(
        programmes=_PROGRAMMES,
        prevalence=prevalence,
        lives=tuple(
            (_LIVES.get(kind, kind), _float(share))
            for kind, share in rules.table("demo.household").items()
        ),
        languages=_LANGUAGES,
        e_bike={role: rules.entry(f"demo.modes.{role.value}", "e_bike") / 100 for role in Role},
        women=_WOMEN,
    )


def _float(value: object) -> float:
    assert isinstance(value, int | Decimal)
    return float(value)
