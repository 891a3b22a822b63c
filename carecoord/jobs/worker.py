"""One run from claim to commit."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

from carecoord.errors import CareError, Invalid, Stale, Unavailable
from carecoord.flows import day, networks
from carecoord.flows.drawing import drawn, judged
from carecoord.flows.standing import travel_times
from carecoord.jobs import child
from carecoord.jobs.keeper import LEASE, Keeper, Wish
from carecoord.model import time
from carecoord.model.ids import RunId
from carecoord.model.policy import Rules
from carecoord.model.problems import DataProblem, distinct
from carecoord.planning import addresses, figures, weights
from carecoord.planning.offers import solution_of
from carecoord.planning.problem import Built, Costs, build, places
from carecoord.store import days, runs
from carecoord.store.engine import Database, Tx
from carecoord.store.runs import Run
from solver import Options, Problem, ProblemError, Solution, Weights, check

_log = logging.getLogger(__name__)

Solve = Callable[[Problem, Options, child.Progress, Callable[[], Wish]], Solution]
"""The search: a problem, its options, who hears of its progress, and how long it is wished on."""


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
    lease: timedelta = LEASE,
    solve: Solve = child.solve,
) -> Run | None:
    """Claim a run, solve it, let the judge check it, and commit it.

    Parameters
    ----------
    solve
        Where the search runs: in a child process, unless the caller has nothing else to do.

    Returns
    -------
    Run | None
        The run as it ended: committed, proposal, cancelled or failed. None: another worker has it.
    """
    watch = watch or Stopwatch()
    with database.write() as tx:
        now = time.now()
        run = runs.claim(tx, run_id, now=now, until=now + lease)
        if run is not None and run.cancel:
            # Whoever had it died before the wish was seen.
            return _cancelled(tx, run)
    if run is None:
        return None
    failure: CareError
    keeper = Keeper(database, run, lease=lease, also=progress)
    try:
        with keeper:
            return _Work(database, data, rules, run, keeper, watch, solve).done()
    except child.Abandoned:
        with database.write() as tx:
            return _cancelled(tx, run)
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
        run = runs.claim(tx, run_id, now=now, until=now + LEASE)
        return None if run is None else _failed(tx, run, error)


def _failed(tx: Tx, run: Run, error: CareError) -> Run:
    failure = {"code": error.code, "field": error.field, "facts": error.facts}
    runs.finish(tx, run, "failed", at=time.now(), problem_hash="", outcome=failure)
    return runs.read(tx, run.id)


def _cancelled(tx: Tx, run: Run) -> Run:
    """End a run that somebody cancelled before there was any plan; nothing if it was lost."""
    outcome = {"kept": "none"}
    runs.finish(tx, run, "cancelled", at=time.now(), problem_hash="", outcome=outcome)
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
    if done is None or done.state in ("proposal", "cancelled"):
        raise Unavailable("run.elsewhere", run=run_id)
    if done.state == "failed":
        failure = done.outcome
        raise Invalid(failure["code"], field=failure.get("field", ""), **failure["facts"])
    return done


def data_problems(done: Run) -> list[DataProblem]:
    """What a committed run found that people should correct."""
    return [DataProblem(**fault) for fault in done.outcome.get("problems", ())]


@dataclass(slots=True)
class _Work:
    """One claimed run, stage by stage."""

    database: Database
    data: Path
    rules: Rules
    run: Run
    keeper: Keeper
    watch: Stopwatch
    solve: Solve

    def done(self) -> Run:
        """The run as it ended."""
        key, options = self.run.key, self._options()
        with self.watch.stage("read"), self.database.read() as tx:
            given, faults = day.inputs(tx, key.street, key.day)
            network = networks.of_street(tx, key.street, self.data)
        with self.watch.stage("travel"):
            at = places(given)
            travel = travel_times(network, at, given.staff, self.data / "cache")
            faults += addresses.problems(given, at, travel)
        built = build(given, at, travel, figures.day_rules(self.rules), self._profile[1])
        if self.run.options.get("mild") and self.run.base_version:
            built = self._from_present(built)
        self._next("solving")
        with self.watch.stage("solve"):
            solution = self.solve(built.problem, options, self.keeper.heard, self.keeper.wish)
        self._next("checking")
        with self.watch.stage("check"):
            judged(built, solution, options)
        with self.watch.stage("routes"):
            plan = drawn(key, built, at, solution, given, network)
        outcome = {
            "served": len({stop.demand for stop in plan.stops}),
            "unserved": len(plan.unserved),
            "cost": plan.cost,
            "problems": [asdict(fault) for fault in distinct(faults)],
            "ended": "idle" if self.keeper.idle else "limit",
        }
        with self.watch.stage("commit"), self.database.write() as tx:
            day.commit(
                tx,
                self.run,
                plan,
                attribution=network.attribution if network else "",
                problem_hash=solution.problem_hash,
                outcome=outcome,
                better=lambda: self._better(tx, built, solution, options),
            )
            return runs.read(tx, self.run.id)

    @property
    def _profile(self) -> tuple[Weights, Costs]:
        return weights.asked(self.run.options, self.data)

    def _options(self) -> Options:
        asked = self.run.options
        return Options(
            seconds=asked["seconds"],
            iterations=asked["iterations"],
            seed=asked["seed"],
            weights=self._profile[0],
            mild=bool(asked.get("mild")),
        )

    def _from_present(self, built: Built) -> Built:
        """The problem with the plan in force as what people were told, and to begin with."""
        with self.database.read() as tx:
            present = solution_of(built, days.read(tx, self.run.key))
        return replace(built, problem=replace(built.problem, previous=present.routes))

    def _next(self, state: str) -> None:
        if not self.keeper.stage(state):
            raise Stale("run.lost", run=self.run.id)
        if self.keeper.cancelled and state == "solving":
            raise child.Abandoned

    def _better(self, tx: Tx, built: Built, solution: Solution, options: Options) -> bool:
        """Whether a search that was cut short found no worse than what the day has already."""
        if not self.run.base_version:
            return True
        present = solution_of(built, days.read(tx, self.run.key))
        verdict = check(built.problem, present, options)
        return not verdict.ok or solution.total <= verdict.total
