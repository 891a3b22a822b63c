"""A process of a multi-start search: takes parts of it from its parent, one after the other.

A copy of the parent where that has the kernels loaded, else a program of its own. It keeps the
laid-out problem and the loaded kernels from part to part, and ends when the parent closes the line.
"""

from __future__ import annotations

import signal
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from solver.day import REPORT, Report, Search, search_day, solution_of
from solver.model import Model, build
from solver.options import Weights
from solver.plan import Solution
from solver.routes import Plan
from solver.types import Problem
from solver.usage import peak_kb

__all__ = ["Asked", "Ended", "Failed", "Heard", "Setting", "copied", "started"]

#: Wall clock between two looks whether the parent wants an end, and, when nobody looks on,
#: between two plans sent so that no more than this is lost with the process.
_LOOK, _KEEP = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Setting:
    """What all parts share. `watched`: somebody wants to hear of every improvement."""

    problem: Problem
    weights: Weights
    watched: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """One part to search."""

    number: int
    search: Search


@dataclass(frozen=True, slots=True)
class Heard:
    """A part under way; `plan` when the cost fell."""

    number: int
    rounds: int
    cost: int
    plan: Solution | None
    stats: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Ended:
    """A part that is done; the plan's stats have rounds, cpu_milli and peak_kb of the process."""

    number: int
    plan: Solution


@dataclass(frozen=True, slots=True)
class Failed:
    """A fault in the program, to be raised by the parent."""

    trace: str


def started(handle: int) -> None:
    """Serve the parent as a program of its own, at the other end of an inherited connection."""
    _serve_all(Connection(handle))


def copied(line: Connection, parents: Sequence[Connection]) -> None:
    """Serve the parent as a copy of it; `parents` are its own ends of the lines to the copies."""
    for one in parents:
        # While a copy held them, nobody would see the parent go.
        one.close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _serve_all(line)


def _serve_all(line: Connection) -> None:
    # Ctrl-C reaches every process of the terminal; only the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The parent says once for all what every process would say.
    warnings.simplefilter("ignore", RuntimeWarning)
    try:
        setting: Setting = line.recv()
        model = build(setting.problem, setting.weights)
        while (asked := line.recv()) is not None:
            _serve(line, model, asked, watched=setting.watched)
    except (EOFError, ConnectionError):
        # The parent is gone, and with it whoever wanted a plan.
        return
    except MemoryError:
        # As if it had been killed for it: the others go on.
        raise
    except Exception:
        line.send(Failed(traceback.format_exc()))


def _serve(line: Connection, model: Model, asked: Asked, *, watched: bool) -> None:
    cpu = time.process_time()
    every = REPORT if watched else _KEEP
    plan = search_day(model, asked.search, _reporter(line, asked), _ender(line), every=every)
    used = int((time.process_time() - cpu) * 1000)
    stats = {**plan.stats, "cpu_milli": used, "peak_kb": peak_kb()}
    line.send(Ended(asked.number, replace(plan, stats=stats)))


def _reporter(line: Connection, asked: Asked) -> Report:
    def report(rounds: int, cost: int, plan: Plan | None, stats: Mapping[str, int]) -> None:
        public = None if plan is None else solution_of(plan)
        line.send(Heard(asked.number, rounds, cost, public, stats))

    return report


def _ender(line: Connection) -> Callable[[], bool]:
    """Whether the parent sent anything: while a part runs that can only be the wish to end it."""
    looked, ended = 0.0, False

    def stop() -> bool:
        nonlocal looked, ended
        if not ended and time.monotonic() > looked + _LOOK:
            looked = time.monotonic()
            if line.poll():
                line.recv()
                ended = True
        return ended

    return stop
