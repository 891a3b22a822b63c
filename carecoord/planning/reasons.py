"""Why can a carer not make a visit? Every rule in the way, each shown by trying every position."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from carecoord.errors import Fact
from carecoord.model.time import clock
from carecoord.planning.insertions import AS_IS, Found, Insertions, Loose, Rule
from carecoord.planning.pace import lasts
from solver import UNREACHABLE, Staff, Visit, Window

Barrier = Rule | Literal["at_work", "partner"]

_STEPS: tuple[tuple[Rule, tuple[Rule, ...]], ...] = (
    ("skills", ("skills",)),
    ("allowed", ("allowed",)),
    ("window", ("window", "hours")),
    ("reach", ("reach",)),
    ("break", ("break",)),
    ("gap", ("gap",)),
    ("visits", ("visits",)),
    ("links", ("links",)),
    ("pins", ("pins",)),
)
"""Rules put in force one step after the other, with what each step adds."""

OVERTIME = 2 * 3600
"""Seconds after a shift up to which its end is in the way; beyond them the route is full."""

_EVERY = frozenset(rule for _, adds in _STEPS for rule in adds)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule in the way.

    facts
        Numbers and names for the sentence `code`: clock times as `HH:MM`, minutes, ids of
        visits under `visit` and of people under `staff`.
    """

    rule: Barrier
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """Of the sentence."""
        full = self.rule == "gap" and self.facts.get("short") == self.facts.get("minutes")
        return "explain.full" if full else f"explain.{self.rule}"


@dataclass(frozen=True, slots=True)
class CarerAnswer:
    """What one carer says to a visit.

    reasons
        In the order of the rules. With those before it taken away each still forbids the visit;
        with all of them taken away there is a place. Empty: the visit fits.
    found
        The cheapest place, when it fits.
    """

    staff: str
    reasons: tuple[Reason, ...]
    found: Found | None = None


def answer(tries: Insertions, staff: str) -> CarerAnswer:
    """Every rule that stands between the visit and one carer."""
    person = tries.problem.staff[tries.problem.staff_row(staff)]
    if not person.shifts:
        return CarerAnswer(staff, (Reason("at_work", {}), *_standing(tries, person)))
    gone: set[Rule] = set()
    reasons: list[Reason] = []
    while (found := tries.best(staff, Loose(without=frozenset(gone)))) is None:
        rule = _first(tries, staff, frozenset(gone))
        reasons.append(Reason(rule, _facts(tries, person, rule, frozenset(gone))))
        gone.add(rule)
    return CarerAnswer(staff, tuple(reasons), None if reasons else found)


def answers(tries: Insertions, people: Collection[str] | None = None) -> tuple[CarerAnswer, ...]:
    """What every carer says, or those of `people`; those with least against it first.

    A visit for two: a carer who could make it alone is held up by `partner` when no two can begin
    together.
    """
    found = [
        answer(tries, person.id)
        for person in tries.problem.staff
        if people is None or person.id in people
    ]
    if tries.visit.carers > 1:
        able = [one.staff for one in found if not one.reasons]
        if together(tries, able, AS_IS) is None:
            facts: dict[str, Fact] = {"carers": tries.visit.carers, "able": len(able)}
            found = [
                CarerAnswer(one.staff, (Reason("partner", facts),)) if not one.reasons else one
                for one in found
            ]
    return tuple(sorted(found, key=lambda one: (_distance(one), one.staff)))


def together(
    tries: Insertions, staff: Sequence[str], loose: Loose | Mapping[str, Loose], after: int = 0
) -> dict[str, Found] | None:
    """The earliest common start from `after` on of as many carers as the visit asks for.

    Exact: each carer is asked for the next start from the one the others can keep, until enough of
    them name the same second.
    """
    need = tries.visit.carers
    of = loose if isinstance(loose, Mapping) else dict.fromkeys(staff, loose)
    at: dict[str, Found] = {}
    for who in staff:
        if (one := tries.first(who, of[who], after=after)) is not None:
            at[who] = one
    while len(at) >= need:
        order = sorted(at, key=lambda who: (at[who].start, who))
        meet = at[order[need - 1]].start
        if at[order[0]].start == meet:
            return {who: at[who] for who in order[:need]}
        for who in order[: need - 1]:
            if at[who].start < meet:
                later = tries.first(who, of[who], after=meet)
                if later is None:
                    del at[who]
                else:
                    at[who] = later
    return None


def _first(tries: Insertions, staff: str, gone: frozenset[Rule]) -> Rule:
    """The first rule that forbids the visit, with the rules of `gone` and all later ones away."""
    force: set[Rule] = set()
    for rule, adds in _STEPS:
        force |= set(adds)
        if tries.best(staff, Loose(without=(_EVERY - force) | gone)) is not None:
            continue
        if rule == "gap" and "hours" not in gone:
            longer = tries.shortest(staff, Loose(without=(_EVERY - force) | gone))
            return "hours" if longer is not None and longer.over <= OVERTIME else "gap"
        return "hours" if rule in gone else rule
    raise AssertionError("rules that forbid nothing together")


