"""Who keeps coming to whom, how evenly is the work spread, and who gets the worse of it? Pure.

Formulas stand in docs/planning.md under the same names.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from carecoord.planning.fairness import gini, most_to_mean

Outcome = Literal["made", "unserved", "not-made"]
"""`not-made`: somebody stood at the door in vain."""


@dataclass(frozen=True, slots=True)
class Called:
    """One visit of a published day.

    staff
        Everybody who was sent; empty for an unserved one.
    late
        Seconds after the time agreed; 0 when in time.
    service
        Seconds at the bedside, of one person.
    hard
        Two carers, upper floors without a lift, early, late or on a holiday.
    """

    visit: str
    day: date
    elder: str
    staff: tuple[str, ...]
    outcome: Outcome
    late: int = 0
    service: int = 0
    hard: bool = False


@dataclass(frozen=True, slots=True)
class ClientMonth:
    """Who came to one person in one calendar month.

    main
        Who came most often; of several the first by id.
    main_share, top_share
        Share of visits with the main carer, and with one of the three most frequent ones.
    new
        Carers who came for the first time.
    """

    elder: str
    month: str
    visits: int
    carers: int
    main: str
    main_share: float
    top_share: float
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """Work of one person over the days looked at; seconds.

    share
        Service ÷ time at work; None without time at work.
    hard_share
        Hard visits ÷ visits; None without visits.
    """

    staff: str
    role: str
    visits: int
    hard: int
    service: int
    at_work: int

    @property
    def share(self) -> float | None:
        """Service ÷ time at work."""
        return self.service / self.at_work if self.at_work else None

    @property
    def hard_share(self) -> float | None:
        """Hard visits ÷ visits."""
        return self.hard / self.visits if self.visits else None


@dataclass(frozen=True, slots=True)
class Spread:
    """How evenly work is spread over people of one role; `*` = everybody at work.

    load_gini, load_busiest
        Of service ÷ time at work: Gini coefficient, and the largest ÷ the mean.
    hard_gini, hard_busiest
        Of hard visits ÷ time at work.
    """

    role: str
    people: int
    load_gini: float | None
    load_busiest: float | None
    hard_gini: float | None
    hard_busiest: float | None


def client_months(
    calls: Iterable[Called], before: Mapping[str, frozenset[str]]
) -> tuple[ClientMonth, ...]:
    """Everybody who was visited, month by month.

    before
        Elder → staff who came in the days before those looked at.
    """
    made = [one for one in calls if one.outcome == "made"]
    months: dict[tuple[str, str], list[Called]] = defaultdict(list)
    for one in made:
        months[one.elder, one.day.strftime("%Y-%m")].append(one)
    first = first_calls(made, before)
    return tuple(
        _month(elder, month, mine, first) for (elder, month), mine in sorted(months.items())
    )


def first_calls(
    calls: Iterable[Called], before: Mapping[str, frozenset[str]]
) -> Mapping[tuple[str, str], str]:
    """Elder and staff → visit of the first call of somebody who had not come before.

    Whoever comes on the first day of somebody's care is new to them too.
    """
    found: dict[tuple[str, str], str] = {}
    for one in sorted(calls, key=lambda c: (c.day, c.visit)):
        if one.outcome != "made":
            continue
        for who in one.staff:
            if who not in before.get(one.elder, frozenset()):
                found.setdefault((one.elder, who), one.visit)
    return found


def _month(
    elder: str, month: str, calls: Sequence[Called], first: Mapping[tuple[str, str], str]
) -> ClientMonth:
    times = Counter(who for one in calls for who in one.staff)
    order = sorted(times, key=lambda who: (-times[who], who))
    ids = {one.visit for one in calls}
    return ClientMonth(
        elder=elder,
        month=month,
        visits=len(calls),
        carers=len(times),
        main=order[0] if order else "",
        main_share=_share(calls, order[:1]),
        top_share=_share(calls, order[:3]),
        new=tuple(who for who in order if first.get((elder, who)) in ids),
    )


def _share(calls: Sequence[Called], people: Sequence[str]) -> float:
    with_them = sum(bool(set(one.staff) & set(people)) for one in calls)
    return with_them / len(calls) if calls else 0.0


def loads(
    calls: Iterable[Called], roles: Mapping[str, str], at_work: Mapping[str, int]
) -> tuple[Load, ...]:
    """Work of everybody who was at work or sent.

    Parameters
    ----------
    roles
        Staff → role.
    at_work
        Staff → seconds of all shifts on the days looked at.
    """
    visits: Counter[str] = Counter()
    hard: Counter[str] = Counter()
    service: Counter[str] = Counter()
    for one in calls:
        if one.outcome == "unserved":
            continue
        for who in one.staff:
            visits[who] += 1
            hard[who] += one.hard
            service[who] += one.service
    people = sorted({*visits, *(who for who, seconds in at_work.items() if seconds)})
    return tuple(
        Load(who, roles.get(who, ""), visits[who], hard[who], service[who], at_work.get(who, 0))
        for who in people
    )


def spreads(found: Sequence[Load]) -> tuple[Spread, ...]:
    """How evenly work is spread: over everybody, then role by role."""
    roles = sorted({one.role for one in found})
    return tuple(
        _spread(role, [one for one in found if role in ("*", one.role)]) for role in ("*", *roles)
    )


def _spread(role: str, found: Sequence[Load]) -> Spread:
    working = [one for one in found if one.at_work]
    load = [one.service / one.at_work for one in working]
    hard = [one.hard / one.at_work for one in working]
    return Spread(
        role=role,
        people=len(working),
        load_gini=gini(load),
        load_busiest=most_to_mean(load),
        hard_gini=gini(hard),
        hard_busiest=most_to_mean(hard),
    )
