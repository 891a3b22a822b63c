"""Which item do two programmes both ask for, and which of them keeps it?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from carecoord.model.plans import Withdrawn
from carecoord.model.policy import Reading
from carecoord.planning.outline import Outline, overlap

SPAN = "detect.same_item_days"
"""The row that says within how many days one item is one too many."""


def merge(
    outlines: Sequence[Outline], minutes: Mapping[str, int], read: Reading
) -> tuple[list[Outline], list[Withdrawn]]:
    """The outlines without what two programmes would do in one time span, and what was taken out.

    The programme that comes more often keeps the item, so nobody gets less than either asked for;
    at the same frequency it is the one that `bundle.keep` names first.

    minutes
        Of each item: a visit becomes shorter by what is taken out of it.
    """
    left = {one.group: one for one in outlines}
    withdrawn: list[Withdrawn] = []
    for first, second in combinations(outlines, 2):
        if first.programme == second.programme:
            continue
        for item in first.items:
            both = (left[first.group], left[second.group])
            if any(item not in one.items for one in both) or not _clash(item, *both, read):
                continue
            kept, other = sorted(both, key=lambda one: _rank(one, read))
            left[other.group] = _without(other, item, minutes)
            withdrawn.append(
                Withdrawn(item, other.group, other.programme, kept.group, kept.programme, SPAN)
            )
    return [left[one.group] for one in outlines if left[one.group].items], withdrawn


def same_span(item: str, read: Reading) -> int:
    """Days within which the item must not be done by two programmes; 0 = overlapping times only."""
    table = read.table(SPAN)
    return int(str(table.get(item, table["default"])))


def _clash(item: str, first: Outline, second: Outline, read: Reading) -> bool:
    return same_span(item, read) > 0 or overlap(first.windows, second.windows)


def _rank(one: Outline, read: Reading) -> tuple[Fraction, int, str]:
    order = read.texts("bundle.keep")
    place = order.index(one.programme) if one.programme in order else len(order)
    return -Fraction(one.frequency, one.period), place, one.group


def _without(one: Outline, item: str, minutes: Mapping[str, int]) -> Outline:
    items = tuple(code for code in one.items if code != item)
    least = sum(minutes[code] for code in items)
    return replace(one, items=items, minutes=max(least, one.minutes - minutes[item], 1))
