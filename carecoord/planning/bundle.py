"""Which visits of a draft come one after the other, and which become one arrival?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations
from typing import Literal

from carecoord.errors import Invalid
from carecoord.model.demands import VisitDemand
from carecoord.model.plans import Follow
from carecoord.model.policy import Reading
from carecoord.model.staff import Level
from carecoord.planning.outline import ROOM, Outline, room

How = Literal["joint", "one-visit"]

LIMIT = "bed_link.arrivals_per_day"


@dataclass(frozen=True, slots=True)
class _Sequence:
    """A row of `bundle.sequence`; gaps in seconds."""

    key: str
    first: frozenset[str]
    second: frozenset[str]
    least: int
    most: int | None


def arrange(outlines: Sequence[Outline], read: Reading) -> list[Follow]:
    """The orders of care, and the arrivals that can be shared."""
    orders = list(_orders(outlines, read))
    return [*orders, *_joined(outlines, orders, read)]


def sort_items(items: Sequence[str], read: Reading) -> tuple[str, ...]:
    """Items of one visit in the order of doing: what must come first is moved before the rest."""
    found = list(items)
    for rule in _sequences(read):
        seconds = [at for at, item in enumerate(found) if item in rule.second]
        if not seconds:
            continue
        late = [item for item in found[seconds[0] :] if item in rule.first]
        rest = [item for item in found[seconds[0] :] if item not in rule.first]
        found = found[: seconds[0]] + late + rest
    return tuple(found)


def _sequences(read: Reading) -> Iterable[_Sequence]:
    row = read.row("bundle.sequence")
    entries = row.value if isinstance(row.value, tuple) else ()
    for entry in entries:
        match entry:
            case {
                "key": str(key),
                "first": tuple() as first,
                "second": tuple() as second,
                "min": int(least),
                **rest,
            }:
                most = rest.get("max")
                yield _Sequence(
                    key,
                    frozenset(map(str, first)),
                    frozenset(map(str, second)),
                    60 * least,
                    60 * most if isinstance(most, int) else None,
                )
            case _:
                raise Invalid(
                    "rule.kind",
                    field="bundle.sequence",
                    rule="bundle.sequence",
                    expected="list of key, first, second, min and max",
                    file=row.source,
                    line=row.line,
                )


def _orders(outlines: Sequence[Outline], read: Reading) -> Iterable[Follow]:
    taken: set[tuple[str, str]] = set()
    for rule in _sequences(read):
        for first in outlines:
            for second in outlines:
                pair = (first.group, second.group)
                if first == second or pair in taken or pair[::-1] in taken:
                    continue
                if not (rule.first & {*first.items} and rule.second & {*second.items}):
                    continue
                if _follows(first, second, rule.least, rule.most):
                    taken.add(pair)
                    yield Follow(*pair, rule.least, rule.most, "any", "order", rule.key)


def _joined(
    outlines: Sequence[Outline], orders: Sequence[Follow], read: Reading
) -> Iterable[Follow]:
    """Pairs that share an arrival, those with most days in common first."""
    gap = 60 * read.number("bundle.joint_gap_minutes")
    least = {(one.first, one.second): one.min_gap for one in orders}
    cluster = {one.group: frozenset({one.group}) for one in outlines}
    minutes = {one.group: one.minutes for one in outlines}
    neighbours: dict[tuple[str, str], int] = {}
    for pair in sorted(combinations(outlines, 2), key=_closeness):
        first, second = _turn(*pair, least)
        how = _how(first, second, cluster, minutes, read)
        if how is None or cluster[first.group] & cluster[second.group]:
            continue
        apart = least.get((first.group, second.group), 0)
        if how == "one-visit" and apart:
            how = "joint"
        if how == "joint":
            if apart > gap:
                continue
            if not apart and not _follows(first, second, 0, gap, ROOM):
                if (first.group, second.group) in least:
                    continue
                first, second = second, first
            ends = ((first.group, "after"), (second.group, "before"))
            if any(neighbours.get(end) for end in ends):
                continue
            if not _follows(first, second, apart, max(gap, apart), ROOM):
                continue
            neighbours |= dict.fromkeys(ends, 1)
        both = cluster[first.group] | cluster[second.group]
        cluster |= dict.fromkeys(both, both)
        yield Follow(first.group, second.group, apart, max(gap, apart), "any", how, LIMIT)


def _closeness(pair: tuple[Outline, Outline]) -> tuple[Fraction, str, str]:
    rates = [Fraction(one.frequency, one.period) for one in pair]
    return -min(rates), pair[0].group, pair[1].group


def _turn(
    one: Outline, other: Outline, least: Mapping[tuple[str, str], int]
) -> tuple[Outline, Outline]:
    """Who comes first: as the order of care says, else care before nursing."""
    if (other.group, one.group) in least:
        return other, one
    if (one.group, other.group) in least:
        return one, other
    rank = [Level.CAREGIVER, Level.CAREGIVER_MEDICAL, Level.NURSE, Level.DOCTOR]
    first, second = sorted((one, other), key=lambda o: (rank.index(o.level), o.windows[0], o.group))
    return first, second


def _how(
    first: Outline,
    second: Outline,
    cluster: Mapping[str, frozenset[str]],
    minutes: Mapping[str, int],
    read: Reading,
) -> How | None:
    """`one-visit`, `joint` or nothing."""
    levels = {first.level, second.level}
    if Level.DOCTOR in levels:
        return None
    together = sum(minutes[g] for g in cluster[first.group] | cluster[second.group])
    fits = (
        first.carers == second.carers
        and room(first.windows, second.windows)
        and together <= read.number("bundle.visit_minutes")
    )
    nursing = Level.NURSE in levels
    if nursing and len(levels) == 2:
        care = first if first.level is not Level.NURSE else second
        fits = fits and care.minutes <= read.number("bundle.one_visit_minutes")
    if fits:
        return "one-visit"
    return "joint" if first.programme != second.programme else None


def _follows(first: Outline, second: Outline, least: int, most: int | None, spare: int = 0) -> bool:
    """Whether the second can start within the gap, with `spare` seconds of choice."""
    length = 60 * first.minutes
    return any(
        max(c, a + length + least) + spare <= (d if most is None else min(d, b + length + most))
        for a, b in first.windows
        for c, d in second.windows
    )


def arrivals(day: Sequence[VisitDemand], gap: int) -> int:
    """How often somebody arrives at one home on one day: visits tied closely count once.

    gap
        Seconds up to which two visits are one arrival.
    """
    root: dict[str, str] = {one.id: one.id for one in day}

    def find(id_: str) -> str:
        while root[id_] != id_:
            id_ = root[id_]
        return id_

    for one in day:
        for before in one.after:
            close = before.max_gap is not None and before.max_gap <= gap
            if close and before.demand in root:
                root[find(before.demand)] = find(one.id)
    return len({find(one.id) for one in day})


def with_items(outline: Outline, read: Reading) -> Outline:
    """The outline with its items in the order of doing."""
    return replace(outline, items=sort_items(outline.items, read))
