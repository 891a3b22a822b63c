"""On which days should a repeated visit take place, so that the same person comes?

A choice among places that were each found in the real routes of a day, or estimated from a roster
where nothing is planned yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

MISSED = 1_000_000_000
"""Cost of a visit of the series that no day takes: more than any other cost of all of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One way to make the visit on one day.

    staff
        Empty on a day that is only estimated.
    cost
        Change of cost of the day, dimensionless.
    source
        What it was found as, for whoever shows it.
    """

    staff: tuple[str, ...]
    start: int
    cost: int
    source: object = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DayOptions:
    """What one day offers.

    able
        Who is at work that day and may do it: on an estimated day one of them would come.
    """

    day: date
    options: tuple[Option, ...]
    able: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Chosen:
    """One visit of a series."""

    day: date
    option: Option


@dataclass(frozen=True, slots=True)
class Series:
    """Days and places of a repeated visit.

    anchor
        Whom the series is built around; empty when nobody was preferred.
    kept
        Visits that the anchor makes, or could on days that are only estimated.
    missing
        Visits that found no day.
    cost
        Of all days together, without the preference for the anchor.
    """

    anchor: str
    chosen: tuple[Chosen, ...]
    kept: int
    missing: int
    cost: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """How often: `per_week` visits in each of `weeks` weeks of seven days from `first`.

    spacing
        Days between two visits at least; 1 = on following days.
    other_carer
        What it costs that somebody else than the anchor comes; 0 = it does not matter.
    """

    first: date
    per_week: int
    weeks: int
    spacing: int = 1
    other_carer: int = 0

    @property
    def days(self) -> tuple[date, ...]:
        """Every day in question."""
        return tuple(self.first + timedelta(days=k) for k in range(7 * self.weeks))


def series(pattern: Pattern, days: Iterable[DayOptions], *, top: int = 3) -> tuple[Series, ...]:
    """The best series, one for each person it could be built around: fewest missing first."""
    offered = {one.day: one for one in days}
    span = [offered.get(day, DayOptions(day, ())) for day in pattern.days]
    people = sorted({who for one in span for who in _people(one)}) if pattern.other_carer else []
    found = [_around(pattern, span, anchor) for anchor in people or [""]]
    distinct: dict[tuple[tuple[date, tuple[str, ...], int], ...], Series] = {}
    for one in sorted(found, key=lambda s: (s.missing, _felt(pattern, s), s.anchor)):
        places = tuple((c.day, c.option.staff, c.option.start) for c in one.chosen)
        distinct.setdefault(places, one)
    return tuple(distinct.values())[:top]


def _people(one: DayOptions) -> Iterable[str]:
    return {who for option in one.options for who in option.staff or one.able}


def _felt(pattern: Pattern, one: Series) -> int:
    return one.cost + pattern.other_carer * (len(one.chosen) - one.kept)


def _around(pattern: Pattern, span: Sequence[DayOptions], anchor: str) -> Series:
    """Days with the least cost around one person: exact, day by day.

    A state is what the coming days depend on: visits made this week, days since the last one.
    """
    best = [_best(pattern, one, anchor) for one in span]
    far = pattern.spacing
    states: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {(0, far): (0, ())}
    for k, offered in enumerate(best):
        following: dict[tuple[int, int], tuple[int, tuple[int, ...]]] = {}
        for (made, since), (cost, taken) in states.items():
            steps = [((made, min(far, since + 1)), cost, taken)]
            if offered is not None and made < pattern.per_week and since >= far:
                steps.append(((made + 1, 1), cost + offered[0], (*taken, k)))
            for state, more, days in steps:
                if k % 7 == 6:
                    more += MISSED * (pattern.per_week - state[0])
                    state = (0, state[1])
                if state not in following or (more, days) < following[state]:
                    following[state] = (more, days)
        states = following
    _, taken = min(states.values())
    chosen = []
    kept = cost = 0
    for k in taken:
        offer = best[k]
        assert offer is not None
        option = offer[1]
        chosen.append(Chosen(span[k].day, option))
        cost += option.cost
        kept += anchor in (option.staff or span[k].able)
    missing = pattern.per_week * pattern.weeks - len(chosen)
    return Series(anchor, tuple(chosen), kept, missing, cost)


def _best(pattern: Pattern, one: DayOptions, anchor: str) -> tuple[int, Option] | None:
    """The option of a day that costs least when the anchor is wished for."""
    felt = [
        (o.cost + (0 if anchor in (o.staff or one.able) else pattern.other_carer), k, o)
        for k, o in enumerate(one.options)
    ]
    cost, _, option = min(felt, key=lambda f: f[:2], default=(0, 0, None))
    return None if option is None else (cost, option)
