"""One run from claim to commit."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from carecoord.errors import CareError, Conflict, Invalid, Unavailable
from carecoord.flows import day, networks
from carecoord.flows.standing import MODES, travel_times
from carecoord.jobs import child
from carecoord.model import time
from carecoord.model.ids import RunId, StaffId
from carecoord.model.places import Place
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem, distinct
from carecoord.model.visits import DayPlan
from carecoord.planning import addresses, figures
from carecoord.planning.problem import Built, Costs, DayInput, Places, build, places
from carecoord.planning.result import Line, Lines, day_plan
from carecoord.store import runs
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from carecoord.streets import Network
from solver import Options, ProblemError, Solution, check

_log = logging.getLogger(__name__)

_LEASE_SPARE = timedelta(seconds=child.COMPILE + child.GRACE + 60)


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage, wall clock; `current` is the stage at hand, empty between two."""

    seconds: dict[str, float] = field(default_factory=dict)
    current: str = ""

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what happens inside; several times add up."""
        begun, self.current = perf_counter(), name
        try:
            yield
        finally:
            self.current = ""
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begun


def work(
    database: Database,
    data: Path,
    rules: Rules,
    run_id: RunId,
    *,
    progress: child.Progress | None = None,
    watch: Stopwatch | None = None,
) -> Run | None:
    """Claim a run, solve it, let the judge check it, and commit it.

    Returns
    -------
    Run | None
        The run as it ended: committed, proposal or failed. None: another worker has it.
    """
    watch = watch or Stopwatch()
    with database.write() as tx:
        now = time.now()
        asked = runs.read(tx, run_id)
        until = now + timedelta(seconds=asked.options["seconds"]) + _LEASE_SPARE
        run = runs.claim(tx, run_id, now=now, until=until)
    if run is None:
        return None
    failure: CareError
    try:
        return _solve_and_commit(database, data, rules, run, progress, watch)
    except CareError as error:
        failure = error
    except ProblemError as error:
        failure = Invalid(f"solver.{error.code}", field=error.field, **error.facts)
    except Exception:
        # A run that nobody ends would be tried again after each lease, for ever.
        _log.exception("run %s ended unexpectedly", run.id)
        failure = Unavailable("run.crashed", run=run.id)
    with database.write() as tx:
        return _failed(tx, run, failure)


def refuse(database: Database, run_id: RunId, error: CareError) -> Run | None:
    """End a run that cannot even begin; None: another worker has it."""
    with database.write() as tx:
        now = time.now()
        run = runs.claim(tx, run_id, now=now, until=now + _LEASE_SPARE)
        return None if run is None else _failed(tx, run, error)


def _failed(tx: Tx, run: Run, error: CareError) -> Run:
    failure = {"code": error.code, "field": error.field, "facts": error.facts}
    runs.finish(tx, run, "failed", at=time.now(), problem_hash="", outcome=failure)
    return runs.read(tx, run.id)


def work_now(
    database: Database,
    data: Path,
    rules: Rules,
    run_id: RunId,
    *,
    progress: child.Progress | None = None,
    watch: Stopwatch | None = None,
) -> Run:
    """As `work`, for a caller who waits for the plan.

    Raises
    ------
    Unavailable
        `run.elsewhere`: another worker has the run, or the day had moved.
    Invalid
        The run failed; code, field and facts are those of the failure.
    """
    done = work(database, data, rules, run_id, progress=progress, watch=watch)
    if done is None or done.state == "proposal":
        raise Unavailable("run.elsewhere", run=run_id)
    if done.state == "failed":
        failure = done.outcome
        raise Invalid(failure["code"], field=failure.get("field", ""), **failure["facts"])
    return done


def data_problems(done: Run) -> list[DataProblem]:
    """What a committed run found that people should correct."""
    return [DataProblem(**fault) for fault in done.outcome.get("problems", ())]


def _solve_and_commit(
    database: Database,
    data: Path,
    rules: Rules,
    run: Run,
    progress: child.Progress | None,
    watch: Stopwatch,
) -> Run:
    with watch.stage("read"), database.read() as tx:
        given, faults = day.inputs(tx, run.key.street, run.key.day)
        network = networks.of_street(tx, run.key.street, data)
    with watch.stage("travel"):
        at = places(given)
        travel = travel_times(network, at, given, data / "cache")
        faults += addresses.problems(given, at, travel)
    with watch.stage("solve"):
        built = build(given, at, travel, figures.day_rules(rules), Costs())
        options = Options(
            seconds=run.options["seconds"],
            iterations=run.options["iterations"],
            seed=run.options["seed"],
        )
        solution = child.solve(built.problem, options, progress)
    with watch.stage("check"):
        judged(built, solution, options)
    with watch.stage("routes"):
        plan = drawn(run, built, at, solution, given, network)
    with watch.stage("commit"), database.write() as tx:
        outcome = {
            "served": len({stop.demand for stop in plan.stops}),
            "unserved": len(plan.unserved),
            "cost": plan.cost,
            "problems": [asdict(fault) for fault in distinct(faults)],
        }
        day.commit(
            tx,
            run,
            plan,
            attribution=network.attribution if network else "",
            problem_hash=solution.problem_hash,
            outcome=outcome,
        )
        return runs.read(tx, run.id)


def judged(built: Built, solution: Solution, options: Options) -> None:
    """Let the independent judge look at a plan before anybody follows it.

    Raises
    ------
    Conflict
        `plan.refused`: a rule is broken or the cost is not what was claimed. Nothing is stored.
    """
    verdict = check(built.problem, solution, options)
    if not verdict.ok:
        first = verdict.violations[0]
        raise Conflict(
            "plan.refused", rule=first.rule, broken=first.code, count=len(verdict.violations)
        )


def drawn(
    run: Run,
    built: Built,
    at: Places,
    solution: Solution,
    given: DayInput,
    network: Network | None,
) -> DayPlan:
    """The plan with the way of each leg along the streets."""
    modes = {one.id: one.mode for one in given.staff}
    return day_plan(
        run.key,
        built,
        at,
        solution,
        modes,
        _lines(network, built, at, solution, modes),
        estimated=network is None,
    )


def _lines(
    network: Network | None,
    built: Built,
    at: Places,
    solution: Solution,
    modes: Mapping[StaffId, str],
) -> Lines:
    """All legs of all routes at once: each start is searched from only once."""
    if network is None:
        return lambda _start, _end, _mode: ()
    legs: dict[str, dict[tuple[Place, Place], None]] = {}
    for route in solution.routes:
        person = built.problem.staff[built.problem.staff_row(route.staff)]
        shift = person.shifts[route.shift]
        rows = [
            shift.start_place,
            *(built.problem.visits[built.problem.visit_row(s.visit)].place for s in route.stops),
            shift.end_place,
        ]
        known = [at.rows[row] for row in rows if row is not None]
        mode = modes[StaffId(route.staff)]
        for leg in pairwise(known):
            legs.setdefault(mode, {})[leg] = None
    found: dict[tuple[Place, Place, str], Line] = {}
    for mode, pairs in legs.items():
        ways = network.lines(list(pairs), MODES[mode])
        for (start, end), way in zip(pairs, ways, strict=True):
            found[start, end, mode] = tuple((lon, lat) for lon, lat in way)
    return lambda start, end, mode: found.get((start, end, mode), ())
