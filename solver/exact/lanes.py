"""Which routes can a shift have, and when? A circuit of CP-SAT with starts and breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from ortools.sat.python import cp_model

from solver.exact.scope import Scope
from solver.limits import UNREACHABLE
from solver.types import Break, Shift, Staff

__all__ = ["HOME", "Arc", "Day", "Expr", "Rest", "Run", "lay_out", "total"]

#: In place of a visit's row: the start of the route as a tail, its end as a head.
HOME = -1

Expr = cp_model.LinearExpr


def total(terms: Iterable[cp_model.LinearExprT]) -> Expr:
    """A sum that is an expression even of nothing."""
    return Expr.sum(list(terms))


@dataclass(frozen=True, slots=True)
class Arc:
    """From one stop directly to another."""

    taken: cp_model.IntVar
    way: int
    access: int
    metres: int


@dataclass(frozen=True, slots=True)
class Rest:
    """One break: its start, and whether it is over before each visit, leaving and coming home."""

    asked: Break
    start: cp_model.IntVar
    before: dict[int, cp_model.IntVar]
    leaving: cp_model.IntVar
    back: cp_model.IntVar


@dataclass(frozen=True, slots=True)
class Run:
    """One lane.

    order
        Visits kept here.
    has
        Visit → whether it is made here, for visits that could be.
    arcs
        (tail, head) → the way between them, `HOME` for start and end.
    """

    person: int
    number: int
    staff: Staff
    shift: Shift
    order: tuple[int, ...]
    used: cp_model.IntVar
    leave: cp_model.IntVar
    finish: cp_model.IntVar
    has: dict[int, cp_model.IntVar]
    long: dict[int, int]
    arcs: dict[tuple[int, int], Arc]
    rests: tuple[Rest, ...]

    @property
    def duty(self) -> Expr:
        """Seconds between leaving and coming home, breaks excluded."""
        rest = total(r.asked.duration * (r.back - r.leaving) for r in self.rests)
        return self.finish - self.leave - rest


@dataclass(slots=True)
class Day:
    """Everything CP-SAT decides."""

    scope: Scope
    model: cp_model.CpModel
    starts: dict[int, cp_model.IntVar] = field(default_factory=dict)
    served: dict[int, cp_model.IntVar] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)

    def by(self, row: int, person: int) -> Expr:
        """Whether a carer makes a visit."""
        return total(r.has[row] for r in self.runs if r.person == person and row in r.has)


def lay_out(scope: Scope) -> Day:
    """Circuits, starts and breaks of every lane; a visit has all of its carers or none."""
    day = Day(scope, cp_model.CpModel())
    problem = scope.model.problem
    kept = {row for order in scope.orders.values() for row in order}
    for row in scope.rows:
        spans = [[w.earliest, w.latest] for w in scope.model.windows[row]]
        domain = cp_model.Domain.from_intervals(spans)
        day.starts[row] = day.model.new_int_var_from_domain(domain, f"start {row}")
        day.served[row] = day.model.new_constant(1) if row in kept else day.model.new_bool_var("")
    for (person, number), order in scope.orders.items():
        run = _run(day, person, number, order)
        if run is not None:
            day.runs.append(run)
    for row in scope.rows:
        here = total(r.has[row] for r in day.runs if row in r.has)
        day.model.add(here == int(scope.model.carers[row]) * day.served[row])
        for person in range(len(problem.staff)):
            mine = [r.has[row] for r in day.runs if r.person == person and row in r.has]
            if len(mine) > 1:
                day.model.add_at_most_one(mine)
    return day


def _run(day: Day, person: int, number: int, order: tuple[int, ...]) -> Run | None:
    """One lane's circuit; None where no visit could ever be made."""
    staff = day.scope.model.problem.staff[person]
    shift = staff.shifts[number]
    long = {row: int(day.scope.model.long[person, row]) for row in day.scope.rows}
    free = [row for row in sorted(day.scope.free) if _could(day, person, shift, row, long[row])]
    if not free and not order:
        return None
    put = day.model
    yes = put.new_constant(1)
    has = {row: put.new_bool_var("") for row in free} | dict.fromkeys(order, yes)
    run = Run(
        person=person,
        number=number,
        staff=staff,
        shift=shift,
        order=order,
        used=yes if order else put.new_bool_var(""),
        leave=put.new_int_var(shift.start, shift.latest_return, ""),
        finish=put.new_int_var(shift.start, shift.latest_return, ""),
        has=has,
        long=long,
        arcs={},
        rests=tuple(_rest(put, one, has) for one in shift.breaks),
    )
    _circuit(day, run)
    _times(day, run)
    for rest in run.rests:
        _resting(day, run, rest)
    return run


