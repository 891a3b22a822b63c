"""One piece of work in a process of its own: its time, its memory, and how it ended."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

__all__ = ["Done", "run_apart"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """How it went; without a result `fault` says why.

    cpu_seconds
        Of the process and of those it started.
    peak_kb
        Of the largest of them.
    """

    result: T | None
    seconds: float
    cpu_seconds: float
    peak_kb: int
    fault: str = ""


def run_apart(work: Callable[[], T], *, patience: float) -> Done[T]:
    """Do `work` in a forked process, so that nothing before it counts and nobody falls with it.

    patience
        Seconds after which a process that does not end is killed.
    """
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, there))
    begun = time.monotonic()
    process.start()
    there.close()
    try:
        if not here.poll(patience):
            process.kill()
            return Done(None, time.monotonic() - begun, 0.0, 0, "did not end in time")
        done: Done[T] = here.recv()
        return done
    except EOFError:
        process.join()
        fault = f"the process died (exit code {process.exitcode})"
        return Done(None, time.monotonic() - begun, 0.0, 0, fault)
    finally:
        process.join()
        here.close()


def _work(work: Callable[[], T], there: Connection) -> None:
    begun, cpu = time.monotonic(), _cpu()
    result, fault = None, ""
    try:
        result = work()
    except Exception as caught:
        fault = f"{type(caught).__name__}: {caught}"
    seconds, used = time.monotonic() - begun, _cpu() - cpu
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    there.send(Done(result, seconds, used, peak, fault))
    there.close()


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
