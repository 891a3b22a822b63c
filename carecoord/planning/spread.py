"""On which days do visits without named weekdays fall, and who should come to each visit? Pure.

Visits of the days ahead become cares of `solver.week`: visits of one plan that follow one another
move together, what people decided or were told stays, and everybody's working hours hold.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from carecoord.model.demands import VisitDemand
from carecoord.model.ids import DemandId, ElderId, PlanId, StaffId
from carecoord.model.plans import Plan
from carecoord.model.spread import Placed
from carecoord.model.staff import Staff
from carecoord.planning.expand import anchor, leaders
from carecoord.planning.labour import History, LabourRules, limited
from carecoord.planning.patterns import Cluster, daily, patterns
from carecoord.planning.problem import Costs, Preferences
from carecoord.planning.recur import movable
from solver.period import Care, Limit, Week, WeekPlan, Worker

_STRANGER, _FACES = 1_200, 6_000
"""Cost of a visit by somebody whom the elder does not know, and of every face beyond the first."""
_BANDS = 12
"""Parts of the day looked at: the windows that most visits have."""
_HARD_SECONDS = 90 * 60


@dataclass(frozen=True, slots=True)
class Ahead:
    """Everything the spread of some days is made from.

    first, days
        The days ahead; `told`: those that people know, where nothing moves.
    demands
        Visits of the days that are not told, as they fall now.
    fixed
        Visits whose day a person decided about.
    placed
        Choices of earlier spreads.
    staff
        Day → everybody with their roster of that day.
    history
        Person → what they work on days before `first` and on told days.
    way
        Seconds on the way to each visit.
    """

    first: date
    days: int
    told: frozenset[date]
    plans: Mapping[PlanId, Plan]
    demands: tuple[VisitDemand, ...]
    fixed: frozenset[DemandId]
    placed: tuple[Placed, ...]
    staff: Mapping[date, tuple[Staff, ...]]
    history: Mapping[StaffId, History]
    known: Mapping[ElderId, tuple[StaffId, ...]]
    rules: LabourRules
    costs: Costs = field(default_factory=Costs)
    way: int = 900

    @property
    def span(self) -> list[date]:
        """The days ahead, in order."""
        return [self.first + timedelta(days=k) for k in range(self.days)]


@dataclass(frozen=True, slots=True)
class Question:
    """The spread as a problem of `solver.week`, and how to read its answer.

    series
        Care id → the visits it stands for, with their due days in order.
    """

    week: Week
    first: date
    series: Mapping[str, tuple[tuple[VisitDemand, date], ...]]

    def answer(self, plan: WeekPlan) -> tuple[Placed, ...]:
        """What was chosen for each visit."""
        crews: dict[str, dict[int, list[StaffId]]] = defaultdict(lambda: defaultdict(list))
        for care, day, who in plan.visits:
            crews[care][day].append(StaffId(who))
        for care, day in plan.unserved:
            crews[care].setdefault(day, [])
        return tuple(
            Placed(
                plan=demand.plan,
                group=group,
                due=due,
                occasion=occasion,
                day=self.first + timedelta(days=day),
                staff=tuple(crew),
            )
            for care, visits in self.series.items()
            for (demand, due), (day, crew) in zip(visits, sorted(crews[care].items()), strict=True)
            # Where an edited visit falls is the person's decision, not a choice of the spread.
            if not demand.edited
            # What was joined into one visit stays together on its new day.
            for group, occasion in demand.parts or ((demand.group, demand.occasion),)
        )


def question(ahead: Ahead) -> Question:
    """The problem of spreading the visits of the days that people do not know yet."""
    return _Asking(ahead).question()


class _Asking:
    def __init__(self, ahead: Ahead) -> None:
        self._ahead = ahead
        self._draft = [day for day in ahead.span if day not in ahead.told]
        self._due_of = {(p.plan, p.group, p.occasion, p.day): p.due for p in ahead.placed}
        self._day_of = {(p.plan, p.group, p.due): p.day for p in ahead.placed}
        self._chosen = {(p.plan, p.group, p.occasion, p.day): p.staff for p in ahead.placed}

    @cached_property
    def _people(self) -> dict[StaffId, Staff]:
        """Everybody who works on some day, by the last day they do."""
        return {
            one.id: one
            for day in self._ahead.span
            for one in self._ahead.staff.get(day, ())
            if one.base is not None and one.levels and one.shifts
        }

    @cached_property
    def _bands(self) -> list[tuple[int, int]]:
        """First and last start of the windows that most visits have."""
        counted = Counter((d.windows[0][0], d.windows[-1][1]) for d in self._ahead.demands)
        return [hours for hours, _ in counted.most_common(_BANDS)]

    def question(self) -> Question:
        series: dict[str, list[tuple[VisitDemand, date]]] = defaultdict(list)
        clusters: dict[tuple[PlanId, str], list[str]] = defaultdict(list)
        for demand in sorted(self._ahead.demands, key=lambda d: (d.day, d.id)):
            key = (demand.plan, demand.group, demand.occasion, demand.level.value, demand.carers)
            name = "|".join(map(str, key))
            series[name].append((demand, self._due(demand)))
            cluster = (demand.plan, self._leader(demand.plan, demand.group))
            if name not in clusters[cluster]:
                clusters[cluster].append(name)
        cares: list[Care] = []
        for (plan, leader), names in sorted(clusters.items()):
            cares += self._cares(plan, leader, names, series)
        week = Week(self._ahead.days, tuple(cares), tuple(self._workers()), faces=_FACES)
        kept = {name: tuple(sorted(found, key=_by_due)) for name, found in series.items()}
        return Question(week, self._ahead.first, kept)

    def _due(self, demand: VisitDemand) -> date:
        key = (demand.plan, demand.group, demand.occasion, demand.day)
        return self._due_of.get(key, demand.day)

    def _leader(self, plan: PlanId, group: str) -> str:
        found = self._ahead.plans.get(plan)
        return group if found is None else leaders(found.follows).get(group, group)

    # ---- Which days ----

    def _cares(
        self,
        plan: PlanId,
        leader: str,
        names: Sequence[str],
        series: Mapping[str, list[tuple[VisitDemand, date]]],
    ) -> Iterator[Care]:
        moving = [name for name in names if self._moves(plan, series[name][0][0].group)]
        cluster = self._cluster(plan, leader, [visit for n in moving for visit in series[n]])
        ways = list(patterns(cluster, self._draft)) if cluster else []
        head = ""
        for name in names:
            visits = series[name]
            if name not in moving or len(ways) < 2:
                yield self._care(name, visits, [tuple(self._index(d.day) for d, _ in visits)])
                continue
            days = [
                tuple(sorted({self._index(way.get(due, d.day)) for d, due in visits}))
                for way in ways
            ]
            assert cluster is not None
            costs = () if head else cluster.costs(ways)
            yield self._care(name, visits, days, costs, head)
            head = head or name

    def _moves(self, plan: PlanId, group: str) -> bool:
        found = self._ahead.plans.get(plan)
        tasks = [task for task in found.tasks if task.group == group] if found else []
        return bool(tasks) and all(movable(task.recurrence) for task in tasks)

    def _cluster(
        self, plan: PlanId, leader: str, visits: Sequence[tuple[VisitDemand, date]]
    ) -> Cluster | None:
        """The visits that may move together; None where a weekday fixes one of them."""
        if not visits:
            return None
        whole = self._ahead.plans[plan]
        inside = [task for task in whole.tasks if self._leader(plan, task.group) == leader]
        if any(not movable(t.recurrence) and not daily(t.recurrence) for t in inside):
            return None
        still = {due for demand, due in visits if demand.id in self._ahead.fixed or demand.edited}
        start = anchor(plan, leader)
        return Cluster(
            first=self._ahead.first,
            last=self._ahead.span[-1],
            tasks=tuple((task, start) for task in inside if movable(task.recurrence)),
            dues={due: demand.day for demand, due in visits if due not in still},
            still={due: demand.day for demand, due in visits if due in still},
            chosen={(p.group, p.due): p.day for p in self._ahead.placed if p.plan == plan},
            settled=visits[0][0].elder in self._ahead.known,
        )

    def _index(self, day: date) -> int:
        return (day - self._ahead.first).days

    # ---- Who ----

    def _care(
        self,
        name: str,
        visits: Sequence[tuple[VisitDemand, date]],
        days: Sequence[tuple[int, ...]],
        costs: tuple[int, ...] = (),
        head: str = "",
    ) -> Care:
        demand = visits[0][0]
        able = [one for one in self._people.values() if demand.level in one.levels]
        used = {who for d, _ in visits for who in self._wished(d)}
        named = demand.preferred or self._ahead.known.get(demand.elder, ())
        extra = Preferences(able, self._ahead.costs).of(demand, used)
        familiar = {*named, *used}
        longest = max(d.duration for d, _ in visits)
        return Care(
            id=name,
            patterns=tuple(days),
            seconds=longest + self._ahead.way,
            people=frozenset(one.id for one in able),
            known={
                one.id: (0 if one.id in familiar else _STRANGER) + extra.get(one.id, 0)
                for one in able
            },
            stranger=_STRANGER,
            hard_work=demand.carers > 1 or longest >= _HARD_SECONDS,
            carers=demand.carers,
            follows=head,
            pattern_costs=costs,
            bands=frozenset(
                number
                for number, hours in enumerate(self._bands)
                if hours[0] <= demand.windows[0][0] and demand.windows[-1][1] <= hours[1]
            ),
            never=frozenset(self._never(demand, longest, able)),
            unserved=200_000 * demand.priority,
        )

    def _wished(self, demand: VisitDemand) -> tuple[StaffId, ...]:
        key = (demand.plan, demand.group, demand.occasion, demand.day)
        return self._chosen.get(key, ())

    def _never(
        self, demand: VisitDemand, seconds: int, able: Iterable[Staff]
    ) -> Iterator[tuple[str, int]]:
        names = {one.id for one in able}
        for day in self._draft:
            here = {
                one.id
                for one in self._ahead.staff.get(day, ())
                if one.id in names and _could(one, demand, seconds)
            }
            yield from ((who, self._index(day)) for who in names - here)

    def _workers(self) -> Iterator[Worker]:
        rules = self._ahead.rules
        rosters: dict[StaffId, dict[date, Staff]] = defaultdict(dict)
        for day in self._draft:
            for one in self._ahead.staff.get(day, ()):
                if one.id in self._people and one.shifts:
                    before = self._ahead.history.get(one.id, {})
                    rosters[one.id][day] = limited(one, day, before, rules)[0]
        for who in sorted(self._people):
            mine = rosters[who]
            yield Worker(
                id=who,
                seconds=tuple(
                    rules.work_of(mine[day].shifts) if day in mine else 0
                    for day in self._ahead.span
                ),
                limits=tuple(self._limits(who, mine)),
                bands={
                    number: tuple(
                        _inside(mine.get(day), hours, self._ahead.way) for day in self._ahead.span
                    )
                    for number, hours in enumerate(self._bands)
                },
            )

    def _limits(self, who: StaffId, mine: Mapping[date, Staff]) -> Iterator[Limit]:
        """What working weeks and runs of days leave, those that began before included."""
        rules = self._ahead.rules
        done = self._ahead.history.get(who, {})
        weeks = rules.rolling - rules.rest_days
        for first, length, seconds, days in [
            *self._windows(rules.rolling, rules.week, weeks),
            *self._windows(rules.in_a_row + 1, None, rules.in_a_row),
            *self._windows(rules.average_days, rules.average, None),
        ]:
            span = [first + timedelta(days=k) for k in range(length)]
            worked = [done[day].seconds for day in span if day in done]
            spent = sum(min(rules.day, one) for one in worked)
            yield Limit(
                max(0, self._index(span[0])),
                min(self._ahead.days - 1, self._index(span[-1])),
                None if seconds is None else max(0, seconds - spent),
                None if days is None else max(0, days - len(worked)),
            )
        for day in self._draft:
            after = day + timedelta(days=1)
            if day in mine and after in mine and not _rested(mine[day], mine[after], rules.between):
                yield Limit(self._index(day), self._index(after), None, 1)

    def _windows(
        self, length: int, seconds: int | None, days: int | None
    ) -> Iterator[tuple[date, int, int | None, int | None]]:
        for back in range(-length + 1, self._ahead.days):
            yield self._ahead.first + timedelta(days=back), length, seconds, days


def _by_due(visit: tuple[VisitDemand, date]) -> date:
    return visit[1]


def _could(one: Staff, demand: VisitDemand, seconds: int) -> bool:
    return demand.level in one.levels and any(
        max(shift.start, earliest) <= latest
        and max(shift.start, earliest) + seconds <= shift.latest_return
        for shift in one.shifts
        for earliest, latest in demand.windows
    )


def _inside(one: Staff | None, hours: tuple[int, int], way: int) -> int:
    """Seconds of the shifts in which visits may be that begin within `hours`."""
    if one is None:
        return 0
    # The last of them may begin as late as the part of the day ends.
    last = hours[1] + 2 * way
    return sum(max(0, min(s.end, last) - max(s.start, hours[0])) for s in one.shifts)


def _rested(one: Staff, after: Staff, between: int) -> bool:
    if not one.shifts or not after.shifts:
        return True
    return after.shifts[0].start + 86_400 - one.shifts[-1].end >= between
