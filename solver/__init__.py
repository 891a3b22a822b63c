"""A routing library for home care: seconds, metres and row numbers, nothing of elders or streets.

The whole public face. `solve` plans one day, `check` judges any plan without the search's code,
`Insertion` and `suggest` find the cheapest places for more visits. The search and its compiled
kernels are loaded by whoever solves or asks first: a web server may only read and judge plans.
"""

from typing import TYPE_CHECKING, Any

from solver.check import Verdict, Violation, check
from solver.errors import ProblemError
from solver.insertion import Insertion, Offer, Placed, suggest
from solver.options import Options, Weights
from solver.plan import Pause, Route, Solution, Stop, Unserved
from solver.relax import Relaxation, relaxations
from solver.types import (
    MAX_COST,
    MAX_TIME,
    UNREACHABLE,
    Apart,
    Break,
    Link,
    Pace,
    Pin,
    Problem,
    Shift,
    Staff,
    Visit,
    Window,
)

if TYPE_CHECKING:
    from solver.improve import warm
    from solver.search import Progress, solve

__all__ = [
    "MAX_COST",
    "MAX_TIME",
    "UNREACHABLE",
    "Apart",
    "Break",
    "Insertion",
    "Link",
    "Offer",
    "Options",
    "Pace",
    "Pause",
    "Pin",
    "Placed",
    "Problem",
    "ProblemError",
    "Progress",
    "Relaxation",
    "Route",
    "Shift",
    "Solution",
    "Staff",
    "Stop",
    "Unserved",
    "Verdict",
    "Violation",
    "Visit",
    "Weights",
    "Window",
    "check",
    "relaxations",
    "solve",
    "suggest",
    "warm",
]


def __getattr__(name: str) -> Any:
    if name == "warm":
        from solver import improve

        return improve.warm
    if name in ("Progress", "solve"):
        from solver import search

        return getattr(search, name)
    raise AttributeError(f"module 'solver' has no attribute {name!r}")
