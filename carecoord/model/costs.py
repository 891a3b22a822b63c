"""What does a visit cost those who make it? Indicator K15."""

from collections.abc import Iterable
from dataclasses import dataclass

from carecoord.model.charges import per_hour
from carecoord.model.policy import RuleRef, Rules
from carecoord.model.staff import Level


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of one or more visits, fen; `minutes` at the bedside of all carers together."""

    labour: int
    travel: int
    overhead: int
    minutes: int
    refs: tuple[RuleRef, ...] = ()

    @property
    def total(self) -> int:
        """Labour, travel and overhead."""
        return self.labour + self.travel + self.overhead

    @property
    def per_hour(self) -> int | None:
        """K15: fen per service hour, rounded half up; None without service."""
        if not self.minutes:
            return None
        return (120 * self.total + self.minutes) // (2 * self.minutes)


def visit_cost(
    level: Level, minutes: int, rules: Rules, *, travel: int | None = None, carers: int = 1
) -> Cost:
    """Cost of one visit.

    minutes
        At the bedside, of each carer.
    travel
        Seconds on the way of each carer; None = the pack's estimate for a visit not yet routed.
    """
    reading = rules.reading()
    labour = reading.entry("cost.labour_hour", level.value)
    way = 60 * reading.number("cost.travel_minutes") if travel is None else travel
    service = carers * per_hour(labour, minutes)
    # Travel between visits is work, so it costs the hour as well as the vehicle.
    hour = labour + reading.number("cost.travel_hour")
    on_the_way = carers * ((2 * hour * way + 3600) // 7200)
    percent = reading.number("cost.overhead_percent")
    overhead = (2 * (service + on_the_way) * percent + 100) // 200
    return Cost(service, on_the_way, overhead, carers * minutes, reading.refs)


def together(costs: Iterable[Cost]) -> Cost:
    """Several visits as one figure."""
    found = list(costs)
    refs = dict.fromkeys(ref for one in found for ref in one.refs)
    return Cost(
        labour=sum(one.labour for one in found),
        travel=sum(one.travel for one in found),
        overhead=sum(one.overhead for one in found),
        minutes=sum(one.minutes for one in found),
        refs=tuple(refs),
    )
