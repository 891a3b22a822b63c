"""A routing library for home care: seconds, metres and row numbers, nothing of elders or streets.

The whole public face. `solve` plans one day, `check` judges any plan without the search's code,
`suggest` finds the cheapest places for one more visit.
"""

from solver.check import Verdict, Violation, check
from solver.errors import ProblemError
from solver.improve import warm
from solver.insertion import Offer, suggest
from solver.options import Options, Weights
from solver.plan import Pause, Route, Solution, Stop, Unserved
from solver.relax import Relaxation, relaxations
from solver.search import Progress, solve
from solver.types import (
    MAX_COST,
    MAX_TIME,
    UNREACHABLE,
    Break,
    Link,
    Pin,
    Problem,
    Shift,
    Staff,
    Visit,
    Window,
)

__all__ = [
    "MAX_COST",
    "MAX_TIME",
    "UNREACHABLE",
    "Break",
    "Link",
    "Offer",
    "Options",
    "Pause",
    "Pin",
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
