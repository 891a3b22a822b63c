"""Several searches at once: processes that live as long as the run and exchange their best plans.

The run has parts. In the first every process searches by itself, from its own seed; in the next
all go on from the best plan so far, mildly, with other seeds.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing import Pipe, current_process, get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from solver.codec import problem_hash
from solver.day import REPORT, Search, search_day
from solver.model import build
from solver.options import Options
from solver.plan import Solution
from solver.progress import Progress, components, said
from solver.types import Problem
from solver.worker import Asked, Ended, Failed, Heard, Setting, copied

__all__ = ["solve_many"]

#: Share of the budget by which each part ends, and whether it goes on mildly from the winner.
_PARTS = ((0.6, False), (1.0, True))
#: Wall clock between two looks at the caller's wish to stop.
_LOOK = 0.1
#: Wall clock after the limit, or after the caller's wish to stop, in which a process may still hand
#: over its plan; then its last report counts. Longer while there is no plan at all.
_GRACE, _LONG_GRACE = 0.8, 3.0
#: Share of the limit after which, with no plan from any process (they compile, or died), the
#: parent makes one without them.
_RESERVE = 0.6


@dataclass(eq=False, slots=True)
class _Worker:
    """One process, and the search it is at; -1: none."""

    process: subprocess.Popen[bytes] | BaseProcess
    line: Connection
    number: int = -1


@dataclass(slots=True)
class _Run:
    """What the parent keeps while the processes search.

    best, seen
        The best plan of the searches that ended, and of the reports of those under way. Only the
        first decides where the next part begins: reports come when they come.
    reserve
        Whether nobody has handed over a plan yet, the parent included.
    least
        The least cost anybody told; `told` the cost of the plan last told in full.
    stopped
        `time.monotonic` when the caller no longer wished to wait.
    """

    problem: Problem
    options: Options
    begun: float
    progress: Progress | None
    cancelled: Callable[[], bool]
    start: Solution | None
    workers: list[_Worker] = field(default_factory=list)
    best: Solution | None = None
    seen: Solution | None = None
    reserve: bool = True
    rounds: dict[int, int] = field(default_factory=dict)
    least: int | None = None
    told: int | None = None
    told_at: float = 0.0
    cpu: int = 0
    peak: int = 0
    lost: int = 0
    spare: int = 1
    fallback: bool = False
    stopped: float | None = None

    @property
    def until(self) -> float:
        """`time.monotonic` at the hard limit."""
        return self.begun + self.options.seconds

    def known(self) -> Solution | None:
        """The best plan anybody has handed over."""
        plans = [plan for plan in (self.best, self.seen) if plan is not None]
        return min(plans, key=_rank, default=None)


def solve_many(
    problem: Problem,
    options: Options,
    start: Solution | None,
    progress: Progress | None,
    cancelled: Callable[[], bool],
) -> Solution:
    """The best plan of `options.threads` processes.

    With a step limit each process makes `iterations` steps in all parts together, and the result
    does not depend on which of them is faster. A process that dies loses no more than the part it
    is at, and with a step limit not even that: another one does it again.

    Returns
    -------
    Solution
        Its stats have ``processes``, ``lost`` (those that died), and rounds, cpu_milli and peak_kb
        of all of them: sum, sum and largest.
    """
    run = _Run(problem, options, time.monotonic(), progress, cancelled, start)
    try:
        _hire(run, options.threads)
        # While the processes load.
        digest = problem_hash(problem)
        for asked in _parts(run):
            _do(run, asked)
            if run.stopped is not None or time.monotonic() >= run.until:
                break
    finally:
        for worker in run.workers:
            _end(worker)
    best = run.known() or _plan_here(run)
    stats = {
        "rounds": sum(run.rounds.values()),
        "processes": options.threads,
        "lost": run.lost,
        "cpu_milli": run.cpu,
        "peak_kb": run.peak,
    }
    if run.fallback:
        stats["fallback"] = 1
    return replace(best, stats=stats, problem_hash=digest)


def _parts(run: _Run) -> Iterator[dict[int, Asked]]:
    """The searches of each part by number; each part is made when the one before has ended."""
    options, before = run.options, 0
    for part, (share, mild) in enumerate(_PARTS):
        until, steps = run.begun + share * options.seconds, options.iterations
        if steps is not None:
            # Steps end this part, however long they take.
            until, steps = run.until, int(steps * share) - before
            before += steps
        asked = {}
        for k in range(options.threads):
            mine = replace(
                options,
                iterations=steps,
                seed=(options.seed + 1000 * part + k) % 2**31,
                threads=1,
                mild=options.mild or mild,
            )
            number = part * options.threads + k
            asked[number] = Asked(number, Search(mine, until, run.best or run.start))
        yield asked


def _do(run: _Run, asked: dict[int, Asked]) -> None:
    """Have every search of one part made, by whoever lives, and keep the best plan."""
    done: dict[int, Solution] = {}
    while not _over(run):
        under_way = {worker.number for worker in run.workers}
        left = [k for k in asked if k not in done and k not in under_way]
        if run.stopped is None:
            _give(run, [asked[k] for k in left if time.monotonic() < asked[k].search.until])
        if all(worker.number < 0 for worker in run.workers):
            break
        for message in _hear(run):
            if isinstance(message, Failed):
                raise RuntimeError(f"a process of the search failed:\n{message.trace}")
            if isinstance(message, Ended):
                done[message.number] = message.plan
                _count(run, message)
            elif isinstance(message, Heard):
                _heed(run, message)
        _tell(run)
        if run.reserve and time.monotonic() > run.begun + _RESERVE * run.options.seconds:
            _plan_here(run)
    # In the order of their numbers, not of their arrival: equal plans must not race.
    found = [done[number] for number in sorted(done)]
    run.best = min([*found, *([run.best] if run.best else [])], key=_rank, default=None)


def _give(run: _Run, left: list[Asked]) -> None:
    if left and not run.workers and run.spare:
        run.spare -= 1
        _hire(run, 1)
    for asked in left:
        worker = next((w for w in run.workers if w.number < 0), None)
        if worker is None:
            return
        try:
            worker.line.send(asked)
            worker.number = asked.number
        except OSError:
            _lose(run, worker)


def _hear(run: _Run) -> list[object]:
    """What the processes sent within one look; those that are gone are struck off."""
    heard: list[object] = []
    by_line = {worker.line: worker for worker in run.workers}
    for line in wait(list(by_line), timeout=_LOOK):
        assert isinstance(line, Connection)
        try:
            message = line.recv()
        except (EOFError, OSError):
            _lose(run, by_line[line])
            continue
        heard.append(message)
        if isinstance(message, Ended):
            by_line[line].number = -1
    return heard


def _over(run: _Run) -> bool:
    """Whether to wait no longer: the caller's wish, or the limit, with some grace after it."""
    now = time.monotonic()
    if run.stopped is None and run.cancelled():
        run.stopped = now
        for worker in run.workers:
            with suppress(OSError):
                worker.line.send(None)
    if run.stopped is None:
        return now > run.until + _GRACE
    grace = _GRACE if run.known() is not None else _LONG_GRACE
    return now > min(run.stopped + grace, run.until + _GRACE)


