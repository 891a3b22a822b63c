"""A street-day as it stands: what is wanted, who is at work, its plan, all of it for the solver.

Repair, fit, explanations, scores and hand moves start from here, inside one transaction; a planning
run reads the same things at its beginning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from carecoord.flows import day as days_of
from carecoord.flows import networks
from carecoord.model.ids import StreetId
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem
from carecoord.model.staff import Staff
from carecoord.model.visits import DayKey, DayPlan
from carecoord.planning import addresses, figures
from carecoord.planning.offers import solution_of
from carecoord.planning.problem import Built, Costs, DayInput, Places, build, places
from carecoord.store import days
from carecoord.store.engine import Tx
from carecoord.streets import EBIKE, WALK, Mode, Network, Travel, estimate
from solver import Solution

MODES: Mapping[str, Mode] = {"walk": WALK, "e-bike": EBIKE}
"""Travel mode of a PractitionerRole to the profile that routes it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One street-day, read in one transaction.

    version, state
        Of the stored plan; 0 and "" when nothing is planned yet.
    given, at, travel, network
        What the day is planned from.
    built
        The day as a solver problem, every visit of `given` in it or in `built.kept_out`.
    plan, solution
        The stored plan, also as the solver knows it; None when nothing is planned yet.
    faults
        What people should correct in the data.
    """

    key: DayKey
    version: int
    state: str
    given: DayInput
    at: Places
    travel: Mapping[str, Travel]
    network: Network | None
    built: Built
    plan: DayPlan | None
    solution: Solution | None
    faults: tuple[DataProblem, ...]


def stand(
    tx: Tx,
    street: StreetId,
    day: date,
    data: Path,
    rules: Rules,
    costs: Costs | None = None,
) -> Standing:
    """Read a street-day. The caller has asked for permission.

    data
        Folder with the street networks and the travel cache.
    costs
        What the pooled plan prefers; `Costs()` by default.
    """
    key = DayKey(street, day)
    state = days.state(tx, key)
    plan = days.read(tx, key) if state is not None else None
    given, faults = days_of.inputs(tx, street, day)
    network = networks.of_street(tx, street, data)
    at = places(given)
    travel = travel_times(network, at, given.staff, data / "cache")
    built = build(given, at, travel, figures.day_rules(rules), costs or Costs())
    return Standing(
        key=key,
        version=state.version if state is not None else 0,
        state=state.state if state is not None else "",
        given=given,
        at=at,
        travel=travel,
        network=network,
        built=built,
        plan=plan,
        solution=None if plan is None else solution_of(built, plan),
        faults=(*faults, *addresses.problems(given, at, travel)),
    )


def travel_times(
    network: Network | None, at: Places, staff: Iterable[Staff], cache: Path
) -> Mapping[str, Travel]:
    """Times by the travel modes of people; estimates where a street has no network."""
    used = sorted({one.mode for one in staff} or {"walk"})
    if network is None:
        return {mode: estimate(at.rows, MODES[mode]) for mode in used}
    return {mode: network.travel(at.rows, MODES[mode], cache_dir=cache) for mode in used}