def _could(day: Day, person: int, shift: Shift, row: int, long: int) -> bool:
    """Whether a carer is allowed, and a window meets the shift. Ways are left to the circuit."""
    if not day.scope.model.allowed[row, person]:
        return False
    low, high = shift.start, shift.latest_return - long
    return any(max(w.earliest, low) <= min(w.latest, high) for w in day.scope.model.windows[row])


def _rest(put: cp_model.CpModel, asked: Break, has: dict[int, cp_model.IntVar]) -> Rest:
    return Rest(
        asked=asked,
        start=put.new_int_var(asked.earliest, asked.latest, ""),
        before={row: put.new_bool_var("") for row in has},
        leaving=put.new_bool_var(""),
        back=put.new_bool_var(""),
    )


def _circuit(day: Day, run: Run) -> None:
    """The ways there are, as one circuit through home; visits not made loop on themselves."""
    order = run.order
    nodes = {HOME: 0} | {row: k + 1 for k, row in enumerate(run.has)}
    follows = dict(zip((HOME, *order), (*order, HOME), strict=True)) if order else {}
    arcs: list[cp_model.ArcT] = []
    for tail in nodes:
        for head in nodes:
            both_kept = (tail == HOME or tail in follows) and (head == HOME or head in follows)
            if tail == head or (order and both_kept and follows[tail] != head):
                continue
            arc = _arc(day, run, tail, head)
            if arc is not None:
                run.arcs[tail, head] = arc
                arcs.append((nodes[tail], nodes[head], arc.taken))
    for row, node in nodes.items():
        if row != HOME and row not in follows:
            arcs.append((node, node, run.has[row].negated()))
    if not order:
        arcs.append((0, 0, run.used.negated()))
    day.model.add_circuit(arcs)
    for before, after in pairwise(order):
        day.model.add(day.starts[after] >= day.starts[before] + run.long[before])


def _arc(day: Day, run: Run, tail: int, head: int) -> Arc | None:
    """One way, unless a rule about two neighbours or their windows forbid it."""
    model = day.scope.model
    problem = model.problem
    here = run.shift.start_place if tail == HOME else problem.visits[tail].place
    there = run.shift.end_place if head == HOME else problem.visits[head].place
    way, metres = 0, 0
    if here is not None and there is not None:
        way = int(problem.travel[run.staff.mode][here, there])
        if run.staff.cost_km:
            metres = int(problem.metres[run.staff.mode][here, there])
    longest = UNREACHABLE - 1 if run.staff.max_leg is None else run.staff.max_leg
    if way > min(longest, UNREACHABLE - 1):
        return None
    if head == HOME:
        return Arc(day.model.new_bool_var(""), way, 0, metres)
    # `FIRST` is below every row and above no tail: only home goes before it.
    lead = int(model.leader[head])
    if lead != -1 and (tail != HOME if lead < 0 else tail != lead):
        return None
    visit = problem.visits[head]
    before = None if tail == HOME else problem.visits[tail].group
    access = 0 if visit.group is not None and visit.group == before else visit.access
    soonest = run.shift.start
    if tail != HOME:
        soonest = max(soonest, model.windows[tail][0].earliest) + run.long[tail]
    latest = min(model.windows[head][-1].latest, run.shift.latest_return - run.long[head])
    if soonest + way + access > latest:
        return None
    return Arc(day.model.new_bool_var(""), way, access, metres)


def _times(day: Day, run: Run) -> None:
    """Nobody is anywhere before they can be; breaks on the way make it longer."""
    put = day.model
    for (tail, head), arc in run.arcs.items():
        ready: Expr = run.leave if tail == HOME else day.starts[tail] + run.long[tail]
        then = run.finish if head == HOME else day.starts[head]
        rest = total(
            r.asked.duration
            * (
                (r.back if head == HOME else r.before[head])
                - (r.leaving if tail == HOME else r.before[tail])
            )
            for r in run.rests
        )
        put.add(then >= ready + arc.way + arc.access + rest).only_enforce_if(arc.taken)


def _resting(day: Day, run: Run, rest: Rest) -> None:
    """A break lies beside every visit, and on one side of leaving and of coming home."""
    put, over = day.model, rest.start + rest.asked.duration
    for row, made in run.has.items():
        gone = rest.before[row]
        put.add(over <= day.starts[row]).only_enforce_if(made, gone)
        put.add(rest.start >= day.starts[row] + run.long[row]).only_enforce_if(made, gone.negated())
    for flag, at in ((rest.leaving, run.leave), (rest.back, run.finish)):
        put.add(over <= at).only_enforce_if(run.used, flag)
        put.add(rest.start >= at).only_enforce_if(run.used, flag.negated())