def _count(run: _Run, ended: Ended) -> None:
    stats = ended.plan.stats
    run.rounds[ended.number] = stats["rounds"]
    run.cpu += stats["cpu_milli"]
    run.peak = max(run.peak, stats["peak_kb"])
    _see(run, ended.plan, ended.plan.total)
    if stats.get("fallback"):
        _say_fallback(run)


def _heed(run: _Run, heard: Heard) -> None:
    run.rounds[heard.number] = heard.rounds
    _see(run, heard.plan, heard.cost)
    if heard.stats.get("fallback"):
        _say_fallback(run)


def _see(run: _Run, plan: Solution | None, cost: int) -> None:
    run.least = cost if run.least is None else min(run.least, cost)
    if plan is not None:
        run.reserve = False
        run.seen = plan if run.seen is None else min(run.seen, plan, key=_rank)


def _tell(run: _Run) -> None:
    """One line from all processes, as one alone would tell it."""
    now = time.monotonic()
    if run.progress is None or run.least is None or now < run.told_at + REPORT:
        return
    run.told_at = now
    line = said(run.begun, sum(run.rounds.values()), run.least)
    plan = run.known()
    if plan is not None and (run.told is None or plan.total < run.told):
        run.told = plan.total
        line |= components(plan.cost, len(plan.unserved))
    run.progress(line | ({"fallback": 1} if run.fallback else {}))


def _say_fallback(run: _Run) -> None:
    if not run.fallback:
        run.fallback = True
        warnings.warn(
            "compiled code cannot run, or not yet: planning with OR-Tools instead",
            RuntimeWarning,
            stacklevel=2,
        )


def _plan_here(run: _Run) -> Solution:
    """A plan by OR-Tools in this process, for want of any other."""
    run.reserve = False
    _say_fallback(run)
    options = replace(run.options, engine="routing", threads=1)
    until = max(run.until, time.monotonic())
    search = Search(options, until, run.start)
    plan = search_day(build(run.problem, options.weights), search, None, run.cancelled)
    run.seen = plan
    return plan


def _hire(run: _Run, count: int) -> None:
    """Start processes that know the problem."""
    start = _forked if _may_fork() else _spawned
    for _ in range(count):
        ours, theirs = Pipe()
        with theirs:
            process = start(theirs, [ours, *(w.line for w in run.workers)])
        run.workers.append(_Worker(process, ours))
    setting = Setting(run.problem, run.options.weights, run.progress is not None)
    parcel = pickle.dumps(setting)
    for worker in run.workers[-count:]:
        try:
            worker.line.send_bytes(parcel)
        except OSError:
            _lose(run, worker)


def _may_fork() -> bool:
    """Whether a copy of this process saves loading the kernels, and no thread can be caught in
    the middle of something."""
    loaded, alone = "solver.improve" in sys.modules, threading.active_count() == 1
    # A daemon of the library may have no children of its own.
    able = "fork" in get_all_start_methods() and not current_process().daemon
    return loaded and alone and able


def _forked(line: Connection, parents: list[Connection]) -> BaseProcess:
    process = get_context("fork").Process(target=copied, args=(line, parents), daemon=True)
    process.start()
    return process


def _spawned(line: Connection, _parents: list[Connection]) -> subprocess.Popen[bytes]:
    # Not the library's own spawning: that would run the caller's main script again in each.
    program = "import sys; from solver.worker import started; started(int(sys.argv[1]))"
    paths = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-c", program, str(line.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=(line.fileno(),),
        env=os.environ | {"PYTHONPATH": paths},
    )


def _lose(run: _Run, worker: _Worker) -> None:
    """Strike off a process that died; what it was at is to be done by others."""
    run.workers.remove(worker)
    # After the caller's wish to stop whoever has nothing left to do may go.
    run.lost += worker.number >= 0 or run.stopped is None
    _end(worker)


def _end(worker: _Worker) -> None:
    worker.line.close()
    worker.process.kill()
    if isinstance(worker.process, subprocess.Popen):
        worker.process.wait()
    else:
        worker.process.join()


def _rank(solution: Solution) -> tuple[int, int]:
    return solution.total, len(solution.unserved)
