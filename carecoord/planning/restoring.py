"""Does an earlier plan of a day still fit what is known now, and what of it does not? Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from carecoord.errors import Fact
from carecoord.model.ids import DemandId
from carecoord.model.visits import DayPlan, Unserved
from carecoord.planning.offers import solution_of
from carecoord.planning.problem import Built
from carecoord.planning.withdraw import without
from solver import Options, Violation, check

_SINCE = "unserved.since"
_LOST = "unserved.restored"
_BENDABLE = frozenset({"pins", "cost"})
"""Rules whose breach takes no visit away: a person pinned, a person restores."""

_FIRM = frozenset({"routes", "served", "together"})
"""Rules that nobody can override: what breaks them is no plan."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A visit that an earlier plan made and that cannot be made so any more.

    rule
        Of the judge, such as `hours` or `skills`; `wanted`: nobody asks for the visit now;
        `staff`: the carer is not at work.
    """

    demand: DemandId
    rule: str
    facts: Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Fitted:
    """An earlier plan as it can be followed now.

    plan
        Equal to the earlier one when `lost` and `new` are empty.
    lost
        Visits that are left out of it.
    new
        Visits wanted now that the earlier plan did not know; they stay unserved.
    """

    plan: DayPlan
    lost: tuple[Lost, ...]
    new: tuple[DemandId, ...]


def fitted(earlier: DayPlan, built: Built, options: Options, *, override: bool = False) -> Fitted:
    """What of an earlier plan can be followed now; nobody else is moved for what cannot.

    Parameters
    ----------
    override
        Keep what breaks a rule too, as long as somebody wants the visit and its carers are there.
    """
    lost = _unwanted(earlier, built)
    while True:
        plan = _left(earlier, lost)
        verdict = check(built.problem, solution_of(built, plan), options)
        broken = next((v for v in verdict.violations if _counts(v.rule, override)), None)
        more = None if broken is None else _blamed(plan, broken)
        if more is None:
            break
        lost[more.demand] = more
    plan, new = _completed(earlier, plan, built)
    if lost or new:
        plan = replace(plan, cost=dict(verdict.cost))
    return Fitted(plan, tuple(lost[one] for one in sorted(lost)), new)


def _counts(rule: str, override: bool) -> bool:
    return rule in _FIRM if override else rule not in _BENDABLE


def _unwanted(earlier: DayPlan, built: Built) -> dict[DemandId, Lost]:
    wanted = {visit.id for visit in built.problem.visits}
    out = {one.demand: one for one in built.kept_out}
    people = {one.id for one in built.problem.staff}
    found: dict[DemandId, Lost] = {}
    for stop in earlier.stops:
        if stop.demand in out:
            found[stop.demand] = Lost(stop.demand, "wanted", {"code": out[stop.demand].code})
        elif stop.demand not in wanted:
            found[stop.demand] = Lost(stop.demand, "wanted", {"code": "-"})
        elif stop.staff not in people:
            found.setdefault(stop.demand, Lost(stop.demand, "staff", {"staff": stop.staff}))
    return found


def _left(earlier: DayPlan, lost: Mapping[DemandId, Lost]) -> DayPlan:
    if not lost:
        return earlier
    return without(
        earlier,
        {one.demand: Unserved(one.demand, _LOST, {"rule": one.rule}) for one in lost.values()},
    )


def _blamed(plan: DayPlan, broken: Violation) -> Lost | None:
    """The visit to be left out for a broken rule; of a whole route, the last one."""
    facts = dict(broken.facts)
    made = {stop.demand for stop in plan.stops}
    for name in ("visit", "second", "first"):
        named = DemandId(str(facts.get(name, "")))
        if named in made:
            return Lost(named, broken.rule, facts)
    own = [stop for stop in plan.stops if stop.staff == facts.get("staff")]
    if not own:
        return None
    pick = min if broken.code == "shift.early" else max
    return Lost(pick(own, key=lambda stop: stop.order).demand, broken.rule, facts)


def _completed(
    earlier: DayPlan, plan: DayPlan, built: Built
) -> tuple[DayPlan, tuple[DemandId, ...]]:
    """Every visit wanted now is in the plan, and none that is not."""
    out = {one.demand: one for one in built.kept_out}
    wanted = {DemandId(visit.id) for visit in built.problem.visits} | out.keys()
    said = {one.demand: one for one in plan.unserved if one.demand in wanted}
    made = {stop.demand for stop in plan.stops}
    known = {s.demand for s in earlier.stops} | {u.demand for u in earlier.unserved}
    new = tuple(sorted(wanted - known))
    said |= {one: Unserved(one, _SINCE) for one in new}
    said |= {one: gone for one, gone in out.items() if one not in made}
    unserved = tuple(said[one] for one in sorted(said) if one not in made)
    return (plan if unserved == plan.unserved else replace(plan, unserved=unserved)), new
