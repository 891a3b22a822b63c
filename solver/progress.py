"""What does whoever looks on hear of a search?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from solver.day import Report
from solver.price import absent_of, cost_of
from solver.routes import Plan

__all__ = ["Progress", "components", "report_to", "said"]

Progress = Callable[[dict[str, int]], None]


def said(begun: float, rounds: int, cost: int) -> dict[str, int]:
    """The line everybody gets; `begun` is `time.monotonic` at the start of the search."""
    spent = int((time.monotonic() - begun) * 1000)
    return {"seconds_milli": spent, "rounds": rounds, "cost": cost}


def components(cost: Mapping[str, int], unserved: int) -> dict[str, int]:
    """The entries of a line that tells a better plan."""
    named = {f"cost.{rule}": one for rule, one in cost.items()}
    return {"cost": sum(cost.values()), "unserved": unserved, **named}


def report_to(progress: Progress | None, begun: float) -> Report | None:
    """Reports of one search in this process, as lines."""
    if progress is None:
        return None

    def report(rounds: int, cost: int, plan: Plan | None, stats: Mapping[str, int]) -> None:
        line = {**said(begun, rounds, cost), **stats}
        if plan is not None:
            line |= components(cost_of(plan), len(absent_of(plan)))
        progress(line)

    return report
