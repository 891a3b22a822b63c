"""Several searches at once: different seeds in processes of their own, then on from the winner."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context

from solver.options import Options
from solver.plan import Solution
from solver.types import Problem

__all__ = ["solve_many"]

#: Share of the time for the separate searches; the rest goes on from the best of them.
_APART = 0.6


def _one(problem: Problem, options: Options, start: Solution | None) -> Solution:
    from solver.search import solve

    return solve(problem, options, start=start)


def solve_many(
    problem: Problem,
    options: Options,
    start: Solution | None,
    cancelled: Callable[[], bool],
) -> Solution:
    """The best of `options.threads` searches, continued from by all of them with other seeds.

    With a step limit each search makes `iterations` steps in both parts together, and the result
    does not depend on which process is faster.
    """
    begun = time.monotonic()
    context = get_context("spawn")
    with ProcessPoolExecutor(options.threads, mp_context=context) as pool:
        best: Solution | None = start
        for part, share in enumerate((_APART, 1.0)):
            left = options.seconds * share - (time.monotonic() - begun)
            if left < 1 or (part and cancelled()):
                break
            steps = options.iterations
            if steps is not None:
                steps = int(steps * (_APART if part == 0 else 1 - _APART))
            jobs = [
                pool.submit(
                    _one,
                    problem,
                    replace(
                        options,
                        seconds=max(1, int(left)),
                        iterations=steps,
                        seed=options.seed + 1000 * part + k,
                        threads=1,
                        mild=part > 0,
                    ),
                    best,
                )
                for k in range(options.threads)
            ]
            _await(jobs, cancelled)
            found = [job.result() for job in jobs if job.done() and not job.cancelled()]
            best = min([*found, *([best] if best is not None and part else [])], key=_rank)
    assert best is not None
    return best


def _rank(solution: Solution) -> tuple[int, int]:
    return solution.total, len(solution.unserved)


def _await(jobs: list[Future[Solution]], cancelled: Callable[[], bool]) -> None:
    """Wait for all; what has not begun when the caller cancels is dropped."""
    left = set(jobs)
    while left:
        _, left = wait(left, timeout=0.2)
        if left and cancelled():
            for job in left:
                job.cancel()
            wait([job for job in left if not job.cancelled()])
            return
