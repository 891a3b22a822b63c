"""One visit that does not fit, and how a loosening of it becomes a whole, judged plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from carecoord.errors import Fact
from carecoord.planning.ground import Ground, Step
from carecoord.planning.insertions import Found, Insertions, Loose
from carecoord.planning.reasons import together
from solver import Problem, Staff, Visit

Kind = Literal[
    "later",
    "earlier",
    "outside",
    "unpin",
    "move",
    "overtime",
    "visits",
    "hour",
    "leave",
    "fewer",
    "skills",
]
"""`later`, `earlier`: another start; `outside`: a carer who is not allowed; `unpin`: a pin given
up; `move`: another visit goes to somebody else; `overtime`; `visits`: one more than the carer's
most; `hour`: somebody more at work for a while; `leave`: a less urgent visit is left out; `fewer`:
one carer instead of two; `skills`: somebody without the qualification."""


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """One thing that gives, and the plan that this makes possible.

    amount
        Seconds for `later`, `earlier`, `overtime` and `hour`, else 1; the least that is enough.
    staff, start
        Who would make the visit, and when. For `hour` there is somebody new among them, whose id
        begins with `+`.
    facts
        As of a `Reason`, for the sentence `relax.KIND`.
    step
        The whole day, accepted by the judge under the rules of `step.problem`.
    """

    kind: Kind
    amount: int
    staff: tuple[str, ...]
    start: int
    facts: Mapping[str, Fact]
    step: Step = field(repr=False)


class Search:
    """One visit that does not fit, and every loosening tried on it."""

    def __init__(self, ground: Ground, visit: str, people: Collection[str] | None) -> None:
        self.ground = ground
        self.problem = ground.problem
        self.tries = Insertions(ground.problem, ground.solution, visit, ground.weights)
        self.visit = self.tries.visit
        self.people = [
            s.id for s in self.problem.staff if s.shifts and (people is None or s.id in people)
        ]

    def crew(
        self, loose: Loose | Mapping[str, Loose], people: Sequence[str] | None = None
    ) -> dict[str, Found] | None:
        """Who could make it, the cheapest carer or the first two who can begin together."""
        who = self.people if people is None else people
        if self.visit.carers > 1:
            return together(self.tries, who, loose)
        of = loose if isinstance(loose, Mapping) else dict.fromkeys(who, loose)
        found = {one: at for one in who if (at := self.tries.best(one, of[one])) is not None}
        if not found:
            return None
        best = min(found, key=lambda one: (found[one].extra, one))
        return {best: found[best]}

    def given(
        self,
        kind: Kind,
        amount: int,
        crew: Mapping[str, Found] | None,
        problem: Problem,
        facts: Mapping[str, Fact],
    ) -> Relaxation | None:
        """The relaxation, when the judge accepts the plan it leads to."""
        if crew is None:
            return None
        step = self.ground.step([one.route for one in crew.values()], problem)
        if step is None:
            return None
        staff = tuple(sorted(crew))
        return Relaxation(kind, amount, staff, next(iter(crew.values())).start, facts, step)

    def changed(self, visit: Visit) -> Problem:
        """The problem with the visit asked for otherwise."""
        return replace(self.problem, visits=with_visit(self.problem, visit))

    def staffed(self, row: int, person: Staff) -> Problem:
        """The problem with one carer otherwise."""
        staff = (*self.problem.staff[:row], person, *self.problem.staff[row + 1 :])
        return replace(self.problem, staff=staff)


def with_visit(problem: Problem, visit: Visit) -> tuple[Visit, ...]:
    """The visits of a problem with one of them asked for otherwise."""
    row = problem.visit_row(visit.id)
    return (*problem.visits[:row], visit, *problem.visits[row + 1 :])