def _distance(one: CarerAnswer) -> tuple[int, int]:
    order = {"partner": 0} | {rule: 20 - k for k, (rule, _) in enumerate(_STEPS)} | {"hours": 14}
    worst = max((order.get(r.rule, 30) for r in one.reasons), default=-1)
    return worst, len(one.reasons)


# ---- numbers of a reason ----


def _standing(tries: Insertions, person: Staff) -> list[Reason]:
    """What would forbid it on any day: skill, and who is allowed."""
    found: list[Reason] = []
    visit = tries.visit
    if any(person.skills.get(name, 0) < need for name, need in visit.skills.items()):
        found.append(Reason("skills", _skills(visit, person)))
    if person.id in visit.forbidden or (visit.required and person.id not in visit.required):
        found.append(Reason("allowed"))
    return found


def _facts(tries: Insertions, person: Staff, rule: Rule, gone: frozenset[Rule]) -> dict[str, Fact]:
    """The numbers that show why."""
    visit = tries.visit
    match rule:
        case "skills":
            return _skills(visit, person)
        case "window":
            return {"windows": clocks(visit.windows), "shifts": _shifts(person)}
        case "reach":
            return _reach(tries, person) | {
                "windows": clocks(visit.windows),
                "shifts": _shifts(person),
            }
        case "break":
            rests = [b for s in person.shifts for b in s.breaks]
            return {
                "break_from": clock(rests[0].earliest),
                "break_to": clock(rests[0].latest + rests[0].duration),
                "minutes": rests[0].duration // 60,
            }
        case "hours":
            over = tries.shortest(person.id, Loose(without=gone))
            return {
                "end": clock(person.shifts[-1].latest_return),
                "minutes": minutes(over.over) if over is not None else 0,
                "visits": len(tries.stops(person.id)),
            }
        case "gap":
            return {
                "visits": len(tries.stops(person.id)),
                "minutes": minutes(lasts(visit, person)),
                "windows": clocks(visit.windows),
                "short": _short(tries, person, gone),
            }
        case "visits":
            return {"most": person.max_visits or 0, "visits": len(tries.stops(person.id))}
        case "links":
            return {"visit": _linked(tries)}
        case "pins":
            return {"visit": _pinned(tries, person)}
    return {}


def _skills(visit: Visit, person: Staff) -> dict[str, Fact]:
    short = sorted(n for n, need in visit.skills.items() if person.skills.get(n, 0) < need)
    return {"skill": ", ".join(short), "held": ", ".join(sorted(person.skills)) or "-"}


def _reach(tries: Insertions, person: Staff) -> dict[str, Fact]:
    """Minutes there and back again from the base; 0 and 0 where there is no way."""
    shift, way = person.shifts[0], tries.problem.travel[person.mode]
    place = tries.visit.place
    there = 0 if shift.start_place is None else int(way[shift.start_place, place])
    back = 0 if shift.end_place is None else int(way[place, shift.end_place])
    if UNREACHABLE in (there, back):
        return {"there": "-", "back": "-"}
    return {"there": minutes(there), "back": minutes(back)}


def _short(tries: Insertions, person: Staff, gone: frozenset[Rule]) -> int:
    """Minutes by which the largest place is too small for the visit; all of it where none is."""
    long = lasts(tries.visit, person)
    if long < 60 or tries.best(person.id, Loose(without=gone, duration=60)) is None:
        return minutes(long)
    # `low` minutes do not have to go, `high` are enough.
    low, high = 0, minutes(long) - 1
    while high - low > 1:
        middle = (low + high) // 2
        shorter = Loose(without=gone, duration=max(60, long - 60 * middle))
        if tries.best(person.id, shorter) is None:
            low = middle
        else:
            high = middle
    return high


def _linked(tries: Insertions) -> str:
    """The visit that the link is to; one that nobody makes first."""
    me = tries.visit.id
    others = [
        k.second if me == k.first else k.first
        for k in tries.problem.links
        if me in (k.first, k.second)
    ]
    return min(others, key=lambda other: (tries.served(other), other), default="")


def _pinned(tries: Insertions, person: Staff) -> str:
    """A pinned visit that stands in the way; the visit itself first."""
    for visit in pinned(tries, person.id):
        if tries.best(person.id, Loose(unpinned=frozenset({visit}))) is not None:
            return visit
    return next(iter(pinned(tries, person.id)), "")


def pinned(tries: Insertions, staff: str) -> list[str]:
    """Visits with a pin that this carer's place depends on: the visit itself, then the stops."""
    pins = {pin.visit for pin in tries.problem.pins}
    return [v for v in (tries.visit.id, *(s.visit for s in tries.stops(staff))) if v in pins]


# ---- words ----


def clocks(windows: Sequence[Window]) -> str:
    """Windows as people read them."""
    return ", ".join(f"{clock(w.earliest)}-{clock(w.latest)}" for w in windows)


def minutes(seconds: int) -> int:
    """Whole minutes that are enough."""
    return -(-seconds // 60)


def _shifts(person: Staff) -> str:
    return ", ".join(f"{clock(s.start)}-{clock(s.latest_return)}" for s in person.shifts)
