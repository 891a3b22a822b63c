"""What does it cost to send one person to one visit, beyond the way? Pure."""

from typing import Protocol

from carecoord.model.demands import VisitDemand
from carecoord.model.staff import Staff


class Prices(Protocol):
    """Cost of each step or wish, dimensionless."""

    @property
    def above_level(self) -> int: ...
    @property
    def other_gender(self) -> int: ...
    @property
    def other_language(self) -> int: ...


def preference_parts(demand: VisitDemand, one: Staff, costs: Prices) -> dict[str, int]:
    """Name of a weight → cost; the sum is the visit's preference for this person."""
    above = one.levels.index(demand.level) if demand.level in one.levels else 0
    return {
        "above_level": costs.above_level * above,
        "other_gender": costs.other_gender * (demand.gender not in ("", one.gender)),
        "other_language": costs.other_language * (demand.language not in ("", *one.languages)),
    }
